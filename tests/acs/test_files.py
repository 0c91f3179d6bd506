"""Files that are sent to the ACS: streamed, bounded, told by their digest."""

from __future__ import annotations

import hashlib
import tracemalloc

import pytest
import trio

from tests.acs.cpe import Line, Reply, acs
from tests.acs.test_auth import basic, digest

HOST = {"Host": "127.0.0.1"}


async def put(
    line: Line, body: bytes, name: str = "a.cfg", method: str = "PUT", **more: str
) -> Reply:
    """An upload."""
    fields = {**HOST, "Content-Length": str(len(body)), **more}
    return await line.request(method, f"/files/{name}", body, fields)


async def test_an_upload_is_counted_and_told_by_its_digest() -> None:
    """PUT and POST, whole or in chunks; it is no message of a CPE."""
    body = bytes(range(256)) * 1000
    async with acs() as (server, connect):
        line = await connect()
        assert (await put(line, body)).status == 201
        assert (await put(line, b"", "log", "POST")).status == 200
        chunked = b"PUT /files/c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
        await line.stream.send_all(chunked + b"\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        assert (await line.read()).status == 201
        stats = server.stats()
        told = stats["uploads"]
        assert (told["received"], told["bytes"]) == (3, 256_005)
        assert [entry["bytes"] for entry in told["last"]] == [256_000, 0, 5]
        assert told["last"][0]["name"] == "a.cfg"
        assert told["last"][0]["sha256"] == hashlib.sha256(body).hexdigest()
        assert (stats["posts"], stats["violations"]["count"]) == (0, 0)
        assert server._held.size == 0


async def test_an_upload_is_not_held_in_memory() -> None:
    """Of 40 MB, hardly anything."""
    async with acs() as (server, connect):
        line = await connect()
        piece = b"x" * 1_000_000
        tracemalloc.start()
        head = "PUT /files/big HTTP/1.1\r\nHost: x\r\nContent-Length: 40000000\r\n\r\n"
        await line.stream.send_all(head.encode())
        for _ in range(40):
            await line.stream.send_all(piece)
        assert (await line.read()).status == 201
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert most < 4_000_000
        assert server.stats()["uploads"]["bytes"] == 40_000_000


async def test_uploads_are_bounded() -> None:
    """Over the limit 413; broken ones are counted; what is told stays short."""
    async with acs(upload_limit=1000) as (server, connect):
        line = await connect()
        assert (await put(line, b"x" * 1001)).status == 413
        line = await connect()
        head = b"PUT /files/a HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\nabc"
        await line.stream.send_all(head)
        await trio.aclose_forcefully(line.stream)
        line = await connect()
        for n in range(30):
            assert (await put(line, b"x" * 1000, f"{n}" + "n" * 500)).status == 201
        told = server.stats()["uploads"]
        assert (told["too large"], told["broken"], told["received"]) == (1, 1, 30)
        assert len(told["last"]) == 20
        assert max(len(entry["name"]) for entry in told["last"]) == 200
        assert (await put(line, b"x", "../../etc/passwd")).status == 201
        assert (await put(line, b"x", "")).status == 404
        reply = await line.request("PUT", "/", b"", {**HOST, "Content-Length": "0"})
        assert reply.status == 405


@pytest.mark.parametrize("scheme", ["basic", "digest"])
async def test_uploads_want_credentials(scheme: str) -> None:
    """Those of --files-*; diagnostics have their own place without."""
    async with acs(files_auth=scheme, files_password="pass") as (server, connect):
        line = await connect()
        reply = await put(line, b"abc")
        assert reply.status == 401
        asked = reply.headers["www-authenticate"]
        for password, status in (("wrong", 401), ("pass", 201)):
            proof = (
                basic("files", password)
                if scheme == "basic"
                else digest(asked, "files", password, "PUT", "/files/a.cfg")
            )
            reply = await put(line, b"abc", Authorization=proof)
            assert reply.status == status
        assert (await put(line, b"abcd", "open/diagnostics")).status == 201
        assert (await line.get("/files/open/x")).status == 200
        assert (await line.get("/files/x")).status == 401
        told = server.stats()["uploads"]
        assert (told["unauthorized"], told["received"], told["bytes"]) == (2, 2, 7)
