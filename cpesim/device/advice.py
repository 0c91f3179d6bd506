"""
What a profile lacks, though it is right: what a real ACS will stumble over.

Rule: pure; advice is no error. It knows what the standard forces and what every ACS
looks for, and nothing of the data models beyond that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cpesim.device.check import LIMITS, check
from cpesim.device.dumps.needed import FORCED, NEEDED
from cpesim.device.language.template import pieces_of
from cpesim.device.living import Entries
from cpesim.device.profile import Profile

_WAN = re.compile(r"\.WAN(?:IP|PPP)Connection\.\d+\.ExternalIPAddress\Z")
# Newer than many devices in the field: no warning where they are missing.
_NEWER = ("ManagementServer.AliasBasedAddressing", "RootDataModelVersion")
_MOST = 10


def advice(profile: Profile) -> list[str]:
    """One sentence for each thing; the shipped profiles have none."""
    found = [*_forced(profile), *_needed(profile), *_identity(profile)]
    return [*found, *_counts(profile), *_odd(profile)]


def _forced(profile: Profile) -> Iterator[str]:
    """I2: what each Inform has to tell."""
    root = profile.root
    for name in FORCED[root.rstrip(".")]:
        path = root + name
        if path in profile.parameters and path not in profile.inform:
            yield f"{path} is not marked inform: the standard wants it in each Inform"
        elif path not in profile.parameters and name not in _NEWER:
            yield f"{path} is missing: the standard wants it in each Inform"
    wan = [n for n in profile.names if _WAN.search(n)]
    if wan and not set(wan) & set(profile.inform):
        yield f"{wan[0]}, or another of the WAN, is not marked inform"


def _needed(profile: Profile) -> Iterator[str]:
    """What an ACS looks for and writes."""
    forced = FORCED[profile.root.rstrip(".")]
    for name, _, writable, _ in NEEDED:
        path = profile.root + name
        parameter = profile.parameters.get(path)
        if parameter is None:
            if name not in forced:
                yield f"{path} is missing: every ACS looks for it"
        elif writable and not parameter.writable:
            yield f"{path} is not rw: an ACS cannot write it"


def _identity(profile: Profile) -> Iterator[str]:
    """Who a device is: two of a fleet must not be the same."""
    if profile.identities is None and isinstance(profile.serial, str):
        yield (
            f"every CPE has the serial number {profile.serial[:64]!r}:"
            " a fleet needs one with {n:08} or {unique 00000000} in it"
        )
    for name, short in (
        ("serial", "DeviceInfo.SerialNumber"),
        ("oui", "DeviceInfo.ManufacturerOUI"),
    ):
        parameter = profile.parameters.get(profile.root + short)
        value = getattr(profile, name)
        if parameter is None or isinstance(parameter.default, str):
            fixed = parameter.default if parameter is not None else value
            if fixed != value:
                yield f"{profile.root}{short} is not {{{name}}}, as the Inform tells it"


def _counts(profile: Profile) -> Iterator[str]:
    """NumberOfEntries that stand still while their table may grow."""
    still = []
    for path, parameter in profile.parameters.items():
        table = path.removesuffix("NumberOfEntries") + "."
        if not path.endswith("NumberOfEntries") or table not in profile.objects:
            continue
        pieces = pieces_of(parameter.default)
        if profile.objects[table] and not any(isinstance(p, Entries) for p in pieces):
            still.append(path)
    yield from _listed(still, "does not count its table: ~ entries would")


def _odd(profile: Profile) -> Iterator[str]:
    """Values that are none of their type: right only if the device tells them so."""
    odd = [
        path
        for path, p in profile.parameters.items()
        if isinstance(p.default, str)
        and (p.default or p.type in LIMITS)
        and check(p, p.default)
        and not p.hidden
    ]
    yield from _listed(odd, "has a value that is none of its type")


def _listed(paths: list[str], words: str) -> Iterator[str]:
    yield from (f"{path} {words}" for path in paths[:_MOST])
    if len(paths) > _MOST:
        yield f"… and {len(paths) - _MOST:,} more of that kind"
