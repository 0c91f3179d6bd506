"""What becomes of a Download of an image as a group's behaviour has it (T4, T5, T8)."""

from __future__ import annotations

from collections import Counter
from math import inf
from typing import NamedTuple

import pytest

from cpesim.device.behaviour.files.upgrade import link, outcome_of
from cpesim.device.device import DARK, UP, Device
from cpesim.device.group.ways import Ways
from cpesim.device.transfer import Transfer
from cpesim.device.world import World
from cpesim.scenario.scenario import Behaviour, Outcome
from cpesim.scenario.shape import Shape
from tests.factory import ROOT, hold, make_profile
from tests.play import EMPTY, OVER, Play, judged, reply

VERSION = ROOT + "DeviceInfo.SoftwareVersion"
CODE = ROOT + "DeviceInfo.ProvisioningCode"
IMAGE = "http://127.0.0.1:1/files/box-2.0.1.bin"
FLASH, REBOOT = Shape("uniform", 40, 120), Shape("fixed", 60)
WANTED = ("1 BOOT", "7 TRANSFER COMPLETE", "M Download", "4 VALUE CHANGE")


class Heard:
    """Who hears of new images."""

    def __init__(self) -> None:
        self.orders: list[tuple[str, float]] = []
        self.there: list[tuple[int, str, str, float]] = []

    def ordered(self, version: str, now: float) -> None:
        self.orders.append((version, now))

    def reached(self, n: int, old: str, new: str, now: float) -> None:
        self.there.append((n, old, new, now))

    def gone(self, n: int, version: str) -> None:
        raise AssertionError("none is removed here")


def box(n: int = 0, heard: Heard | None = None, **behaviour: object) -> Device:
    """A test box that has booted, whose group behaves like this."""
    ways = Ways(downloads=Behaviour(**behaviour))  # type: ignore[arg-type]
    world = World(1, epoch=1_767_225_600.0)
    world.upgrades = heard
    device = Device(make_profile(ways=ways), n, world)
    device.boot(0.0)
    hold(device, 0.0)
    device.silence("periodic")
    return device


def brought(device: Device, key: str = "k", url: str = IMAGE) -> Transfer:
    """The image is at the device at 20 s."""
    hold(device, 10.0, reply("Download", url, key))
    (transfer,) = device.errands
    assert isinstance(transfer, Transfer)
    device.errands = ()
    device.returned(transfer, 0, 20.0)
    device.wake(20.0)
    return transfer


class Told(NamedTuple):
    """What a CPE told: the Inform's events and values, and the fault code."""

    events: list[tuple[str, str]]
    values: dict[str, str]
    code: str


def told(device: Device, now: float) -> Told:
    """A session with a TransferComplete, each envelope judged by the schemas."""
    play = Play(device.begin(now), now) >> "Inform"
    assert play.body
    judged(play.body)
    events, values = play.events(), play.values()
    play = play << reply("InformResponse")
    play = play >> "TransferComplete"
    assert play.body
    judged(play.body)
    code = play.sent.findtext("FaultStruct/FaultCode")
    _ = play << reply("TransferCompleteResponse") << EMPTY >> OVER
    device.end(play.session, now)
    return Told(events, values, str(code))


@pytest.mark.rule("T4", "T8")
def test_the_times_and_values_of_a_group() -> None:
    """Flash and reboot as drawn, then what the group says, with the file's version."""
    heard = Heard()
    device = box(
        0,
        heard,
        flash=FLASH,
        reboot=REBOOT,
        then={VERSION: "{download.version}", CODE: "at-{download.version}"},
        complete_inform=WANTED,
    )
    brought(device)
    assert device.life == DARK
    back = device.due()
    assert 20 + 40 + 60 <= back <= 20 + 120 + 60
    device.wake(back)
    tale = told(device, back)
    assert tale.events == [
        ("1 BOOT", ""),
        ("4 VALUE CHANGE", ""),
        ("7 TRANSFER COMPLETE", ""),
        ("M Download", "k"),
    ]
    assert (tale.values[VERSION], tale.values[CODE]) == ("2.0.1", "at-2.0.1")
    assert tale.code == "0"
    assert heard.orders == [("2.0.1", 10.0)]
    assert heard.there == [(0, "1.2.9", "2.0.1", back)]


def test_times_are_drawn_for_each_cpe_by_seed() -> None:
    """Others for others, the same again for the same."""
    backs = []
    for n in (0, 1, 2, 0):
        device = box(n, flash=FLASH, reboot=REBOOT)
        brought(device)
        backs.append(device.due())
    assert len(set(backs)) == 3
    assert backs[0] == backs[3]


def test_a_reboot_alone_takes_the_profile_s_place() -> None:
    """Without a flash time of its own the image is there at once, and boots."""
    device = box(reboot=REBOOT)
    brought(device)
    assert device.due() == 80.0
    plain = box(fetch=True)
    brought(plain)
    assert plain.due() == 50.0  # as the profile has it


