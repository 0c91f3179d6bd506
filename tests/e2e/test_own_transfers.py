"""Files that CPEs move of their own accord, end to end (CHECKLIST T9, T12, E5)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.e2e.fleet import flawless, fleet, stats
from tests.e2e.judging import judged_acs

OWN = """\
version: 1
name: own
description: a gateway that sends its configuration home, and asks for images
extends: residential-gateway-tr181
transfers:
  autonomous: {{url: "{url}", every: 1s, type: 3 Vendor Configuration File}}
  request: {{every: 1s, arguments: {{Version: "9"}}}}
parameters:
  ManagementServer.AutonomousTransferCompletePolicy.Enable: = 1
"""


@pytest.fixture
def files() -> Iterator[tuple[str, list[bytes]]]:
    """The URL of a server that takes files, and what it got."""
    got: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            got.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(201)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/home", got
        server.shutdown()
        thread.join()


@pytest.mark.rule("T9", "T12", "E5")
def test_files_of_their_own(tmp_path: Path, files: tuple[str, list[bytes]]) -> None:
    """They arrive; events 10 and 9 are told with their requests, without a flaw."""
    url, got = files
    profile = tmp_path / "own.yaml"
    profile.write_text(OWN.format(url=url), encoding="utf-8")
    with judged_acs(tmp_path) as home:
        told = fleet(
            *(
                tmp_path,
                home,
                "-n",
                "3",
                "-d",
                "5s",
                "--ramp",
                "500ms",
                "--grace",
                "3s",
            ),
            *("--profile", str(profile)),
        )
        heard = stats(home)
    flawless(heard)
    assert heard["events"]["10 AUTONOMOUS TRANSFER COMPLETE"] >= 3
    assert heard["events"]["9 REQUEST DOWNLOAD"] >= 3
    # The end of the run may leave one that the server has and nobody waits for.
    assert 3 <= told["uploads"]["done"] <= len(got)
    assert 3 * len(got[0]) // 2 < told["uploads"]["bytes"] <= sum(map(len, got))
    assert all(b"\nDevice.WiFi.SSID.1.SSID=" in body for body in got)
