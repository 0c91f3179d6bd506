"""Values that change by themselves, and what the ACS hears of them (I4, I7)."""

from __future__ import annotations

from math import inf

import pytest

from cpesim.cwmp.session import State
from cpesim.device.device import Device
from cpesim.device.living import Presence
from cpesim.device.notices import noticing
from cpesim.device.profile import Parameter, Table
from tests.device.aliased import MAPPING, ask, router
from tests.device.notices.lives import (
    ADDRESS,
    COUNT,
    HERE,
    NAME,
    SENT,
    STATUS,
    UPTIME,
    asked,
    change,
    make_device_that_lives,
)
from tests.factory import HOSTS, ROOT, WAN, hold, make_device
from tests.play import Play, reply


def codes(play: Play) -> list[str]:
    return [code for code, _ in play.events()]


def told(device: Device, now: float) -> tuple[list[str], dict[str, str]]:
    """Events and values of the Inform of a session that goes well, at *now*."""
    play = Play(device.begin(now), now) >> "Inform"
    found = codes(play), play.values()
    play = play << reply("InformResponse") << b""
    device.end(play.session, now)
    device.wake(now)
    return found


@pytest.mark.rule("I4")
@pytest.mark.parametrize("name", [STATUS, HERE, NAME, ADDRESS])
def test_an_active_living_value_opens_a_session(name: str) -> None:
    """At the moment at which it changes, with its new value; then no more."""
    device = make_device_that_lives()
    asked(device, 1.0, (name, 2))
    now = change(device, name, 1.0)
    while device.due() < now - 1.0:  # a slot that brought the same again
        device.wake(device.due())
        assert device.wanted == inf

    assert device.due() == pytest.approx(now, abs=1.0)
    device.wake(now)
    assert (device.wanted, device.cause) == (now, "value change")
    events, values = told(device, now)
    assert events == ["4 VALUE CHANGE"]
    assert values[name] == device.model.get(name, now)
    assert device.wanted == inf


@pytest.mark.rule("I4")
def test_a_passive_living_value_waits_for_the_next_session() -> None:
    """No alarm of its own, and then one entry however often it has changed."""
    device = make_device_that_lives()
    asked(device, 1.0, (STATUS, 1), (SENT, 1))
    first = change(device, STATUS, 1.0)
    again = change(device, STATUS, first)
    third = change(device, STATUS, again)
    assert device.due() == inf

    device.knock(third)
    events, values = told(device, third)
    assert events == ["4 VALUE CHANGE", "6 CONNECTION REQUEST"]
    assert values[STATUS] == device.model.get(STATUS, third)
    assert values[SENT] == device.model.get(SENT, third)


@pytest.mark.rule("I4")
def test_a_value_that_came_back_unseen_is_no_change() -> None:
    """A passive one is compared when a session begins; what was noted stays noted."""
    device = make_device_that_lives()
    asked(device, 1.0, (STATUS, 1))
    first = change(device, STATUS, 1.0)
    again = change(device, STATUS, first)
    device.knock(again)
    assert told(device, again)[0] == ["6 CONNECTION REQUEST"]

    asked(device, again, (STATUS, 2))
    third = change(device, STATUS, again)
    device.wake(third)
    assert device.changes == (STATUS,)
    back = change(device, STATUS, third)
    device.wake(back)
    events, values = told(device, back)
    assert events == ["4 VALUE CHANGE"]
    assert values[STATUS] == device.model.get(STATUS, back)


@pytest.mark.rule("I4")
def test_what_the_acs_sets_of_a_living_value_is_no_news() -> None:
    """Though it read otherwise before; nor are instances that the ACS adds."""
    device = make_device_that_lives()
    asked(device, 1.0, (STATUS, 2), (COUNT, 2))
    assert device.model.get(STATUS, 2.0) in ("Up", "Down")
    hold(
        device,
        2.0,
        reply("SetParameterValues", [(STATUS, "string", "Set")]),
        reply("AddObject", HOSTS, ""),
    )
    device.knock(9000.0)
    device.wake(9000.0)
    assert told(device, 9000.0)[0] == ["6 CONNECTION REQUEST"]

    hold(device, 9001.0, reply("DeleteObject", HOSTS + "1.", ""))
    device.knock(9002.0)
    assert told(device, 9002.0)[0] == ["6 CONNECTION REQUEST"]


