"""Sessions with a fault stand apart, on the console and in summary.json."""

from __future__ import annotations

from cpesim.engine.injection.apart import Apart
from cpesim.measure.meter import Meter
from cpesim.report.as_json import summary
from cpesim.report.console import console_text
from tests.measure.populated import populated


def test_they_are_told_apart() -> None:
    """In a block of their own; the table of latencies has no line more."""
    result = populated(seconds=30, workers=1)
    before, done = console_text(result), summary(result)["sessions"]["done"]
    meter = Meter(30.0)
    both, one = Apart(meter, ("flaky-wan", "slow")), Apart(meter, ("slow",))
    for kind in (both, one, one, one):
        kind.start("pace", 0.0)
        kind.exchange("Inform", 0.1, 200, 10, 20)
        kind.session("pace", 0.5, 1.5)
    both.start("pace", 0.0)
    both.failure("tcp_reset_mid_body", "Inform")
    both.shown("flaky-wan")
    for _ in range(4):
        one.shown("slow")
    result.feed("w0", meter.snapshot(31.0, {}))

    text = console_text(result)
    block = text[text.index(" FAULTS INJECTED") :].partition("\n\n")[0].splitlines()
    assert [" ".join(line.split()) for line in block] == [
        "FAULTS INJECTED (5 sessions, in no figure above)",
        "slow started 5 done 4 failed 1 shown 4 p95 2.0s p99 2.0s",
        "1 tcp_reset_mid_body",
        "flaky-wan started 2 done 1 failed 1 shown 1 p95 2.0s p99 2.0s",
        "1 tcp_reset_mid_body",
    ]
    assert text.splitlines()[3:14] == before.splitlines()[3:14]
    assert all(len(line) < 80 for line in console_text(result, 80).splitlines())

    told = summary(result)
    assert told["sessions"]["done"] == done
    assert not [name for name in told["other"] if name.startswith("injected")]
    slow = told["faults"]["injected"]["slow"]
    assert {k: v for k, v in slow.items() if k not in ("p50", "p95", "p99", "max")} == {
        "started": 5,
        "done": 4,
        "failed": 1,
        "interrupted": 0,
        "shown": 4,
        "labels": {"tcp_reset_mid_body": 1},
        "statuses": {"200": 4},
    }
    assert slow["p50"] == slow["max"] == 2.0


def test_a_run_without_faults_says_nothing_of_them() -> None:
    """No block, and an empty entry."""
    result = populated(seconds=5, workers=1)
    assert "FAULTS INJECTED" not in console_text(result)
    assert summary(result)["faults"]["injected"] == {}
