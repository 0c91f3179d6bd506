"""
The values of a step's `set`, with their placeholders filled in for each CPE.

Rule: a function of (seed, CPE, this turn); what no kind of CPE has is an error before
anything is done, what one CPE has not or does not take is counted and passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from cpesim.chance import draw
from cpesim.device.check import check
from cpesim.device.device import Device
from cpesim.device.identity import identity
from cpesim.device.model import general
from cpesim.device.profile import Profile
from cpesim.device.values import Ipv4
from cpesim.errors import ConfigError

_PIECE = re.compile(r"\{([^{}]*)\}")
# RFC 6598's shared space: a prime number of addresses, so that no two CPEs share one.
_FIRST, _SIZE, _STEP = 0x64400001, 4_194_301, 2_592_223


def _ipv4(device: Device, path: str, now: float, turn: str) -> str:
    """Another address than it has now, and than any other CPE gets in this turn."""
    seed = device.model.world.seed
    ahead = draw(seed, 0, f"new/{turn}") % _SIZE
    pool = Ipv4(_FIRST, _SIZE, _STEP, label="new.ipv4", ahead=ahead)
    found = pool(device.model, path, now)
    if found != device.model.find(path, now):
        return found
    return Ipv4(_FIRST, _SIZE, _STEP, "new.ipv4", "", ahead + 1)(
        device.model, path, now
    )


PLACEHOLDERS: Mapping[str, Callable[[Device, str, float, str], str]] = {
    "n": lambda device, path, now, turn: str(device.n),
    "serial": lambda device, path, now, turn: identity(device.model).serial,
    "oui": lambda device, path, now, turn: identity(device.model).oui,
    "new.ipv4": _ipv4,
}


class Words:
    """
    What a step sets, for the CPEs of these *profiles*.

    *turn* makes the draws of this turn others than those of the last; *count* raises a
    counter for each value that a CPE did not take. Raises ConfigError for what no CPE
    could do.
    """

    def __init__(
        self,
        wanted: Mapping[str, str],
        profiles: Sequence[Profile],
        turn: str,
        count: Callable[[str], None],
    ) -> None:
        self._wanted = wanted
        self._turn = turn
        self._count = count
        wrong = [
            f"no kind of CPE here has a parameter {name}"
            for name in wanted
            if not any(_has(profile, name) for profile in profiles)
        ]
        wrong += [
            f"{name}: {{{word}}} is no placeholder: expected"
            f" {', '.join(f'{{{known}}}' for known in PLACEHOLDERS)}"
            for name, text in wanted.items()
            for word in _PIECE.findall(text)
            if word not in PLACEHOLDERS
        ]
        if wrong:
            raise ConfigError(*wrong)

    def __call__(self, device: Device, now: float) -> Iterable[tuple[str, str]]:
        """The values that this CPE has and takes."""
        found = []
        for name, text in self._wanted.items():
            parameter = device.model.parameter(name)
            if parameter is None:
                self._count("deeds.unknown_parameter")
                continue
            filled = _PIECE.sub(partial(self._fill, device, name, now), text)
            if check(parameter, filled):
                self._count("deeds.refused_value")
            else:
                found.append((name, filled))
        return found

    def _fill(self, device: Device, name: str, now: float, found: re.Match[str]) -> str:
        return PLACEHOLDERS[found[1]](device, name, now, self._turn)


def _has(profile: Profile, name: str) -> bool:
    """Whether CPEs of this kind have the parameter, or may come to have it."""
    if name in profile.parameters:
        return True
    path = general(name)
    return any(
        path.startswith(table) and path[len(table) :] in known.template
        for table, known in profile.tables.items()
    )
