"""What a test puts between a fleet and an ACS, or in an ACS's place."""

from __future__ import annotations

import re
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

import trio

from tests.e2e.overheard import Link

GONE = (trio.BrokenResourceError, trio.ClosedResourceError, ssl.SSLError)
_LENGTH = re.compile(rb"content-length:[ \t]*(\d+)", re.IGNORECASE)


class Front:
    """Passes connections on to an ACS, and keeps who came and what was said."""

    def __init__(self) -> None:
        self.port = 0
        self.peers: list[str] = []
        self.links: list[Link] = []

    async def hear(
        self, peer: str, near: trio.abc.Stream, far: trio.abc.Stream, link: Link
    ) -> None:
        """Pass on what a peer says; one that says nothing was no session."""
        with suppress(*GONE):
            if data := await near.receive_some(65536):
                self.peers.append(peer)
                self.links.append(link)
                link.said.extend(data)
                await far.send_all(data)
        await carry(near, far, link.said)

    def heads(self) -> list[bytes]:
        """The heads of all requests."""
        said = b"".join(link.said for link in self.links)
        return re.findall(rb"POST / HTTP/1\.1\r\n.*?\r\n\r\n", said, re.DOTALL)


@asynccontextmanager
async def front(url: str, tls: ssl.SSLContext | None = None) -> AsyncIterator[Front]:
    """A front of the ACS at *url*, at a port of its own, with TLS or without."""
    known, target = Front(), urlsplit(url)
    assert target.hostname is not None
    assert target.port is not None

    async def serve(near: trio.SocketStream) -> None:
        peer = near.socket.getpeername()[0]
        outer: trio.abc.Stream = near
        if tls is not None:
            outer = trio.SSLStream(near, tls, server_side=True, https_compatible=True)
        with suppress(*GONE):
            async with outer:
                far = await trio.open_tcp_stream(target.hostname, target.port)
                link = Link(bytearray(), bytearray())
                async with far, trio.open_nursery() as both:
                    both.start_soon(known.hear, peer, outer, far, link)
                    await carry(far, outer, link.heard)
                    both.cancel_scope.cancel()

    async with listening(serve) as known.port:
        yield known


async def carry(here: trio.abc.Stream, there: trio.abc.Stream, said: bytearray) -> None:
    """Pass on what comes until the end of it, then end the other side."""
    with suppress(*GONE):
        while data := await here.receive_some(65536):
            said += data
            await there.send_all(data)
    with suppress(*GONE):
        if isinstance(there, trio.SocketStream):
            await there.send_eof()


@asynccontextmanager
async def listening(serve: object) -> AsyncIterator[int]:
    """A port at which *serve* is called with each connection."""
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, serve, [listener])
        yield listener.socket.getsockname()[1]
        nursery.cancel_scope.cancel()


class Replay:
    """Answers each POST with the next of what an ACS once sent, byte for byte."""

    INFORM_RESPONSE = (
        b'<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/"'
        b' xmlns:c="urn:dslforum-org:cwmp-1-0"><E:Header>'
        b'<c:ID E:mustUnderstand="1">end</c:ID></E:Header><E:Body><c:InformResponse>'
        b"<MaxEnvelopes>1</MaxEnvelopes></c:InformResponse></E:Body></E:Envelope>"
    )

    def __init__(self, answers: Sequence[bytes]) -> None:
        self.left = list(answers)
        self.after = 0  # Informs after the last of them
        self.got: list[str] = []  # the method of each POST

    def answer(self, body: bytes) -> bytes:
        """The next captured answer; after the last one, an ACS that asks nothing."""
        method = re.search(rb"Body>\s*<[\w-]+:(\w+)", body)
        self.got.append(method[1].decode() if method else "")
        if self.left:
            return self.left.pop(0)
        if self.got[-1] == "Inform":
            self.after += 1
            length = len(self.INFORM_RESPONSE)
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n"
            return head.encode() + self.INFORM_RESPONSE
        return b"HTTP/1.1 204 No Content\r\n\r\n"

    async def serve(self, stream: trio.SocketStream) -> None:
        """One connection of a CPE."""
        data = bytearray()
        with suppress(*GONE):
            async with stream:
                while more := await stream.receive_some(65536):
                    data += more
                    head, end, rest = data.partition(b"\r\n\r\n")
                    length = _LENGTH.search(head)
                    needed = int(length[1]) if length else 0
                    if not end or len(rest) < needed:
                        continue
                    del data[: len(head) + 4 + needed]
                    said = self.answer(bytes(rest[:needed]))
                    await stream.send_all(said)
                    if b"connection: close" in said.partition(b"\r\n\r\n")[0].lower():
                        return
