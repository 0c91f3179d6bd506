"""Limits judged on snapshots fed by hand, with exact expectations."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from cpesim.measure.limit import Limit, LimitState
from cpesim.measure.meter import Meter
from cpesim.measure.result import GroupFacts, Result, RunFacts
from cpesim.measure.snapshot import Snapshot
from cpesim.scenario.limits.check import check
from cpesim.scenario.limits.judge import Judge, gate
from cpesim.scenario.scenario import Acs, Group, Scenario
from cpesim.scenario.step import Phase, Step
from cpesim.scenario.threshold import Threshold

GROUPS = (Group("homes", 8, "gw"), Group("shops", 2, "ont", first=8))
SCENARIO = Scenario(
    name="storm",
    acs=Acs("http://127.0.0.1/"),
    groups=GROUPS,
    phases=(Phase("baseline", 0.0), Phase("storm", 10.0)),
    steps=(Step("power_cut", 1.0, name="dark"),),
)


class Run:
    """A run of one worker whose seconds a test plays."""

    def __init__(
        self,
        *limits: str | Threshold,
        fail_fast: bool = False,
        duration: float = 300.0,
    ) -> None:
        thresholds = [Threshold(x) if isinstance(x, str) else x for x in limits]
        assert check(thresholds, SCENARIO) == []
        facts = RunFacts(
            "storm",
            "1f",
            "http://a/",
            10,
            tuple(GroupFacts(g.name, g.count, g.profile) for g in GROUPS),
            duration=duration,
        )
        self.result = Result(facts)
        self.judge = Judge(thresholds, SCENARIO, self.result, fail_fast=fail_fast)
        self.at = 0
        self.ended: list[tuple[int, str]] = []

    def second(
        self,
        *latencies: float,
        failed: int = 0,
        counters: Mapping[str, int] | None = None,
        series: Mapping[str, float] | None = None,
        gauges: Mapping[str, float] | None = None,
        repeat: int = 1,
    ) -> Run:
        """*repeat* seconds with these sessions, failures and figures."""
        for _ in range(repeat):
            meter = Meter(float(self.at))
            for took in latencies:
                meter.session("pace", 0.0, took)
            for _ in range(failed):
                meter.failure("http 503", "Inform")
            for name, number in (counters or {}).items():
                meter.count(name, number)
            for name, value in (series or {}).items():
                meter.record(name, value)
            self.feed(meter.snapshot(self.at + 1.0, gauges or {}))
        return self

    def feed(self, snapshot: Snapshot) -> None:
        """One second of the worker, and the parent's look after it."""
        self.at += 1
        self.result.feed("w0", snapshot)
        self.result.tick(float(self.at))
        ends = self.judge.tick(float(self.at))
        if ends is not None:
            self.ended.append((self.at, ends.title))

    @property
    def states(self) -> list[str]:
        """How each limit stands."""
        return [limit.state.value for limit in self.result.limits]

    def finish(self) -> list[Limit]:
        """The verdicts at the end."""
        self.result.close(float(self.at))
        self.judge.finish(float(self.at))
        return self.result.limits


def test_a_percentile_of_a_phase() -> None:
    """Only what came in the phase; what is over is judged for good."""
    run = Run(
        "session.time p50 < 1s in baseline",
        "session.time p99 < 1s in storm",
        "session.time p90 < 5s",
    )
    run.result.begin_phase("baseline", 0.0)
    assert run.second(*[0.5] * 30, repeat=3).states == ["pending"] * 3
    run.second(*[0.5] * 30)
    assert run.states == ["ok", "pending", "ok"]
    run.result.begin_phase("storm", 4.0)
    run.second(*[2.0] * 40, repeat=3)
    assert run.states == ["ok", "failed", "ok"]
    baseline, storm, whole = run.finish()
    assert (baseline.value, baseline.samples) == (pytest.approx(0.5, rel=1e-3), 120)
    assert (storm.value, storm.samples) == (pytest.approx(2.0, rel=1e-3), 120)
    assert (whole.value, whole.samples) == (pytest.approx(2.0, rel=1e-3), 240)
    assert (baseline.text, storm.text) == ("500ms", "2.0s")
    assert storm.phase == "storm"


def test_a_phase_that_never_began_is_too_few() -> None:
    """Neither kept nor broken, and said."""
    (limit,) = Run("session.time p99 < 1s in storm").second(0.1).finish()
    assert limit.state is LimitState.TOO_FEW
    assert limit.text == "storm did not begin"


