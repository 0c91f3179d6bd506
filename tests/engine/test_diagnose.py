"""Throughput tests over real sockets, from Requested to the results (B3, B5)."""

from __future__ import annotations

import re
from typing import Any

import pytest
import trio

from cpesim.device.diagnostics.run import Run
from cpesim.device.transfer import MOVING
from cpesim.engine import diagnose
from cpesim.engine.errand import run_errand
from cpesim.engine.transfer import Files
from tests.device.diagnosed import COMPLETE, DOWNLOAD, STATE, TR098, TR181, UPLOAD, Desk
from tests.engine.lineserver import LineServer, line_server
from tests.play import reply

OLD_DOWNLOAD = "InternetGatewayDevice.DownloadDiagnostics."
OLD_UPLOAD = "InternetGatewayDevice.UploadDiagnostics."
TIME = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
ORDER = ("TCPOpenRequestTime", "TCPOpenResponseTime", "ROMTime", "BOMTime", "EOMTime")
UNKNOWN = "0001-01-01T00:00:00Z"
BODY = b"x" * 300_000


def whole(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


ANSWERS: dict[str, bytes | str] = {
    "/file": whole(BODY),
    "/put": b"HTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n",
    "/empty": whole(b""),
    "/chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5\r\nhello\r\n3\r\n0\r\n\r\n0\r\n\r\n",
    "/until-close": b"HTTP/1.0 200 OK\r\n\r\n" + b"y" * 5000,
    "/continue": b"HTTP/1.1 100 Continue\r\n\r\n" + whole(b"z" * 100),
    "/short": b"HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\ncut",
    "/login": b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=x\r\n"
    b"Content-Length: 0\r\n\r\n",
    "/forbidden": b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n",
    "/moved": b"HTTP/1.1 302 Go\r\nLocation: file:///etc/passwd\r\n"
    b"Content-Length: 0\r\n\r\n",
    "/moved-here": b"HTTP/1.1 302 Go\r\nLocation: /file\r\nContent-Length: 0\r\n\r\n",
    "/garbage": b"220 ftp.example ready\r\n\r\n",
    "/closes": "",
    "/hangs": "hang",
    "/endless": "endless",
}


def files(**options: Any) -> Files:
    return Files(lambda name, by: None, lambda series, took: None, **options)


def ordered(desk: Desk, path: str, url: str, **inputs: str) -> Run:
    """The run that the engine has to do after the session."""
    name = "UploadURL" if "Upload" in path else "DownloadURL"
    desk.request(path, **{name: url}, **inputs)
    (run,) = desk.device.errands
    assert isinstance(run, Run)
    desk.device.errands = ()
    return run


async def measured(
    desk: Desk, path: str, url: str, using: Files | None = None, **inputs: str
) -> dict[str, str]:
    """Have the test done, and read the results that the ACS is called for."""
    run = ordered(desk, path, url, **inputs)
    with trio.fail_after(20):
        outcome = await run_errand(using or files(), desk.device, run)
    desk.device.returned(run, outcome, 20.0)
    desk.device.wake(20.0)
    assert desk.device.events == (COMPLETE,)
    return desk.read(path)


def in_order(read: dict[str, str]) -> None:
    """Every moment is known to the microsecond, and follows the one before."""
    times = [read[name] for name in ORDER]
    assert all(map(TIME.fullmatch, times)), times
    assert times == sorted(times)


@pytest.mark.rule("B3", "B5")
@pytest.mark.parametrize(
    ("name", "path", "word"),
    [(TR181, DOWNLOAD, "Complete"), (TR098, OLD_DOWNLOAD, "Completed")],
)
async def test_a_download(name: str, path: str, word: str) -> None:
    """The file really comes; its moments and bytes, head included, are told."""
    desk = Desk(name)
    async with line_server(ANSWERS) as server:
        read = await measured(desk, path, server.url + "/file")
    assert read[STATE] == word
    in_order(read)
    received = len(ANSWERS["/file"])
    assert int(read["TestBytesReceived"]) == received
    assert received < int(read["TotalBytesReceived"]) < received * 1.1
    assert server.heads == [
        f"GET /file HTTP/1.1\r\nHost: {server.url[7:]}\r\nAccept: */*"
    ]
    assert desk.counters["diagnostics.bytes.received"] == received
    assert desk.counters["diagnostics.bytes.sent"] == len(server.heads[0]) + 4
    assert desk.counters["diagnostics.done"] == 1


@pytest.mark.rule("B3", "B5")
@pytest.mark.parametrize(
    ("name", "path", "word"),
    [(TR181, UPLOAD, "Complete"), (TR098, OLD_UPLOAD, "Completed")],
)
async def test_an_upload(name: str, path: str, word: str) -> None:
    """TestFileLength bytes really go, and what answers them ends the test."""
    desk = Desk(name)
    async with line_server(ANSWERS) as server:
        read = await measured(desk, path, server.url + "/put", TestFileLength="200001")
    assert read[STATE] == word
    in_order(read)
    assert server.received == 200_001
    (head,) = server.heads
    assert head.startswith("PUT /put HTTP/1.1\r\n")
    assert "Content-Length: 200001" in head
    sent = 200_001 + len(head) + 4
    assert sent < int(read["TotalBytesSent"]) < sent * 1.1
    if name == TR181:
        assert int(read["TestBytesSent"]) == sent


@pytest.mark.rule("B3")
@pytest.mark.parametrize("path", ["/chunked", "/until-close", "/continue", "/empty"])
async def test_answers_of_all_kinds_are_understood(path: str) -> None:
    """The end of a body is where HTTP says."""
    async with line_server(ANSWERS) as server:
        read = await measured(Desk(), DOWNLOAD, server.url + path)
    assert read[STATE] == "Complete"
    assert int(read["TestBytesReceived"]) == len(ANSWERS[path])


@pytest.mark.rule("B3", "B5")
@pytest.mark.parametrize(
    ("path", "down", "up"),
    [
        ("/nothing", "Error_TransferFailed", "Error_NoTransferComplete"),
        ("/forbidden", "Error_TransferFailed", "Error_NoTransferComplete"),
        ("/login", "Error_LoginFailed", "Error_LoginFailed"),
        ("/moved", "Error_TransferFailed", "Error_NoTransferComplete"),
        ("/moved-here", "Error_TransferFailed", "Error_NoTransferComplete"),
        ("/garbage", "Error_TransferFailed", "Error_NoTransferComplete"),
        ("/closes", "Error_NoResponse", "Error_NoResponse"),
        ("/short", "Error_TransferFailed", "Complete"),
    ],
)
async def test_how_a_test_fails(path: str, down: str, up: str) -> None:
    """Each failure has its word, is counted and told; none is tried again."""
    async with line_server(ANSWERS) as server:
        desk = Desk()
        read = await measured(desk, DOWNLOAD, server.url + path)
        assert read[STATE] == down
        assert desk.counters[f"diagnostics.failed.{down}"] == 1
        read = await measured(Desk(), UPLOAD, server.url + path, TestFileLength="10")
        assert read[STATE] == up
        assert len(server.heads) == 2


@pytest.mark.rule("B5")
@pytest.mark.parametrize("url", ["http://127.0.0.1:9/x", "http://127.0.0.1:9"])
@pytest.mark.parametrize(
    ("name", "path"),
    [(TR181, DOWNLOAD), (TR181, UPLOAD), (TR098, OLD_DOWNLOAD), (TR098, OLD_UPLOAD)],
)
async def test_nobody_listens(name: str, path: str, url: str) -> None:
    """Error_InitConnectionFailed, and no moment is made up."""
    read = await measured(Desk(name), path, url)
    assert read[STATE] == "Error_InitConnectionFailed"
    assert read["TCPOpenResponseTime"] == read["BOMTime"] == UNKNOWN
    assert TIME.fullmatch(read["TCPOpenRequestTime"])


@pytest.mark.rule("B5")
@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("", "Error_InitConnectionFailed"),
        ("file:///etc/passwd", "Error_InitConnectionFailed"),
        ("ftp://127.0.0.1/x", "Error_InitConnectionFailed"),
        ("http://[::1", "Error_InitConnectionFailed"),
        ("http://a:99999/", "Error_InitConnectionFailed"),
        ("http:///x", "Error_CannotResolveHostName"),
        ("http://files.invalid/x", "Error_CannotResolveHostName"),
    ],
)
def test_urls_that_are_none(url: str, word: str) -> None:
    """They end at once, and the engine is not asked."""
    desk = Desk()
    desk.request(DOWNLOAD, DownloadURL=url)
    assert desk.device.errands == ()
    desk.device.wake(11.0)
    assert desk.state(DOWNLOAD) == word
    assert desk.device.events == (COMPLETE,)
    old = Desk(TR098)
    old.request(OLD_DOWNLOAD, DownloadURL=url)
    old.device.wake(11.0)
    assert old.state(OLD_DOWNLOAD) == "Error_InitConnectionFailed"


