"""Files really move, and fail when their causes are there (CHECKLIST T3, T5)."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio

from cpesim.device.profile import Firmware
from cpesim.device.transfer import FIRMWARE, MOVING, Transfer
from cpesim.engine.transfer import Files, status_code
from cpesim.measure.meter import Meter
from cpesim.wire.auth import ServerAuth

IMAGE = b"x" * 40_000
FAST = Firmware(bandwidth=1e9, least=10)


@asynccontextmanager
async def server(answers: dict[str, bytes]) -> AsyncIterator[str]:
    """A file server of a few lines: the answer to each path is given whole."""
    basic = base64.b64encode(b"user:pass").decode()
    digest = ServerAuth("files", b"s", trio.current_time)

    async def serve(stream: trio.SocketStream) -> None:
        async with stream:
            head = b""
            while True:
                while b"\r\n\r\n" not in head:
                    more = await stream.receive_some(4096)
                    if not more:
                        return
                    head += more
                lines = head.decode().split("\r\n")
                head = b""
                path = lines[0].split(" ")[1]
                proof = next(
                    (x[15:] for x in lines if x.lower().startswith("authorization: ")),
                    "",
                )
                answer = answers.get(
                    path, b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"
                )
                if path == "/basic" and proof != f"Basic {basic}":
                    answer = UNAUTHORIZED % b"Basic realm=files"
                if (
                    path == "/digest"
                    and digest.check(
                        "GET", path, proof, lambda u: "pass" if u == "user" else None
                    )
                    != "ok"
                ):
                    answer = UNAUTHORIZED % digest.challenge().encode()
                await stream.send_all(answer)
                if b"cut" in answer:
                    return

    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        port = listeners[0].socket.getsockname()[1]
        nursery.start_soon(trio.serve_listeners, serve, listeners)
        yield f"http://127.0.0.1:{port}"
        nursery.cancel_scope.cancel()


UNAUTHORIZED = b"HTTP/1.1 401 No\r\nWWW-Authenticate: %s\r\nContent-Length: 0\r\n\r\n"


def whole(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


ANSWERS = {
    "/image": whole(IMAGE),
    "/basic": whole(IMAGE),
    "/digest": whole(IMAGE),
    "/empty": whole(b""),
    "/moved": b"HTTP/1.1 302 Go\r\nLocation: /image\r\nContent-Length: 0\r\n\r\n",
    "/round": b"HTTP/1.1 302 Go\r\nLocation: /round\r\nContent-Length: 0\r\n\r\n",
    "/short": b"HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\ncut",
    "/odd": b"HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm=r, nonce=n, "
    b'qop="auth", algorithm=SHA-512-256\r\nContent-Length: 0\r\n\r\n',
    "/secret": b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n",
    "/broken": b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
}


def files(meter: Meter) -> Files:
    return Files(meter.count, meter.record, resolve={"files.example": "127.0.0.1"})


@pytest.mark.rule("T3", "T5")
@pytest.mark.parametrize(
    ("path", "options", "code"),
    [
        ("/image", {}, 0),
        ("/image", {"size": 40_000}, 0),
        ("/image", {"size": 41_000}, 9018),
        ("/empty", {}, 9018),
        ("/moved", {}, 0),
        ("/round", {}, 9010),
        ("/short", {}, 9017),
        ("/nothing", {}, 9016),
        ("/secret", {}, 9012),
        ("/odd", {"username": "user", "password": "pass"}, 9010),
        ("/broken", {}, 9010),
        ("/basic", {}, 9012),
        ("/basic", {"username": "user", "password": "pass"}, 0),
        ("/digest", {"username": "user", "password": "pass"}, 0),
        ("/digest", {"username": "user", "password": "wrong"}, 9012),
    ],
)
async def test_how_a_download_ends(
    path: str, options: dict[str, object], code: int
) -> None:
    """0, or the code of what went wrong."""
    meter = Meter()
    async with server(ANSWERS) as url:
        transfer = Transfer("k", FIRMWARE, url + path, **options)  # type: ignore[arg-type]
        transfer.state = MOVING
        with trio.fail_after(10):
            assert await files(meter).fetch(transfer, FAST, 0) == code
    counters = meter.snapshot(1.0, {}).counters
    assert counters["transfers.started"] == 1
    assert counters.get("transfers.done", 0) == (code == 0)
    assert counters.get(f"transfers.failed.{code}", 0) == (code != 0)
    if code == 0:
        assert counters["transfers.bytes"] == len(IMAGE)


@pytest.mark.rule("T5")
async def test_a_server_that_is_not_there() -> None:
    """9015: no contact."""
    transfer = Transfer("k", FIRMWARE, "http://127.0.0.1:9/x")
    assert await files(Meter()).fetch(transfer, FAST, 0) == 9015


async def test_the_profile_s_bandwidth_is_the_limit() -> None:
    """40 kB at 100 kB/s take 0.4 s."""
    meter = Meter()
    async with server(ANSWERS) as url:
        began = trio.current_time()
        transfer = Transfer("k", FIRMWARE, url + "/image")
        transfer.state = MOVING
        slow = Firmware(bandwidth=100_000, least=10)
        assert await files(meter).fetch(transfer, slow, 0) == 0
        assert trio.current_time() - began >= 0.4


async def test_names_that_stand_for_addresses() -> None:
    """`--resolve` holds for files too."""
    async with server(ANSWERS) as url:
        port = url.rpartition(":")[2]
        transfer = Transfer("k", FIRMWARE, f"http://files.example:{port}/image")
        transfer.state = MOVING
        assert await files(Meter()).fetch(transfer, FAST, 0) == 0


def test_every_status_has_its_code() -> None:
    """Success, authentication, no access, and the general failure."""
    codes = [status_code(s) for s in (200, 206, 401, 403, 404, 410, 500, 301)]
    assert codes == [0, 0, 9012, 9012, 9016, 9016, 9010, 9010]


@pytest.mark.rule("B1", "T5")
async def test_a_device_without_power_fetches_no_more() -> None:
    """A reboot breaks the file off where it is."""
    meter = Meter()
    async with server(ANSWERS) as url, trio.open_nursery() as nursery:
        transfer = Transfer("k", FIRMWARE, url + "/image")
        transfer.state = MOVING
        slow = Firmware(bandwidth=100_000, least=10)
        codes: list[int] = []

        async def fetch() -> None:
            codes.append(await files(meter).fetch(transfer, slow, 0))

        nursery.start_soon(fetch)
        await trio.sleep(0.1)
        transfer.state = 3
    assert codes == [9017]
