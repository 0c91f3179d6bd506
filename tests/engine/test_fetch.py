"""What a device keeps of a file, and what a bad file server cannot do (T3, T11)."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio
import trustme

from cpesim.device.profile import Firmware
from cpesim.device.transfer import CONFIGURATION, FIRMWARE, MOVING, Transfer
from cpesim.device.world import World
from cpesim.engine import transfer as room
from cpesim.engine.shard import Running
from cpesim.engine.transfer import Files
from cpesim.measure.meter import Meter
from tests.conductor.stage import planned
from tests.device.transfers import gateway
from tests.engine.fileserver import file_server

FAST = Firmware(bandwidth=1e9)
Answer = Callable[[trio.SocketStream], Awaitable[None]]


@asynccontextmanager
async def saying(answer: Answer) -> AsyncIterator[str]:
    """A server that reads one request a connection and lets *answer* do the rest."""

    async def serve(stream: trio.SocketStream) -> None:
        async with stream:
            await stream.receive_some(4096)
            try:
                await answer(stream)
            except trio.BrokenResourceError:
                return

    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, serve, listeners)
        yield f"http://127.0.0.1:{listeners[0].socket.getsockname()[1]}/x"
        nursery.cancel_scope.cancel()


async def fetched(transfer: Transfer) -> int:
    """The code that a download ends with."""
    meter = Meter()
    transfer.state = MOVING
    with trio.fail_after(10):
        return await Files(meter.count, meter.record).fetch(transfer, FAST, 0)


@pytest.mark.rule("T11")
@pytest.mark.parametrize(
    ("file_type", "kept"),
    [(CONFIGURATION, b"settings\n"), (FIRMWARE, b""), ("2 Web Content", b"")],
)
async def test_a_configuration_is_kept_for_the_device(
    file_type: str, kept: bytes
) -> None:
    """Other files are counted and thrown away."""

    async def answer(stream: trio.SocketStream) -> None:
        await stream.send_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nsettings\n")

    async with saying(answer) as url:
        transfer = Transfer("k", file_type, url)
        assert await fetched(transfer) == 0
    assert transfer.content == kept
    assert transfer.moved == 9


@pytest.mark.rule("T11")
async def test_not_more_than_a_device_would_keep() -> None:
    """Of a large file the start; all of it is counted."""
    size = 3_000_000

    async def answer(stream: trio.SocketStream) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n"
        await stream.send_all(head.encode() + b"x" * size)

    async with saying(answer) as url:
        transfer = Transfer("k", CONFIGURATION, url)
        assert await fetched(transfer) == 0
    assert transfer.moved == size
    assert len(transfer.content) < room.MOST_KEPT + room.CHUNK


@pytest.mark.rule("T5")
@pytest.mark.parametrize("status", ["401 No", "302 Go"])
async def test_a_refusal_without_an_end(status: str) -> None:
    """Its body is not read: 9012 and, for a redirect that leads nowhere, 9010."""

    async def answer(stream: trio.SocketStream) -> None:
        head = f"HTTP/1.1 {status}\r\nWWW-Authenticate: Basic realm=x\r\nLocation: /x"
        await stream.send_all(head.encode() + b"\r\n\r\n")
        while True:
            await stream.send_all(b"x" * 65536)

    async with saying(answer) as url:
        transfer = Transfer("k", FIRMWARE, url, username="u", password="p")
        assert await fetched(transfer) == (9012 if status[0] == "4" else 9010)


@pytest.mark.rule("T5")
async def test_a_file_without_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given up at a limit that no image reaches: 9017."""
    monkeypatch.setattr(room, "MOST_BYTES", 1_000_000)

    async def answer(stream: trio.SocketStream) -> None:
        await stream.send_all(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            await stream.send_all(b"x" * 65536)

    async with saying(answer) as url:
        assert await fetched(Transfer("k", FIRMWARE, url)) == 9017


@pytest.mark.rule("T3")
async def test_another_server_is_not_told_the_password() -> None:
    """Credentials are for the server that the ACS named."""
    async with file_server({"/basic": (200, "")}) as other:
        there = {"/away": (303, f"Location: {other.url}/basic\r\n")}
        async with file_server(there) as server:
            known = {"username": "user", "password": "pass"}
            transfer = Transfer("k", "2 Web Content", server.url + "/away", **known)  # type: ignore[arg-type]
            assert await fetched(transfer) == 9012
        assert [g.path for g in other.got] == ["/basic"]
        assert "authorization" not in other.got[0].headers


@pytest.mark.rule("T3", "T5")
async def test_files_over_https(tmp_path: Path) -> None:
    """Up and down, from a server that is trusted; without trust there is no contact."""
    authority = trustme.CA()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    ca = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(ca)
    meter = Meter()
    codes = []
    async with file_server({"/x": (200, "")}, tls) as server:
        for files in (
            Files(meter.count, meter.record, ca=str(ca)),
            Files(meter.count, meter.record, insecure=True),
            Files(meter.count, meter.record),
        ):
            for upload in (False, True):
                transfer = Transfer("k", "2 Web Content", server.url + "/x")
                transfer.state = MOVING
                with trio.fail_after(10):
                    if upload:
                        codes.append(await files.send(transfer, b"log", FAST, 0))
                    else:
                        codes.append(await files.fetch(transfer, FAST, 0))
        assert [g.method for g in server.got] == ["GET", "PUT"] * 2
    assert codes == [0, 0, 0, 0, 9015, 9011]


async def test_a_shard_does_errands_while_a_session_waits() -> None:
    """What devices are given to that end really moves files."""
    world = World(1)
    (order,) = planned("http://127.0.0.1:9/").orders
    running = Running(order, [], world, trio.current_time())
    async with file_server({"/log": (200, "")}) as server:
        transfer = Transfer("k", "2 Vendor Log File", server.url + "/log", upload=True)
        transfer.state = MOVING
        assert world.do is not None
        with trio.fail_after(10):
            assert await world.do(gateway(), transfer) == 0
        assert [g.path for g in server.got] == ["/log"]
    assert running.meter.snapshot(1.0, {}).counters["uploads.done"] == 1