@pytest.mark.rule("B3")
@pytest.mark.parametrize("path", [DOWNLOAD, UPLOAD])
async def test_the_line_s_bandwidth_is_the_limit(path: str) -> None:
    """200 kB at 500 kB/s take 0.4 s from BOM to EOM."""
    desk = Desk(download=500_000.0, upload=500_000.0)
    answers = ANSWERS | {"/x": whole(b"x" * 200_000)}
    async with line_server(answers) as server:
        read = await measured(desk, path, server.url + "/x", **length_of(path, 200_000))
    assert read[STATE] == "Complete"
    assert 0.4 <= seconds(read) < 1.5


def length_of(path: str, length: int) -> dict[str, str]:
    return {"TestFileLength": str(length)} if path == UPLOAD else {}


def seconds(read: dict[str, str]) -> float:
    """From BOM to EOM, within an hour."""
    begin, end = (
        int(read[name][14:16]) * 60 + float(read[name][17:-1])
        for name in ("BOMTime", "EOMTime")
    )
    return (end - begin) % 3600


@pytest.mark.rule("B3")
@pytest.mark.parametrize("path", [DOWNLOAD, UPLOAD])
async def test_several_connections(path: str) -> None:
    """All at once, each with a row of its own where the ACS wants it."""
    desk = Desk()
    async with line_server(ANSWERS) as server:
        where = "/put" if path == UPLOAD else "/file"
        read = await measured(
            desk,
            path,
            server.url + where,
            NumberOfConnections="3",
            EnablePerConnectionResults="1",
            **length_of(path, 300_000),
        )
    assert read[STATE] == "Complete"
    assert len(server.heads) == server.most_open == 3
    assert read["PerConnectionResultNumberOfEntries"] == "3"
    rows = [
        {n: read[f"PerConnectionResult.{k}.{n}"] for n in (*ORDER, total(path))}
        for k in (1, 2, 3)
    ]
    for row in rows:
        in_order(row)
    assert read["ROMTime"] == min(row["ROMTime"] for row in rows)
    assert read["BOMTime"] == min(row["BOMTime"] for row in rows)
    assert read["EOMTime"] == max(row["EOMTime"] for row in rows)
    assert read["TCPOpenRequestTime"] == max(row["TCPOpenRequestTime"] for row in rows)
    assert (
        int(read[total(path)]) == sum(int(row[total(path)]) for row in rows) > 900_000
    )
    assert int(read["PeriodOfFullLoading"]) <= seconds(read) * 1e6 + 1


