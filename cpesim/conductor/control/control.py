"""
The control socket of a run: what `cpesim ctl` and `cpesim attach` speak to.

Rule: a Unix socket that only its owner may use, never a port. One JSON object a line,
each way: {"do": WORDS} is answered when it has been applied, {"watch": {...}} by a
frame a second until the client goes, {"key": ACTION} does what the key does. Nothing
that a client sends or leaves unread holds up the run.
"""

from __future__ import annotations

import json
import os
import socket
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import trio

from cpesim.conductor.control.address import (
    MOST_HEIGHT,
    MOST_LINE,
    MOST_WIDTH,
    NAME,
    reachable,
)
from cpesim.conductor.hand import LETTERS, Hand, Refused
from cpesim.errors import MachineError
from cpesim.live.looking import Looking
from cpesim.live.views import dashboard
from cpesim.measure.result import Result
from cpesim.scenario.asked import asked

MOST_CLIENTS = 32
# Seconds: for one who asks nothing; for an answer or a frame to be taken.
IDLE, TAKING = 60.0, 2.0
FRAME = 1.0
# Frames one client may have besides, by its keys and its window: four a second.
LEAST_APART = 0.25
# Only these keys act on a run; the others turn what is looked at, in the client.
FAULTS = tuple(f"fault {number}" for number in range(1, 10))
KEYS = frozenset((*LETTERS, *FAULTS, "stop", "stop now"))


class Interrupt(Protocol):
    """Ends a run: *by* whom, and whether at once."""

    def __call__(self, by: str, now: bool) -> None: ...


def bound(path: Path) -> socket.socket:
    """
    A socket that listens at *path*, for its owner only.

    One that a dead run left behind is replaced. Raises MachineError.
    """
    opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with reachable(path) as address:
            _sweep(path, address)
            # Its rights are right before it is there: chmod would come too late.
            before = os.umask(0o177)
            try:
                opened.bind(address)
            finally:
                os.umask(before)
        opened.listen(MOST_CLIENTS)
    except OSError as error:
        opened.close()
        why = error.strerror or str(error)
        raise MachineError(f"control socket {path}: {why}") from error
    except BaseException:
        opened.close()
        raise
    return opened


def _sweep(path: Path, address: str) -> None:
    """Remove a socket at which nobody listens."""
    try:
        kind = os.lstat(path).st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(kind):
        raise MachineError(f"control socket {path}: there is a file of that name")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(address)
        except ConnectionRefusedError:
            path.unlink()
            return
    raise MachineError(f"control socket {path}: another run listens there")


@dataclass(slots=True)
class _Client:
    """One connection, and what it watches."""

    stream: trio.SocketStream
    lock: trio.Lock = field(default_factory=trio.Lock)
    looking: Looking | None = None
    size: tuple[int, int] = (80, 24)
    wake: trio.Event = field(default_factory=trio.Event)

    async def send(self, told: object, *, last: bool = False) -> None:
        """Send a line; TooSlowError when it is not taken in time."""
        line = json.dumps(told, separators=(",", ":"), ensure_ascii=False) + "\n"
        # The answer to what ends the run leaves though all is ending.
        with trio.CancelScope(shield=last):
            with trio.fail_after(TAKING):
                async with self.lock:
                    await self.stream.send_all(line.encode("utf-8", "replace"))


