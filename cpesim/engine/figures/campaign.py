"""
How far a new image has come: who boots it, and how long after its first order.

Rule: only a SoftwareVersion that really became another one counts, and each CPE once
for each version. An ACS may make up versions: the first MOST have figures of their own,
the rest has them together, as OTHERS.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cpesim.engine.order import Order
from cpesim.measure.meter import Meter
from cpesim.measure.recovery import HUNDREDTHS, of_version

MOST, OTHERS = 32, "other"


def versions(order: Order) -> dict[tuple[str, str], int]:
    """How many CPEs of the shard have which software, by group, where all have one."""
    found: dict[tuple[str, str], int] = {}
    for profile, group in order.groups:
        known = profile.parameters.get(profile.root + "DeviceInfo.SoftwareVersion")
        if known is not None and isinstance(known.default, str):
            here = len(order.shard.numbers(group.first, group.count))
            found[group.name, known.default] = here
    return found


class Campaign:
    """
    Hears of new images; *group* names the group of CPE number n, and *begun* gets
    each version with the moment of its first order.

    *first* is how many CPEs of each (group, version) there are before the run, as far
    as a group's CPEs all have one version.

    The seconds count from this worker's own first order of a version. An ACS that
    upgrades a fleet orders from all workers' CPEs within moments, so the workers agree
    as nearly as anybody looks at a campaign.
    """

    def __init__(
        self,
        meter: Meter,
        group: Callable[[int], str],
        first: Mapping[tuple[str, str], int],
        begun: Callable[[str, float], None],
    ) -> None:
        self._meter = meter
        self._group = group
        self._begun = begun
        self._began: dict[str, float] = {}
        self._there: dict[str, set[int]] = {}
        self._first = dict(iter(first))  # by group
        self._known = {version for _, version in first}
        self._at = dict(first)  # CPEs by (group, version)

    def ordered(self, version: str, now: float) -> None:
        """An ACS has ordered an image of that version."""
        self._begin(self._named(version), now)

    def joined(self, group: str, count: int) -> None:
        """More CPEs of a group."""
        if group in self._first:
            self._at[group, self._first[group]] += count

    def gone(self, n: int, version: str) -> None:
        """CPE *n*, which had that version, is off for good."""
        self._leave(self._group(n), version)

    def reached(self, n: int, old: str, new: str, now: float) -> None:
        """CPE *n* has booted another version than it had."""
        group, at, new = self._group(n), self._at, self._named(new)
        self._leave(group, old)
        at[group, new] = at.get((group, new), 0) + 1
        there = self._there.setdefault(new, set())
        if n in there:
            return
        there.add(n)
        took = now - self._begin(new, now)
        self._meter.record(of_version(new), took / HUNDREDTHS)
        self._meter.count(f"campaign.done{{version={new}}}")

    def _named(self, version: str) -> str:
        """The name that a version has in the figures."""
        if version not in self._known and len(self._known) >= MOST:
            return OTHERS
        self._known.add(version)
        return version

    def _leave(self, group: str, version: str) -> None:
        """One CPE of the group has this version no more."""
        at = group, version if version in self._known else OTHERS
        if self._at.get(at):
            self._at[at] -= 1

    def _begin(self, version: str, now: float) -> float:
        """When the campaign began: now, where it had not."""
        if version not in self._began:
            self._began[version] = now
            self._begun(version, now)
        return self._began[version]

    def gauges(self) -> dict[str, float]:
        """How many CPEs of each group have which version, once there is a campaign."""
        if not self._began:
            return {}
        return {
            f"at_version{{group={group},version={version}}}": float(count)
            for (group, version), count in self._at.items()
        }
