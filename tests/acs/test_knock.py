"""Connection requests, against a small server that asks for Digest."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import pytest
import trio

from cpesim.acs.knock import knock
from cpesim.errors import BadReply, ConnectFailed, Disconnected, Timeout
from cpesim.wire.auth import Credentials, ServerAuth
from tests.acs.cpe import IGD, acs, inform, kinds
from tests.acs.model import Model


class Door:
    """What a CPE listens with; *script* are raw answers instead of the right one."""

    def __init__(self) -> None:
        self.auth = ServerAuth("door", b"secret", trio.current_time)
        self.passwords: dict[str, str] = {"cpe": "open"}
        self.heads: list[str] = []
        self.raw: bytes | None = None
        self.close = False
        self.url = ""

    async def serve(self, stream: trio.SocketStream) -> None:
        rest = b""
        async with stream:
            while True:
                while b"\r\n\r\n" not in rest:
                    data = await stream.receive_some(4096)
                    if not data:
                        return
                    rest += data
                head, _, rest = rest.partition(b"\r\n\r\n")
                self.heads.append(head.decode())
                await stream.send_all(self.answer(head.decode()))
                if self.raw is not None or self.close:
                    return

    def answer(self, head: str) -> bytes:
        if self.raw is not None:
            return self.raw
        method, target, _ = head.split(None, 2)
        given = re.search("(?i)authorization: (.*)", head)
        verdict = self.auth.check(
            method, target, given and given[1].strip(), self.passwords.get
        )
        end = "Connection: close\r\n" * self.close + "Content-Length: 0\r\n\r\n"
        if verdict == "ok":
            return f"HTTP/1.1 200 OK\r\n{end}".encode()
        asked = f"WWW-Authenticate: {self.auth.challenge(verdict == 'stale')}\r\n"
        return f"HTTP/1.1 401 Unauthorized\r\n{asked}{end}".encode()


@asynccontextmanager
async def door() -> AsyncIterator[Door]:
    """A door on a port of its own."""
    it = Door()
    async with trio.open_nursery() as nursery:
        listen = partial(trio.serve_tcp, it.serve, 0, host="127.0.0.1")
        listeners = await nursery.start(listen)
        port = listeners[0].socket.getsockname()[1]
        it.url = f"http://127.0.0.1:{port}/secret?x=1"
        try:
            yield it
        finally:
            nursery.cancel_scope.cancel()


async def until(true: Callable[[], object]) -> None:
    """Wait for what is told by nobody."""
    for _ in range(300):
        if true():
            return
        await trio.sleep(0.01)
    raise TimeoutError


@pytest.mark.rule("C1", "H12")
@pytest.mark.parametrize("close", [False, True])
async def test_a_knock_answers_the_challenge(close: bool) -> None:
    """GET, 401, GET with the proof; on a new connection when the old one closed."""
    async with door() as it:
        it.close = close
        assert await knock(it.url, Credentials("cpe", "open"), "1") == 200
        assert len(it.heads) == 2
        assert it.heads[0].startswith("GET /secret?x=1 HTTP/1.1")
        assert await knock(it.url, Credentials("cpe", "wrong"), "2") == 401


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b"", Disconnected),
        (b"rubbish\r\n\r\n", BadReply),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n" + b"x" * 99999, BadReply),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", Disconnected),
    ],
)
async def test_a_bad_answer_has_its_name(raw: bytes, error: type[Exception]) -> None:
    """No answer, rubbish, one without end."""
    async with door() as it:
        it.raw = raw
        with pytest.raises(error):
            await knock(it.url, Credentials("cpe", "open"), "1")


async def test_a_knock_that_reaches_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused, silent, or no URL at all."""
    with pytest.raises(ConnectFailed, match="refused"):
        await knock("http://127.0.0.1:9/x", Credentials("", ""), "1")
    urls = ("https://127.0.0.1/", "http:///x", "http://127.0.0.1:x/", "http://[::1/")
    for url in urls:
        with pytest.raises(BadReply):
            await knock(url, Credentials("", ""), "1")
    monkeypatch.setattr("cpesim.acs.knock.TIMEOUT", 0.1)
    silent = trio.socket.socket()
    with silent:
        await silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        with pytest.raises(Timeout):
            await knock(f"http://127.0.0.1:{port}/", Credentials("", ""), "1")


