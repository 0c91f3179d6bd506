"""A stored run is read back as it was, also when it was cut off, also with others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cpesim.errors import ConfigError
from cpesim.measure.health import Grade
from cpesim.measure.result import Exit, Result, RunFacts
from cpesim.measure.snapshot import Snapshot
from cpesim.report.as_json import summary
from cpesim.report.console import console_text
from cpesim.report.folder import RunFolder
from cpesim.report.kept.runs import find, listed, remove, table
from cpesim.report.kept.stored import stored
from tests.measure.populated import populated
from tests.report.judged import judged, over
from tests.report.test_seen import recovering


def kept(path: Path, result: Result, *, end: bool = True) -> Path:
    """The result's folder, as a run leaves it; without *end* as a killed one does."""
    folder = RunFolder(path, result)
    (path / "scenario.yaml").write_text(result.scenario)
    folder.append()
    if end:
        over(result)
        folder.finish()
    folder.close()
    return path


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """A run of a minute that was judged."""
    result = judged(60)
    return kept(
        tmp_path_factory.mktemp("out") / "20260101T000000-a-7f3a", result
    ), result


def test_all_that_was_told_is_told_again(run: tuple[Path, Result]) -> None:
    """Every key of summary.json, to the last digit."""
    path, result = run
    assert summary(stored([path])) == summary(result)


def test_charts_have_the_same_to_draw(run: tuple[Path, Result]) -> None:
    """The rows, the strip and the heat map are those of the run."""
    path, result = run
    read = stored([path])
    assert [row.second for row in read.history.chart()] == list(range(61))
    for was, now in zip(result.history.chart(), read.history.chart(), strict=True):
        assert now.rate("sessions.done") == was.rate("sessions.done")
        assert now.latency.keys() == was.latency.keys()
        assert [x.p99 for x in now.latency.values()] == [
            was.latency[series].p99 for series in now.latency
        ]
    assert read.history.heat.columns == result.history.heat.columns
    assert read.history.strip.columns == result.history.strip.columns
    assert read.history.levels[1].rows[2].latency == (
        result.history.levels[1].rows[2].latency
    )
    assert read.scenario == result.scenario
    assert list(read.events) == list(result.events)


def test_a_run_that_was_cut_off_is_told_to_its_last_whole_line(tmp_path: Path) -> None:
    """Half a line at the end is left out; the verdict says that there is no end."""
    result = populated(seconds=27)
    path = kept(tmp_path / "run", result, end=False)
    with (path / "timeline.ndjson").open("a") as file:
        file.write('{"at":27,"span":1,"wan')
    with (path / "latency.hlog").open("a") as file:
        file.write("Tag=session,25.000,2.0")
    read = stored([path])
    assert read.sessions() == result.sessions()
    assert read.errors["http 503"].count == result.errors["http 503"].count
    assert read.total("session").count == sum(2 * (10 + s % 20) for s in range(25))
    assert (
        read.missing("session")
        == result.total("session").count - read.total("session").count
    )
    assert read.health.grade is result.health.grade
    assert "CUT OFF: the run has no end" in console_text(read)
    assert summary(read)["exit"]["code"] is None


def test_a_killed_run_is_judged_by_its_own_bounds(tmp_path: Path) -> None:
    """A plan that allows for late starts is not SUSPECT for them afterwards."""
    facts = RunFacts("a", "1", "http://a/", 10, late_start=0.5, phases=("a", "b"))
    result = Result(facts)
    for second in range(20):
        counters = {"sessions.started": 10, "late.generator": 3}
        result.feed("w0", Snapshot(second, second + 1.0, counters))
        result.tick(second + 1.0)
    assert result.health.grade is Grade.OK
    read = stored([kept(tmp_path / "run", result, end=False)])
    assert read.facts == result.facts
    assert read.health.grade is Grade.OK


def test_a_summary_of_a_moment_is_no_end(tmp_path: Path) -> None:
    """What a snapshot wrote during the run is not taken for its verdict."""
    result = populated(seconds=12)
    folder = RunFolder(tmp_path / "run", result)
    folder.snapshot()
    folder.append()
    folder.close()
    read = stored([tmp_path / "run"])
    assert read.exit is None
    assert read.cut_off


def test_without_its_log_a_run_is_told_by_its_summary(tmp_path: Path) -> None:
    """Every key of it, to the last digit; only charts need the histograms."""
    result = recovering()
    folder = RunFolder(tmp_path / "run", result, ("json",))
    folder.append()
    result.finish(12.0, Exit(99, "1 limit failed"))
    folder.finish()
    (tmp_path / "run" / "latency.hlog").unlink(missing_ok=True)
    read = stored([tmp_path / "run"])
    assert summary(read) == summary(result)
    assert summary(read)["recovery"]["dark"]["back"] == 9
    assert summary(read)["campaign"]["2"]["back"] == 2
    assert console_text(read).splitlines()[:4] == console_text(result).splitlines()[:4]


def test_several_runs_are_told_as_one(tmp_path: Path) -> None:
    """Counts add up, percentiles are those of all samples, limits keep their run."""
    first, second = judged(30), populated(seconds=40)
    second.facts = first.facts.__class__("other", "81c0", "http://b/", 10, epoch=1.8e9)
    one, two = kept(tmp_path / "a", first), kept(tmp_path / "b", second)
    read = stored([one, two])
    assert read.facts.name == "boot-storm + other"
    assert read.facts.devices == 20_010
    for counter in ("sessions.done", "failed.http 503", "bytes.sent"):
        assert read.count(counter) == first.count(counter) + second.count(counter)
    both = first.total("session").count + second.total("session").count
    assert read.total("session").count == both
    assert read.total("session").max == second.total("session").max
    assert read.peak[0] == 2 * first.peak[0]
    assert [row.span for row in read.history.chart()] == [10, 10, 10, 10]
    assert read.history.chart()[0].latency["session"].count == 580
    assert read.exit == Exit(99, "7f3a: 1 limit failed; 81c0: 1 limit failed")
    assert read.limits[1].title == "7f3a: recovery(dark) t95 < 4m"
    with pytest.raises(ConfigError, match="the same run twice"):
        stored([one, one])


