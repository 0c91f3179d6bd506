"""
The sections of a profile beside its parameters, and how one extends another.

Rule: pure values. What is not written stays None, so that a profile that extends
another changes only what it names.
"""

from __future__ import annotations

import os.path
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cpesim.device.diagnostics.habits import Habits
from cpesim.device.language.template import IDENTITY, compile_template, pieces_of
from cpesim.device.modules.kind import Autonomous as OwnChange
from cpesim.device.modules.kind import Modules
from cpesim.device.profile import Firmware, Standby, Value
from cpesim.device.quirk import Quirk
from cpesim.device.transfer import Autonomous, Transfers, Wish
from cpesim.device.values import DeviceId, Ref
from cpesim.errors import ConfigError, Problem
from cpesim.yamltext import Node

NOWHERE = Node("", 0, 0)  # in place of a section that is not written
# What a device has to be; username and password have these when they are not given.
NEEDED = ("manufacturer", "oui", "product_class", "serial")
CREDENTIALS = {"username": "{device_id}", "password": "{hex:16}"}
# Inform's DeviceIdStruct, TR-069 A6 A.3.3.1.
_LENGTHS = {"manufacturer": 64, "oui": 6, "product_class": 64, "serial": 64}
# Where each lands in a Profile.
_FIELDS = {
    "inform": {"interval": "interval"},
    "session": {
        "empty_inform": "empty_inform",
        "set_status": "set_status",
        "exchanges": "exchanges",
        "deny_active": "deny_active",
        "enable_after": "enable_after",
    },
    "tls": {"client_certs": "client_certs"},
    "connection_request": {"rate": "knock_rate", "in_session": "knock_in_session"},
}


@dataclass(frozen=True, slots=True)
class Sections:
    """What one profile, or a chain of them, says beside its parameters."""

    name: str = ""
    description: str = ""
    root: str = ""
    place: Node | None = None  # of the root, for what is wrong with it
    fields: Mapping[str, Any] = field(default_factory=dict)  # of a Profile
    firmware: Mapping[str, Any] = field(default_factory=dict)
    transfers: Mapping[str, Any] = field(default_factory=dict)
    modules: Mapping[str, Any] = field(default_factory=dict)
    diagnostics: Mapping[str, Any] = field(default_factory=dict)
    device: Mapping[str, str | Value] = field(default_factory=dict)
    interval: Node | None = None

    def over(self, below: Sections) -> Sections:
        """These sections on top of those of the profile that is extended."""
        return replace(
            self,
            root=self.root or below.root,
            fields={**below.fields, **self.fields},
            firmware={**below.firmware, **self.firmware},
            transfers={**below.transfers, **self.transfers},
            modules={**below.modules, **self.modules},
            diagnostics={**below.diagnostics, **self.diagnostics},
            device={**below.device, **self.device},
            interval=self.interval or below.interval,
        )

    def profile_fields(self) -> dict[str, Any]:
        """The keyword arguments of a Profile that come from here."""
        return {
            "name": self.name,
            "root": self.root,
            "firmware": Firmware(**self.firmware),
            "transfers": Transfers(**self.transfers),
            "modules": Modules(**self.modules),
            "diagnostics": Habits(**self.diagnostics),
            **{n: compile_template(text) for n, text in CREDENTIALS.items()},
            **self.fields,
            **self.device,
        }


def device_of(node: Node, problems: list[Problem]) -> dict[str, str | Value]:
    """The `device:` of one profile, compiled."""
    device: dict[str, str | Value] = {}
    for key, place in node.members.get("device", NOWHERE).members.items():
        try:
            device[key] = identity_value(key, place)
        except ConfigError as error:
            problems += [p for p in error.problems if isinstance(p, Problem)]
    return device