@pytest.mark.parametrize(
    ("text", "samples", "more", "state"),
    [
        ("session.time p99 < 1s", 99, {}, "too few"),
        ("session.time p99 < 1s", 100, {}, "ok"),
        ("session.time p99.9 < 1s", 999, {}, "too few"),
        ("session.time p99.9 < 1s", 1000, {}, "ok"),
        ("session.time p99 < 1s", 10, {"min_samples": 10}, "ok"),
        ("session.time p99 > 1s", 50, {}, "too few"),
        ("session.time avg < 1s", 1, {}, "ok"),
        ("session.time avg < 1s", 0, {}, "too few"),
        ("session.failed rate < 1%", 1, {}, "ok"),
        ("session.failed rate < 1%", 0, {}, "too few"),
        ("session.failed count == 0", 0, {}, "ok"),
    ],
)
def test_too_few(text: str, samples: int, more: dict[str, int], state: str) -> None:
    """A percentile needs its samples; nothing at all is never passed."""
    threshold = Threshold(text, **more)  # type: ignore[arg-type]
    (limit,) = Run(threshold).second(*[0.1] * samples).finish()
    assert limit.state == state


def test_shares_and_rates() -> None:
    """A % is a share of its own whole; /s is how often."""
    run = Run(
        "session.failed rate < 20%",
        "session.failed rate < 21%",
        "session.done rate >= 2/s",
        "session.done rate > 120/min",
        "session.failed{code=5xx} count == 5",
        "session.failed{rpc=Inform} rate <= 0.25",
        "acs.status{code=5xx} rate < 1%",
    )
    run.second(0.1, 0.1, failed=0, repeat=10)
    run.second(failed=5, counters={"status.200": 99, "status.503": 1})
    run.second(series={"Inform": 0.1}, repeat=19)
    run.second(series={"Inform": 0.1})
    found = run.finish()
    assert [limit.value for limit in found] == [
        0.2,
        0.2,
        pytest.approx(20 / 31),
        pytest.approx(20 / 31),
        5.0,
        0.25,
        0.01,
    ]
    assert run.states == ["failed", "ok", "failed", "failed", "ok", "ok", "failed"]
    assert [limit.text for limit in found[:4]] == [
        "20 %",
        "20 %",
        "0.645/s",
        "38.7/m",
    ]


def test_groups_are_told_apart() -> None:
    """By the names that are tagged with them."""
    run = Run(
        "session.failed{group=shops} rate < 10%",
        "session.failed{group=homes} rate < 10%",
        "session.time{group=shops} max < 1s",
    )
    run.second(
        counters={
            "sessions.done{group=shops}": 1,
            "sessions.failed{group=shops}": 1,
            "sessions.done{group=homes}": 100,
        },
        series={"session{group=shops}": 2.0},
    )
    assert [limit.value for limit in run.finish()] == [
        0.5,
        0.0,
        pytest.approx(2.0, rel=1e-3),
    ]


def test_the_worst_window_counts() -> None:
    """Three seconds long, sliding by one; it stays failed when all is well again."""
    run = Run("session.failed rate over 3s < 50%", "session.time max over 3s < 3s")
    run.second(0.1, repeat=2)
    assert run.states == ["pending", "pending"]
    run.second(0.1)
    assert run.states == ["ok", "ok"]
    run.second(2.0, failed=1)
    run.second(0.1, failed=4)
    run.second(0.1, repeat=5)
    rate, longest = run.finish()
    # [2, 5), [3, 6) and [4, 7) hold 5, 5 and 4 failures, and 3 good sessions each.
    assert rate.state is LimitState.FAILED
    assert rate.worst == rate.value == 5 / 8
    assert (rate.at, rate.text) == (5.0, "worst 62.5 % at 00:05")
    assert longest.state is LimitState.OK
    assert longest.worst == pytest.approx(2.0, rel=1e-3)


def test_a_window_stays_in_its_phase() -> None:
    """What came before the phase is not in its windows."""
    run = Run("session.failed rate over 3s < 50% in storm")
    run.result.begin_phase("baseline", 0.0)
    run.second(failed=9, repeat=3)
    run.result.begin_phase("storm", 3.0)
    run.second(0.1, repeat=2)
    assert run.states == ["pending"]
    run.second(0.1)
    assert run.states == ["ok"]
    run.result.begin_phase("after", 6.0)
    run.second(failed=9, repeat=4)
    (limit,) = run.finish()
    assert (limit.state, limit.worst) == (LimitState.OK, 0.0)


def test_a_window_that_never_was_full_is_judged_by_what_there_is() -> None:
    """A run of 4 s with a window of 30 s."""
    (limit,) = (
        Run("session.failed rate over 30s < 10%").second(0.1, failed=1, repeat=4)
    ).finish()
    assert (limit.state, limit.value) == (LimitState.FAILED, 0.5)


