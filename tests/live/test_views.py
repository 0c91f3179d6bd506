"""The dashboard is exact at every size, and shows what is most needed."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cpesim.live.cells import width_of
from cpesim.live.generator import generator
from cpesim.live.goals import limits_title, recovery
from cpesim.live.looking import OVERLAYS, VIEWS, Looking, turned
from cpesim.live.seams import Recovering, recoveries
from cpesim.live.views import MAIN, dashboard, plain_line
from cpesim.measure.meter import Meter
from cpesim.measure.result import Exit, GroupFacts, Result, RunFacts, State
from cpesim.measure.snapshot import Snapshot
from tests.measure.populated import populated

RESULT = populated()
MANY = populated(seconds=30, groups=9, workers=1)


EVERY = [
    *(Looking(view) for view in range(len(VIEWS))),
    *(Looking(0, over) for over in OVERLAYS),
]
EMPTY = Result(RunFacts("a", "b", "c", 1))


def exact(
    result: Result, width: int, height: int, looking: Looking = MAIN
) -> list[str]:
    """The dashboard, its size checked."""
    lines = dashboard(result, width, height, looking)
    assert len(lines) == height
    assert [width_of(line) for line in lines] == [width] * height
    return lines


def crowded(groups: int = 3) -> Result:
    """Everything at once: a recovery, faults, violations, a bad generator."""
    result = populated(seconds=30, groups=groups)
    meter = Meter(30.0)
    for name in ("recovered{set=dark}", "acs.violation.S5 no id", "mended.bare LF"):
        meter.count(name, 60)
    result.begin_recovery("dark", 20.0)
    for _ in range(60):
        meter.record("recovery{set=dark}", 0.05)
    for name in ("knocks.answered", "transfers.done", "uploads.done", "late.generator"):
        meter.count(name, 12)
    for group in range(groups):
        meter.count(f"sessions.done{{group=homes{group}}}", 99)
        meter.count(f"sessions.failed{{group=homes{group}}}")
        meter.record(f"session{{group=homes{group}}}", 0.25)
    for n in range(30):
        meter.failure(f"http {500 + n}", "Inform")
    gauges = {"set.size{set=dark}": 100.0, "set.size{set=網}": 7.0}
    result.feed("w0", meter.snapshot(31.0, gauges))
    result.feed("w1", Meter(30.0).snapshot(31.0, {}))
    result.tick(31.0)
    result.example("S5 no id", "an envelope without an id \x1b[2J")
    result.faults = {"flaky-wan": True, **{f"fault {n}": False for n in range(20)}}
    for n in range(8):
        result.feed_parent(Snapshot(n, n + 1, {}, {"cpu": 0.99, "lag_p99": 0.5}))
    result.enter(State.PAUSED, 31.0)
    return result


CROWDED = crowded()


@pytest.mark.parametrize("looking", EVERY, ids=str)
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50), (60, 15)])
@pytest.mark.parametrize("result", [RESULT, MANY, CROWDED, EMPTY])
def test_sizes_are_exact(
    result: Result, size: tuple[int, int], looking: Looking
) -> None:
    """Each line is as wide as the screen, and there are as many as it has."""
    exact(result, *size, looking)


@settings(max_examples=100, deadline=None)
@given(
    st.integers(1, 250),
    st.integers(1, 80),
    st.sampled_from(EVERY),
    st.sampled_from([MANY, CROWDED, EMPTY]),
)
def test_any_size_is_exact(
    width: int, height: int, looking: Looking, result: Result
) -> None:
    """No terminal is too odd, and no view."""
    exact(result, width, height, looking)


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
        " p pause  + - rate  * / x10  = plan  m mark  1-5 view  ? help  q stop",
    ):
        assert part in text
    assert "secret" not in text


def test_larger_screens_tell_more() -> None:
    """More curves, the addresses, counts of the whole run, all states."""
    text = "\n".join(exact(RESULT, 120, 40))
    for part in ("acs.example", "lag ", "GetParameterValues", "count", "waiting"):
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


def test_the_latency_view() -> None:
    """Percentiles as bars, each exchange, and the strip that fills the rest."""
    lines = exact(RESULT, 80, 24, Looking(1))
    text = "\n".join(lines)
    for part in ("─ sessions, whole run ─", "┬─ last 10 s ─", " p99.9 ", "█ p50 ▓ p95"):
        assert part in text
    assert any(line.startswith(" ├ GetParameterValues") for line in lines)
    strip = lines[next(n for n, line in enumerate(lines) if "█ p50" in line) + 1 : -1]
    assert len(strip) >= 5
    # Seconds that passed are drawn from the right; before them nothing is known.
    assert all("▓" in line or "█" in line or "▒" in line for line in strip)
    # A second has one median.
    columns = list(zip(*(line[8:-1] for line in strip), strict=True))
    assert [column.count("█") for column in columns[-45:]] == [1] * 45
    assert not "".join(map("".join, columns[:-46])).strip()
    labels = [line.split()[0] for line in strip]
    assert labels[0].endswith("s")
    assert "no session has ended yet" in "\n".join(exact(EMPTY, 80, 24, Looking(1)))


def test_the_fleet_view() -> None:
    """Figures by group from their tags; what CPEs do besides; who comes back."""
    text = "\n".join(exact(crowded(2), 80, 24, Looking(2)))
    assert "─ fleet: 20,000 CPEs ─" in text
    assert " homes1                      99        1   1.0 %   250ms" in text
    assert "recovery of 'dark': 100 devices" in text
    assert " connection requests  answered 12" in text
    alone = "\n".join(exact(populated(seconds=9, groups=1), 80, 24, Looking(2)))
    assert " homes0                     252        0" in alone


def test_the_errors_view() -> None:
    """Where and when; what the ACS did wrong; statuses."""
    text = "\n".join(exact(RESULT, 80, 24, Looking(3)))
    assert "─ failed sessions: 144, 4.1 % ─" in text
    assert "http 503 on Inform" in text
    assert "00:21    01:30    00:00" in text
    text = "\n".join(exact(CROWDED, 80, 24, Looking(3)))
    assert "of 19 other kinds" in text
    assert "60  S5 no id: an envelope without an id ·[2J" in text
    assert "60  X4 bare LF" in text
    assert "http status" in text


def test_the_generator_view() -> None:
    """The verdict and why, each process, the last minute."""
    text = "\n".join(exact(CROWDED, 80, 24, Looking(4)))
    for part in ("GENERATOR SATURATED", "CPU of a core over 97 %", " w0 ", " parent "):
        assert part in text
    assert "generator 12" in text
    text = "\n".join(exact(RESULT, 80, 24, Looking(4)))
    assert "nothing that would falsify" in text
    assert " lag p99 " in text


def test_what_lies_over_a_view() -> None:
    """Help names every key; faults their numbers; the log all that fits."""
    text = "\n".join(exact(RESULT, 80, 24, Looking(0, "help")))
    for part in ("pause arrivals", "graceful stop", "cpesim ctl RUN", "1 main"):
        assert part in text
    lines = exact(CROWDED, 80, 24, Looking(0, "faults"))
    assert lines[1].rstrip() == " 1  ON   flaky-wan"
    assert lines[2].rstrip() == " 2  off  fault 0"
    assert "no faults" in exact(RESULT, 80, 24, Looking(0, "faults"))[1]
    log = exact(RESULT, 80, 24, Looking(3, "log"))
    assert [line.strip() for line in log[1:4]] == [
        "01:00 rate +10 (key)",
        "00:00 started",
        "",
    ]
    assert "Esc back" in log[-1]
    away = exact(RESULT, 90, 24, Looking(away=True))[-1]
    assert away.rstrip().endswith("q stop  Ctrl-C leave")


def test_keys_turn_what_is_looked_at() -> None:
    """Numbers are views, or faults; what asks something of the run comes back."""
    looking, ask = turned(Looking(), "3")
    assert (looking, ask) == (Looking(2), "")
    assert turned(Looking(4), "next") == (Looking(0), "")
    assert turned(looking, "faults") == (Looking(2, "faults"), "")
    assert turned(Looking(2, "faults"), "2") == (Looking(2, "faults"), "fault 2")
    assert turned(Looking(2, "faults"), "0") == (Looking(2, "faults"), "")
    assert turned(Looking(2, "faults"), "faults") == (looking, "")
    assert turned(Looking(2, "help"), "back") == (looking, "")
    assert turned(Looking(2, "help"), "1") == (Looking(0), "")
    assert turned(looking, "9") == (looking, "")
    assert turned(looking, "pause") == (looking, "pause")


@pytest.mark.parametrize("told", [None, {}, {"view": 5, "over": ""}, {"view": "1"}])
def test_a_clients_looking_is_checked(told: object) -> None:
    """It came over a socket."""
    with pytest.raises(ValueError, match="expected a view"):
        Looking.read(told)
    read = Looking.read({"view": 4, "over": "log", "width": 1})
    assert read == Looking(4, "log", away=True)


def test_a_recovery_says_when() -> None:
    """As user-interface.md draws it, and at its end."""
    told = Recovering(
        *("dark", 16_200, 10_319, 60.0),
        since=600.0,
        reached={50: 58.0},
        limits={95: 240.0, 100: 600.0},
    )
    lines = recovery(told, 672.0, 80)
    assert [width_of(line) for line in lines] == [80] * 3
    assert lines[0].startswith(
        "─ recovery of 'dark': 16,200 devices, power back 01:12 ago ─"
    )
    assert lines[1].rstrip().endswith("64 %  t50 00:58  t95 -")
    assert lines[2].rstrip() == (
        " at this pace: t95 at 02:36 (limit 04:00), all back at 02:50 (limit 10:00)"
    )
    rests = recovery(Recovering("dark", 100, 40), 9.0, 80)
    assert "none came back in the last seconds, 60 are missing" in rests[2]
    done = Recovering("dark", 100, 100, reached={50: 9.0, 95: 20.0, 100: 33.0})
    assert recovery(done, 60.0, 80)[2].rstrip() == " all back after 00:33"
    assert (
        "t95 in 00:55, all back in 01:00"
        in (recovery(Recovering("dark", 100, 40, 1.0), 9.0, 80)[2])
    )


def test_limits_are_counted() -> None:
    """Those of section 6, and others only when there are some."""
    assert limits_title([]) == ""
    assert limits_title(["ok", "ok", "pending"]) == "limits: 2 ok, 1 pending, 0 failed"
    states = ["failed", "too few", "warn"]
    assert limits_title(states).endswith("1 failed, 1 too few, 1 warn")


def test_the_set_that_began_last_is_the_newest() -> None:
    """Whichever of them the workers told of first."""
    result = populated(seconds=3)
    result.begin_recovery("late", 2.0)
    result.begin_recovery("soon", 1.0)
    sizes = {"set.size{set=late}": 5.0, "set.size{set=soon}": 5.0}
    result.feed("w0", Meter(3.0).snapshot(4.0, sizes))
    assert [each.name for each in recoveries(result)] == ["soon", "late"]


def test_the_bounds_of_the_generator_are_those_of_the_run() -> None:
    """A plan may allow for more late starts than is usual."""
    facts = RunFacts("a", "1f", "http://acs/", 10, late_start=0.1)
    text = "\n".join(generator(Result(facts), 160, 40))
    assert "starts late by its own doing 10 % / 50 %" in text


def test_the_plain_line_tells_of_a_recovery() -> None:
    """The share of the set that came last."""
    result = populated(seconds=3)
    meter = Meter(3.0)
    result.begin_recovery("dark", 1.0)
    meter.count("recovered{set=dark}", 64)
    for _ in range(64):
        meter.record("recovery{set=dark}", 0.02)
    result.feed("w0", meter.snapshot(4.0, {"set.size{set=dark}": 100.0}))
    assert "  recovered 64%  late 0.0%  gen OK" in plain_line(result)