def sections_of(
    given: Mapping[str, Any], node: Node, device: Mapping[str, str | Value]
) -> Sections:
    """The sections of one profile, as its model gave them."""
    fields: dict[str, Any] = {}
    for section, names in _FIELDS.items():
        for key, into in names.items():
            if given.get(section, {}).get(key) is not None:
                fields[into] = given[section][key]
    if quirks := quirks_of(given.get("quirks") or {}):
        fields["quirks"] = quirks
    if fields.get("client_certs"):  # meant from the profile's own folder
        folder = os.path.dirname(node.file)
        fields["client_certs"] = os.path.join(folder, fields["client_certs"])
    for key in ("cwmp", "reboot"):
        if given.get(key) is not None:
            fields[key] = given[key]
    if given.get("standby") is not None:
        fields["standby"] = Standby(**given["standby"])
    inform = node.members.get("inform", NOWHERE).members
    return Sections(
        name=given["name"],
        description=given.get("description") or "",
        root=given.get("root") or "",
        place=node.members.get("root"),
        fields=fields,
        firmware={
            key: value
            for key, value in (given.get("firmware") or {}).items()
            if value is not None
        },
        transfers=transfers_of(given.get("transfers") or {}),
        modules=modules_of(given.get("modules") or {}),
        diagnostics={
            # A Profile is shared and never changed: no lists in it.
            key: tuple(value) if isinstance(value, list) else value
            for key, value in (given.get("diagnostics") or {}).items()
            if value is not None
        },
        device=device,
        interval=inform.get("interval"),
    )


def quirks_of(given: Mapping[str, Any]) -> tuple[Quirk, ...]:
    """The quirks that a profile names, with what it says of them."""
    found = []
    for name, how in given.items():
        if how is None:
            continue
        how = dict(how)
        share = how.pop("share")
        if name == "wrong_clock":
            how = {"by": (how["ahead"] or 0.0) - (how["behind"] or 0.0)}
        found.append(Quirk(name, share, how))
    return tuple(found)


def transfers_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """The `transfers:` of one profile, as far as it says something."""
    said = {key: value for key, value in given.items() if value is not None}
    if "autonomous" in said:
        said["autonomous"] = Autonomous(**said["autonomous"])
    if "request" in said:
        wish = said["request"]
        said["request"] = Wish(**wish | {"arguments": tuple(wish["arguments"].items())})
    return said


def modules_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """The `modules:` of one profile, as far as it says something."""
    said = {key: value for key, value in given.items() if value is not None}
    if "autonomous" in said:
        said["autonomous"] = OwnChange(**said["autonomous"])
    return said


def identity_value(key: str, place: Node) -> str | Value:
    """A piece of the identity, checked as far as it is fixed."""
    value = compile_template(place.text, place.problem)
    if not isinstance(value, str):
        return value
    most = _LENGTHS.get(key)
    if key == "oui" and not is_oui(value):
        raise ConfigError(
            place.problem(f"expected an OUI of six digits 0-9 A-F, not {value!r}")
        )
    if most is not None and len(value) > most:
        raise ConfigError(place.problem(f"expected at most {most} characters"))
    if key == "serial" and not value:
        raise ConfigError(place.problem("expected a serial number, as HG{n:08}"))
    return value


def is_oui(text: str) -> bool:
    """Whether a text is an OUI as TR-069 wants it: six upper-case hex digits."""
    return len(text) == 6 and all(sign in "0123456789ABCDEF" for sign in text)


def circles(device: Mapping[str, str | Value]) -> list[str]:
    """The pieces of an identity that are made of themselves."""
    above: dict[str, set[str]] = {name: set() for name in IDENTITY}
    for name, value in device.items():
        for piece in pieces_of(value):
            if isinstance(piece, Ref):
                above[name].add(piece.name)
            elif isinstance(piece, DeviceId):
                above[name].update(piece.of)
    for _ in IDENTITY:
        for name in above:
            above[name] |= {far for near in above[name] for far in above[near]}
    return [name for name in above if name in above[name]]