def test_a_window_of_too_few_samples_is_not_judged() -> None:
    """And where all are so, the limit is too few."""
    (limit,) = Run("session.time p95 over 3s < 1s").second(9.0, repeat=9).finish()
    assert limit.state is LimitState.TOO_FEW
    assert limit.samples == 3
    assert limit.text == "at most 3 samples in a window"


def test_a_limit_may_have_to_be_bad_for_a_time() -> None:
    """`for: 5s`: four bad seconds on end are none, five are."""

    def played(bad: int) -> list[str]:
        run = Run(Threshold("session.failed rate over 1s < 50%", stays=5.0))
        run.second(0.1, repeat=3).second(failed=1, repeat=bad).second(0.1, repeat=3)
        run.finish()
        return run.states

    assert played(5) == ["ok"]
    assert played(6) == ["failed"]


def test_a_drift_that_outliers_do_not_bend() -> None:
    """A line of 1 MB/s from 100 MB, with a wild look in each fourth ten seconds."""
    run = Run(
        "generator.rss drift < 50MB/1m",
        "generator.rss drift < 70MB/1m",
        "generator.rss drift < 5%/1m",
    )
    for n in range(200):
        wild = n // 10 % 4 == 1
        run.second(gauges={"rss": 9e9 if wild else 100e6 + n * 1e6})
    assert run.states == ["pending"] * 3
    tight, loose, share = run.finish()
    assert tight.value == pytest.approx(60e6)
    assert run.states == ["failed", "ok", "failed"]
    assert tight.text == "+60.0 MB in 1m"
    assert share.value == pytest.approx(60 / 235, rel=0.2)
    assert loose.samples == 20


def test_a_drift_of_a_percentile_in_a_phase() -> None:
    """Only the phase's own rows; a slope needs six of them."""
    run = Run(
        "session.time p50 drift < 10%/1m in storm",
        "session.time p50 drift < 10%/1m in baseline",
    )
    run.result.begin_phase("baseline", 0.0)
    run.second(9.0, repeat=20)
    run.result.begin_phase("storm", 20.0)
    run.second(1.0, repeat=80)
    storm, baseline = run.finish()
    assert (storm.state, storm.value) == (LimitState.OK, 0.0)
    assert (baseline.state, baseline.samples) == (LimitState.TOO_FEW, 2)
    assert baseline.text == "2 points: at least 6 make a slope"


def test_a_drift_is_not_told_of_a_time_far_beyond_the_run() -> None:
    """Two minutes say something of twenty, and nothing of a day."""
    run = Run("generator.rss drift < 50MB/20m", "generator.rss drift < 50MB/24h")
    run.second(gauges={"rss": 100e6}, repeat=120)
    near, far = run.finish()
    assert (near.state, near.value) == (LimitState.OK, 0.0)
    assert (far.state, far.text) == (LimitState.TOO_FEW, "2m00s tell nothing of 1d")


def test_a_short_run_has_a_point_of_a_drift_each_second() -> None:
    """A soak that is scaled to half a minute can still be judged."""
    run = Run("generator.rss drift < 50MB/1m", duration=30.0)
    for n in range(30):
        run.second(gauges={"rss": 100e6 + n * 1e6})
    (limit,) = run.finish()
    assert (limit.state, limit.value) == (LimitState.FAILED, pytest.approx(60e6))


def test_a_recovery_is_judged_as_soon_as_it_can_be() -> None:
    """Pending while there is time, failed when it is over, ok when they are back."""
    run = Run("recovery(dark) t50 < 4s", "recovery(dark) t100 < 4s")
    size = {"set.size{set=dark}": 4.0}
    run.result.begin_recovery("dark", 0.0)
    run.second(series={"recovery{set=dark}": 0.01}, gauges=size)
    assert run.states == ["pending", "pending"]
    run.second(series={"recovery{set=dark}": 0.02}, gauges=size)
    assert run.states == ["ok", "pending"]
    run.second(gauges=size, repeat=2)
    assert run.states == ["ok", "failed"]
    run.second(series={"recovery{set=dark}": 0.05}, gauges=size)
    half, whole = run.finish()
    assert half.value == pytest.approx(2.0, rel=1e-3)
    assert (whole.state, whole.text) == (LimitState.FAILED, "never")


