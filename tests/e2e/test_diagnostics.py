"""A diagnostic end to end: the program, an ACS that asks, and a server that serves."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
import trio
from lxml import etree

from tests.e2e.fleet import fast, quick, summary
from tests.e2e.front import Replay, listening
from tests.engine.lineserver import line_server
from tests.play import judged, reply

DOWNLOAD = "InternetGatewayDevice.DownloadDiagnostics."
UPLOAD = "InternetGatewayDevice.UploadDiagnostics."
FILE = b"HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n" + b"x" * 500_000
MADE = b"HTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n"
NOTHING = b"HTTP/1.1 204 No Content\r\n\r\n"


def said(method: str, *arguments: object) -> bytes:
    body = reply(method, *arguments)
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def bugs(where: Path) -> list[Path]:
    """The tracebacks that a run left."""
    return list(where.glob("out/*/bug-*.txt"))


class Listener(Replay):
    """An ACS of fixed answers that keeps what it is told."""

    def __init__(self, answers: list[bytes]) -> None:
        super().__init__(answers)
        self.bodies: list[bytes] = []

    def answer(self, body: bytes) -> bytes:
        self.bodies.append(body)
        return super().answer(body)


@pytest.mark.rule("B3", "B5", "E5")
async def test_throughput_tests_of_a_running_fleet(tmp_path: Path) -> None:
    """Asked for in one session, told with event 8 in the next, and counted."""
    async with line_server({"/file": FILE, "/put": MADE}) as server:
        values = [
            (DOWNLOAD + "DownloadURL", "string", server.url + "/file"),
            (DOWNLOAD + "DiagnosticsState", "string", "Requested"),
        ]
        more = [
            (UPLOAD + "DiagnosticsState", "string", "Requested"),
            (UPLOAD + "UploadURL", "string", server.url + "/put"),
            (UPLOAD + "TestFileLength", "unsignedInt", "600000"),
        ]
        acs = Listener(
            [
                *(said("InformResponse"), said("SetParameterValues", values), NOTHING),
                *(said("InformResponse"), said("GetParameterValues", DOWNLOAD)),
                *(said("SetParameterValues", more), NOTHING),
                *(said("InformResponse"), said("GetParameterValues", UPLOAD), NOTHING),
            ]
        )
        async with listening(acs.serve) as port:
            done = await trio.to_thread.run_sync(
                partial(
                    quick,
                    tmp_path,
                    f"http://127.0.0.1:{port}/",
                    *(
                        "-n",
                        "1",
                        "-d",
                        "3s",
                        "--grace",
                        "1s",
                        "--profile",
                        fast(tmp_path),
                    ),
                )
            )
    assert done.returncode == 0, done.stdout + done.stderr
    assert acs.left == []
    assert bugs(tmp_path) == []
    informs = [b for b in acs.bodies if b"<cwmp:Inform>" in b]
    assert [b.count(b"8 DIAGNOSTICS COMPLETE") for b in informs] == [0, 1, 1]
    told: dict[str, str] = {}
    for body in acs.bodies:
        if b"GetParameterValuesResponse" in body:
            for struct in etree.fromstring(judged(body)).iter("ParameterValueStruct"):
                told[str(struct.findtext("Name"))] = str(struct.findtext("Value"))
    assert told[DOWNLOAD + "DiagnosticsState"] == "Completed"
    assert told[DOWNLOAD + "TestBytesReceived"] == str(len(FILE))
    assert told[UPLOAD + "DiagnosticsState"] == "Completed"
    assert int(told[UPLOAD + "TotalBytesSent"]) > 600_000
    assert server.received == 600_000

    counted = summary(tmp_path)["diagnostics"]
    assert counted["started"] == counted["done"] == 2
    assert counted["bytes.received"] > 500_000
    assert counted["bytes.sent"] > 600_000
