"""`cpesim compare` on stored runs: what it prints, and how it ends."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cpesim.cli.compare import against
from cpesim.measure.result import Exit, Result, RunFacts
from cpesim.report.folder import tell_again
from cpesim.report.kept.runs import listed
from cpesim.report.kept.stored import stored as restored
from tests.cli.program import ran
from tests.report.stored_runs import stored


def test_the_same_twice(tmp_path: Path) -> None:
    """By their ids; other names and addresses are no other scenario."""
    out = tmp_path / "reports"
    stored(out, "7c01")
    stored(out, "7f3a")
    done = ran("compare", "7c01", "7f3a", where=tmp_path)
    assert done.returncode == 0, done.stderr
    first, head, *rows, tally = done.stdout.splitlines()
    assert first == (
        " compare boot-storm   base 7c01 (2026-11-18)   new 7f3a (2026-11-18)"
        "   same scenario ✓"
    )
    assert head.split() == ["base", "new", "change", "verdict"]
    assert [row.split("  ")[0].strip() for row in rows] == [
        "session.time p95",
        "session.time p99",
        "inform.time p95",
        "session.failed rate",
        "session.done rate",
    ]
    assert all("same" in row for row in rows)
    assert tally == " 0 worse, 0 better, 5 same"


def test_a_slower_one(tmp_path: Path) -> None:
    """98, and which figures; the other way round it is better."""
    base = stored(tmp_path, "a")
    new = stored(tmp_path, "b", slower=1.4, failing=0.03)
    done = ran("compare", str(base), str(new), where=tmp_path)
    assert done.returncode == 98, done.stderr
    worse = [row for row in done.stdout.splitlines() if "WORSE" in row]
    assert len(worse) == 4
    assert re.search(r"\+[34]\d %", worse[0])
    assert "gate 15 %, p = " in worse[0]
    assert " pt" in worse[3]
    back = ran("compare", str(new), str(base), "--markdown", where=tmp_path)
    assert back.returncode == 0, back.stderr
    assert back.stdout.startswith("### boot-storm: a (2026-11-18) against b (2026")
    assert back.stdout.count("| better |") == 4
    assert back.stdout.endswith("0 worse, 4 better, 1 same\n")


def test_a_page_of_it(tmp_path: Path) -> None:
    """Beside the table; on the terminal it is alone. The code is that of the table."""
    stored(tmp_path / "reports", "a")
    stored(tmp_path / "reports", "b", slower=1.4)
    done = ran("compare", "a", "b", "--html", "page.html", where=tmp_path)
    assert done.returncode == 98, done.stderr
    assert "WORSE" in done.stdout
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert page.rstrip().endswith("</html>")
    shown = ran("compare", "a", "b", "--html", "-", where=tmp_path)
    assert (shown.returncode, shown.stdout) == (98, page)
    nowhere = ran("compare", "a", "b", "--html", "none/page.html", where=tmp_path)
    assert nowhere.returncode == 3
    assert "none/page.html: No such file or directory" in nowhere.stderr


@pytest.mark.slow
def test_several_runs_of_each_side(tmp_path: Path) -> None:
    """By commas or in a folder: what is within the gate of one run is found."""
    base = [stored(tmp_path / "main", name) for name in ("a1", "a2", "a3")]
    for name in ("b1", "b2", "b3"):
        stored(tmp_path / "pr", name, slower=1.15)
    one = ran("compare", str(base[0]), "b1", "--out", "pr", where=tmp_path)
    assert one.returncode == 0, one.stdout + one.stderr
    folders = ran("compare", "main", "pr/", "--html", "page.html", where=tmp_path)
    assert folders.returncode == 98, folders.stdout + folders.stderr
    assert "base a1, a2, a3 (2026-11-18)   new b1, b2, b3 (" in folders.stdout
    row = folders.stdout.splitlines()[2]
    assert re.search(r"p95 .* \+1\d % +WORSE +gate 10 %, p = 0\.1 of runs$", row)
    base_side = ",".join(map(str, base))
    named = ran("compare", base_side, "b1, b2,b3", "--out", "pr", where=tmp_path)
    assert (named.returncode, named.stdout) == (98, folders.stdout)
    twice = ran("compare", "b1,b1", "b2", "--out", "pr", where=tmp_path)
    assert twice.returncode == 2
    assert "the same run twice on one side" in twice.stderr


def test_own_gates(tmp_path: Path) -> None:
    """In place of the usual ones."""
    stored(tmp_path / "reports", "a")
    stored(tmp_path / "reports", "b", slower=1.4)
    gates = ("--gate", "Inform p50 60%", "--gate", "session.failed rate 1pt")
    done = ran("compare", "a", "b", *gates, where=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Inform p50" in done.stdout
    assert "0 worse, 0 better, 2 same" in done.stdout


def test_one_of_its_phases(tmp_path: Path) -> None:
    """Only its blocks and its samples."""
    phases = {"calm": 0.0, "storm": 30.0}
    a, b = (
        str(stored(tmp_path, name, seconds=90, slower=slower, phases=phases))
        for name, slower in (("a", 1.0), ("b", 1.4))
    )
    done = ran("compare", a, b, "--phase", "storm", where=tmp_path)
    assert done.returncode == 98, done.stderr
    assert "session.time p95 (storm)" in done.stdout
    short = ran("compare", a, b, "--phase", "calm", where=tmp_path)
    assert short.returncode == 2
    assert "too short to compare" in short.stderr
    none = ran("compare", a, b, "--phase", "after", where=tmp_path)
    assert none.returncode == 2
    assert "no phase 'after': it has calm, storm" in none.stderr


def test_a_set_that_never_came_back(tmp_path: Path) -> None:
    """Is worse than one that took its time, and not a figure that is missing."""
    a = stored(tmp_path, "a", back=[10.0] * 10)
    b = stored(tmp_path, "b", back=[10.0] * 9)
    gate = ("--gate", "recovery(dark) t100 15%")
    done = ran("compare", str(a), str(b), *gate, where=tmp_path)
    assert done.returncode == 98, done.stdout + done.stderr
    assert re.search(r"t100 +10.0s +never +WORSE +gate 15 %", done.stdout)
    back = ran("compare", str(b), str(a), *gate, where=tmp_path)
    assert back.returncode == 0
    assert re.search(r"t100 +never +10.0s +-100 % +better", back.stdout)


def test_a_recovery_is_gated_by_itself(tmp_path: Path) -> None:
    """A quarter and a second longer is worse; less than that is the same."""
    a = stored(tmp_path, "a", back=[10.0] * 10)
    for name, took, code in (("b", 12.0, 0), ("c", 13.0, 98)):
        new = stored(tmp_path, name, back=[took] * 10)
        done = ran("compare", str(a), str(new), where=tmp_path)
        assert done.returncode == code, done.stdout + done.stderr
        verdict = "WORSE" if code else "same"
        told = rf"recovery\(dark\) t95 +10.0s +{took}s .* {verdict} +gate 25 %"
        assert re.search(told, done.stdout)
    # Its floor: half as long again, but not by a second.
    quick, slower = (
        stored(tmp_path, name, back=[took] * 10)
        for name, took in (("d", 1), ("e", 1.5))
    )
    assert ran("compare", str(quick), str(slower), where=tmp_path).returncode == 0


def test_runs_that_are_too_short(tmp_path: Path) -> None:
    """Fewer than five blocks say nothing, and that is exit 2."""
    a, b = (str(stored(tmp_path, name, seconds=40)) for name in "ab")
    done = ran("compare", a, b, where=tmp_path)
    assert done.returncode == 2
    assert "too short to compare: expected 5 blocks of 10 s, a (2026" in done.stderr


def test_what_cannot_be_compared(tmp_path: Path) -> None:
    """It is said why, and done all the same if that is wanted."""
    a, b = stored(tmp_path, "a"), stored(tmp_path, "b", interrupted=True)
    why = "b: it did not run to its end (exit 130)"
    done = ran("compare", str(a), str(b), where=tmp_path)
    assert done.returncode == 2
    assert why in done.stderr
    anyway = ran("compare", str(a), str(b), "--anyway", where=tmp_path)
    assert anyway.returncode == 0, anyway.stderr
    assert "NOT COMPARABLE" in anyway.stdout
    assert why in anyway.stdout


def test_what_is_no_run(tmp_path: Path) -> None:
    """One clear line."""
    done = ran("compare", "a", "b", where=tmp_path)
    assert (done.returncode, done.stderr) == (
        2,
        "cpesim: a: no such run in reports; `cpesim runs` lists them\n",
    )
    a = stored(tmp_path, "a")
    wrong = ran("compare", str(a), str(a), "--gate", "p95", where=tmp_path)
    assert wrong.returncode == 2
    assert "--gate 'p95': expected METRIC FIGURE GATE" in wrong.stderr


def test_a_baseline_of_a_run(tmp_path: Path) -> None:
    """One that is not there is found before the run."""
    none = ran("quick", "http://127.0.0.1:9/", "--baseline", "7c01", where=tmp_path)
    assert (none.returncode, none.stderr) == (
        2,
        "cpesim: 7c01: no such run in reports; `cpesim runs` lists them\n",
    )


def test_a_run_that_could_not_be_compared_ran_all_the_same(tmp_path: Path) -> None:
    """Exit 2 of a baseline: every report says so, and others compare with it."""
    base = stored(tmp_path, "a", scenario="version: 1\nname: else\n")
    new = stored(tmp_path, "b")
    result = restored([new])
    text, result.exit = against([base], result)
    assert result.exit == Exit(2, f"not compared with {base.name}")
    assert "they ran different scenarios" in text
    tell_again(result)
    assert ">NOT COMPARED<" in (new / "report.html").read_text("utf-8")
    assert "NOT COMPARED" in (new / "summary.md").read_text("utf-8")
    assert 'failures="0"' in (new / "junit.xml").read_text("utf-8")
    assert [run.verdict for run in listed(tmp_path)] == ["PASSED", "NOT COMPARED"]
    done = ran("compare", str(new), str(new), where=tmp_path)
    assert done.returncode == 0, done.stderr


def test_a_run_without_a_summary(tmp_path: Path) -> None:
    """One that goes on, or was cut off: it is said before anything is read."""
    a, b = stored(tmp_path, "a", seconds=5), stored(tmp_path, "b", seconds=5)
    (b / "summary.json").unlink()
    done = ran("compare", str(a), str(b), where=tmp_path)
    assert done.returncode == 2
    assert f"{b}: no summary.json: the run goes on, or was cut off" in done.stderr


@pytest.mark.parametrize(
    ("slower", "code", "ending", "reason"),
    [
        (1.0, 0, 0, "ran to its planned end"),
        (1.4, 0, 98, "worse than 20261120T1200-boot-storm-a"),
        (1.4, 99, 99, "a limit failed"),
    ],
)
def test_how_a_run_ends_with_a_baseline(
    tmp_path: Path, slower: float, code: int, ending: int, reason: str
) -> None:
    """98 in the exit code and in summary.json, unless something worse befell it."""
    base, new = stored(tmp_path, "a"), stored(tmp_path, "b", slower=slower)
    result = Result(RunFacts("boot-storm", "b", "http://acs/", 100))
    result.folder = str(new)
    result.exit = Exit(code, reason if code == ending else "ran to its planned end")
    text, result.exit = against([base], result)
    assert ("WORSE" in text) is (slower > 1)
    assert result.exit == Exit(ending, reason)
    tell_again(result)
    told = json.loads((new / "summary.json").read_text(encoding="utf-8"))
    assert told["exit"] == {"code": ending, "reason": reason}