def test_a_campaign_is_judged_as_soon_as_it_can_be() -> None:
    """From the first order that any worker heard of; before that there is time."""
    run = Run(Threshold("campaign(2.0) t50 < 4s", abort=True))
    run.second(repeat=9)
    assert run.states == ["pending"]
    run.result.begin_campaign("2.0", 8.5)
    run.result.begin_campaign("2.0", 8.0)
    run.result.begin_campaign("2.0", 8.7)
    run.second(series={"campaign{version=2.0}": 0.01}, repeat=2)
    assert run.states == ["pending"]
    run.second(repeat=2)
    assert run.states == ["failed"]
    assert run.ended


def test_a_campaign_and_its_versions() -> None:
    """Done by all CPEs of the run; at a version by those of the groups."""
    run = Run(
        "campaign(2.0) done >= 50%",
        "campaign(2.0) t30 < 5s",
        "fleet.at_version(2.0){group=shops} rate >= 50%",
        "fleet.ok max == 9",
    )
    run.second(series={"campaign{version=2.0}": 0.03})
    assert run.states == ["pending", "pending", "pending", "pending"]
    fleet = {"fleet/homes/ok": 8.0, "fleet/shops/ok": 1.0}
    for n in range(4):
        run.second(
            series={"campaign{version=2.0}": 0.04 + n / 100},
            gauges={"at_version{group=shops,version=2.0}": n / 2, **fleet},
        )
    done, time, at, ok = run.finish()
    assert (done.state, done.value, done.text) == ("ok", 0.5, "50 %")
    assert time.value == pytest.approx(5.0, rel=1e-3)
    assert time.state is LimitState.FAILED
    assert (at.state, at.value) == ("ok", 0.75)
    assert (ok.state, ok.value) == ("ok", 9.0)


def test_a_limit_ends_the_run_not_before_its_grace() -> None:
    """And one that does not say abort never does, unless all are to."""

    def ended(**more: object) -> list[tuple[int, str]]:
        fail_fast = bool(more.pop("fail_fast", False))
        run = Run(
            Threshold("session.failed rate < 50%", **more),  # type: ignore[arg-type]
            fail_fast=fail_fast,
        )
        run.second(failed=1, repeat=4)
        return run.ended

    name = "session.failed rate < 50%"
    assert ended() == []
    assert ended(abort=True) == [(n, name) for n in (1, 2, 3, 4)]
    assert ended(abort=True, grace=3.0) == [(3, name), (4, name)]
    assert ended(abort=True, name="it breaks", stays=2.0) == [
        (3, "it breaks"),
        (4, "it breaks"),
    ]
    assert ended(fail_fast=True) == [(n, name) for n in (1, 2, 3, 4)]
    assert ended(severity="warn", fail_fast=True) == []


def test_a_window_that_was_bad_in_the_grace_ends_nothing() -> None:
    """It failed all the same."""
    run = Run(Threshold("session.failed rate over 2s < 50%", abort=True, grace=5.0))
    run.second(failed=1, repeat=2).second(0.1, repeat=8)
    assert run.ended == []
    assert [limit.state for limit in run.finish()] == ["failed"]


def test_a_count_that_has_to_grow_is_not_broken_before_the_end() -> None:
    """At least so many: pending until then; at most so many: failed at once."""
    run = Run(
        Threshold("session.done count >= 3", abort=True),
        Threshold("session.done count == 2", abort=True),
        Threshold("session.failed count == 0"),
    )
    run.second(0.1)
    assert run.states == ["pending", "pending", "ok"]
    run.second(0.1)
    assert run.states == ["pending", "ok", "ok"]
    assert run.ended == []
    run.second(0.1, failed=1)
    assert run.states == ["ok", "failed", "failed"]
    assert run.ended == [(3, "session.done count == 2")]


def test_a_limit_that_warns_is_no_failure() -> None:
    """Its state says so."""
    (limit,) = (
        Run(Threshold("session.time max < 1s", severity="warn")).second(2.0).finish()
    )
    assert limit.state is LimitState.WARN


def test_a_step_may_ask_how_a_limit_stands() -> None:
    """At its moment, by what was measured from the beginning; more than once."""
    run = Run()
    asked = gate(
        Threshold("fleet.at_version(2){group=shops} rate >= 90%"), SCENARIO, run.result
    )
    windowed = gate(
        Threshold("session.failed rate over 2s < 50%"), SCENARIO, run.result
    )
    run.second(0.1, gauges={"at_version{group=shops,version=2}": 1.0}, repeat=3)
    asked.finish(3.0)
    windowed.finish(3.0)
    assert (asked.limit.state, asked.limit.value) == (LimitState.FAILED, 0.5)
    assert windowed.limit.state is LimitState.OK
    run.second(gauges={"at_version{group=shops,version=2}": 2.0})
    asked.finish(4.0)
    assert (asked.limit.state, asked.limit.text) == (LimitState.OK, "100 %")
    assert run.result.limits == []


