"""A session's way to an ACS, over real sockets: what is sent, and what comes back."""

from __future__ import annotations

from contextlib import closing

import pytest
import trio

from cpesim.errors import (
    ConnectFailed,
    Disconnected,
    HttpStatus,
)
from cpesim.wire import connection as connection_module
from cpesim.wire import wire as wire_module
from cpesim.wire.auth import ServerAuth
from tests.wire.tiny import (
    CLOSE,
    DONE,
    DROP,
    OK,
    XML,
    Answer,
    Asked,
    listening,
    reply,
    session,
    wired,
)


@pytest.mark.rule("S2", "S3", "H9")
async def test_one_session() -> None:
    """Both POSTs go over one connection, byte for byte as a CPE writes them."""
    async with listening(OK, DONE) as tiny, wired() as (wire, counted):
        connection = wire.open(tiny.url)
        assert connection.local_address == ""
        first = await connection.post(XML, "Inform")
        assert connection.local_address == "127.0.0.1"
        second = await connection.post(b"", "empty POST")
        connection.close()
        connection.close()

    assert (first.status, first.body, second.status) == (200, b"ok", 204)
    host = f"Host: 127.0.0.1:{tiny.port}".encode()
    assert [asked.head for asked in tiny.asked] == [
        b"POST /acs HTTP/1.1\r\n" + host + b"\r\nSOAPAction:\r\n"
        b"Content-Type: text/xml; charset=utf-8\r\nContent-Length: 9",
        b"POST /acs HTTP/1.1\r\n" + host + b"\r\nContent-Length: 0",
    ]
    assert tiny.asked[0].body == XML
    assert counted.exchanges == [("Inform", 200), ("empty POST", 204)]
    assert counted.bytes == [
        sum(len(asked.head) + 4 + len(asked.body) for asked in tiny.asked),
        len(OK) + len(DONE),
    ]
    assert (counted.connects, tiny.links, counted.names) == (1, 1, {})
    assert "127.0.0.1" in repr(connection)


@pytest.mark.rule("H5", "X4", "X5")
async def test_an_answer_in_pieces() -> None:
    """A chunked answer after 100 Continue, written piece by piece, is one reply."""

    async def drip(peer: trio.SocketStream) -> None:
        async with peer:
            await peer.receive_some()
            for piece in (
                b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n",
                b"Transfer-Encoding: chunked\r\nX:\r\n y\r\n\r\n1\r",
                b"\no\r\n1\r\nk\r\n",
                b"0\r\n\r\n",
            ):
                await peer.send_all(piece)
                await trio.sleep(0.01)

    async with trio.open_nursery() as nursery, wired() as (wire, counted):
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, drip, listeners)
        port = listeners[0].socket.getsockname()[1]
        connection = wire.open(f"http://127.0.0.1:{port}/")
        with closing(connection):
            answer = await connection.post(XML, "Inform")
        nursery.cancel_scope.cancel()

    assert answer.body == b"ok"
    assert counted.names == {"mended.folded header": 1}


async def test_large_messages_both_ways() -> None:
    """Megabytes go out and come in, through sockets that take a part at a time."""
    big = b"x" * 4_000_000
    async with listening(reply(200, body=big)) as tiny, wired() as (wire, counted):
        connection = wire.open(tiny.url)
        with closing(connection):
            answer = await connection.post(big, "GetParameterValues")

    assert answer.body == big
    assert tiny.asked[0].body == big
    assert counted.bytes[1] == answer.received > len(big)


@pytest.mark.rule("H3")
async def test_cookies_come_back_and_are_forgotten() -> None:
    """Cookies go with the later requests of the session, not with the next session."""
    answers: list[Answer] = [
        reply(200, "Set-Cookie: a=1; Path=/", f"Set-Cookie: b={'x' * 600}"),
        reply(200, "Set-Cookie: a=; Max-Age=0; Path=/", "Set-Cookie: c=1; Max-Age=60"),
        DONE,
        DONE,
    ]
    async with listening(*answers) as tiny, wired() as (wire, _):
        await session(wire, tiny.url, XML, b"", b"")
        await session(wire, tiny.url, b"")

    assert [asked.header("Cookie") for asked in tiny.asked] == [
        None,
        f"a=1; b={'x' * 600}",
        f"b={'x' * 600}; c=1",
        None,
    ]


