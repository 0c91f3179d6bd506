"""What a run keeps of its failures: a line for each kind, and the first exchanges."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.program import acs, ran

LOAD = ("-n", "20", "-r", "20/s", "-d", "2s", "--ui", "none")


@pytest.mark.slow
def test_the_first_failures_are_kept(
    tmp_path: Path, profile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So many of each kind, masked, named beside the error; counts add up."""
    monkeypatch.setenv("FAILING_PW", "s3cret-word")
    guarded = ("--auth", "basic", "--password", "s3cret-word")
    with acs(tmp_path, "--fail-503", "30%", *guarded) as url:
        done = ran(
            *("quick", url, *LOAD, "--profile", profile, "--trace-failures", "3"),
            *("--password-env", "FAILING_PW"),
            where=tmp_path,
        )
    assert done.returncode == 0, done.stderr
    (folder,) = tmp_path.glob("reports/*")
    told = [json.loads(x) for x in (folder / "errors.ndjson").read_text().splitlines()]
    summary = json.loads((folder / "summary.json").read_text())
    assert sum(each["count"] for each in told) == summary["sessions"]["failed"] > 10
    assert sum(each["got_in"] for each in told) > 0
    assert {each["error"] for each in told} == {"http 503"}
    assert {each["group"] for each in told} == {"cpes"}
    for each in told:
        assert each["trace"] in done.stdout
        assert (folder / each["trace"]).is_file()
    on_inform = sorted(folder.glob("traces/http-503-Inform-*.txt"))
    assert len(on_inform) == 3
    text = on_inform[0].read_text()
    assert text.startswith("http 503 on Inform, CPE ")
    assert "<cwmp:Inform>" in text
    assert "HTTP/1.1 503" in text
    traces = [path.read_text(encoding="utf-8") for path in folder.glob("traces/*")]
    assert any("Authorization: Basic ***" in trace for trace in traces)
    assert not any(re.search("Basic [^*r]", trace) for trace in traces)
    for path in folder.rglob("*"):
        assert path.is_dir() or "s3cret-word" not in path.read_text(encoding="utf-8")
    assert "traces/http-503-Inform-1.txt" in (folder / "report.html").read_text()
    again = ran("report", folder.name, where=tmp_path)
    assert again.returncode == 0, again.stderr
    for printed in (done.stdout, again.stdout):
        assert "traces/http-503-Inform-1.txt" in printed
        assert "   traces/\n" in printed


@pytest.mark.slow
def test_none_is_kept_where_none_is_wanted(tmp_path: Path, profile: str) -> None:
    """--trace-failures 0: the errors are told all the same."""
    with acs(tmp_path, "--fail-503", "40%") as url:
        done = ran(
            *("quick", url, *LOAD, "--profile", profile, "--trace-failures", "0"),
            where=tmp_path,
        )
    assert done.returncode == 0, done.stderr
    (folder,) = tmp_path.glob("reports/*")
    assert not (folder / "traces").exists()
    first = json.loads((folder / "errors.ndjson").read_text().splitlines()[0])
    assert (first["error"], first["trace"]) == ("http 503", None)
