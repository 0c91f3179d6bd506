"""
What is wrong with a scenario's limits, found before the run.

Rule: whatever `judge` cannot judge is a problem here, with its file, line and column;
all of them are told at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from cpesim.errors import Problem
from cpesim.scenario.limits.criterion import BYTES, Criterion
from cpesim.scenario.limits.events import event_of, nearest
from cpesim.scenario.limits.grammar import Mistake, close_to, parse
from cpesim.scenario.limits.metrics import (
    AGGREGATES,
    METRICS,
    RPCS,
    Kind,
    Metric,
    has,
)
from cpesim.scenario.scenario import Scenario
from cpesim.scenario.threshold import Threshold

WORKER, PARENT = "worker-", "parent"  # the names of processes in a run
SEVERITIES = ("fail", "warn")
_CODE = re.compile(r"[1-9][0-9]{2,3}|[1-5]xx")
# How a value of each unit is written.
_WRITTEN = {
    "s": "a time, as 500ms or 4m",
    "%": "a share, as 1% or 0.01",
    "B": "an amount of bytes, as 50MB",
    "": "a number, as 0 or 18k",
}


# A scenario, and by how many workers it is run, once that is known.
Planned = tuple[Scenario, int | None]


def check(
    thresholds: Iterable[Threshold], scenario: Scenario, workers: int | None = None
) -> list[Problem]:
    """
    Everything that keeps these limits from being judged in this scenario.

    *workers* is how many run it, once that is known.
    """
    problems = []
    plan = scenario, workers
    for threshold in thresholds:
        place = threshold.place
        try:
            criterion = parse(threshold.text)
            mistakes = [*_wrong(threshold, criterion, plan)]
        except Mistake as mistake:
            mistakes = [mistake]
        file, line, column = place.file, place.line, place.column
        if not line:  # an option: its text is the file
            file, line, column = f"{file} {threshold.text!r}".strip(), 1, 1
        problems += [Problem(file, line, column + m.column, str(m)) for m in mistakes]
    return problems


def mistake_in(text: str) -> Mistake | None:
    """What is wrong with a limit's text in any scenario, as far as that can be said."""
    try:
        criterion = parse(text)
    except Mistake as mistake:
        return mistake
    known = criterion.metric in METRICS
    return None if known else _unknown(text, "metric", criterion.metric, tuple(METRICS))


def checked_by_steps(scenario: Scenario) -> list[Threshold]:
    """What the `check` steps of the timeline ask, as limits to be checked."""
    return [
        Threshold(str(step.arguments["that"]), place=step.place)
        for step in scenario.steps
        if step.do == "check"
    ]


def _wrong(
    threshold: Threshold, criterion: Criterion, plan: Planned
) -> Iterator[Mistake]:
    text, scenario = threshold.text, plan[0]
    metric = METRICS.get(criterion.metric)
    if metric is None:
        yield _unknown(text, "metric", criterion.metric, tuple(METRICS))
        return
    yield from _set_of(text, criterion, metric, scenario)
    yield from _tags(text, criterion, metric, plan)
    if has(metric.kind, criterion.aggregate):
        yield from _value(text, criterion, metric)
    else:
        words = ", ".join(AGGREGATES[metric.kind])
        word = criterion.aggregate
        hint = "" if word in text else " before `drift`"
        yield Mistake(
            max(_after(text, criterion.metric, word), 0),
            f"{criterion.metric} has no {word}: expected {words}{hint}",
        )
    yield from _times(text, criterion, metric, scenario)
    if threshold.severity not in SEVERITIES:
        yield Mistake(0, f"severity: expected fail or warn, not {threshold.severity!r}")
    if threshold.abort and threshold.severity == "warn":
        yield Mistake(0, "abort: a limit that only warns cannot end the run")


def _set_of(
    text: str, criterion: Criterion, metric: Metric, scenario: Scenario
) -> Iterator[Mistake]:
    name = criterion.metric
    if criterion.of and not metric.takes:
        yield Mistake(text.index("("), f"{name} takes no parentheses")
    elif metric.takes and not criterion.of:
        yield Mistake(
            text.index(name) + len(name),
            f"{name} needs a {metric.takes} in parentheses",
        )
    elif metric.takes == "set":
        known = tuple(dict.fromkeys(step.name for step in scenario.steps if step.name))
        if criterion.of not in known:
            yield _unknown(text, "set", criterion.of, known, "named by `as:`")


def _tags(
    text: str, criterion: Criterion, metric: Metric, plan: Planned
) -> Iterator[Mistake]:
    scenario, _ = plan
    known = (*metric.tags, *metric.by)
    tags = dict(criterion.tags)
    if metric.needs and metric.needs not in tags:
        yield Mistake(
            text.index(criterion.metric) + len(criterion.metric),
            f"{criterion.metric} needs a tag: {{{metric.needs}=…}}",
        )
    values = {
        "group": tuple(group.name for group in scenario.groups),
        "profile": tuple(dict.fromkeys(group.profile for group in scenario.groups)),
        "fault": tuple(injection.name for injection in scenario.injections),
        "rpc": RPCS,
    }
    if criterion.metric == "transfer.time":
        values["kind"] = ("download", "upload")
    for name, value in tags.items():
        if name not in known:
            yield _no_tag(text, criterion.metric, name, known)
        elif name in _VALUES:
            if wrong := _VALUES[name](value, metric, plan):
                yield Mistake(_after(text, name, value), wrong)
        elif (
            name in values
            and value not in values[name]
            and not (name == "rpc" and value.startswith("X_"))
        ):
            yield _unknown(text, name, value, values[name])
    if len(tags) > 1 and any(name in metric.by for name in tags):
        yield Mistake(
            text.index("{"),
            f"expected one tag: {criterion.metric} is not counted by"
            f" {' and '.join(sorted(tags))} at once",
        )