def test_a_share_of_cpes_is_one_of_those_that_are_there() -> None:
    """Of 8 homes 4 come and then 6 go: the plan's number is no whole for long."""
    run = Run(
        "fleet.ok{group=homes} rate >= 90%",
        "fleet.ok{group=homes} rate over 2s >= 90%",
        "fleet.ok{group=homes} value >= 5",
    )
    for ok, total in ((8, 8), (9, 12), (6, 6), (6, 6)):
        gauges = {"fleet/homes/ok": ok, "fleet/homes/total": total}
        run.second(gauges={name: float(count) for name, count in gauges.items()})
    share, window, count = run.finish()
    assert (share.value, share.state) == (1.0, LimitState.OK)
    assert (window.worst, window.at) == (0.75, 2.0)
    assert (count.value, count.state) == (6.0, LimitState.OK)


def test_a_gate_over_a_window_is_judged_by_the_last_one() -> None:
    """Not by the worst since the run began; too few samples are no verdict."""
    run = Run()
    share = gate(Threshold("session.failed rate over 2s < 50%"), SCENARIO, run.result)
    slow = gate(
        Threshold("session.time p50 over 2s < 1s", min_samples=2), SCENARIO, run.result
    )
    run.second(5.0, failed=3, repeat=2)
    share.finish(2.0)
    slow.finish(2.0)
    assert (share.limit.state, share.limit.text) == (LimitState.FAILED, "75 %")
    assert slow.limit.state is LimitState.FAILED
    run.second(0.1, repeat=3)
    share.finish(5.0)
    slow.finish(5.0)
    assert (share.limit.state, share.limit.text) == (LimitState.OK, "0 %")
    assert slow.limit.state is LimitState.OK
    run.second(repeat=1).second(0.1)
    slow.finish(7.0)
    assert slow.limit.state is LimitState.TOO_FEW
    assert slow.limit.text.endswith("of 1 samples")


def test_the_generators_gauges_are_its_parents_too() -> None:
    """Memory is the sum of all processes."""
    run = Run("generator.rss max < 5MB", "generator.cpu max < 90%")
    run.result.feed_parent(Snapshot(0.0, 1.0, gauges={"rss": 2e6, "cpu": 0.95}))
    run.second(gauges={"rss": 4e6, "cpu": 0.5})
    rss, cpu = run.finish()
    assert (rss.value, cpu.value) == (6e6, 0.95)
    assert (rss.text, cpu.text) == ("6.0 MB", "95 %")


def test_a_window_of_a_gauge() -> None:
    """The worst mean of three seconds, and the worst lowest."""
    run = Run("generator.cpu avg over 3s < 60%", "fleet.ok min over 2s >= 5")
    for cpu, ok in ((0.1, 9), (0.9, 4), (0.8, 6), (0.2, 6), (0.1, 9)):
        run.second(gauges={"cpu": cpu, "fleet/homes/ok": ok, "fleet/shops/ok": 0})
    cpu_limit, ok_limit = run.finish()
    assert cpu_limit.worst == pytest.approx(1.9 / 3)
    assert (cpu_limit.state, cpu_limit.at) == (LimitState.FAILED, 4.0)
    assert (ok_limit.worst, ok_limit.at) == (4.0, 2.0)


def test_limits_cost_no_memory_with_time() -> None:
    """A day of seconds: what is kept of a window and a drift is bounded."""
    run = Run("session.failed rate over 1m < 50%", "session.failed rate drift < 5%/5h")
    run.second(counters={"sessions.done": 9, "sessions.failed": 1}, repeat=4_000)
    window, drift = run.result.watches
    assert len(window._window._pieces) == 6  # type: ignore[attr-defined]
    assert len(drift._trend.points) < 240  # type: ignore[attr-defined]
    assert [limit.value for limit in run.finish()] == [0.1, 0.0]


def test_what_a_limit_wants_of_a_recovery_is_known() -> None:
    """By which the dashboard says whether a set will be back in time."""
    limits = (
        "recovery(dark) t95 < 4m",
        "recovery(dark) t100 <= 10m",
        "recovery(dark) t50 > 1s",
        "recovery(dark) done >= 90%",
        "session.time p95 < 4m",
    )
    goals = [limit.goal for limit in Run(*limits).result.limits]
    assert goals == [("dark", 0.95, 240.0), ("dark", 1.0, 600.0), None, None, None]