def total(path: str) -> str:
    return "TestBytesSent" if path == UPLOAD else "TestBytesReceived"


async def test_rows_only_where_they_are_wanted() -> None:
    """EnablePerConnectionResults is false by default."""
    async with line_server(ANSWERS) as server:
        read = await measured(Desk(), DOWNLOAD, server.url + "/file")
    assert read["PerConnectionResultNumberOfEntries"] == "0"


@pytest.mark.rule("B3")
@pytest.mark.parametrize("path", [DOWNLOAD, UPLOAD])
async def test_a_test_by_time(path: str) -> None:
    """TimeBasedTestDuration ends it well, whatever there is left to move."""
    desk = Desk(download=2e6, upload=2e6)
    async with line_server(ANSWERS) as server:
        where = "/put" if path == UPLOAD else "/endless"
        read = await measured(desk, path, server.url + where, TimeBasedTestDuration="1")
    assert read[STATE] == "Complete"
    assert 1.0 <= seconds(read) < 2.0
    assert int(read[total(path)]) > 1_000_000


@pytest.mark.rule("B3", "B5")
@pytest.mark.parametrize("order", ["set", "cancel", "reboot", "reset"])
async def test_what_is_stopped_moves_no_more(order: str) -> None:
    """A parameter, Canceled, the power: the connection goes at once, without an 8."""
    desk = Desk()
    async with line_server(ANSWERS) as server, trio.open_nursery() as nursery:
        run = ordered(desk, DOWNLOAD, server.url + "/endless")

        async def engine() -> None:
            outcome = await run_errand(files(), desk.device, run)
            desk.device.returned(run, outcome, 30.0)

        nursery.start_soon(engine)
        await until_it_sends(server)
        message = {
            "set": desk.set((DOWNLOAD + "DSCP", "8")),
            "cancel": desk.set((DOWNLOAD + STATE, "Canceled")),
            "reboot": reply("Reboot", "k"),
            "reset": reply("FactoryReset"),
        }[order]
        desk.hold(20.0, message)
        with trio.fail_after(5):
            await server.closed.wait()
    desk.device.wake(300.0)
    assert desk.state(DOWNLOAD) == "None"
    assert COMPLETE not in desk.device.events
    assert desk.read(DOWNLOAD)["TestBytesReceived"] == "0"
    assert desk.counters["diagnostics.done"] == 0
    assert desk.counters["diagnostics.stopped"] == 1


