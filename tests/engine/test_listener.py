"""Connection requests, from the caller's side (CHECKLIST C)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from cpesim.device.device import Device
from cpesim.engine.listener import Listener, Paths, heard, listen
from cpesim.engine.site import open_site
from cpesim.errors import ConfigError, MachineError
from cpesim.measure.meter import Meter
from cpesim.scenario.scenario import Acs
from cpesim.wire.auth import ClientAuth, Credentials, ServerAuth
from tests.factory import SERVER, make_device

PATHS = Paths(b"secret of the run")


@pytest.mark.rule("C1")
def test_paths_cannot_be_guessed() -> None:
    """Each device's path is its own, and needs the run's secret."""
    paths = {PATHS.of(n) for n in range(1000)}
    assert len(paths) == 1000
    assert all(PATHS.number(PATHS.of(n)) == n for n in (0, 7, 999_999))
    assert Paths(b"another").number(PATHS.of(7)) is None
    mac = PATHS.of(7).partition("-")[2]
    assert PATHS.number(f"/8-{mac}") is None


@given(st.text(max_size=60))
def test_no_path_crashes(path: str) -> None:
    """Whatever is asked for, it is a device's path or it is not."""
    assert PATHS.number("/" + path) is None


@given(st.binary(max_size=200))
def test_no_head_crashes(head: bytes) -> None:
    """A request's head is read or refused."""
    request = heard(head)
    assert request is None or request.method is not None