async def test_cpes_are_given_credentials_and_then_knocked_at() -> None:
    """Each in turn; the Inform that follows is counted."""
    model = Model()
    async with door() as it, acs(knock_every=0.1, knock_rate=50) as (server, connect):
        model.own[IGD + "ManagementServer.ConnectionRequestURL"] = it.url
        line = await connect()
        asked = await line.session("1 BOOT", parameters=model.forced(), answer=model)
        assert asked == ["SetParameterValues"]
        path = IGD + "ManagementServer.ConnectionRequest"
        it.passwords = {model.own[path + "Username"]: model.own[path + "Password"]}
        await until(lambda: server.stats()["knocks"]["answered"])
        await line.session("6 CONNECTION REQUEST", parameters=model.forced())
        knocks = server.stats()["knocks"]
        assert knocks["informed"] == 1
        assert knocks["status"].keys() == {"200"}
        assert kinds(server) == {}

        # 0 BOOTSTRAP: the CPE has forgotten them.
        model.own[IGD + "ManagementServer.ParameterKey"] = ""
        asked = await line.session(
            "0 BOOTSTRAP", "1 BOOT", parameters=model.forced(), answer=model
        )
        assert asked == ["SetParameterValues"]


@pytest.mark.rule("E6")
async def test_another_session_before_the_answer_is_read_takes_nothing_away() -> None:
    """The Inform that tells of a knock may come after one that does not."""
    async with acs() as (server, connect):
        line = await connect()
        await line.session()
        cpe = server.cpe("00D09E-HG800-000001")
        assert cpe is not None
        cpe.knocked = True  # its answer is on the way
        await line.session("2 PERIODIC")
        await line.session("6 CONNECTION REQUEST")
        assert server.stats()["knocks"]["informed"] == 1
        assert "E6 6 CONNECTION REQUEST without one" not in kinds(server)


async def test_given_credentials_are_used_and_failures_counted() -> None:
    """Nothing is set in the CPE then."""
    settings = {"knock_every": 0.05, "knock_username": "u", "knock_password": "p"}
    async with door() as it, acs(**settings) as (server, connect):
        line = await connect()
        model = Model()
        for serial, url in (("1", it.url), ("2", "http://127.0.0.1:9/")):
            model.own[IGD + "ManagementServer.ConnectionRequestURL"] = url
            await line.session(serial=serial, parameters=model.forced())
        await until(lambda: server.stats()["knocks"]["sent"] >= 4)
        knocks = server.stats()["knocks"]
        assert knocks["status"]["401"] >= 1
        assert knocks["failed"]["connect refused"] >= 1
        assert knocks["answered"] == 0


async def test_a_connection_request_that_nobody_made_is_found() -> None:
    """And a URL that is no http URL is not kept."""
    async with acs() as (server, connect):
        line = await connect()
        model = Model()
        model.own[IGD + "ManagementServer.ConnectionRequestURL"] = "https://x/"
        await line.post(inform("6 CONNECTION REQUEST", parameters=model.forced()))
        await line.post()
        assert kinds(server) == {
            "C9 ConnectionRequestURL": 1,
            "E6 6 CONNECTION REQUEST without one": 1,
        }
        cpe = server.cpe("00D09E-HG800-000001")
        assert cpe is not None
        assert cpe.url == ""


async def test_the_rate_is_bounded() -> None:
    """knock_rate counts more than knock_every."""
    settings = {"knock_every": 0.001, "knock_rate": 20.0, "knock_username": "u"}
    async with acs(**settings) as (server, connect):
        await (await connect()).session()
        await trio.sleep(1.0)
        before = server.stats()["knocks"]["sent"]
        await trio.sleep(1.0)
        assert 17 <= server.stats()["knocks"]["sent"] - before <= 23
