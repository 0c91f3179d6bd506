"""The dashboard is exact at every size, and shows what is most needed."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cpesim.live.cells import width_of
from cpesim.live.views import dashboard, plain_line
from cpesim.measure.meter import Meter
from cpesim.measure.result import Exit, GroupFacts, Result, RunFacts, State
from cpesim.measure.snapshot import Snapshot
from tests.measure.populated import populated

RESULT = populated()
MANY = populated(seconds=30, groups=9, workers=1)


def exact(result: Result, width: int, height: int) -> list[str]:
    """The dashboard, its size checked."""
    lines = dashboard(result, width, height)
    assert len(lines) == height
    assert [width_of(line) for line in lines] == [width] * height
    return lines


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50), (60, 15)])
@pytest.mark.parametrize("result", [RESULT, MANY, Result(RunFacts("a", "b", "c", 1))])
def test_sizes_are_exact(result: Result, size: tuple[int, int]) -> None:
    """Each line is as wide as the screen, and there are as many as it has."""
    exact(result, *size)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 250), st.integers(1, 80))
def test_any_size_is_exact(width: int, height: int) -> None:
    """No terminal is too odd."""
    exact(MANY, width, height)


def test_the_picture_at_80x24() -> None:
    """All panels stand where user-interface.md draws them."""
    lines = exact(RESULT, 80, 24)
    assert lines[0].startswith(" boot-storm  7f3a  RUNNING  01:30 / 25:00  █▏")
    assert "busy 1,204/4,000" in lines[1]
    assert lines[1].rstrip().endswith("GENERATOR OK")
    assert lines[2].startswith("─ load, last 69 s ─")
    assert "┬─ fleet ─" in lines[2]
    assert lines[3].startswith(" want/s ")
    assert " group " in lines[3]
    assert " all     20,000  12,000   600    180" in lines[6]
    text = "\n".join(lines)
    for part in (
        "─ from intended start, last 10 s, without 144 failed ─",
        "├ inform",
        "└ connect",
        "http 503 on Inform",
        "01:00 rate +10 (key)",
        " p pause  + - rate  q stop",
    ):
        assert part in text
    assert "secret" not in text


def test_larger_screens_tell_more() -> None:
    """More curves, the addresses, counts of the whole run, all states."""
    text = "\n".join(exact(RESULT, 120, 40))
    for part in ("acs.example", "lag p99", "GetParameterValues", "count", "waiting"):
        assert part in text


def test_many_groups_are_summed_up() -> None:
    """What has no row is named as a number; the whole fleet is always there."""
    text = "\n".join(exact(MANY, 80, 24))
    assert "more" in text
    assert " all " in text


def test_the_small_form_has_six_lines() -> None:
    """State, load, sessions, latency, the worst error, keys."""
    lines = exact(RESULT, 60, 15)
    assert [bool(line.strip()) for line in lines] == [True] * 6 + [False] * 9
    assert "http 503" in lines[4]
    assert exact(RESULT, 79, 24)[5].strip().startswith("p pause")


def test_pausing_and_draining_are_said() -> None:
    """The screen says what it waits for, and counts down."""
    result = populated(seconds=3)
    result.enter(State.PAUSED, 3.0)
    text = "\n".join(exact(result, 80, 24))
    assert "paused: arrivals rest" in text
    assert "p resume" in text
    assert plain_line(result).endswith("  paused")
    result.enter(State.DRAINING, 4.0, until=32.0)
    for size in ((80, 24), (60, 15)):
        text = "\n".join(exact(result, *size))
        assert "draining: 1,204 in flight, 28 s left" in text
        assert "q stop now" in text
    assert plain_line(result).endswith("28 s left")
    result.enter(State.DRAINING, 4.0)
    assert "draining: 1,204 in flight  " in "\n".join(exact(result, 80, 24))
    result.finish(5.0, Exit(130, "interrupted"))
    assert "exit 130: interrupted" in exact(result, 80, 24)[-1]


def test_a_doubtful_generator_says_why() -> None:
    """The verdict and its worst reason stand at the top, in the small form too."""
    result = populated(seconds=3)
    for n in range(6):
        result.feed_parent(Snapshot(n, n + 1, {}, {"cpu": 0.99}))
    result.event(3.0, "网关 \x1b[2J gone")
    for size in ((80, 24), (60, 15)):
        text = "\n".join(exact(result, *size))
        assert "generator: CPU of a core over 97 % for 6 s" in text
    assert "SATURATED" in exact(result, 80, 24)[1]
    assert "\x1b" not in "\n".join(exact(result, 80, 24))
    assert plain_line(result).endswith("gen SATURATED")


def test_the_plain_line() -> None:
    """One line says what a log needs."""
    assert plain_line(RESULT) == (
        "01:30  want 38/s got 38/s  busy 1204  ok 3,410 fail 144 (4.1%)"
        "  p95 1.8s p99 1.9s  late 0.0%  gen OK"
    )
    result = Result(RunFacts("a", "b", "c", 1))
    meter = Meter()
    meter.count("sessions.dropped", 3)
    result.feed("w0", meter.snapshot(1.0, {}))
    assert plain_line(result) == (
        "00:01  want 0/s got 0/s  busy 0  ok 0 fail 0 (0.0%)  dropped 3"
        "  p95 - p99 -  late 0.0%  gen OK  preparing"
    )


def test_names_of_any_width_fit() -> None:
    """Wide letters in names shift nothing."""
    facts = RunFacts(
        "暴风雨" * 20,
        "7f3a",
        "http://x" * 30,
        10,
        (GroupFacts("家庭网关设备", 10, "p"),),
    )
    result = Result(facts)
    meter = Meter()
    meter.failure("错误" * 40, "Inform")
    meter.exchange("X_网关_Reboot", 0.1, 200, 1, 1)
    result.feed("w0", meter.snapshot(1.0, {"fleet/家庭网关设备/ok": 10.0}))
    result.tick(9.0)
    for size in ((80, 24), (133, 31), (41, 9)):
        exact(result, *size)


def test_more_errors_than_rows_are_summed_up() -> None:
    """The last row counts the failures that have no row of their own."""
    result = Result(RunFacts("a", "b", "c", 1))
    meter = Meter()
    for status in range(400, 440):
        meter.failure(f"http {status}")
    result.feed("w0", meter.snapshot(1.0, {}))
    assert any(
        " of " in line and "other kinds" in line for line in exact(result, 80, 24)
    )


@pytest.mark.bench
def test_a_frame_is_cheap() -> None:
    """Drawing costs under 2 ms a frame; a frame with a new second under 15 ms."""
    exact(RESULT, 120, 40)
    begin = time.perf_counter()
    for _ in range(50):
        dashboard(RESULT, 120, 40)
    cost = (time.perf_counter() - begin) / 50
    print(f"frame {cost * 1e3:.2f} ms (2)")
    assert cost < 2e-3
