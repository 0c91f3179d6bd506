"""report.html: whole, safe, without a request, and drawn by a real browser."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from cpesim.measure.kept.rows import Row
from cpesim.measure.latency import Figures, Latency
from cpesim.measure.result import Result, RunFacts, Tally
from cpesim.report.page.charts import MOST_POINTS, MOST_SERIES, charts
from cpesim.report.page.page import page_text
from tests.measure.populated import populated
from tests.report.judged import judged, limit, over
from tests.report.pages import Page, asks_for_nothing, body, browsed, figures

KEYS = [
    *("load", "bands", "heat", "spectrum"),
    *("recovery", "errors", "open", "generator"),
]


@pytest.fixture(scope="module")
def text() -> str:
    """The page of a judged run."""
    return page_text(over(judged(60)))


def test_the_page_asks_for_nothing(text: str) -> None:
    """No element names anything outside, and the chart's script is there once."""
    asks_for_nothing(text)


def test_the_page_tells_what_the_tables_tell(text: str) -> None:
    """Verdict, limits with their lines, recovery, series, groups, errors, scenario."""
    words = Page(text).words
    for told in (
        *("FAILED", "exit 99: 1 limit failed", "boot-storm.yaml:62", "4m31s"),
        *("recovery(dark) t95 < 4m", "shops are not starved", "03:20", "never"),
        *("├ GetParameterValues", "homes1", "http 503", "response timeout"),
        *("version: 1 name: boot-storm", "rate +10 (key)", "storm"),
    ):
        assert any(told in each for each in words), told
    titles = [each for each in words if each in ("Limits", "Times", "Phases", "Errors")]
    assert titles == ["Limits", "Errors", "Times", "Phases", "Errors"]


def test_what_others_wrote_stays_text() -> None:
    """Neither as HTML, nor as the end of a script, nor in a chart's label."""
    bad = "</script><script>alert(1)</script><img src=x>"
    result = judged(5)
    result.facts = RunFacts(bad, "7f3a", "http://a/", 10)
    result.event(1.0, bad)
    result.errors[bad] = Tally(bad, 3, 0.0, 1.0, {bad: 3})
    result.scenario = result.cut_off = bad
    result.counters["status." + bad] = 1
    result.limits[:] = [limit(bad, "failed", bad, bad, file=bad, phase=bad)]
    result.begin_phase(bad, 2.0)
    page = Page(page_text(result))
    assert len(page.scripts) == 3
    assert not any(tag == "img" for tag, _ in page.elements)
    drawn = figures(page)
    (line, *_) = [
        each for each in drawn["load"]["layout"]["annotations"] if "hovertext" in each
    ][1:]
    assert "<" not in line["hovertext"]


def test_every_chart_has_its_values(text: str) -> None:
    """The figures are the run's own."""
    result = judged(60)
    drawn = figures(Page(text))
    assert list(drawn) == KEYS
    load = {trace["name"]: trace["y"] for trace in drawn["load"]["data"]}
    assert sum(load["done"]) == result.count("sessions.done")
    assert sum(load["failed"]) == result.count("sessions.failed")
    p99 = drawn["bands"]["data"][2]
    assert (p99["name"], p99["y"][7]) == (
        "p99",
        result.history.seconds[7].latency["session"].p99,
    )
    (heat,) = drawn["heat"]["data"]
    cells = [10**z for row in heat["z"] for z in row if z is not None]
    assert sum(cells) == pytest.approx(result.count("sessions.done"), rel=0.02)
    back = drawn["recovery"]["data"][0]["y"]
    assert (back[0], back[-1]) == (0.0, 0.8)
    failed = [sum(trace["y"]) for trace in drawn["errors"]["data"]]
    assert failed == [tally.count for tally in result.errors.values()]
    generator = {trace["name"]: trace["y"] for trace in drawn["generator"]["data"]}
    assert set(generator["CPU, busiest worker"]) == {0.41}
    assert set(generator["CPU, parent"]) == {0.2}


def test_events_and_phases_are_lines_in_all_charts(text: str) -> None:
    """But in those that have no time of the run on their axis."""
    drawn = figures(Page(text))
    for key in KEYS:
        layout = drawn[key]["layout"]
        lines = [shape["x0"] for shape in layout.get("shapes", [])]
        begin = 365 * 86_400_000
        wanted = [begin, begin + 30_000, begin, begin + 60_000]
        assert lines == ([] if key in ("recovery", "spectrum") else wanted)


