"""Throughput tests over real sockets, from Requested to the results (B3, B5)."""

from __future__ import annotations

import pytest

from tests.device.diagnosed import COMPLETE, DOWNLOAD, STATE, TR098, TR181, UPLOAD, Desk
from tests.engine.lineserver import (
    ANSWERS,
    ORDER,
    TIME,
    in_order,
    line_server,
    measured,
    whole,
)

OLD_DOWNLOAD = "InternetGatewayDevice.DownloadDiagnostics."
OLD_UPLOAD = "InternetGatewayDevice.UploadDiagnostics."
UNKNOWN = "0001-01-01T00:00:00Z"


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
