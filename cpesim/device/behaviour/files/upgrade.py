"""
A new image: flashed and booted, or not (T4), as the profile or the group has it.

Rule: what becomes of an image is drawn by the seed, the CPE's number and the image, so
that the same CPEs fail in each run, whatever the ACS's port and its CommandKeys are. A
group without a behaviour of its own draws nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from math import inf
from urllib.parse import urlsplit

from cpesim.chance import chance
from cpesim.cwmp import names
from cpesim.device import events
from cpesim.device.behaviour.files.ending import finish, interrupt
from cpesim.device.device import Device
from cpesim.device.group.ways import Downloads, Drawn, Outcome
from cpesim.device.profile import Behaviour, Firmware, Profile
from cpesim.device.transfer import DONE, FIRMWARE, Transfer

_LAST_NUMBER = re.compile(r"(\d+)(\D*)\Z")
VERSION = "{download.version}"


def is_image(transfer: Transfer) -> bool:
    """Whether the device boots into the file."""
    return transfer.file_type == FIRMWARE and not transfer.upload


def link(device: Device) -> Firmware:
    """How the device takes files: as its kind does, or at a bandwidth of its own."""
    firmware, ways = device.profile.firmware, device.profile.ways.downloads
    if ways is None or ways.bandwidth is None:
        return firmware
    bits = _drawn(device, ways.bandwidth, "bandwidth")
    return replace(firmware, bandwidth=max(bits / 8, 1.0))


def _drawn(device: Device, shape: Drawn, salt: str) -> float:
    return max(shape.at(chance(device.model.world.seed, device.n, salt)), 0.0)


def outcome_of(device: Device, transfer: Transfer) -> Outcome | None:
    """What goes wrong with an image; None where nothing does."""
    ways = device.profile.ways.downloads
    if ways is None or not ways.outcomes:
        return None
    salt = f"outcome{urlsplit(transfer.url).path}"
    part = chance(device.model.world.seed, device.n, salt)
    for outcome in ways.outcomes:
        part -= outcome.share
        if part < 0:
            return outcome
    return None


def fails_on_its_way(device: Device, transfer: Transfer) -> int:
    """The code of an image that is not going to arrive whole; else 0."""
    found = outcome_of(device, transfer)
    return found.fault if found is not None and found.at == "transfer" else 0


def flash(device: Device, transfer: Transfer, now: float) -> None:
    """The image is there: the device takes it, and boots into it."""
    transfer.state = DONE  # it waits for the boot to be told
    ways = device.profile.ways.downloads
    if ways is None:
        interrupt(device, now)
        device.darken(now, device.profile.firmware.flash, partial(upgraded, transfer))
        return
    found = outcome_of(device, transfer)
    length = _spent(device, ways)
    if found is not None and found.fault and not found.silent:
        # It is up while it writes and finds out; nothing boots.
        device.alarm(now + length[0], "flash failed", (transfer, found.fault))
        return
    interrupt(device, now)
    if found is not None and found.silent:
        device.darken(now, inf)
        return
    keeps = found is not None and found.keep_version
    device.darken(now, sum(length), partial(kept if keeps else upgraded, transfer))


def _spent(device: Device, ways: Downloads) -> tuple[float, float]:
    """The seconds that writing and booting take; the profile's where unsaid."""
    profile = device.profile
    if ways.flash is None and ways.reboot is None:
        return profile.firmware.flash, 0.0  # its reboot included
    flash = 0.0 if ways.flash is None else _drawn(device, ways.flash, "flash")
    if ways.reboot is None:
        return flash, profile.reboot
    return flash, _drawn(device, ways.reboot, "reboot")


def ring_flash_failed(device: Device, key: object, now: float) -> None:
    """The image was not taken: the old one runs on, and the ACS is told why."""
    assert isinstance(key, tuple)
    transfer, code = key
    if transfer in device.transfers and transfer.request is None:
        finish(device, transfer, code, now)


def kept(transfer: Transfer, device: Device, now: float) -> None:
    """The device has booted its old image again, and says that all went well."""
    _inform(device, "")
    finish(device, transfer, 0, now)


def upgraded(transfer: Transfer, device: Device, now: float) -> None:
    """The new image has booted: `4 VALUE CHANGE` with its version (T4)."""
    model = device.model
    name = model.profile.root + "DeviceInfo.SoftwareVersion"
    old = model.find(name, now)
    new = version(model.profile, transfer, old)
    ways = model.profile.ways.downloads
    then: Mapping[str, str] = {} if ways is None else ways.then
    for path, text in {name: VERSION, **then}.items():
        text = text.replace(VERSION, new)
        if model.parameter(path) is not None and model.find(path, now) != text:
            model.set(path, text)
            device.changed(path, now)
    told = model.find(name, now)
    if model.world.upgrades is not None and told != old:
        model.world.upgrades.reached(device.n, old, told, now)
    _inform(device, name)
    finish(device, transfer, 0, now)


def _inform(device: Device, name: str) -> None:
    """
    The events that the group wants in the Inform after the boot.

    Those that the standard forces (1 BOOT, 7 TRANSFER COMPLETE, M Download) stand in it
    anyway; `4 VALUE CHANGE` tells the parameter *name*.
    """
    ways = device.profile.ways.downloads
    for code in () if ways is None else ways.complete_inform:
        if code == names.VALUE_CHANGE:
            if name and name not in device.changes:
                device.changes = (*device.changes, name)
        elif code not in events.DELIVERED_BY and code != names.BOOT:
            device.events = events.add(device.events, code)


def announced(device: Device, transfer: Transfer, now: float) -> None:
    """An ACS has ordered a file: if an image brings a version, its campaign begins."""
    upgrades = device.model.world.upgrades
    if upgrades is not None and is_image(transfer):
        name = device.profile.root + "DeviceInfo.SoftwareVersion"
        old = device.model.find(name, now)
        new = version(device.profile, transfer, old)
        if new != old:
            upgrades.ordered(new, now)


def version(profile: Profile, transfer: Transfer, old: str) -> str:
    """What version an image brings; the old one's last number + 1 if unsaid."""
    name = transfer.target or urlsplit(transfer.url).path.rpartition("/")[2]
    if profile.firmware.pattern:
        found = re.search(profile.firmware.pattern, name)
        said = found and (found[1] if found.re.groups else found[0])
        # [0-9.]+ takes the dot of ".bin" along.
        if said and (said := said.rstrip(".")):
            return said
    last = _LAST_NUMBER.search(old)
    if last is None:
        return old + ".1"
    return f"{old[: last.start()]}{int(last[1]) + 1:0{len(last[1])}}{last[2]}"


UPGRADE = Behaviour("upgrade", alarms={"flash failed": ring_flash_failed})
