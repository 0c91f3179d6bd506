"""
Connection requests: one port for the whole process, the path names the device.

Rule: a caller is hostile until its Digest is right. What it may send is small, how
long it may take is short, and only an authenticated request reaches a device (C4).
"""

from __future__ import annotations

import base64
import resource
import socket
from collections.abc import Callable
from hashlib import blake2b
from hmac import compare_digest
from typing import NamedTuple

import trio

from cpesim.device.device import UP, Device
from cpesim.measure.meter import Meter
from cpesim.wire.auth import ServerAuth

MOST_HEAD = 8192
PATIENCE = 10.0  # seconds that a caller has for each request
MOST_CALLERS = 4000
BACKLOG = 4096
REASONS = {200: "OK", 401: "Unauthorized", 404: "Not Found", 405: "Method Not Allowed"}
REASONS |= {400: "Bad Request", 503: "Service Unavailable"}


class Paths:
    """
    The unguessable path of each device: its number and an HMAC of it (C1).

    No table: a path is checked by making it again.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = blake2b(secret, digest_size=32).digest()

    def of(self, n: int) -> str:
        """The path of device *n*."""
        mac = blake2b(b"%d" % n, key=self._secret, digest_size=12).digest()
        return f"/{n:x}-{base64.urlsafe_b64encode(mac).decode()}"

    def number(self, path: str) -> int | None:
        """The device of a path; None where no device has it."""
        digits, dash, _ = path[1:].partition("-")
        if not dash or not 0 < len(digits) <= 12 or not path.isascii():
            return None
        try:
            n = int(digits, 16)
        except ValueError:
            return None
        return n if compare_digest(self.of(n), path) else None


class Heard(NamedTuple):
    """The head of one request."""

    method: str
    path: str
    authorization: str | None
    last: bool  # nothing may follow on this connection


def heard(head: bytes) -> Heard | None:
    """Read a request's head (without its blank line); None where it is none."""
    lines = head.decode("latin-1").split("\r\n")
    words = lines[0].split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        return None
    authorization, last = None, words[2] == "HTTP/1.0"
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon:
            return None
        name = name.strip().lower()
        if name == "authorization":
            authorization = value.strip()
        elif name == "connection":
            last = last or "close" in value.lower()
        elif name in ("content-length", "transfer-encoding") and value.strip() != "0":
            last = True  # a body is ignored, and nothing is read behind it (C9)
    return Heard(words[0], words[1], authorization, last)


def answer(status: int, *headers: str, last: bool = False) -> bytes:
    """A response without a body (C2)."""
    lines = [f"HTTP/1.1 {status} {REASONS[status]}", "Content-Length: 0", *headers]
    if last:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


class Listener:
    """
    Hears connection requests and hands them to *knock*.

    *device* gives the device of a number, or None; *clock* the run's seconds.
    """

    def __init__(
        self,
        paths: Paths,
        *,
        device: Callable[[int], Device | None],
        knock: Callable[[Device, float], bool],
        clock: Callable[[], float],
        meter: Meter,
        auth: ServerAuth,
    ) -> None:
        self._paths = paths
        self._device = device
        self._knock = knock
        self._clock = clock
        self._meter = meter
        self._auth = auth
        self._callers = 0
        # A share of the files alone: slow callers must not take those of sessions.
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        self._most = min(MOST_CALLERS, max(files // 8, 1))

    async def serve(self, listener: trio.SocketListener) -> None:
        """Hear callers until cancelled."""
        await trio.serve_listeners(self._caller, [listener])

    async def _caller(self, stream: trio.SocketStream) -> None:
        self._callers += 1
        try:
            if self._callers <= self._most:
                await self._requests(stream)
        except (trio.BrokenResourceError, trio.TooSlowError):
            self._meter.count("knocks.broken")
        finally:
            self._callers -= 1
            with trio.CancelScope(shield=True, deadline=trio.current_time()):
                await stream.aclose()

    async def _requests(self, stream: trio.SocketStream) -> None:
        buffer = b""
        while True:
            with trio.fail_after(PATIENCE):
                while b"\r\n\r\n" not in buffer:
                    received = await stream.receive_some(MOST_HEAD)
                    if not received:
                        return
                    buffer += received
                    if len(buffer) > MOST_HEAD and b"\r\n\r\n" not in buffer:
                        await stream.send_all(answer(400, last=True))
                        return
                head, _, buffer = buffer.partition(b"\r\n\r\n")
                request = heard(head)
                reply = self._reply(request)
                if reply is None:
                    return  # a device in the dark answers nothing (C3)
                await stream.send_all(reply)
                if request is None or request.last:
                    return

    def _reply(self, request: Heard | None) -> bytes | None:
        """What a caller gets; None closes without a word."""
        meter = self._meter
        if request is None:
            meter.count("knocks.bad")
            return answer(400, last=True)
        path = request.path
        n = self._paths.number(path)
        device = None if n is None else self._device(n)
        if device is None:
            meter.count("knocks.unknown")
            return answer(404, last=request.last)
        if device.life != UP:
            meter.count("knocks.missed")
            return None
        now = self._clock()
        server = device.profile.root + "ManagementServer."
        model = device.model
        if not model.find(server + "ConnectionRequestURL", now):
            meter.count("knocks.unknown")  # connection requests are off (C8)
            return answer(404, last=request.last)
        if request.method != "GET":
            meter.count("knocks.bad")
            return answer(405, "Allow: GET", last=request.last)

        def password(username: str) -> str | None:
            known = model.find(server + "ConnectionRequestUsername", now)
            if username != known:
                return None
            return model.find(server + "ConnectionRequestPassword", now)

        verdict = self._auth.check(
            request.method, path, request.authorization, password
        )
        if verdict != "ok":
            if verdict == "wrong":
                meter.count("knocks.unauthorized")
            challenge = self._auth.challenge(stale=verdict == "stale")
            return answer(401, f"WWW-Authenticate: {challenge}", last=request.last)
        if not self._knock(device, now):
            meter.count("knocks.refused")
            return answer(503, last=request.last)
        meter.count("knocks.answered")
        return answer(200, last=request.last)


def listen(address: str, port: int) -> trio.SocketListener:
    """A listening socket; port 0 is any free one. Raises OSError."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((address, port))
        found.listen(BACKLOG)
        found.setblocking(False)
    except OSError:
        found.close()
        raise
    return trio.SocketListener(trio.socket.from_stdlib_socket(found))
