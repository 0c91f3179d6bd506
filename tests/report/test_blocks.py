"""What of two stored runs is compared, and whether it may be."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from cpesim.errors import ConfigError
from cpesim.measure.latency import Latency
from cpesim.report.compare.blocks import read_run
from cpesim.report.compare.comparison import Side, differences
from cpesim.report.compare.rule import GATES, Gate
from tests.report.stored_runs import SCENARIO, stored


def test_the_figures_are_the_run_s(tmp_path: Path) -> None:
    """Percentiles of the whole and of each block, and rates, from what is stored."""
    path = stored(tmp_path, "a", failing=0.1)
    told = json.loads((path / "summary.json").read_text(encoding="utf-8"))
    run = read_run(path, GATES)
    assert run.blocks == 5
    p95 = run.figures[GATES[0]]
    assert p95.whole == told["latency"]["session"]["p95"]
    assert len(p95.blocks) == 5
    assert min(p95.blocks) < told["latency"]["session"]["p95"] < max(p95.blocks)
    failed = run.figures[Gate("session.failed", "rate", 0.005, "pt")]
    counts = told["sessions"]
    assert failed.whole == counts["failed"] / (counts["failed"] + counts["done"])
    done = run.figures[Gate("session.done", "rate", 0.15)]
    assert done.whole == counts["done"] / 50
    assert sum(done.blocks) == pytest.approx(counts["done"] / 10)


def test_a_recovery_has_no_blocks(tmp_path: Path) -> None:
    """It is one figure of a run, where the run has it."""
    path = stored(tmp_path, "a", seconds=5, back=[10.0] * 5 + [160.0] * 4)
    gates = [Gate("recovery(dark)", t, 0.15) for t in ("t50", "t90", "t100", "t7")]
    run = read_run(path, gates)
    half, most, all_, other = (run.figures[gate].whole for gate in gates)
    assert half == pytest.approx(10.0, rel=0.001)
    assert most == pytest.approx(160.0, rel=0.001)
    assert all_ == math.inf  # it was not reached: worse than any time
    assert other is None


def test_memory_does_not_grow_with_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two histograms a series, however many blocks."""
    path = stored(tmp_path, "a", seconds=100)
    made = []
    monkeypatch.setattr(
        "cpesim.report.compare.blocks.Latency", lambda: made.append(1) or Latency()
    )
    assert read_run(path, GATES).blocks == 10
    assert len(made) == 4


SAME = SCENARIO.format(name="other", host="other", seed=1)


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"scenario": SAME}, []),
        ({"scenario": SAME + "report: {percentiles: [50.0]}\n"}, []),
        ({"scenario": SAME.replace("seed: 1", "seed: 2")}, ["different scenarios"]),
        ({"lag": 0.5}, ["b: the generator was SATURATED"]),
        ({"interrupted": True}, ["b: it did not run to its end"]),
    ],
)
def test_what_is_comparable(
    tmp_path: Path, how: dict[str, Any], why: list[str]
) -> None:
    """The same scenario, but for names and addresses, on a sound generator."""
    short = {"seconds": 12}
    a = read_run(stored(tmp_path, "a", **short), GATES)  # type: ignore[arg-type]
    b = read_run(stored(tmp_path, "b", **{**short, **how}), GATES)
    found = differences(Side((a,)), Side((b,)))
    assert len(found) == len(why)
    assert all(words in text for words, text in zip(why, found, strict=True))


def test_a_change_by_hand(tmp_path: Path) -> None:
    """A run that somebody steered is another run."""
    a, b = (read_run(stored(tmp_path, n, seconds=5), GATES) for n in "ab")
    manifest = b.folder / "manifest.json"
    told = json.loads(manifest.read_text(encoding="utf-8")) | {"manual": True}
    manifest.write_text(json.dumps(told), encoding="utf-8")
    steered = read_run(b.folder, GATES)
    assert differences(Side((a,)), Side((steered,))) == [
        "b: someone changed it by hand while it ran"
    ]


def test_what_is_not_whole(tmp_path: Path) -> None:
    """Bytes that nobody wrote are told, with their folder."""
    path = stored(tmp_path, "a", seconds=5)
    with (path / "latency.hlog").open("a", encoding="utf-8") as file:
        file.write("Tag=session,0.0,10.0,1.0,HISTFAAAAnonsense\n")
    with pytest.raises(ConfigError, match="not a whole run"):
        read_run(path, GATES)
