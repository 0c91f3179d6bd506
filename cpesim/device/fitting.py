"""
A compiled profile, fitted to a run: what its devices can do, and a group's own wishes.

Rule: pure; the profile is shared by all devices, so this happens once for each group.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cpesim.device.check import check
from cpesim.device.group.ways import Ways
from cpesim.device.identities import Judge
from cpesim.device.language.compile import expected
from cpesim.device.language.sections import identity_value
from cpesim.device.language.template import (
    IDENTITY,
    bound,
    compile_template,
    suggest,
)
from cpesim.device.profile import Behaviour, Identities, Profile, Value
from cpesim.device.values import Column, Ref
from cpesim.errors import ConfigError
from cpesim.yamltext import Node

# The parameters that say who a device is, below the root.
TOLD_IN = {
    "manufacturer": "DeviceInfo.Manufacturer",
    "oui": "DeviceInfo.ManufacturerOUI",
    "product_class": "DeviceInfo.ProductClass",
    "serial": "DeviceInfo.SerialNumber",
    "username": "ManagementServer.Username",
    "password": "ManagementServer.Password",
}


def with_identity(profile: Profile, values: Mapping[str, str | Value]) -> Profile:
    """The profile with other pieces of identity; the parameters follow."""
    if not values:
        return profile
    told = {profile.root + TOLD_IN[name]: Ref(name) for name in values}
    fields: dict[str, Any] = dict(values)
    return replace(profile.with_defaults(told), **fields)


def with_patterns(profile: Profile, patterns: Mapping[str, str | None]) -> Profile:
    """The profile with pieces of identity that a group or an option names."""
    values: dict[str, str | Value] = {}
    problems: list[Any] = []
    for name, pattern in patterns.items():
        if pattern is None:
            continue
        if name == "password":
            values[name] = pattern  # a secret is no template: its braces are its own
            continue
        try:
            values[name] = identity_value(
                name, Node(f"{name} {pattern!r}", 1, 1, pattern)
            )
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(*problems)
    return with_identity(profile, values)


def with_interval(profile: Profile, interval: float | None) -> Profile:
    """The profile with another period of its Informs."""
    if interval is None:
        return profile
    path = f"{profile.root}ManagementServer.PeriodicInformInterval"
    seconds = max(1, round(interval))
    return replace(profile.with_defaults({path: str(seconds)}), interval=float(seconds))


def with_timers(profile: Profile, scale: float, *, interval: bool) -> Profile:
    """
    The profile with its own timers multiplied: retries, reboots, what it does by
    itself; the period of its Informs only if *interval*.
    """
    if scale == 1.0:
        return profile
    if interval:
        profile = with_interval(profile, profile.interval * scale)
    return replace(
        profile,
        retry_scale=profile.retry_scale * scale,
        reboot=profile.reboot * scale,
        firmware=replace(profile.firmware, flash=profile.firmware.flash * scale),
    )


def with_values(profile: Profile, values: Mapping[str, str]) -> Profile:
    """The profile with a group's own defaults: texts or templates, as in a profile."""
    defaults: dict[str, str | Value] = {}
    problems: list[Any] = []
    judge = judge_of(profile)
    for path, text in values.items():
        try:
            value = compile_template(text, Node(f"set {path}", 1, 1, text).problem)
        except ConfigError as error:
            problems += error.problems
            continue
        if wrong := judge(path, value if isinstance(value, str) else None):
            problems.append(f"set: {wrong}")
        defaults[path] = bound(value, path)
    if problems:
        raise ConfigError(*problems)
    return profile.with_defaults(defaults)


def with_tag(profile: Profile, tag: str | None) -> Profile:
    """The profile with another ProvisioningCode, by which an ACS tells groups apart."""
    if tag is None:
        return profile
    path = f"{profile.root}DeviceInfo.ProvisioningCode"
    return with_values(profile, {path: tag.replace("{", "{{").replace("}", "}}")})


def with_ways(profile: Profile, ways: Ways) -> Profile:
    """The profile as a group's CPEs live in a run."""
    if not ways.listens:
        url = f"{profile.root}ManagementServer.ConnectionRequestURL"
        profile = profile.with_defaults({url: ""})
    return replace(profile, ways=ways)


def judge_of(profile: Profile) -> Judge:
    """Says what is wrong with a column or a text of an identities file."""

    def judge(column: str, text: str | None) -> str:
        parameter = profile.parameters.get(column)
        if parameter is None:
            hint = suggest(column, profile.names)
            return f"{profile.name} has no parameter {column}{hint}"
        if text is None or not check(parameter, text):
            return ""
        return f"{text!r} is no value of {column}: expected {expected(parameter)}"

    return judge


def with_identities(profile: Profile, identities: Identities) -> Profile:
    """The profile with a user's own devices; the parameters follow."""
    pieces: dict[str, str | Value] = {}
    paths: dict[str, str | Value] = {}
    for index, column in enumerate(identities.columns):
        if column in IDENTITY:
            pieces[column] = Column(index, getattr(profile, column))
        else:
            paths[column] = Column(index, profile.parameters[column].default)
    fitted = with_identity(replace(profile, identities=identities), pieces)
    return fitted.with_defaults(paths)


def with_behaviours(
    profile: Profile, behaviours: Sequence[Behaviour] | None = None
) -> Profile:
    """The profile with all that its devices can do."""
    if behaviours is None:
        from cpesim.device.behaviour import BEHAVIOURS

        behaviours = BEHAVIOURS
    behaviours = [b for b in behaviours if b.fits(profile.root, profile.tables)]
    return replace(
        profile,
        rpcs=_owned(behaviours, "rpcs", "RPC"),
        writes=_owned(behaviours, "writes", "write to"),
        alarms=_owned(behaviours, "alarms", "alarm"),
        checks=_owned(behaviours, "checks", "check of"),
        starts=tuple(start for b in behaviours for start in b.starts),
        stops=tuple(stop for b in behaviours for stop in b.stops),
        written=tuple(follow for b in behaviours for follow in b.written),
    )


def _owned(behaviours: Iterable[Behaviour], table: str, what: str) -> dict[str, Any]:
    """The behaviours' tables as one; two owners of one entry are an error."""
    merged: dict[str, Any] = {}
    owners: dict[str, str] = {}
    for behaviour in behaviours:
        entries: Mapping[str, Any] = getattr(behaviour, table)
        for name, entry in entries.items():
            if name in owners:
                raise ConfigError(
                    f"{what} {name} has two owners:"
                    f" behaviours {owners[name]} and {behaviour.name}"
                )
            merged[name], owners[name] = entry, behaviour.name
    return merged