class Booth:
    """A listener with one device behind it, and what came of the calls."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.meter = Meter()
        self.knocked = 0
        self.willing = True

    def knock(self, device: Device, now: float) -> bool:
        self.knocked += self.willing
        return self.willing

    def counters(self) -> dict[str, int]:
        return self.meter.snapshot(1.0, {}).counters


@asynccontextmanager
async def booth(device: Device) -> AsyncIterator[tuple[Booth, int]]:
    """A real port on 127.0.0.1."""
    made = Booth(device)
    hears = Listener(
        PATHS,
        device=lambda n: device if n == device.n else None,
        knock=made.knock,
        clock=lambda: 1.0,
        meter=made.meter,
        auth=ServerAuth("cpesim", b"x", lambda: 1.0),
    )
    listener = listen("127.0.0.1", 0)
    port = listener.socket.getsockname()[1]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(hears.serve, listener)
        yield made, port
        nursery.cancel_scope.cancel()


async def ask(stream: trio.abc.Stream, text: str) -> str:
    """Send a request, return the head of the answer; "" when it was closed."""
    await stream.send_all(text.encode())
    found = b""
    with trio.fail_after(5):
        while b"\r\n\r\n" not in found:
            try:
                more = await stream.receive_some(4096)
            except trio.BrokenResourceError:
                break
            if not more:
                break
            found += more
    return found.decode()


def authorized(head: str, path: str, password: str = "knock") -> str:
    """The Authorization header that answers a 401."""
    challenge = re.search(r"WWW-Authenticate: (.*)\r\n", head)
    assert challenge is not None
    auth = ClientAuth(Credentials("acs", password), "salt")
    assert auth.challenge([challenge[1]])
    return f"Authorization: {auth.header('GET', path, b'')}\r\n"


@pytest.mark.rule("C1", "C2")
async def test_a_knock() -> None:
    """401, then 200 with no body, on one connection; nc is not taken twice."""
    device = make_device(5)
    path = PATHS.of(5)
    async with booth(device) as (made, port):
        stream = await trio.open_tcp_stream("127.0.0.1", port)
        async with stream:
            get = f"GET {path} HTTP/1.1\r\nHost: x\r\n"
            head = await ask(stream, get + "\r\n")
            assert head.startswith("HTTP/1.1 401 ")
            assert made.knocked == 0
            proof = authorized(head, path)
            head = await ask(stream, get + proof + "\r\n")
            assert head.startswith("HTTP/1.1 200 ")
            assert "Content-Length: 0" in head
            head = await ask(stream, get + proof + "\r\n")
            assert "stale=true" in head
        assert made.knocked == 1
        assert made.counters()["knocks.answered"] == 1


@pytest.mark.rule("C1", "C4")
@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ("POST {path} HTTP/1.1\r\n\r\n", "405"),
        ("GET /nobody HTTP/1.1\r\n\r\n", "404"),
        ("GET {path}\r\n\r\n", "400"),
        ("GET {path} HTTP/1.1\r\nbroken\r\n\r\n", "400"),
        ("GET {path} HTTP/1.1\r\nX: " + "y" * 9000, "400"),
        ("GET {path} HTTP/1.1\r\nAuthorization: Basic YWNzOmtub2Nr\r\n\r\n", "401"),
        ("GET {path} HTTP/1.1\r\nAuthorization: Digest x\r\n\r\n", "401"),
    ],
)
async def test_strangers_start_nothing(request_: str, status: str) -> None:
    """Wrong methods, paths, heads and proofs never reach the device."""
    device = make_device(5)
    async with booth(device) as (made, port):
        async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
            head = await ask(stream, request_.format(path=PATHS.of(5)))
        assert head.startswith(f"HTTP/1.1 {status} ")
        assert made.knocked == 0


@pytest.mark.rule("C1")
async def test_the_credentials_are_the_device_s_own() -> None:
    """What the ACS set counts from then on."""
    device = make_device(5)
    path = PATHS.of(5)
    device.model.set(SERVER + "ConnectionRequestPassword", "changed")
    async with booth(device) as (made, port):
        for password, status in (("knock", "401"), ("changed", "200")):
            async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
                get = f"GET {path} HTTP/1.1\r\n"
                proof = authorized(await ask(stream, get + "\r\n"), path, password)
                head = await ask(stream, get + proof + "\r\n")
                assert head.startswith(f"HTTP/1.1 {status} ")
        assert made.counters()["knocks.unauthorized"] == 1


@pytest.mark.rule("C3")
async def test_a_refused_knock_is_a_503_without_retry_after() -> None:
    """The device has had too many."""
    device = make_device(5)
    path = PATHS.of(5)
    async with booth(device) as (made, port):
        made.willing = False
        async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
            get = f"GET {path} HTTP/1.1\r\n"
            proof = authorized(await ask(stream, get + "\r\n"), path)
            head = await ask(stream, get + proof + "\r\n")
        assert head.startswith("HTTP/1.1 503 ")
        assert "Retry-After" not in head


@pytest.mark.rule("C3", "B1")
async def test_a_device_in_the_dark_answers_nothing() -> None:
    """The connection closes without a word."""
    device = make_device(5)
    device.darken(0.0, 45.0)
    async with booth(device) as (made, port):
        async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
            assert await ask(stream, f"GET {PATHS.of(5)} HTTP/1.1\r\n\r\n") == ""
        assert made.counters()["knocks.missed"] == 1


@pytest.mark.rule("C8")
async def test_connection_requests_can_be_off() -> None:
    """Without a URL there is nothing to call."""
    device = make_device(5)
    device.model.set(SERVER + "ConnectionRequestURL", "")
    async with booth(device) as (_, port):
        async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
            head = await ask(stream, f"GET {PATHS.of(5)} HTTP/1.1\r\n\r\n")
        assert head.startswith("HTTP/1.1 404 ")


@pytest.mark.rule("C9")
async def test_a_body_is_ignored() -> None:
    """It is not read as a second request; the connection closes behind it."""
    device = make_device(5)
    async with booth(device) as (made, port):
        async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
            head = await ask(
                stream,
                f"GET {PATHS.of(5)} HTTP/1.1\r\nContent-Length: 9\r\n\r\nGET / HTT",
            )
            assert head.startswith("HTTP/1.1 401 ")
            assert "Connection: close" in head
        assert made.knocked == 0


@pytest.mark.rule("C9")
async def test_where_a_worker_listens() -> None:
    """PORT + i, advertised so; by default a free port and the way to the ACS."""
    acs = Acs("http://127.0.0.1:1/", advertise="cpe.example:9000")
    listener, url = open_site(acs, PATHS, 2)
    assert url(5) == f"http://cpe.example:9002{PATHS.of(5)}"
    await listener.aclose()

    listener, url = open_site(Acs("http://127.0.0.1:1/"), PATHS, 0)
    port = listener.socket.getsockname()[1]
    assert url(5) == f"http://127.0.0.1:{port}{PATHS.of(5)}"

    taken = Acs("http://127.0.0.1:1/", listen=f"127.0.0.1:{port}")
    with pytest.raises(MachineError, match="cannot listen"):
        open_site(taken, PATHS, 0)
    await listener.aclose()

    with pytest.raises(ConfigError, match="expected HOST"):
        open_site(Acs("http://127.0.0.1:1/", listen=":::"), PATHS, 0)


@pytest.mark.rule("X9", "C9")
async def test_a_fleet_with_many_addresses() -> None:
    """Each CPE advertises the address that it calls from."""
    acs = Acs("http://127.0.0.1:1/", source_addresses=("127.0.0.2", "127.0.0.3"))
    listener, url = open_site(acs, PATHS, 0)
    assert url(1).startswith("http://127.0.0.3:")
    await listener.aclose()