def guarded(judge: ServerAuth, *headers: str) -> Answer:
    """Answer 401 until the proof is right."""

    def answer(asked: Asked) -> bytes:
        verdict = judge.check(
            "POST", "/acs", asked.header("Authorization"), {"u": "word"}.get
        )
        if verdict == "ok":
            return OK
        return reply(
            401, f"WWW-Authenticate: {judge.challenge(verdict == 'stale')}", *headers
        )

    return answer


@pytest.mark.rule("H1", "H12", "X1")
@pytest.mark.parametrize("scheme", ["digest", "basic"])
@pytest.mark.parametrize("close", [False, True])
async def test_a_challenge(scheme: str, close: bool) -> None:
    """A 401 is answered on the same connection, or a new one if it was closed."""
    judge = ServerAuth("r", b"s", trio.current_time, scheme=scheme)  # type: ignore[arg-type]
    headers = ["Connection: close"] if close else []
    async with listening(*[guarded(judge, *headers)] * 4) as tiny:
        async with wired() as (wire, counted):
            await session(wire, tiny.url, XML, b"", b"", username="u", password="word")

    kinds = [("Inform", 401), ("Inform", 200), *[("empty POST", 200)] * 2]
    assert counted.exchanges == kinds
    assert counted.names.pop("auth.challenges") == 1
    assert counted.names == ({"reconnects": 1} if close else {})
    assert [asked.link for asked in tiny.asked] == [1, 1 + close, 1 + close, 1 + close]
    assert [asked.body for asked in tiny.asked] == [XML, XML, b"", b""]
    if scheme == "digest":
        counts = [
            (asked.header("Authorization") or "").partition("nc=")[2][:8]
            for asked in tiny.asked
        ]
        assert counts == ["", "00000001", "00000002", "00000003"]


@pytest.mark.rule("H2")
@pytest.mark.parametrize("close", [False, True])
async def test_wrong_credentials(close: bool) -> None:
    """A second 401 fails the session, also on a new connection; no secret is told."""
    judge = ServerAuth("r", b"s", trio.current_time)
    headers = ["Connection: close"] if close else []
    async with listening(*[guarded(judge, *headers)] * 3) as tiny:
        async with wired() as (wire, _):
            with pytest.raises(HttpStatus) as caught:
                await session(wire, tiny.url, XML, username="u", password="hidden")

    assert caught.value.label == "http 401"
    assert "hidden" not in f"{caught.value!r} {caught.value.__dict__}"
    assert caught.value.__context__ is None
    assert len(tiny.asked) == 2


@pytest.mark.rule("H2")
async def test_no_credentials() -> None:
    """A CPE without a name has no answer to a 401."""
    async with listening(reply(401, "WWW-Authenticate: Basic")) as tiny:
        async with wired() as (wire, _):
            with pytest.raises(HttpStatus):
                await session(wire, tiny.url, XML)


@pytest.mark.rule("H4")
@pytest.mark.parametrize("status", [302, 307])
async def test_redirects(status: int) -> None:
    """The same POST goes to the new place, which stays for the session only."""
    async with listening(OK, OK) as other, wired() as (wire, counted):
        answers = [
            reply(status, "Location: /two", "Set-Cookie: a=1; Path=/"),
            reply(status, f"Location: {other.url}"),
            OK,
        ]
        async with listening(*answers) as tiny:
            await session(wire, tiny.url, XML, b"")
            await session(wire, tiny.url, XML)

    paths = [asked.head.split()[1] for asked in tiny.asked]
    assert paths == [b"/acs", b"/two", b"/acs"]
    assert [asked.link for asked in tiny.asked] == [1, 1, 2]
    assert [asked.body for asked in other.asked] == [XML, b""]
    assert other.asked[0].header("Cookie") == "a=1"  # one host, whatever the port
    assert counted.names == {"redirects": 2, "reconnects": 1}