def test_each_of_several_runs_keeps_its_verdict(tmp_path: Path) -> None:
    """The worst exit code, the reasons of all that did not pass, each generator's."""
    ends = {
        "a": (Exit(99, "1 limit failed"), Grade.OK),
        "b": (Exit(0, "ran to its planned end"), Grade.SUSPECT),
        "c": (Exit(97, "not valid"), Grade.SATURATED),
    }
    folders = []
    for name, (end, grade) in ends.items():
        result = Result(RunFacts(name, name, "http://a/", 10, late_start=0.5))
        lag = {Grade.OK: 0.001, Grade.SUSPECT: 0.05, Grade.SATURATED: 0.2}[grade]
        for second in range(12):
            counters = {"sessions.started": 10, "late.generator": 3}
            row = Snapshot(second, second + 1.0, counters, {"lag_p99": lag})
            result.feed("w0", row)
            result.tick(second + 1.0)
        assert result.health.grade is grade
        folder = RunFolder(tmp_path / name, result)
        folder.append()
        result.finish(12.0, end)
        folder.finish()
        folders.append(tmp_path / name)
    read = stored(folders)
    assert read.exit == Exit(97, "a: 1 limit failed; c: not valid")
    assert read.health.grade is Grade.SATURATED
    suspect, saturated = read.health.reasons
    assert suspect.startswith("b: event loop lag p99 over 20ms")
    assert saturated.startswith("c: event loop lag p99 over 100ms")
    sound = stored([folders[0], kept(tmp_path / "d", populated(seconds=12))])
    assert sound.health.grade is Grade.OK
    assert "a" in sound.health.strains


def test_runs_are_found_by_name(run: tuple[Path, Result]) -> None:
    """By folder, id, or the beginning of either; never by a guess."""
    path, _ = run
    for name in (str(path), "7f3a", "7f", "20260101T000000-a"):
        assert find(name, path.parent) == path
    (path.parent / "20260102T000000-b-7f44").mkdir()
    (path.parent / "20260102T000000-b-7f44" / "manifest.json").write_text("{}")
    with pytest.raises(ConfigError, match=r"several runs begin so: 20260101.*, 2026"):
        find("7f", path.parent)
    for name in ("nothing", "", str(path.parent)):
        with pytest.raises(ConfigError, match="no"):
            find(name, path.parent)


@pytest.mark.parametrize(
    ("file", "text", "wrong"),
    [
        ("timeline.ndjson", "{}\n", r"timeline\.ndjson:1:1: not a line of a timeline"),
        ("timeline.ndjson", "so\n", r"timeline\.ndjson:1:1: not JSON"),
        ("latency.hlog", "Tag=a,b\n", r"latency\.hlog:1:1: not a line of a histogram"),
        ("latency.hlog", "Tag=a,0,5,1.0,HIST\n", r"latency\.hlog:1:1: not a latency"),
        ("events.ndjson", "[]\n", r"events\.ndjson:1:1: not an event"),
        ("manifest.json", "{}", r"manifest\.json: expected schema"),
        ("manifest.json", '{"schema": "cpesim/manifest/1"}', "not whole: KeyError"),
        ("summary.json", '{"state": "ENDED"}', r"summary\.json: not whole"),
        ("summary.json", "[]", r"summary\.json: expected an object"),
    ],
)
def test_what_is_broken_is_said(
    tmp_path: Path, file: str, text: str, wrong: str
) -> None:
    """The file and line, in one error."""
    path = kept(tmp_path / "run", populated(seconds=3))
    (path / file).write_text(text)
    with pytest.raises(ConfigError, match=wrong):
        stored([path])


def test_the_list_has_the_newest_first(tmp_path: Path) -> None:
    """Verdict, p99 and exit code; what is no run, or a link, is not in it."""
    kept(tmp_path / "old", judged(3))
    young = populated(seconds=3)
    young.facts = young.facts.__class__("b", "2", "http://b/", 10, epoch=1.8e9)
    kept(tmp_path / "young", young, end=False)
    (tmp_path / "link").symlink_to(tmp_path / "old")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "manifest.json").write_text('{"schema": "else"}')
    found = listed(tmp_path)
    assert [run.run_id for run in found] == ["2", "7f3a"]
    assert [line.split()[-3:] for line in table(found)] == [
        ["verdict", "p99", "exit"],
        ["end", "-", "-"],
        ["FAILED", "1.6s", "99"],
    ]
    assert listed(tmp_path / "nowhere") == []


def test_only_runs_are_removed(tmp_path: Path) -> None:
    """No folder without our manifest, no link, and nothing behind a link in a run."""
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("x")
    path = kept(tmp_path / "run", populated(seconds=2))
    (path / "link").symlink_to(precious)
    (tmp_path / "alias").symlink_to(path)
    for folder in (precious, tmp_path / "alias"):
        with pytest.raises(ConfigError):
            remove(folder)
    remove(path)
    assert not path.exists()
    assert (precious / "file").read_text() == "x"


def test_a_killed_run_keeps_the_manifest_of_its_beginning(tmp_path: Path) -> None:
    """It has the plan, so that the run can be told without a summary."""
    path = kept(tmp_path / "run", populated(seconds=12), end=False)
    assert json.loads((path / "manifest.json").read_text())["plan"]["devices"] == 20_000
    assert not (path / "summary.json").exists()
