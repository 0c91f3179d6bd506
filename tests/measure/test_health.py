"""The generator's verdict, by issue 3, section 5."""

from __future__ import annotations

import pytest

from cpesim.measure.health import Grade, Health
from cpesim.measure.snapshot import Snapshot


def judge(rows: list[tuple[dict[str, float], dict[str, int]]]) -> Health:
    """A health fed one row a second of one worker."""
    health = Health()
    for second, (gauges, counters) in enumerate(rows):
        health.feed("w0", Snapshot(second, second + 1, counters, gauges))
    return health


@pytest.mark.parametrize(
    ("gauges", "counters", "grade"),
    [
        ({"lag_p99": 0.020}, {}, Grade.OK),
        ({"lag_p99": 0.021}, {}, Grade.SUSPECT),
        ({"lag_p99": 0.100}, {}, Grade.SUSPECT),
        ({"lag_p99": 0.101}, {}, Grade.SATURATED),
        ({"cpu": 0.85}, {}, Grade.OK),
        ({"cpu": 0.86}, {}, Grade.SUSPECT),
        ({"cpu": 0.98}, {}, Grade.SATURATED),
        ({}, {"sessions.started": 100, "late.generator": 1}, Grade.OK),
        ({}, {"sessions.started": 100, "late.generator": 2}, Grade.SUSPECT),
        ({}, {"sessions.started": 100, "late.generator": 6}, Grade.SATURATED),
        ({}, {"late.generator": 1}, Grade.SATURATED),
        ({}, {"sessions.started": 100, "late.in_flight": 100}, Grade.OK),
        ({}, {"sessions.started": 100, "late.sockets": 100}, Grade.OK),
    ],
)
def test_five_seconds_on_end_decide(
    gauges: dict[str, float], counters: dict[str, int], grade: Grade
) -> None:
    """Four rows are patience, the fifth is a finding, by figure and bound."""
    assert judge([(gauges, counters)] * 4).grade is Grade.OK
    health = judge([(gauges, counters)] * 5)
    assert health.grade is grade
    assert len(health.reasons) == (0 if grade is Grade.OK else 1)


def test_a_good_second_breaks_the_row() -> None:
    """Nine bad seconds of ten, with the good one in the middle, are none."""
    bad: tuple[dict[str, float], dict[str, int]] = ({"cpu": 1.0}, {})
    good: tuple[dict[str, float], dict[str, int]] = ({"cpu": 0.5}, {})
    assert judge([bad] * 4 + [good] + [bad] * 4).grade is Grade.OK


def test_two_workers_are_judged_apart() -> None:
    """Three bad seconds of one and two of another are not five."""
    health = Health()
    for second in range(4):
        for who in ("w0", "w1"):
            row = Snapshot(second, second + 1, {}, {"lag_p99": 0.5})
            health.feed(who, row)
    assert health.grade is Grade.OK
    health.feed("w1", Snapshot(4, 5, {}, {"lag_p99": 0.6}))
    assert health.grade is Grade.SATURATED
    assert health.reasons == [
        "event loop lag p99 over 100ms for 5 s from 00:00, worst 600ms (w1)"
    ]


def test_a_process_that_hung_counts_its_seconds() -> None:
    """One row that spans seven seconds is patience enough."""
    health = Health()
    health.feed("w0", Snapshot(3, 10, {}, {"lag_p99": 6.0}))
    assert health.grade is Grade.SATURATED


def test_the_rest_of_a_second_is_no_row() -> None:
    """A run that ends at 4.2 s was not over a limit for five seconds."""
    health = judge([({"cpu": 1.0}, {})] * 4)
    health.feed("w0", Snapshot(4.0, 4.2, {}, {"cpu": 1.0}))
    assert health.grade is Grade.OK
    health.feed("w0", Snapshot(4.2, 4.3, {"starts.refused": 1}))
    assert health.grade is Grade.SATURATED


def test_a_refused_start_decides_at_once() -> None:
    """No file or port of ours left: not one second is waited."""
    health = judge([({}, {"starts.refused": 2}), ({}, {"starts.refused": 1})])
    assert health.grade is Grade.SATURATED
    assert health.reasons == [
        "3 starts refused for lack of sockets or files, first at 00:00"
    ]


def test_the_worst_is_kept_and_told_first() -> None:
    """Once reached a grade stays; each limit tells its worst stretch."""
    calm: tuple[dict[str, float], dict[str, int]] = ({"cpu": 0.1}, {})
    health = judge(
        [({"lag_p99": 0.03, "cpu": 0.99}, {})] * 6
        + [calm]
        + [({"lag_p99": 0.025}, {})] * 9
        + [calm]
    )
    assert health.grade is Grade.SATURATED
    assert health.reasons == [
        "CPU of a core over 97 % for 6 s from 00:00, worst 99 % (w0)",
        "event loop lag p99 over 20ms for 6 s from 00:00, worst 30ms (w0)",
    ]
    strain = health.strains["w0"]
    assert strain.lag_p99 == 0.03
    assert strain.cpu_max == 0.99
    assert strain.cpu == pytest.approx((6 * 0.99 + 0.2) / 17)


def test_nothing_fed_is_nothing_known() -> None:
    """Without a row there is no mean and no reason."""
    health = Health()
    assert (health.grade, health.reasons) == (Grade.OK, [])
    health.feed("parent", Snapshot(0, 1))
    assert health.strains["parent"].cpu == 0
    assert type(health.strains["parent"])().cpu == 0


def test_a_scenario_says_how_many_late_starts_are_suspect() -> None:
    """`limits: late_start`: its share is SUSPECT, five times it SATURATED."""
    grades = []
    for late in (3, 6, 20, 30):
        health = Health(0.05)
        for second in range(5):
            counters = {"sessions.started": 100, "late.generator": late}
            health.feed("w0", Snapshot(second, second + 1, counters))
        grades.append(health.grade)
    assert grades == [Grade.OK, Grade.SUSPECT, Grade.SUSPECT, Grade.SATURATED]