async def until_it_sends(server: LineServer) -> None:
    with trio.fail_after(5):
        while not server.heads:
            await trio.lowlevel.checkpoint()


@pytest.mark.rule("B5")
async def test_a_restart_ends_the_first_connection() -> None:
    """The old test's connection goes; only the new one's results are told."""
    desk = Desk()
    async with line_server(ANSWERS) as server, trio.open_nursery() as nursery:
        run = ordered(desk, DOWNLOAD, server.url + "/endless")
        nursery.start_soon(run_errand, files(), desk.device, run)
        await until_it_sends(server)
        read = await measured(desk, DOWNLOAD, server.url + "/file")
    assert read[STATE] == "Complete"
    assert int(read["TestBytesReceived"]) == len(ANSWERS["/file"])


async def test_a_run_that_was_stopped_before_it_began() -> None:
    """The engine does nothing for it."""
    desk = Desk()
    async with line_server(ANSWERS) as server:
        run = ordered(desk, DOWNLOAD, server.url + "/file")
        assert run.state == MOVING
        desk.hold(11.0, desk.set((DOWNLOAD + "DSCP", "8")))
        assert await run_errand(files(), desk.device, run) == ("None", ())
    assert server.heads == []


@pytest.mark.rule("B5")
@pytest.mark.parametrize(
    ("constant", "path", "word"),
    [
        ("SILENCE", "/hangs", "Error_NoResponse"),
        ("LONGEST", "/endless", "Error_Timeout"),
        ("MOST", "/endless", "Error_TransferFailed"),
    ],
)
async def test_no_test_goes_on_for_ever(
    constant: str, path: str, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that is silent, that never ends, that sends too much."""
    monkeypatch.setattr(diagnose, constant, 100_000 if constant == "MOST" else 0.3)
    async with line_server(ANSWERS) as server:
        read = await measured(Desk(), DOWNLOAD, server.url + path)
    assert read[STATE] == word