class Control:
    """The socket of one run, and those who are connected to it."""

    def __init__(
        self, chosen: Path | None, result: Result, hand: Hand, interrupt: Interrupt
    ) -> None:
        """*chosen* is where the socket is made, if not in the run's folder."""
        self._path = chosen
        self._result = result
        self._hand = hand
        self._interrupt = interrupt
        self._listener: socket.socket | None = None
        self._own = 0
        self._clients = 0

    def claim(self) -> None:
        """Listen where it was chosen, if it was; raises MachineError."""
        if self._path is not None:
            self._path = self._path.absolute()
            self._open(self._path)
            self._result.manifest["control"] = str(self._path)

    def _open(self, path: Path) -> None:
        self._listener = bound(path)
        self._own = os.lstat(path).st_ino
        self._path = path

    def close(self) -> None:
        """Remove the socket; more than once does no harm."""
        if self._listener is None or self._path is None:
            return
        self._listener.close()
        self._listener = None
        with suppress(OSError):
            # Somebody may have put another one there.
            if os.lstat(self._path).st_ino == self._own:
                self._path.unlink()

    async def serve(self, folder: Path) -> None:
        """Answer everybody until cancelled; a run goes on without a socket."""
        if self._listener is None:
            try:
                self._open(folder / NAME)
            except MachineError as error:
                self._result.event(0.0, str(error))
                return
        assert self._listener is not None
        taking = trio.SocketListener(trio.socket.from_stdlib_socket(self._listener))
        try:
            async with trio.open_nursery() as nursery:
                await trio.serve_listeners(
                    self._client, [taking], handler_nursery=nursery
                )
        finally:
            self.close()

    async def _client(self, stream: trio.SocketStream) -> None:
        client = _Client(stream)
        self._clients += 1
        try:
            async with stream:
                if self._clients > MOST_CLIENTS:
                    await client.send(_wrong("too many are connected to this run"))
                    return
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(self._frames, client)
                    await self._requests(client)
                    nursery.cancel_scope.cancel()
        except* (trio.BrokenResourceError, trio.ClosedResourceError, trio.TooSlowError):
            pass  # it went, or it was too slow: the run does not wait for it
        finally:
            self._clients -= 1

    async def _requests(self, client: _Client) -> None:
        buffer = bytearray()
        while True:
            idle = IDLE if client.looking is None else float("inf")
            received = b""
            with trio.move_on_after(idle):
                received = await client.stream.receive_some(4096)
            if not received:
                return
            buffer += received
            *lines, rest = buffer.split(b"\n")
            if max(map(len, (*lines, rest))) > MOST_LINE:
                await client.send(_wrong(f"expected lines of {MOST_LINE:,} bytes"))
                return
            buffer = rest
            for line in lines:
                if line.strip():
                    answer = await self._answer(client, bytes(line))
                    if answer is not None:
                        await client.send(answer, last=True)

    async def _answer(self, client: _Client, line: bytes) -> dict[str, Any] | None:
        try:
            told = json.loads(line)
        except (ValueError, RecursionError):
            return _wrong("expected a JSON object a line")
        match told:
            case {"do": str() | [*_] as words} if _are_words(words):
                return await self._do(words)
            case {"watch": {"width": int(width), "height": int(height)} as watched}:
                return self._watch(client, width, height, watched)
            case {"key": str(action)} if action in KEYS:
                self._press(action)
                client.wake.set()
                return None
        return _wrong('expected {"do": WORDS}, {"watch": {...}} or {"key": ACTION}')

    async def _do(self, words: str | list[str]) -> dict[str, Any]:
        try:
            applied = await self._hand.apply(asked(words), "ctl")
        except (ValueError, Refused) as why:
            return _wrong(str(why))
        return {"ok": True, "applied": applied}

    def _press(self, action: str) -> None:
        if action in ("stop", "stop now"):
            self._interrupt("key q, attached", action == "stop now")
        else:
            self._hand.press(action, "attached key")

    def _watch(
        self, client: _Client, width: int, height: int, watched: object
    ) -> dict[str, Any] | None:
        try:
            looking = Looking.read(watched)
        except ValueError as error:
            return _wrong(str(error))
        if not (1 <= width <= MOST_WIDTH and 1 <= height <= MOST_HEIGHT):
            return _wrong(f"expected at most {MOST_WIDTH} x {MOST_HEIGHT} cells")
        client.looking, client.size = looking, (width, height)
        client.wake.set()
        return None

    async def _frames(self, client: _Client) -> None:
        """A frame a second for one who watches, and at once after its keys."""
        while True:
            with trio.move_on_after(FRAME):
                await client.wake.wait()
            client.wake = trio.Event()
            if client.looking is not None:
                lines = dashboard(self._result, *client.size, client.looking)
                await client.send({"frame": lines})
            await trio.sleep(LEAST_APART)


def _are_words(words: object) -> bool:
    return isinstance(words, str) or (
        isinstance(words, list) and all(isinstance(word, str) for word in words)
    )


def _wrong(why: str) -> dict[str, Any]:
    return {"ok": False, "error": why}