@pytest.mark.rule("I4", "P11")
def test_an_instance_that_a_write_of_the_acs_makes_is_no_news() -> None:
    """By the alias of one that is missing, with AutoCreateInstances."""
    device = router(AutoCreateInstances="1")
    count = "Device.NAT.PortMappingNumberOfEntries"
    ask(device, "SetParameterAttributes", [(count, True, 2, None)])
    made = [(MAPPING + "[web].Enable", "boolean", "1")]
    assert ask(device, "SetParameterValues", made, "").fault == 0
    assert device.model.get(count, 0.0) == "3"
    device.events = ()
    device.knock(2.0)
    play = Play(device.begin(2.0), 2.0)
    assert codes(play) == ["6 CONNECTION REQUEST"]

    device.model.grow(MAPPING)
    noticing.look(device, 3.0)
    assert device.changes == (count,)


@pytest.mark.rule("I4")
def test_an_instance_that_comes_by_itself_is_news() -> None:
    """NumberOfEntries with a client that joined; a deleted one's values are let be."""
    device = make_device_that_lives()
    asked(device, 1.0, (COUNT, 1), (HOSTS, 1))
    device.model.grow(HOSTS)
    device.model.prune(HOSTS + "1.")
    device.model.grow(HOSTS)
    device.knock(2.0)
    events, values = told(device, 2.0)

    assert events == ["4 VALUE CHANGE", "6 CONNECTION REQUEST"]
    assert values[COUNT] == "3"
    assert not any(name.startswith(HOSTS) for name in values)


@pytest.mark.rule("I4", "S10")
def test_a_change_during_a_session_goes_with_the_next() -> None:
    """The Inform was told before it, and is not told anew."""
    device = make_device_that_lives()
    asked(device, 1.0, (STATUS, 2))
    now = change(device, STATUS, 1.0)
    device.knock(now - 1.5)
    play = Play(device.begin(now - 1.5), now - 1.5)
    assert codes(play) == ["6 CONNECTION REQUEST"]
    play = play << reply("InformResponse") << b""
    device.end(play.session, now + 5.0)
    device.wake(now + 5.0)

    assert device.wanted == now + 5.0
    assert told(device, now + 5.0)[0] == ["4 VALUE CHANGE"]


@pytest.mark.rule("I4", "E7")
def test_a_living_change_is_kept_until_delivered() -> None:
    """A failed session keeps it; the second tells the value of then."""
    device = make_device_that_lives()
    asked(device, 1.0, (STATUS, 2))
    now = change(device, STATUS, 1.0)
    device.wake(now)
    play = Play(device.begin(now), now)
    play.session.state = State.FAILED
    device.end(play.session, now)

    assert device.cause == "retry"
    assert told(device, now + 9.0)[0] == ["4 VALUE CHANGE"]
    device.knock(now + 20.0)
    assert told(device, now + 20.0)[0] == ["6 CONNECTION REQUEST"]


@pytest.mark.rule("I4", "I7")
def test_the_profile_s_own_active_value_is_watched() -> None:
    """The WAN address of TR-098, until the ACS switches it off."""
    device = make_device_that_lives(address="active")
    now = change(device, ADDRESS, 1.0)
    device.wake(now)
    assert told(device, now)[0] == ["4 VALUE CHANGE"]

    asked(device, now + 1.0, (ADDRESS, 0))
    assert device.due() == inf
    assert noticing.WATCH not in device.memory
    device.knock(now + 7200.0)
    assert told(device, now + 7200.0)[0] == ["6 CONNECTION REQUEST"]


@pytest.mark.rule("I4", "I7")
def test_a_forced_one_is_watched_whatever_the_acs_says() -> None:
    """forceEnabled: the attribute that the ACS set has no say."""
    device = make_device_that_lives(address="always")
    asked(device, 1.0, (ADDRESS, 0))
    now = change(device, ADDRESS, 1.0)
    device.wake(now)
    assert told(device, now)[0] == ["4 VALUE CHANGE"]


