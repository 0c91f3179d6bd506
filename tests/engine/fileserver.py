"""A file server of a few lines that takes files, for the tests of uploads."""

from __future__ import annotations

import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import trio

from cpesim.wire.auth import ServerAuth

BASIC = base64.b64encode(b"user:pass").decode()


class Got:
    """One request that came: what it was and what it brought."""

    def __init__(self, method: str, path: str, headers: dict[str, str]) -> None:
        self.method = method
        self.path = path
        self.headers = headers
        self.body = b""


class FileServer:
    """Takes what is sent; *answers* are (status, more headers) by path."""

    def __init__(self, answers: dict[str, tuple[int, str]]) -> None:
        self.answers = answers
        self.got: list[Got] = []
        self.digest = ServerAuth("files", b"s", trio.current_time)
        self.url = ""

    def answer(self, got: Got) -> bytes:
        status, more = self.answers.get(got.path, (404, ""))
        proof = got.headers.get("authorization", "")
        if got.path == "/basic" and proof != f"Basic {BASIC}":
            status, more = 401, "WWW-Authenticate: Basic realm=files\r\n"
        if got.path == "/digest":
            told = self.digest.check(
                got.method, got.path, proof, lambda u: "pass" if u == "user" else None
            )
            if told != "ok":
                status = 401
                more = f"WWW-Authenticate: {self.digest.challenge()}\r\n"
        return f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n{more}\r\n".encode()

    async def serve_tls(self, tls: ssl.SSLContext, stream: trio.SocketStream) -> None:
        try:
            await self.serve(
                trio.SSLStream(stream, tls, server_side=True, https_compatible=True)
            )
        except trio.BrokenResourceError:
            return  # a client that does not trust it

    async def serve(self, stream: trio.abc.Stream) -> None:
        async with stream:
            rest = b""
            while True:
                while b"\r\n\r\n" not in rest:
                    more = await stream.receive_some(65536)
                    if not more:
                        return
                    rest += more
                head, _, rest = rest.partition(b"\r\n\r\n")
                first, *lines = head.decode().split("\r\n")
                method, path, _ = first.split(" ")
                headers = dict(x.lower().split(": ", 1) for x in lines)
                for line in lines:  # a proof keeps its capitals
                    name, _, text = line.partition(": ")
                    if name.lower() == "authorization":
                        headers["authorization"] = text
                got = Got(method, path, headers)
                self.got.append(got)
                length = int(headers.get("content-length", 0))
                while len(rest) < length:
                    if path == "/cut" and len(rest) > 1000:
                        return
                    more = await stream.receive_some(65536)
                    if not more:
                        got.body = rest
                        return
                    rest += more
                if path == "/silent":
                    await trio.sleep_forever()
                got.body, rest = rest[:length], rest[length:]
                await stream.send_all(self.answer(got))


@asynccontextmanager
async def file_server(
    answers: dict[str, tuple[int, str]] | None = None,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[FileServer]:
    """One on 127.0.0.1, while the block runs."""
    found = FileServer(answers or {})
    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        port = listeners[0].socket.getsockname()[1]
        found.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{port}"
        serve = found.serve if tls is None else partial(found.serve_tls, tls)
        nursery.start_soon(trio.serve_listeners, serve, listeners)
        yield found
        nursery.cancel_scope.cancel()
