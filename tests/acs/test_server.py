"""The server: HTTP, its bounds, and statistics."""

from __future__ import annotations

import json
import socket
from functools import partial

import pytest
import trio

from cpesim.acs import Acs, AcsSettings, serve
from cpesim.acs import http as http_module
from cpesim.acs import server as server_module
from cpesim.errors import MachineError
from tests.acs.cpe import Line, acs, inform, kinds


async def test_stats_are_json() -> None:
    """GET /stats tells all that was counted."""
    async with acs() as (server, connect):
        line = await connect()
        await line.session("1 BOOT")
        reply = await line.get("/stats?x=1")
        assert reply.headers["content-type"] == "application/json"
        told = json.loads(reply.body)
        assert told.keys() == server.stats().keys()
        assert told["requests"] == 3
        assert told["posts"] == 2
        assert told["open_connections"] == 1
        assert told["cpu"] > 0


async def test_other_requests_have_their_status() -> None:
    """Unknown paths, methods, an encoding that is not understood."""
    async with acs() as (server, connect):
        line = await connect()
        assert (await line.get("/")).status == 200
        assert (await line.get("/nothing")).status == 404
        assert (await line.get("/files/")).status == 404
        host = {"Host": "x"}
        reply = await line.request("DELETE", "/", b"", host)
        assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD, POST")
        assert (await line.post(inform(), Content_Encoding="br")).status == 415
        await line.stream.send_all(b"HEAD /stats HTTP/1.1\r\nHost: x\r\n\r\n")
        with trio.move_on_after(0.2):
            data = await line.stream.receive_some(65536)
        assert data.endswith(b"\r\n\r\n")
        assert server.stats()["bugs"]["count"] == 0


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (b"GET\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", 400),
        (
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
            b"Content-Length: 2\r\n\r\nab",
            400,
        ),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 40000, 431),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: odd\r\n\r\n", 501),
    ],
)
async def test_bad_requests_are_told_so(sent: bytes, status: int) -> None:
    """Each gets its status, the connection is closed, the server lives."""
    async with acs() as (server, connect):
        line = await connect()
        await line.stream.send_all(sent)
        reply = await line.read()
        assert reply.status == status
        assert reply.headers["connection"] == "close"
        with pytest.raises(EOFError):
            await line.read()
        await trio.aclose_forcefully(line.stream)
        await (await connect()).session()
        assert server.stats()["bad_requests"] == 1
        assert server.stats()["open_connections"] == 1


@pytest.mark.parametrize(
    "body", [b"<a>", b"\x00" * 100, b"<!DOCTYPE a><a/>", b"<a>" * 300]
)
async def test_bodies_that_are_no_envelopes_get_400(body: bytes) -> None:
    """And the connection goes on."""
    async with acs() as (server, connect):
        line = await connect()
        assert (await line.post(body)).status == 400
        await line.session()
        assert kinds(server) == {"S8 bad envelope": 1}


async def test_large_bodies_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over the limit: 413. All incomplete ones together: 503."""
    monkeypatch.setattr(http_module, "MOST_BODY", 300_000)
    async with acs() as (server, connect):
        line = await connect()
        assert (await line.post(b" " * 250_000)).status == 400
        assert (await line.post(b" " * 400_000)).status == 413
        monkeypatch.setattr(http_module, "MOST_HELD", 50_000)
        line = await connect()
        assert (await line.post(b" " * 290_000)).status == 503
        await (await connect()).session()
        assert server._held.size == 0


async def test_odd_but_right_http_is_understood() -> None:
    """HTTP/1.0, chunks, Expect, pipelining, a byte at a time."""
    async with acs() as (server, connect):
        line = await connect()
        content = inform().encode()
        chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(content), content)
        head = (
            b"POST / HTTP/1.1\r\nHost: x\r\nSOAPAction:\r\nContent-Type: text/xml\r\n"
        )
        whole = head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks
        empty = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
        for i in range(0, len(whole), 100):
            await line.stream.send_all(whole[i : i + 100])
            await trio.lowlevel.checkpoint()
        assert (await line.read()).method == "InformResponse"
        await line.stream.send_all(empty + empty + b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert [(await line.read()).status for _ in range(3)] == [204, 400, 200]

        line = await connect()
        expecting = head + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n"
        await line.stream.send_all(expecting % len(content))
        assert (await line.read()).status == 100
        await line.stream.send_all(content)
        assert (await line.read()).method == "InformResponse"

        line = await connect()
        old = b"POST / HTTP/1.0\r\nSOAPAction:\r\nContent-Length: %d\r\n\r\n"
        await line.stream.send_all(old % len(content) + content)
        reply = await line.read()
        assert (reply.method, reply.headers["connection"]) == (
            "InformResponse",
            "close",
        )
        with pytest.raises(EOFError):
            await line.read()
        assert server.stats()["bugs"]["count"] == 0


async def test_idle_connections_and_sessions_are_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A client that says nothing, and one that never ends its request."""
    monkeypatch.setattr(server_module, "IDLE", 0.2)
    monkeypatch.setattr("cpesim.acs.desk.PATIENCE", 0.2)
    async with acs() as (server, connect):
        idle, slow = await connect(), await connect()
        await idle.post(inform())
        await slow.stream.send_all(b"POST / HTTP/1.1\r\nHost: x\r\n")
        for line in (idle, slow):
            with trio.fail_after(2), pytest.raises(EOFError):
                await line.read()
        stats = server.stats()
        assert stats["open_connections"] == stats["open_sessions"] == 0
        assert stats["sessions_broken"] == 1


async def test_an_error_of_ours_is_kept_and_the_server_lives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """500, and the traceback is under "bugs"."""
    async with acs() as (server, connect):
        line = await connect()
        with monkeypatch.context() as patch:
            patch.setattr(server.desk, "receive", lambda *_: 1 / 0)
            assert (await line.post()).status == 500
        await (await connect()).session()
        bugs = server.stats()["bugs"]
        assert bugs["count"] == 1
        assert "ZeroDivisionError" in bugs["first"]


async def test_answers_leave_at_once() -> None:
    """TCP_NODELAY is set on what is accepted, by way of the listener."""
    async with acs() as (server, connect):
        line = await connect()
        await line.get("/")
        link = next(iter(server._links))
        assert link._sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_a_port_in_use_is_a_machine_error() -> None:
    """Also an address that is none."""
    async with trio.open_nursery() as nursery:
        host, port = await nursery.start(partial(serve, AcsSettings(port=0)))
        assert host == "127.0.0.1"
        with pytest.raises(MachineError, match=str(port)):
            await Acs(AcsSettings(port=port)).serve()
        with pytest.raises(MachineError, match="no address"):
            await Acs(AcsSettings(host="nowhere.invalid")).serve()
        nursery.cancel_scope.cancel()


async def test_many_connections_at_once() -> None:
    """A thousand CPEs that connect together are all served."""
    async with acs() as (server, connect):

        async def one(n: int) -> None:
            line: Line = await connect()
            await line.session("1 BOOT", serial=str(n))
            await trio.aclose_forcefully(line.stream)

        async with trio.open_nursery() as nursery:
            for n in range(1000):
                nursery.start_soon(one, n)
        stats = server.stats()
        assert stats["sessions"] == stats["cpes"] == stats["cpes_with_boot"] == 1000
        assert kinds(server) == {}
