"""The page of a comparison: its verdicts, and both runs' charts over each other."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from cpesim.measure.latency import Latency
from cpesim.report.compare.comparison import compare
from cpesim.report.page.charts import MOST_SERIES
from cpesim.report.page.compared import compared_page
from cpesim.report.page.overlay import overlay
from tests.measure.populated import populated
from tests.report.pages import Page, asks_for_nothing, body, browsed, figures
from tests.report.stored_runs import stored

BEGIN = 365 * 86_400_000  # where the clock of every run begins, in milliseconds
KEYS = ["load", "p50", "p95", "p99", "errors", "recovery"]
PHASES = {"calm": 0.0, "storm": 20.0}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A run, and one that is slower, longer and fails more."""
    out = tmp_path_factory.mktemp("reports")
    return (
        stored(out, "7c01", seconds=60, back=[5.0, 10.0, 20.0], phases=PHASES),
        stored(
            out,
            "7f3a",
            seconds=75,
            slower=1.4,
            failing=0.05,
            back=[8.0, 30.0],
            phases=PHASES,
        ),
    )


@pytest.fixture(scope="module")
def text(runs: tuple[Path, Path]) -> str:
    """Their page."""
    return compared_page(compare([runs[0]], [runs[1]]))


def sides(chart: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Each line's colour and dashes by its name."""
    return {
        trace["name"]: (trace["line"]["color"], trace["line"]["dash"])
        for trace in chart["data"]
    }


def test_it_is_the_report_s_page(text: str) -> None:
    """As report.html: nothing is asked for, and the script is there once."""
    asks_for_nothing(text)


def test_it_tells_the_verdicts(text: str) -> None:
    """Those of the terminal, both runs with their own figures, and all errors."""
    words = Page(text).words
    at = words.index("session.time p95")
    assert words[at + 4] == "WORSE"
    assert re.fullmatch(r"gate 15 %, p = 0\.\d+", words[at + 5])
    for told in ("7c01", "7f3a", "WORSE", "http 503", "01:15", "dark", "never"):
        assert told in words, told
    assert any(each.endswith("2 same") for each in words)


def test_both_runs_are_in_every_chart(text: str) -> None:
    """Told apart by colour and by legend, at one axis from each run's begin."""
    drawn = figures(Page(text))
    assert list(drawn) == KEYS
    assert sides(drawn["load"]) == {
        "base wanted": ("$base", "dot"),
        "new wanted": ("$new", "dot"),
        "base done": ("$base", "solid"),
        "new done": ("$new", "solid"),
    }
    assert sides(drawn["recovery"]) == {
        "base, dark": ("$base", "solid"),
        "new, dark": ("$new", "solid"),
    }
    for key in KEYS:
        chart = drawn[key]
        assert {trace["x"][0] for trace in chart["data"]} == {BEGIN}
        assert all(trace["showlegend"] for trace in chart["data"])
        assert chart["layout"]["showlegend"]
        if key != "recovery":
            assert chart["layout"]["xaxis"]["range"] == [BEGIN, BEGIN + 70_000]


def test_the_values_are_the_runs_own(text: str) -> None:
    """Ten seconds each, without the part of one at the end."""
    drawn = figures(Page(text))
    base, new = (trace for trace in drawn["load"]["data"][2:])
    assert base["x"] == [BEGIN + at * 10_000 for at in range(6)]
    assert base["y"] == [20.0] * 6
    assert len(new["y"]) == 7
    failed = drawn["errors"]["data"]
    assert set(failed[0]["y"]) == {0.0}
    for before, after in zip(new["y"], failed[1]["y"], strict=True):
        assert before + after == 20.0
    for name, least in (("p50", 0.09), ("p95", 0.13), ("p99", 0.15)):
        before, after = (trace["y"] for trace in drawn[name]["data"])
        assert all(least < value < 3 * least for value in before)
        assert sum(after) / len(after) > 1.2 * sum(before) / len(before)
    back = [trace["y"][-1] for trace in drawn["recovery"]["data"]]
    assert back == [0.3, 0.2]


def test_many_runs_stay_drawable() -> None:
    """At most 40 lines; runs of a side share their place in the legend."""
    results = []
    for _ in range(4):
        result = populated(seconds=60)
        back = Latency()
        back.record(0.5)
        for n in range(20):
            result.begin_recovery(f"set {n}", 1.0)
            result.whole.latency[f"recovery{{set=set {n}}}"] = back
        results.append(result)
    for runs, sets in ((1, 14), (4, 1)):
        drawn = {c.key: c for c in overlay(results[:runs], results[:runs])}
        lines = [trace for chart in drawn.values() for trace in chart.data]
        assert len(lines) <= MOST_SERIES
        names = {trace["name"] for trace in drawn["recovery"].data}
        assert len(names) == 2 * sets
        told = [trace["name"] for trace in lines if trace["showlegend"]]
        assert len(told) == len(set(told))


def test_phases_are_lines(text: str) -> None:
    """Where they began; what happened in one run alone is not in its charts."""
    layout = figures(Page(text))["p95"]["layout"]
    assert [shape["x0"] for shape in layout["shapes"]] == [BEGIN, BEGIN + 20_000]


def test_what_others_wrote_stays_text(runs: tuple[Path, Path], tmp_path: Path) -> None:
    """No name of a run, a set or an error is read as HTML."""
    bad = "</script><img src=x>"
    copy = tmp_path / "run"
    shutil.copytree(runs[1], copy)
    for name in ("manifest.json", "summary.json"):
        told = (copy / name).read_text(encoding="utf-8")
        for word in ("7f3a", "boot-storm", "dark", "http 503"):
            told = told.replace(f'"{word}"', f'"{bad} {word}"')
        (copy / name).write_text(told, encoding="utf-8")
    page = Page(compared_page(compare([runs[0]], [copy])))
    assert sum(bad in each for each in page.words) >= 4
    assert len(page.scripts) == 3
    assert not any(tag == "img" for tag, _ in page.elements)


@pytest.mark.slow
@pytest.mark.parametrize("dark", [False, True])
def test_a_browser_draws_it(tmp_path: Path, text: str, dark: bool) -> None:
    """Chromium, with no network: both colours in every chart, in light and in dark."""
    drawn, complaints = browsed(text, tmp_path, dark=dark)
    assert complaints == []
    assert f'data-drawn="{len(KEYS)}"' in drawn
    seen = body(drawn)
    colours = ("106, 166, 255", "255, 166, 87") if dark else ("43, 108, 212", "200, 80")
    for key in KEYS:
        chart = seen[seen.index(f'id="chart-{key}"') :].partition("</section>")[0]
        for colour in colours:
            assert re.search(rf"stroke: rgb\({colour}", chart), (key, colour)
