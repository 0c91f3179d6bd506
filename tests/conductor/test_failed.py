"""The traces of failed sessions: bounded, masked, and no run ends for them."""

from __future__ import annotations

from math import inf
from pathlib import Path

import pytest

from cpesim.conductor import failed
from cpesim.conductor.failed import FailureTraces, name_of
from cpesim.engine.order import Failed, Part
from cpesim.measure.result import Result, RunFacts
from cpesim.measure.tally import Kind

HEAD = b"POST / HTTP/1.1\r\nAuthorization: Basic c2VjcmV0\r\nX-Api-Key: s3cret"
BUSY = Part(b"HTTP/1.1 503\r\nset-cookie: sid=s3cret", b"<busy/>", 7)


def one(
    label: str = "http 503",
    exchange: str = "Inform",
    group: str = "",
    *,
    body: bytes = b"<Inform/>",
    answer: Part | None = BUSY,
    why: str = "",
) -> Failed:
    """A session that failed."""
    sent = Part(HEAD, body, len(body))
    kind = label, exchange, group
    return Failed(12.5, 7, "HG0007", kind, why, 0.5, sent, answer)


def kept(folder: Path, result: Result, *told: Failed, each: int = 20) -> None:
    """All of them, heard and written."""
    traces = FailureTraces(result, each)
    for failed_one in told:
        traces.hear(failed_one)
    traces.write(folder, inf)


@pytest.fixture
def result() -> Result:
    """Of a run under way."""
    return Result(RunFacts("a", "1", "http://a/", 10))


def test_a_trace_is_for_people(tmp_path: Path, result: Result) -> None:
    """What failed, whose, when; both messages, by their moments, without a secret."""
    kept(tmp_path, result, one(group="homes", why="said s3\x1b[2J"))
    (path,) = tmp_path.glob("traces/*")
    assert path.name == "http-503-Inform-homes-1.txt"
    text = path.read_text()
    assert text.splitlines() == [
        "http 503 on Inform, CPE 7 (HG0007) of homes, at 00:12: said s3\ufffd[2J",
        "the last exchange:",
        "",
        ">>    12.000s  POST / HTTP/1.1",
        ">>   Authorization: Basic ***",
        ">>   X-Api-Key: ***",
        ">>   <Inform/>",
        "",
        "<<    12.500s  HTTP/1.1 503",
        "<<   set-cookie: sid=***",
        "<<   <busy/>",
    ]
    kind = Kind("http 503", "Inform", "homes")
    assert result.traces[kind] == (f"traces/{path.name}", text)
    assert result.files == ["traces/"]


def test_a_password_that_was_cut_is_masked(tmp_path: Path, result: Result) -> None:
    """Half an answer, or a body too long, may end in the middle of one."""
    for body in (
        b"<Password>s3cret",
        b"<Password><![CDATA[s3cret",
        b"<Password>s3cret<",
    ):
        answer = Part(b"HTTP/1.1 200", body, 90_000)
        kept(tmp_path, result, one(answer=answer))
        (path,) = tmp_path.glob("traces/*")
        text = path.read_text()
        assert "s3cret" not in text
        assert "<Password>***" in text
        assert "bytes more" in text
        path.unlink()


def test_what_never_came_is_said(tmp_path: Path, result: Result) -> None:
    """No answer, or not even a connection."""
    late = one("response timeout", answer=None)
    refused = Failed(
        1.0, 3, "HG3", ("connect refused", "Inform", ""), "", 0, None, None
    )
    kept(tmp_path, result, late, refused)
    told = {p.name: p.read_text() for p in tmp_path.glob("traces/*")}
    assert told["response-timeout-Inform-1.txt"].endswith(
        "<<    12.500s  (no answer)\n"
    )
    assert told["connect-refused-Inform-1.txt"] == (
        "connect refused on Inform, CPE 3 (HG3), at 00:01\nnothing was sent\n"
    )


def test_the_first_of_each_kind_are_kept(tmp_path: Path, result: Result) -> None:
    """So many of each; kinds whose names look alike write over nothing."""
    kept(tmp_path, result, *[one(), one("http-503")] * 5, each=2)
    names = {path.name for path in tmp_path.glob("traces/*")}
    assert names == {f"http-503-Inform-{n}.txt" for n in (1, 2, 3, 4)}
    assert result.traces.of(Kind("http 503", "Inform")) is not None
    assert result.traces[Kind("http 503", "Inform")].path.endswith("-1.txt")


def test_all_together_are_bounded(
    tmp_path: Path, result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In files and in bytes; of what is shown in the letters."""
    monkeypatch.setattr(failed, "MOST_FILES", 3)
    kept(tmp_path, result, *(one(f"kind {number}") for number in range(5)))
    assert len([*tmp_path.glob("traces/*")]) == 3
    monkeypatch.setattr(failed, "MOST_FILES", 30)
    monkeypatch.setattr(failed, "MOST_BYTES", 100_000)
    (tmp_path / "b").mkdir()
    big = [one(f"big {number}", body=b"x" * 60_000) for number in range(9)]
    kept(tmp_path / "b", result, *big)
    sizes = [path.stat().st_size for path in tmp_path.glob("b/traces/*")]
    assert sum(sizes) == 100_000
    assert max(len(trace.text) for trace in result.traces.values()) == 20_000


def test_a_burst_is_written_little_by_little(tmp_path: Path, result: Result) -> None:
    """The run goes on meanwhile; at its end there are all."""
    traces = FailureTraces(result, 50)
    for _ in range(50):
        traces.hear(one(body=b"<a>" * 5_000))
    traces.write(tmp_path, 0.01)
    some = len([*tmp_path.glob("traces/*")])
    assert 1 <= some < 50
    traces.write(tmp_path, inf)
    assert len([*tmp_path.glob("traces/*")]) == 50


def test_a_full_disk_ends_nothing(tmp_path: Path, result: Result) -> None:
    """It is an event, once."""
    (tmp_path / "traces").write_text("no folder")
    kept(tmp_path, result, one(), one(), one())
    ((_, text),) = result.events
    assert text.startswith("traces/ cannot be written: ")
    assert not result.traces


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (Kind("http 503", "empty POST"), "http-503-empty-POST"),
        (Kind("../../x", "a/b", "c d"), "x-a-b-c-d"),
        (Kind("错误"), "failed"),
        (Kind("x" * 300), "x" * 80),
    ],
)
def test_names_of_files(kind: Kind, name: str) -> None:
    """No letter that a shell or a path would mind."""
    assert name_of(kind) == name
