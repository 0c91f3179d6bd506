"""A Result with limits, phases and a recovery, as after a run that was judged."""

from __future__ import annotations

from cpesim.measure.result import Exit, Result
from cpesim.measure.snapshot import Snapshot
from cpesim.measure.told import LimitTold, PhaseTold, RecoveryTold, Told
from tests.measure.populated import populated

SLOW = LimitTold(
    "recovery(dark) t95 < 4m",
    state="failed",
    value=271.0,
    shown="4m31s",
    at=391.0,
    file="boot-storm.yaml",
    line=62,
)
LIMITS = (
    LimitTold("session.failed rate < 1%", state="ok", value=0.0041, shown="0.41 %"),
    SLOW,
    LimitTold(
        "session.time{group=homes0} p99 < 10s in storm",
        "shops are not starved",
        "ok",
        6.4,
        "6.4s",
        phase="storm",
    ),
    LimitTold("session.time p99.9 < 1s in after", "", "too few", shown="23 samples"),
    LimitTold("session.late rate < 1%", "", "warn", 0.02, "2 %", severity="warn"),
)
RECOVERY = RecoveryTold(
    "dark",
    16_200,
    16_000,
    {"t50": 58.0, "t95": 271.0, "t100": None},
    ((0.0, 0), (58.0, 8_100), (271.0, 15_390), (300.0, 16_000)),
    120.0,
)


def judged(seconds: int = 60) -> Result:
    """The populated run, judged, and not yet ended."""
    result = populated(seconds=seconds)
    for second in range(seconds):
        gauges = {"cpu": 0.2, "lag_p99": 0.001, "lag_max": 0.002, "rss": 5e7, "fds": 9}
        result.feed_parent(Snapshot(second, second + 1.0, gauges=gauges))
    took = {"session": result.total("session")}
    result.told = Told(
        LIMITS,
        (
            PhaseTold("baseline", 0.0, 20.0, {"done": 500, "failed": 0}, took),
            PhaseTold("storm", 20.0, float(seconds), {"done": 600, "failed": 9}, took),
        ),
        (RECOVERY,),
    )
    result.scenario = "version: 1\nname: boot-storm\n"
    return result


def over(result: Result) -> Result:
    """The result, ended as its limits say."""
    result.finish(result.now + 0.2, Exit(99, "1 limit failed"))
    return result