@pytest.mark.rule("T5")
def test_an_image_that_does_not_arrive() -> None:
    """The fault at the end of the transfer; nothing boots, no version changes."""
    heard = Heard()
    device = box(0, heard, outcomes=(Outcome(1.0, fault=9010),))
    brought(device)
    assert device.life == UP
    tale = told(device, 20.0)
    assert tale.events == [("7 TRANSFER COMPLETE", ""), ("M Download", "k")]
    assert tale.code == "9010"
    assert device.model.get(VERSION, 30.0) == "1.2.9"
    assert heard.there == []


@pytest.mark.rule("T5")
def test_an_image_that_cannot_be_flashed() -> None:
    """It is found out while it is written: told then, without a boot."""
    outcomes = (Outcome(1.0, fault=9010, at="flash"),)
    device = box(flash=Shape("fixed", 50), outcomes=outcomes)
    brought(device)
    assert (device.life, device.due()) == (UP, 70.0)
    device.wake(70.0)
    tale = told(device, 70.0)
    assert tale.events == [("7 TRANSFER COMPLETE", ""), ("M Download", "k")]
    assert tale.code == "9010"
    assert device.transfers == ()


def test_a_cpe_that_never_comes_back() -> None:
    """Dark for good."""
    device = box(outcomes=(Outcome(1.0, silent=True),))
    brought(device)
    assert (device.life, device.due()) == (DARK, inf)


def test_a_cpe_that_boots_its_old_image() -> None:
    """It says that all went well, and nothing has changed."""
    heard = Heard()
    outcomes = (Outcome(1.0, keep_version=True),)
    device = box(0, heard, outcomes=outcomes, complete_inform=WANTED)
    brought(device)
    device.wake(50.0)
    tale = told(device, 50.0)
    assert [event for event, _ in tale.events] == [
        "1 BOOT",
        "7 TRANSFER COMPLETE",
        "M Download",
    ]
    assert tale.code == "0"
    assert tale.values[VERSION] == "1.2.9"
    assert heard.there == []


def test_more_events_after_the_boot() -> None:
    """What the group asks for stands beside what the standard forces."""
    device = box(complete_inform=("8 DIAGNOSTICS COMPLETE",))
    brought(device)
    device.wake(50.0)
    tale = told(device, 50.0)
    assert [event for event, _ in tale.events] == [
        "1 BOOT",
        "4 VALUE CHANGE",
        "7 TRANSFER COMPLETE",
        "8 DIAGNOSTICS COMPLETE",
        "M Download",
    ]


def test_shares_of_outcomes() -> None:
    """Each as often as it says, by CPE and image, the same in each run."""
    outcomes = (
        Outcome(0.02, fault=9010),
        Outcome(0.1, silent=True),
        Outcome(0.3, keep_version=True),
    )
    ways = Ways(downloads=Behaviour(outcomes=outcomes))
    profile, world = make_profile(ways=ways), World(1)
    transfer = Transfer("k", "1 Firmware Upgrade Image", IMAGE)
    # As of a later run: another port, another CommandKey.
    later = IMAGE.replace(":1/", ":2/")
    again = Transfer("k2", "1 Firmware Upgrade Image", later)
    newer = IMAGE.replace("2.0.1", "2.0.2")
    other = Transfer("k", "1 Firmware Upgrade Image", newer)
    devices = [Device(profile, n, world) for n in range(5000)]
    found = [outcome_of(device, transfer) for device in devices]
    seen = Counter(found)
    for outcome in outcomes:
        assert seen[outcome] / 5000 == pytest.approx(outcome.share, rel=0.2)
    assert seen[None] / 5000 == pytest.approx(0.58, rel=0.05)
    assert found == [outcome_of(device, again) for device in devices]
    assert found != [outcome_of(device, other) for device in devices]


def test_the_link_of_a_cpe() -> None:
    """Bits a second, drawn; the profile's without a shape."""
    shape = Shape("lognormal", 20e6, 0.5)
    speeds = {link(box(n, bandwidth=shape)).bandwidth for n in range(20)}
    assert len(speeds) == 20
    assert 0.3e6 < min(speeds) < max(speeds) < 20e6
    plain = box()
    assert link(plain) is plain.profile.firmware


def test_a_file_that_is_no_image_is_no_campaign() -> None:
    """Only what a device boots into brings a version."""
    heard = Heard()
    device = box(0, heard, outcomes=(Outcome(1.0, fault=9010),))
    hold(device, 10.0, reply("Download", IMAGE, "k", "2 Web Content"))
    (transfer,) = device.errands
    device.returned(transfer, 0, 20.0)
    device.wake(20.0)
    assert told(device, 20.0).code == "0"
    assert heard.orders == []
