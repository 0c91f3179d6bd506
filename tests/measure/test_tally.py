"""Failures are told by kind: label, message and group, as far as they are known."""

from __future__ import annotations

from cpesim.measure.meter import Meter
from cpesim.measure.snapshot import Snapshot
from cpesim.measure.tally import Kind, Tally, Times, Trace, Traces, kinds, tally


def tallied(*counters: dict[str, int]) -> dict[str, Tally]:
    """The failures of as many seconds."""
    errors: dict[str, Tally] = {}
    for second, counted in enumerate(counters):
        tally(errors, Snapshot(second, second + 1.0, counted))
    return errors


def test_a_kind_is_what_a_meter_counts() -> None:
    """With its seconds; the most frequent first."""
    meter = Meter()
    for kind in ("Inform", "empty POST", "Inform"):
        meter.failure("http 503", kind)
    first = meter.snapshot(1.0, {}).counters
    errors = tallied(first, {}, {"failed.http 503": 1, "failed_on.http 503@Inform": 1})
    assert kinds(errors.values()) == [
        (Kind("http 503", "Inform"), Times(3, 0.0, 2.0)),
        (Kind("http 503", "empty POST"), Times(1, 0.0, 0.0)),
    ]


def test_groups_are_kinds_of_their_own() -> None:
    """Where they are told, and add up; what is told of all is not told twice."""
    (found,) = tallied(
        {
            "failed.bad@b": 3,
            "failed_on.bad@b@Inform": 3,
            "failed_on.bad@b@Inform{group=a@b}": 1,
            "failed_on.bad@b@Inform{group=homes}": 2,
        },
        {"got_in.bad@b@Inform": 2, "got_in.bad@b@Inform{group=homes}": 2},
    ).values()
    assert found.exchanges == {"Inform": 3}
    assert found.got_in == 2
    assert kinds([found]) == [
        (Kind("bad@b", "Inform", "homes"), Times(2, 0.0, 0.0, 2)),
        (Kind("bad@b", "Inform", "a@b"), Times(1, 0.0, 0.0, 0)),
    ]


def test_what_nobody_told_of_is_told_as_that() -> None:
    """A failure without a message, and a tally that was read back."""
    known = Tally("x", 5, 1.0, 4.0, {"Inform": 3})
    assert known.kinds() == {
        Kind("x", "Inform"): Times(3, 1.0, 3.0),
        Kind("x"): Times(2, 1.0, 3.0),
    }
    assert [str(kind) for kind in known.kinds()] == ["x on Inform", "x"]


def test_a_kind_has_a_trace() -> None:
    """The first of its own; any where no group is told; the newest is known."""
    traces = Traces()
    for number, group in enumerate(("a", "b", "a")):
        traces.add(Kind("x", "Inform", group), Trace(str(number), "text"))
    assert [traces.of(Kind("x", "Inform", g)) for g in ("a", "b", "c", "")] == [
        Trace("0", "text"),
        Trace("1", "text"),
        None,
        Trace("0", "text"),
    ]
    assert traces.of(Kind("x", "Download", "a")) is None
    assert traces.last == Trace("2", "text")
