"""
A criterion's names: which series, counters and gauges of a Result it is about.

Rule: pure; what the tags of metrics.py lead to is worked out here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from cpesim.scenario.limits.criterion import Criterion
from cpesim.scenario.limits.events import event_of
from cpesim.scenario.limits.metrics import METRICS, Kind, Tagged


@dataclass(frozen=True, slots=True)
class Cpes:
    """A group of the run, as far as limits need to know it."""

    name: str
    profile: str
    count: int


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the figures of one criterion are."""

    series: tuple[str, ...] = ()
    counters: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    of_series: tuple[str, ...] = ()
    gauges: tuple[str, ...] = ()
    # How many CPEs the groups have: as they tell it, and as it was planned.
    totals: tuple[str, ...] = ()
    cpes: int = 0

    @property
    def looks(self) -> tuple[tuple[str, ...], ...]:
        """The gauges whose sums are looked at."""
        return tuple(filter(None, (self.gauges, self.totals)))

    @property
    def all_series(self) -> tuple[str, ...]:
        """Every series, those of the denominator too."""
        return (*self.series, *self.of_series)

    @property
    def all_counters(self) -> tuple[str, ...]:
        """Every counter, those of the denominator too."""
        return (*self.counters, *self.of)


def sources(criterion: Criterion, groups: Sequence[Cpes]) -> Sources:
    """Where the figures of a criterion that passed the check come from."""
    metric = METRICS[criterion.metric]
    tags = dict(criterion.tags)
    meant = [
        group
        for group in groups
        if tags.get("group", group.name) == group.name
        and tags.get("profile", group.profile) == group.profile
    ]
    own = Tagged(metric.series, metric.counters, metric.of)
    for name, found in metric.by.items():
        if name in tags:
            meaning = _MEANINGS.get(name, str)
            own = _filled(found, meaning(tags[name]))
            own = replace(own, of=own.of or metric.of)
    # One group alone is the whole run, and then nothing is tagged by it.
    if len(meant) < len(groups):
        own = Tagged(
            *(_of_groups(names, meant) for names in (own.series, own.counters, own.of))
        )
    gauges: tuple[str, ...] = own.gauges or metric.gauges
    totals: tuple[str, ...] = ()
    if metric.kind is Kind.STATES:
        gauges = tuple(
            name.replace("{}", group.name).replace("{of}", criterion.of)
            for name in gauges
            for group in meant
        )
        if criterion.aggregate == "rate":
            totals = tuple(f"fleet/{group.name}/total" for group in meant)
    return Sources(
        own.series,
        own.counters,
        () if own.of_series else own.of,
        own.of_series,
        gauges,
        totals,
        sum(group.count for group in meant),
    )


def _of_groups(names: Iterable[str], groups: Sequence[Cpes]) -> tuple[str, ...]:
    return tuple(f"{name}{{group={group.name}}}" for name in names for group in groups)


def _filled(found: Tagged, value: str) -> Tagged:
    return Tagged(
        *(
            tuple(name.replace("{}", value) for name in names)
            for names in (
                *(found.series, found.counters, found.of),
                *(found.of_series, found.gauges),
            )
        )
    )


def _wild(code: str) -> str:
    """5xx is any code that begins with 5."""
    return code.removesuffix("xx") + "*" if code.endswith("xx") else code


# What the value of a tag is in the names of figures, where it is not as written.
_MEANINGS: Mapping[str, Callable[[str], str]] = {
    "code": _wild,
    "event": lambda written: event_of(written) or written,
    "worker": lambda written: written.removeprefix("worker-"),
}