@pytest.mark.rule("H4")
async def test_five_redirects_and_no_more() -> None:
    """Five in a row are followed, for each message anew; a sixth fails the session."""
    away = reply(302, "Location: /acs")
    async with listening(*[away] * 5, OK, *[away] * 6) as tiny, wired() as (wire, _):
        with pytest.raises(HttpStatus) as caught:
            await session(wire, tiny.url, XML, b"")

    assert caught.value.status == 302
    assert len(tiny.asked) == 12


@pytest.mark.rule("H1", "H4")
async def test_another_server_gets_no_proof_unasked() -> None:
    """After a redirect elsewhere the Authorization is not sent before a 401."""
    judge = ServerAuth("r", b"s", trio.current_time)
    async with listening(guarded(judge), guarded(judge)) as other:

        def away(_: Asked) -> bytes:
            return reply(307, f"Location: {other.url}")

        async with listening(guarded(judge), guarded(judge), away) as tiny:
            async with wired() as (wire, _):
                await session(wire, tiny.url, XML, b"", username="u", password="word")

    assert [asked.header("Authorization") is None for asked in other.asked] == [
        True,
        False,
    ]


@pytest.mark.parametrize("location", [(), ("Location: ftp://x/",)])
async def test_a_redirect_to_nowhere(location: tuple[str, ...]) -> None:
    """A redirect without a usable place fails the session."""
    async with listening(reply(302, *location)) as tiny, wired() as (wire, _):
        with pytest.raises((HttpStatus, ConnectFailed)):
            await session(wire, tiny.url, XML)


@pytest.mark.rule("S3")
@pytest.mark.parametrize(
    "first",
    [
        reply(200, "Connection: close", "Set-Cookie: a=1"),
        b"HTTP/1.0 200 OK\r\nSet-Cookie: a=1\r\n\r\nuntil the end",
    ],
)
async def test_the_acs_closes_between_messages(first: bytes) -> None:
    """The session goes on over a new connection, with its cookies."""
    async with listening(first, DONE) as tiny, wired() as (wire, counted):
        await session(wire, tiny.url, XML, b"")

    assert [asked.link for asked in tiny.asked] == [1, 2]
    assert tiny.asked[1].header("Cookie") == "a=1"
    assert counted.names == {"reconnects": 1}


@pytest.mark.rule("S3")
async def test_a_stale_connection() -> None:
    """A kept connection that was closed unsaid costs a reconnect, and one alone."""
    async with listening(OK, CLOSE, OK) as tiny, wired() as (wire, counted):
        connection = wire.open(tiny.url)
        with closing(connection):
            await connection.post(XML, "Inform")
            await trio.sleep(0.05)
            await connection.post(XML, "Inform")
    assert counted.names == {"reconnects": 1}
    assert len(tiny.asked) == 2

    async with listening(OK, DROP, DROP) as tiny, wired() as (wire, counted):
        with pytest.raises(Disconnected):
            await session(wire, tiny.url, XML, b"")
    assert len(tiny.asked) == 3
    assert counted.exchanges == [("Inform", 200)]


async def test_headers_of_the_user() -> None:
    """User-Agent stands behind Host, other headers behind Content-Length."""
    headers = [("X-Tenant", "7"), ("User-Agent", "cpe/1")]
    answers = [reply(200, "Set-Cookie: a=1"), OK]
    async with listening(*answers) as tiny, wired(headers=headers) as (wire, _):
        await session(wire, tiny.url, XML, b"")

    names = [
        [line.partition(b":")[0] for line in asked.head.split(b"\r\n")[1:]]
        for asked in tiny.asked
    ]
    assert names == [
        b"Host User-Agent SOAPAction Content-Type Content-Length X-Tenant".split(),
        b"Host User-Agent Content-Length X-Tenant Cookie".split(),
    ]


async def test_what_is_shared_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Targets and spare readers do not grow without end."""
    monkeypatch.setattr(wire_module, "MOST_TARGETS", 2)
    monkeypatch.setattr(connection_module, "MOST_SPARE", 1)
    async with listening(*[OK] * 3) as tiny, wired() as (wire, _):
        connections = [wire.open(f"{tiny.url}/{n}") for n in range(3)]
        for connection in connections:
            await connection.post(XML, "Inform")
        for connection in connections:
            connection.close()
        assert len(wire.spare) == 1
        assert len(wire._targets) == 2
