"""A tiny ACS on a real socket that says what a test tells it to, and remembers."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from socket import SO_LINGER, SOL_SOCKET
from struct import pack

import trio

from cpesim.wire.connection import Connection
from cpesim.wire.tls import Tls
from cpesim.wire.wire import Wire

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
XML = b"<Inform/>"
DONE = b"HTTP/1.1 204 No Content\r\n\r\n"
HANG = "hang"  # answer nothing, keep the connection
DROP = "drop"  # close without an answer
CLOSE = "close"  # close before the next request is read
RESET = "reset"  # the same, with a reset

TLS_SETTINGS = {"ca", "insecure", "least", "most", "resume"}

Answer = bytes | str | Callable[["Asked"], bytes]


def reply(status: int, *headers: str, body: bytes = b"") -> bytes:
    """An answer with a length."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass
class Asked:
    """One request that came."""

    link: int  # which connection
    peer: str
    head: bytes
    body: bytes

    def header(self, name: str) -> str | None:
        """A header's value."""
        for line in self.head.decode("latin-1").split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name.lower():
                return value.strip()
        return None


@dataclass
class Tiny:
    """Answers in the order given, over all its connections."""

    answers: list[Answer]
    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    links: int = 0
    scheme: str = "http"

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{self.scheme}://127.0.0.1:{self.port}/acs"

    async def serve(self, stream: trio.abc.Stream, peer: str) -> None:
        """Serve one connection."""
        self.links += 1
        link, held = self.links, b""
        while True:
            if self.answers and self.answers[0] in (CLOSE, RESET):
                if self.answers.pop(0) == RESET:
                    assert isinstance(stream, trio.SocketStream)
                    stream.setsockopt(SOL_SOCKET, SO_LINGER, pack("ii", 1, 0))
                return
            while b"\r\n\r\n" not in held:
                more = await stream.receive_some()
                if not more:
                    return
                held += bytes(more)
            head, _, held = held.partition(b"\r\n\r\n")
            asked = Asked(link, peer, head, b"")
            length = int(asked.header("Content-Length") or 0)
            while len(held) < length:
                held += bytes(await stream.receive_some())
            asked.body, held = held[:length], held[length:]
            self.asked.append(asked)
            answer = self.answers.pop(0)
            if answer == DROP:
                return
            if answer == HANG:
                await trio.sleep_forever()
            data = answer(asked) if callable(answer) else answer
            assert isinstance(data, bytes)
            await stream.send_all(data)
            head = data.partition(b"\r\n\r\n")[0].lower()
            if b"connection: close" in head or head.startswith(b"http/1.0"):
                return


class Counted:
    """What the wire counted."""

    def __init__(self) -> None:
        self.exchanges: list[tuple[str, int]] = []
        self.bytes = [0, 0]
        self.connects = 0
        self.handshakes = 0
        self.names: dict[str, int] = {}

    def exchange(
        self, kind: str, took: float, status: int, sent: int, received: int
    ) -> None:
        assert 0 < took < 10
        self.exchanges.append((kind, status))
        self.bytes[0] += sent
        self.bytes[1] += received

    def connect(self, took: float) -> None:
        self.connects += 1

    def tls(self, took: float) -> None:
        self.handshakes += 1

    def count(self, name: str, by: int = 1) -> None:
        self.names[name] = self.names.get(name, 0) + by


def common_name(stream: trio.SSLStream[trio.SocketStream]) -> str:
    """The common name of the certificate that a client showed."""
    certificate = stream.getpeercert()
    assert certificate is not None
    parts = [pair for part in certificate["subject"] for pair in part]
    return str(dict(parts)["commonName"])


@asynccontextmanager
async def listening(
    *answers: Answer,
    tls: ssl.SSLContext | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
    seen: list[str] | None = None,
) -> AsyncIterator[Tiny]:
    """
    A Tiny with these answers, for the length of a test.

    *seen* gets the common name of each client certificate.
    """
    tiny = Tiny(list(answers), scheme="https" if tls else "http")
    family = trio.socket.AF_INET6 if ":" in host else trio.socket.AF_INET
    with trio.socket.socket(family) as sock:
        sock.setsockopt(trio.socket.SOL_SOCKET, trio.socket.SO_REUSEADDR, 1)
        await sock.bind((host, port))
        sock.listen(64)
        tiny.port = sock.getsockname()[1]

        async def take(peer: trio.SocketStream) -> None:
            stream: trio.abc.Stream = peer
            if tls is not None:
                stream = trio.SSLStream(peer, tls, server_side=True)
            async with stream:
                with suppress(trio.BrokenResourceError):
                    if seen is not None:
                        assert isinstance(stream, trio.SSLStream)
                        await stream.do_handshake()
                        seen.append(common_name(stream))
                    await tiny.serve(stream, peer.socket.getpeername()[0])

        async with trio.open_nursery() as nursery:
            listener = trio.SocketListener(sock)
            nursery.start_soon(trio.serve_listeners, take, [listener])
            yield tiny
            nursery.cancel_scope.cancel()


@asynccontextmanager
async def wired(**settings: object) -> AsyncIterator[tuple[Wire, Counted]]:
    """
    A Wire whose sweep runs, and what it counted; some settings are of TLS.

    *make* makes it, if it is to be of another kind.
    """
    counted = Counted()
    make = settings.pop("make", Wire)
    of_tls = {name: settings.pop(name) for name in TLS_SETTINGS & settings.keys()}
    tls = Tls(**of_tls)  # type: ignore[arg-type]
    wire = make(counted, tls=tls, **settings)  # type: ignore[operator]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(wire.sweep)
        yield wire, counted
        assert not wire.answering.since
        assert not wire.dialling.since
        nursery.cancel_scope.cancel()


async def session(wire: Wire, url: str, *bodies: bytes, **who: str) -> Connection:
    """Post *bodies* over one connection, which is returned closed."""
    connection = wire.open(
        url, lambda: (who.get("username", ""), who.get("password", ""))
    )
    with closing(connection):
        for body in bodies:
            await connection.post(body, "Inform" if body else "empty POST")
    return connection
