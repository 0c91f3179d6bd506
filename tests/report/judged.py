"""A Result with limits, phases and a recovery, as after a run that was judged."""

from __future__ import annotations

from cpesim.measure.latency import Latency
from cpesim.measure.limit import Limit, LimitState
from cpesim.measure.part import Part
from cpesim.measure.phases import Stretch
from cpesim.measure.result import Exit, Result
from cpesim.measure.snapshot import Snapshot
from cpesim.scenario.step import Place
from cpesim.scenario.threshold import Threshold
from tests.measure.populated import populated


def limit(
    text: str,
    state: str,
    shown: str,
    name: str = "",
    *,
    file: str = "",
    phase: str = "",
    at: float | None = None,
) -> Limit:
    """A limit that was judged; with a *file* it stands there in line 62."""
    place = Place(file, 62, 5) if file else Place()
    severity = "warn" if state == "warn" else "fail"
    written = Threshold(text, name, severity=severity, place=place)
    return Limit(written, LimitState(state), 1.5, shown, at, phase=phase)


def slow(name: str = "", file: str = "boot-storm.yaml") -> Limit:
    """The one that failed."""
    text = "recovery(dark) t95 < 4m"
    return limit(text, "failed", "4m31s", name, file=file, at=391.0)


def limits() -> list[Limit]:
    """One of each state."""
    return [
        limit("session.failed rate < 1%", "ok", "0.41 %"),
        slow(),
        limit(
            "session.time{group=homes0} p99 < 10s in storm",
            "ok",
            "6.4s",
            "shops are not starved",
            phase="storm",
        ),
        limit("session.time p99.9 < 1s in after", "too few", "23 samples"),
        limit("session.late rate < 1%", "warn", "2 %"),
    ]


def judged(seconds: int = 60) -> Result:
    """The populated run, judged, and not yet ended; 4 of 5 CPEs came back."""
    result = populated(seconds=seconds)
    gauges = {"cpu": 0.2, "lag_p99": 0.001, "lag_max": 0.002, "rss": 5e7, "fds": 9.0}
    for second in range(seconds):
        result.feed_parent(Snapshot(second, second + 1.0, gauges=gauges))
    result.limits += limits()
    half = seconds / 2
    for name, begin, end in (("baseline", 0.0, half), ("storm", half, None)):
        counters = {"sessions.done": 600, "sessions.failed": 9}
        took = {"session": Latency()}
        took["session"].record(1.9)
        result.phases.stretches.append(Stretch(name, begin, end))
        result.phases.parts[name] = Part(half, counters, took)
    back = Latency()
    for hundredths in (0.58, 1.0, 2.0, 2.71):
        back.record(hundredths)
    result.begin_recovery("dark", 3.0)
    last = Snapshot(
        float(seconds),
        seconds + 0.2,
        gauges={**result.gauges(), "set.size{set=dark}": 5.0},
        latency={"recovery{set=dark}": back.to_bytes()},
    )
    result.feed("w0", last)
    result.feed("w1", Snapshot(last.since, last.at))
    result.scenario = "version: 1\nname: boot-storm\n"
    return result


def over(result: Result) -> Result:
    """The result, ended as its limits say."""
    result.finish(result.now + 0.2, Exit(99, "1 limit failed"))
    return result