def test_the_spectrum_reaches_to_the_slowest(text: str) -> None:
    """From the quickest to the slowest sample, each at its percentile."""
    result = judged(60)
    drawn = figures(Page(text))["spectrum"]
    names = [trace["name"] for trace in drawn["data"]]
    assert names == [
        *("session", "service (actual start)", "Inform", "GetParameterValues")
    ]
    session, found = drawn["data"][0], result.total("session")
    at = dict(zip(session["x"], session["y"], strict=True))
    assert (at[10.0], at[100.0], at[1000.0]) == (found.p90, found.p99, found.p99_9)
    assert (session["x"][0], session["x"][-1]) == (1.0, found.count)
    assert session["y"][-1] == found.max
    assert session["y"] == sorted(session["y"])
    assert session["text"][-1].endswith(" at max")
    axis = drawn["layout"]["xaxis"]
    assert axis["type"] == drawn["layout"]["yaxis"]["type"] == "log"
    assert axis["ticktext"] == ["0 %", "50 %", "90 %", "99 %", "99.9 %"]


def test_the_spectrum_of_a_sample() -> None:
    """One is both the quickest and the slowest; of none there is no chart."""
    result = Result(RunFacts("a", "b", "c", 1))
    assert "spectrum" not in {chart.key for chart in charts(result)}
    only = result.whole.latency["session"] = Latency()
    only.record(0.25)
    (chart,) = charts(result)
    assert (chart.data[0]["x"], chart.data[0]["y"]) == ([1.0], [0.25])


def test_a_long_run_with_many_errors_stays_drawable() -> None:
    """At most 40 series and 1,500 points of each; no count and no peak is lost."""
    result = Result(RunFacts("a", "b", "c", 1))
    for second in range(4_000):
        row = Row(second, 1, {"sessions.done": 2, f"failed.kind {second % 90}": 1})
        row.gauges = {"cpu": 0.99 if second == 1_234 else 0.1, "lag_p99": 0.001}
        took = 9.0 if second == 2_345 else 0.1
        row.latency = {"session": Figures(2, took, took, took, took, took, took)}
        result.history.seconds.append(row)
        result.history.draw(row)
    back = Latency()
    back.record(0.5)
    for n in range(50):
        result.begin_recovery(f"set {n}", 1.0)
        result.whole.latency[f"recovery{{set=set {n}}}"] = back
    drawn = {chart.key: chart for chart in charts(result)}
    assert sum(len(chart.data) for chart in drawn.values()) <= MOST_SERIES
    for chart in drawn.values():
        assert all(len(trace["x"]) <= MOST_POINTS for trace in chart.data)
    load = {trace["name"]: trace for trace in drawn["load"].data}
    assert set(load["done"]["y"]) == {2.0}
    assert max(drawn["bands"].data[1]["y"]) == 9.0
    assert max(drawn["generator"].data[0]["y"]) == 0.99
    width = result.history.strip.width
    failed = sum(n * width for trace in drawn["errors"].data for n in trace["y"])
    assert failed == pytest.approx(4_000, rel=0.01)


def test_a_page_of_nothing() -> None:
    """A run that did nothing, and one that goes on, have a page too."""
    page = Page(page_text(Result(RunFacts("a", "b", "c", 1))))
    assert figures(page) == {}
    assert "RUNNING" in Page(page_text(populated(seconds=2))).words


def test_the_page_is_made_in_a_moment() -> None:
    """In CPU time, as other programs run beside: what `quick` waits for at its end."""
    result = over(judged(90))
    page_text(result)
    began = time.process_time()
    page_text(result)
    assert time.process_time() - began < 0.75


@pytest.mark.slow
@pytest.mark.parametrize("dark", [False, True])
def test_a_browser_draws_every_chart(tmp_path: Path, text: str, dark: bool) -> None:
    """Chromium, from file://, with no network: all charts, and no word of complaint."""
    drawn, complaints = browsed(text, tmp_path, dark=dark)
    seen = body(drawn)
    assert len(re.findall(r'<svg class="main-svg"', seen)) >= 2 * len(KEYS)
    for key in KEYS:
        chart = seen[seen.index(f'id="chart-{key}"') :].partition("</section>")[0]
        assert re.search(r'class="(trace|bars|hm|point)', chart), key
    assert f'data-drawn="{len(KEYS)}"' in drawn
    assert complaints == []
    # The page's own colours, and not those of the other scheme.
    assert ("rgb(228, 232, 238)" in seen) is dark