@pytest.mark.rule("I4", "B1")
def test_an_address_that_a_boot_changed_is_told_beside_it() -> None:
    """And what reads as before is not made up to have changed."""
    device = make_device_that_lives(address="active")
    asked(device, 1.0, (WAN + "Mode", 2), (HERE, 2))
    old = device.model.get(ADDRESS, 2.0), device.model.get(HERE, 2.0)
    device.darken(2.0, 100.0)
    device.wake(102.0)
    assert device.cause == "boot"
    assert device.model.get(ADDRESS, 102.0) != old[0]
    assert device.model.get(HERE, 102.0) == old[1]
    events, values = told(device, 102.0)

    assert events == ["1 BOOT", "4 VALUE CHANGE"]
    assert values[ADDRESS] == device.model.get(ADDRESS, 102.0)
    assert HERE not in values
    assert device.due() > 102.0


@pytest.mark.rule("I4", "B1")
def test_a_boot_that_changed_nothing_tells_nothing() -> None:
    """`1 BOOT` alone."""
    device = make_device_that_lives()
    asked(device, 1.0, (HERE, 2), (STATUS, 1))
    device.darken(2.0, 10.0)
    device.wake(12.0)
    assert told(device, 12.0)[0] == ["1 BOOT"]


@pytest.mark.rule("B2", "E3", "I4")
def test_a_factory_reset_compares_with_nothing() -> None:
    """`0 BOOTSTRAP` and `1 BOOT` alone, though the address is another one."""
    device = make_device_that_lives(address="active")
    asked(device, 1.0, (STATUS, 2))
    hold(device, 2.0, reply("FactoryReset"))
    device.wake(102.0)
    assert told(device, 102.0)[0] == ["0 BOOTSTRAP", "1 BOOT"]
    watch = device.memory[noticing.WATCH]
    assert set(watch.values) == {ADDRESS}


@pytest.mark.rule("I4")
@pytest.mark.parametrize("name", [SENT, UPTIME])
def test_what_never_rests_is_looked_at_each_minute(name: str) -> None:
    """An active notification of a counter is a session a minute, and no more."""
    device = make_device_that_lives()
    asked(device, 1.0, (name, 2))
    for minute in (61.0, 121.0, 181.0):
        assert device.due() == minute
        device.wake(minute)
        assert told(device, minute)[0] == ["4 VALUE CHANGE"]


@pytest.mark.rule("I4")
def test_a_partial_path_covers_what_lives_below_it() -> None:
    """The latest word on a parameter counts; new instances start from nothing."""
    device = make_device_that_lives()
    asked(device, 1.0, (ROOT, 1), (WAN, 0), (SENT, 2))
    watch = device.memory[noticing.WATCH]
    assert set(watch.values) == {UPTIME, COUNT, HERE, NAME, SENT}
    assert watch.calling == (SENT,)

    hold(device, 2.0, reply("AddObject", HOSTS, ""))
    asked(device, 3.0, (HOSTS + "3.Active", 2))
    asked(device, 4.0, (STATUS, 1))
    watch = device.memory[noticing.WATCH]
    assert set(watch.calling) == {SENT, HOSTS + "3.Active"}
    assert STATUS in watch.values
    asked(device, 5.0, (ROOT, 0))
    assert noticing.WATCH not in device.memory


@pytest.mark.rule("I7", "P5")
def test_a_new_instance_is_watched_as_its_model_says() -> None:
    """What was set by a partial path was set for what was there then."""
    active = Parameter("boolean", default=Presence(0.5), notify="active")
    path = ROOT + "LANDevice.{i}.Hosts.Host.{i}."
    device = make_device_that_lives(tables={path: Table(True, 4, {"Active": active})})
    asked(device, 1.0, (HOSTS, 0))
    hold(device, 2.0, reply("AddObject", HOSTS, ""))
    asked(device, 3.0, (STATUS, 1))
    watch = device.memory[noticing.WATCH]
    assert set(watch.values) == {HOSTS + "3.Active", STATUS}
    assert watch.calling == (HOSTS + "3.Active",)


def test_at_most_so_many_are_watched() -> None:
    """Of a tree that an ACS asks for whole; what never rests is left out first."""
    device = make_device_that_lives(more=noticing.MOST)
    asked(device, 1.0, (ROOT, 1))
    watched = device.memory[noticing.WATCH].values
    assert len(watched) == noticing.MOST
    assert not {SENT, UPTIME} & set(watched)


def test_a_device_that_nobody_asked_remembers_nothing() -> None:
    """No watch, no alarm, no memory: for a passive fixed value too."""
    idle = make_device_that_lives()
    assert idle.memory == {}
    assert idle.alarms == ()
    asked(idle, 1.0, (WAN + "Mode", 2))
    assert idle.memory == {}
    assert make_device().memory == {}