def _no_tag(text: str, metric: str, name: str, known: tuple[str, ...]) -> Mistake:
    at = _after(text, "{", name)
    if name == "host":
        return Mistake(
            at, "a run has one host: all is counted of it, expected no tag 'host'"
        )
    what = ", ".join(known) or "none"
    return Mistake(
        at, f"{metric} has no tag {name!r}{close_to(name, known)}: expected {what}"
    )


def _code(value: str, metric: Metric, plan: Planned) -> str:
    fine = _CODE.fullmatch(value)
    return "" if fine else f"expected a code, as 503 or 5xx: {value!r}"


def _event(value: str, metric: Metric, plan: Planned) -> str:
    if event_of(value) is not None:
        return ""
    hint = nearest(value) or ": expected an event of an Inform, as 1 BOOT"
    return f"unknown event {value!r}{hint}"


def _worker(value: str, metric: Metric, plan: Planned) -> str:
    """A worker's number, or the parent: it holds no sessions."""
    _, workers = plan
    others = (PARENT,) if metric.kind is Kind.GAUGE else ()
    if value in others:
        return ""
    number = value.removeprefix(WORKER)
    if number.isdecimal() and str(int(number)) == number:
        if workers is None or int(number) < workers:
            return ""
        if workers == 1:
            return f"unknown worker {value!r}: the run has one, expected 0"
        return (
            f"unknown worker {value!r}: the run has {workers},"
            f" expected 0 to {workers - 1}"
        )
    hint = close_to(value, others) or ": expected its number, from 0 on"
    if others and "mean" not in hint:
        hint += f", or {PARENT}"
    return f"unknown worker {value!r}{hint}"


# Tags whose values are of a form; what is wrong with one, in words.
_VALUES: Mapping[str, Callable[[str, Metric, Planned], str]] = {
    "code": _code,
    "event": _event,
    "worker": _worker,
}


def _value(text: str, criterion: Criterion, metric: Metric) -> Iterator[Mistake]:
    """Whether the value that is compared with is one of what is measured."""
    bound = criterion.bound
    unit = unit_of(criterion)
    kind = "B" if bound.unit in BYTES else bound.unit
    # Where the value begins: behind the operator.
    start = text.index(criterion.operator) + len(criterion.operator)
    start += len(text[start:]) - len(text[start:].lstrip())
    if criterion.drift:
        if kind not in ("%", unit):
            yield Mistake(
                start,
                f"a drift of {criterion.metric} is a share of its median, as 5%/6h, or"
                f" {_WRITTEN[unit]}, each time",
            )
        return
    if criterion.aggregate == "rate" and bound.per is not None:
        if metric.kind is Kind.STATES or kind != metric_unit(metric):
            yield Mistake(start, f"expected {_rate_written(metric)}")
        return
    if bound.per is not None:
        yield Mistake(start, f"expected {_WRITTEN[unit]}, and nothing behind it")
    elif criterion.aggregate == "rate" and not metric.share:
        yield Mistake(start, f"expected {_rate_written(metric)}")
    elif kind != unit and bound.amount:
        if unit == "%" and kind == "":
            if not 0 < bound.amount < 1:
                yield Mistake(
                    start,
                    f"expected {_WRITTEN['%']} (did you mean {bound}%?)",
                )
            return
        yield Mistake(
            start,
            f"{criterion.subject} is {_WRITTEN[unit]}, not {bound}",
        )


def _rate_written(metric: Metric) -> str:
    per = "as 5MB/s" if metric.unit == "B" else "as 50/s"
    share = f"a share of {metric.share}, as 1%"
    if metric.kind is Kind.STATES:
        return share
    return f"{share}, or how often, {per}" if metric.share else f"how often, {per}"


def metric_unit(metric: Metric) -> str:
    """The unit of what is counted: bytes or things."""
    return metric.unit if metric.kind is Kind.COUNTS else ""


def unit_of(criterion: Criterion) -> str:
    """What a criterion's value is in: s, B, % or things."""
    metric, aggregate = METRICS[criterion.metric], criterion.aggregate
    if aggregate in ("rate", "done"):
        per_second = criterion.bound.per is not None and not criterion.drift
        if per_second or not metric.share:
            return metric_unit(metric)
        return "%"
    if aggregate == "count":
        return metric_unit(metric)
    return metric.unit


def _times(
    text: str, criterion: Criterion, metric: Metric, scenario: Scenario
) -> Iterator[Mistake]:
    phases = tuple(dict.fromkeys(phase.name for phase in scenario.phases))
    if criterion.phase and criterion.phase not in phases:
        yield _unknown(text, "phase", criterion.phase, phases)
    if metric.kind is not Kind.REACHED:
        return
    for given, word in (
        (criterion.over is not None, "over"),
        (criterion.drift, "drift"),
        (bool(criterion.phase), "in"),
    ):
        if given:
            yield Mistake(
                max(text.rfind(f" {word}") + 1, 0),
                f"{criterion.metric} is of the whole run: it takes no `{word}`",
            )


def _unknown(
    text: str, what: str, word: str, known: tuple[str, ...], how: str = ""
) -> Mistake:
    hint = close_to(word, known)
    wanted = ""
    if not hint:
        there = f"{what}s {how}".strip()
        wanted = (
            f": expected one of {', '.join(known)}"
            if known
            else f": the scenario has no {there}"
        )
    return Mistake(max(text.rfind(word), 0), f"unknown {what} {word!r}{hint}{wanted}")


def _after(text: str, start: str, word: str) -> int:
    return text.find(word, text.find(start) + len(start))
