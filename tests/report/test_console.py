"""The summary says what happened, and what its percentiles leave out."""

from __future__ import annotations

from cpesim.measure.meter import Meter
from cpesim.measure.outline import outline
from cpesim.measure.result import Exit, Result, RunFacts
from cpesim.measure.snapshot import Snapshot
from cpesim.report.as_json import summary
from cpesim.report.console import console_text
from tests.measure.populated import populated


def test_the_whole_summary() -> None:
    """Header, sessions, latencies, errors, the rest, files, exit."""
    result = populated(seconds=30, workers=1)
    result.folder = "reports/20261123T1801-boot-storm-7f3a"
    result.files = ["summary.json", "latency.hlog"]
    result.finish(30.0, Exit(0, "ran to its planned end"))
    lines = console_text(result).splitlines()
    assert lines[0] == (
        " boot-storm 7f3a   00:30   20,000 devices   seed 42"
        "   GENERATOR OK (lag p99 1.3ms, cpu 41 %, late 0.0 %)"
    )
    assert lines[1] == (
        " against http://acs.example:7547/cwmp   at 300/s   ramp 1m"
        "   at most 4,000 in flight   gw"
    )
    assert lines[3] == (
        " SESSIONS   wanted 535   done 535   failed 10   dropped 0   retries 0"
        "   peak 29/s at 00:19"
    )
    assert " ".join(lines[5].split()) == (
        "TIME from intended start count p50 p90 p95 p99 p99.9 max"
    )
    names = [line[:36].strip() for line in lines[6:13]]
    assert names == [
        "session",
        "service (actual start)",
        "├ Inform",
        "├ empty POST",
        "├ GetParameterValues",
        "├ SetParameterValues",
        "└ connect",
    ]
    assert lines[13] == "   percentiles leave out sessions: 10 failed"
    text = "\n".join(lines)
    assert " ERRORS (10 sessions failed)\n        9  http 503 on Inform " in text
    assert "00:21-00:30\n        1  response timeout on GetParameterValues" in text
    assert " HTTP STATUS          200 1,605   204 535\n" in text
    assert lines[-2] == (
        " reports/20261123T1801-boot-storm-7f3a/   summary.json   latency.hlog"
    )
    assert lines[-1] == " exit 0: ran to its planned end"
    assert not any(line.endswith(" ") for line in lines)


def test_what_percentiles_leave_out_is_said() -> None:
    """What was dropped stands beside the percentiles; and why some were late."""
    result = Result(RunFacts("a", "b", "c", 1))
    meter = Meter()
    meter.count("sessions.wanted", 400)
    meter.count("sessions.dropped", 350)
    meter.count("sessions.not_started", 7)
    meter.start("pace", 0.5, "in_flight")
    meter.start("pace", 0.5, "generator")
    meter.session("pace", 0.5, 5000.0)
    meter.failure("bug")
    result.feed("w0", meter.snapshot(1.0, {}))
    text = console_text(result)
    assert (
        "percentiles leave out sessions: 350 dropped, 7 not started, 1 failed" in text
    )
    assert "not started 7   late 2 (generator 1   in flight 1)" in text
    assert "2.0h" not in text
    assert "1h00m   1 out of range" in text
    assert "       1  bug" in text


def test_a_doubtful_generator_is_said_first() -> None:
    """SUSPECT and SATURATED come with their reasons under the header."""
    for cpu, words in ((0.9, "with care"), (0.99, "this machine was the limit")):
        result = Result(RunFacts("a", "b", "c", 1))
        for n in range(5):
            result.feed_parent(Snapshot(n, n + 1, {}, {"cpu": cpu}))
        text = console_text(result)
        assert words in text
        assert "   CPU of a core over" in text


def test_an_empty_run_has_a_summary_too() -> None:
    """Nothing measured, nothing raised."""
    text = console_text(Result(RunFacts("a", "b", "c", 1)))
    assert "SESSIONS   wanted 0" in text
    assert "ERRORS" not in text


def test_tables_have_the_same_order_everywhere() -> None:
    """Session first, Inform, the hand-over, RPCs by use, then what is no exchange."""
    found = [
        "Reboot",
        "connect",
        "Inform",
        "session",
        "download",
        "empty POST",
        "knock",
    ]
    full = outline(found)
    assert [line.series for line in full] == [
        "session",
        "Inform",
        "empty POST",
        "Reboot",
        "connect",
        "knock",
        "download",
    ]
    assert [line.branch for line in full] == ["", *["├ "] * 5, "└ "]
    assert [line.series for line in outline(found, 3)] == [
        "session",
        "Inform",
        "empty POST",
    ]
    assert outline([]) == []


def test_on_80_columns_no_line_is_too_wide() -> None:
    """Fewer percentiles, and long lines are folded between their parts."""
    result = populated()
    result.files = ["summary.json", "latency.hlog", "timeline.ndjson", "manifest.json"]
    wide, narrow = console_text(result), console_text(result, 80)
    assert max(map(len, wide.splitlines())) > 80
    assert max(map(len, narrow.splitlines())) <= 80
    assert set(narrow.split()) - {"p50", "p95", "p99", "max"} <= set(wide.split())


def test_a_long_label_stays_apart_from_its_time() -> None:
    """However long what failed is, and where."""
    result = Result(RunFacts("a", "b", "c", 1))
    meter = Meter()
    meter.failure("unexpected response", "GetParameterAttributes")
    meter.failure("http 503", "Inform")
    result.feed("w0", meter.snapshot(1.0, {}))
    lines = [line.split() for line in console_text(result).splitlines()]
    assert ["1", "unexpected", "response", "on", "GetParameterAttributes"] in (
        words[:-1] for words in lines
    )
    assert ["1", "http", "503", "on", "Inform"] in (words[:-1] for words in lines)


def test_what_the_acs_did_wrong_is_said_by_rule() -> None:
    """How often, and one example each; what had to be mended is rule X4."""
    result = Result(RunFacts("a", "b", "c", 1))
    meter = Meter()
    meter.count("acs.violation.X3 wrong ID", 7)
    meter.count("mended.undeclared prefix", 9)
    result.feed("w0", meter.snapshot(1.0, {}))
    result.example("X3 wrong ID", "CPE 5: 'null' to Inform with '1'")
    result.example("X3 wrong ID", "CPE 6: another one")
    lines = console_text(result).splitlines()
    at = lines.index(" ACS VIOLATIONS (16, by rule of the standard)")
    assert [line.strip() for line in lines[at + 1 : at + 4]] == [
        "9  X4 undeclared prefix",
        "7  X3 wrong ID",
        "CPE 5: 'null' to Inform with '1'",
    ]
    assert summary(result)["acs"]["violations"] == {
        "X4 undeclared prefix": {"rule": "X4", "count": 9, "example": ""},
        "X3 wrong ID": {
            "rule": "X3",
            "count": 7,
            "example": "CPE 5: 'null' to Inform with '1'",
        },
    }
