"""The control socket, with real sockets: rights, answers, and what is hostile."""

from __future__ import annotations

import json
import os
import socket
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio

from cpesim.conductor.control.address import MOST_LINE, NAME, reachable
from cpesim.conductor.control.control import MOST_CLIENTS, Control, bound
from cpesim.errors import MachineError
from tests.conductor.test_hand import Table


class Caller:
    """One end of a connection: lines out, objects in."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self.stream = stream
        self._buffer = b""

    async def say(self, told: object) -> None:
        await self.stream.send_all(json.dumps(told).encode() + b"\n")

    async def hear(self) -> dict[str, Any] | None:
        """The next object; None when the run has hung up."""
        while b"\n" not in self._buffer:
            try:
                received = await self.stream.receive_some(65_536)
            except trio.BrokenResourceError:
                return None
            if not received:
                return None
            self._buffer += received
        line, _, self._buffer = self._buffer.partition(b"\n")
        found: dict[str, Any] = json.loads(line)
        return found

    async def ask(self, told: object) -> dict[str, Any] | None:
        await self.say(told)
        return await self.hear()


async def dial(path: Path) -> Caller:
    """A connection to the socket."""
    with reachable(path) as address:
        return Caller(await trio.open_unix_socket(address))


@asynccontextmanager
async def served(
    folder: Path, chosen: Path | None = None
) -> AsyncIterator[tuple[Table, Path]]:
    """A run's control socket, listening."""
    table = Table()
    control = Control(
        chosen, table.result, table.hand, lambda *by: table.stopped.append(by)
    )
    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(table.hand.run)
            control.claim()
            nursery.start_soon(control.serve, folder)
            await trio.testing.wait_all_tasks_blocked()
            yield table, chosen or folder / NAME
            nursery.cancel_scope.cancel()


async def test_only_its_owner_may_use_it(tmp_path: Path) -> None:
    """Its rights are right, whatever the umask; it is gone with the run."""
    before = os.umask(0)
    try:
        async with served(tmp_path) as (_, path):
            kind = path.stat()
            assert stat.S_ISSOCK(kind.st_mode)
            assert stat.S_IMODE(kind.st_mode) == 0o600
            assert os.umask(0) == 0
    finally:
        os.umask(before)
    assert os.listdir(tmp_path) == []


async def test_requests_are_answered_when_applied(tmp_path: Path) -> None:
    """Words as a text or a list; several clients at a time."""
    async with served(tmp_path) as (table, path):
        one, other = await dial(path), await dial(path)
        applied = {"ok": True, "applied": ["w0", "w1"]}
        assert await one.ask({"do": "rate +10%"}) == applied
        assert await other.ask({"do": ["rate", "50/s"]}) == applied
        answer = await one.ask({"do": "fault none active"})
        assert answer == {"ok": False, "error": "fault none: there is wan, dns"}
        assert table.events == ["rate 110/s (ctl)", "rate 50/s (ctl)"]
        for caller in (one, other):
            await caller.stream.aclose()


@pytest.mark.parametrize(
    "line",
    [
        b"hello",
        b"\xff\xfe\x00",
        b"[" * 60_000,
        b"{}",
        b"null",
        b'{"do": 5}',
        b'{"do": ["rate", 5]}',
        b'{"do": "rm -rf"}',
        b'{"do": "mark \'"}',
        b'{"key": "ls"}',
        b'{"watch": {"width": 80}}',
        b'{"watch": {"width": 80, "height": 24, "view": 9, "over": ""}}',
        b'{"watch": {"width": 80, "height": 24, "view": 0, "over": "x"}}',
        b'{"watch": {"width": 999999999, "height": 24, "view": 0, "over": ""}}',
        b'{"watch": {"width": -1, "height": 24, "view": 0, "over": ""}}',
    ],
)
async def test_nonsense_is_an_error_in_words(line: bytes, tmp_path: Path) -> None:
    """The client is told, and may go on."""
    async with served(tmp_path) as (table, path):
        caller = await dial(path)
        await caller.stream.send_all(line + b"\n")
        answer = await caller.hear()
        assert answer is not None
        assert answer["ok"] is False
        assert answer["error"]
        assert await caller.ask({"do": "mark still here"}) == {
            "ok": True,
            "applied": [],
        }
        await caller.stream.aclose()
        assert table.told == []


async def test_a_line_without_end_is_cut_off(tmp_path: Path) -> None:
    """Memory is bounded: it is told, and hung up on."""
    async with served(tmp_path) as (_, path):
        caller = await dial(path)
        await caller.stream.send_all(b"x" * (MOST_LINE + 1))
        answer = await caller.hear()
        assert answer is not None
        assert "lines of 65,536 bytes" in answer["error"]
        assert await caller.hear() is None
        await caller.stream.aclose()


async def test_too_many_are_turned_away(tmp_path: Path) -> None:
    """The others go on."""
    async with served(tmp_path) as (_, path):
        callers = [await dial(path) for _ in range(MOST_CLIENTS)]
        done = {"ok": True, "applied": []}
        for caller in callers:
            assert await caller.ask({"do": "dump"}) == done
        late = await dial(path)
        answer = await late.hear()
        assert answer is not None
        assert "too many" in answer["error"]
        assert await callers[0].ask({"do": "dump"}) == done
        for caller in (*callers, late):
            await caller.stream.aclose()


async def test_who_watches_gets_frames(tmp_path: Path) -> None:
    """Of the size and the view that were asked for; keys act as in the terminal."""
    async with served(tmp_path) as (table, path):
        caller = await dial(path)
        looking = {"width": 90, "height": 30, "view": 0, "over": ""}
        answer = await caller.ask({"watch": looking})
        assert answer is not None
        assert len(answer["frame"]) == 30
        assert {len(line) for line in answer["frame"]} == {90}
        await caller.say({"key": "faster"})
        while "rate 101/s (attached key +)" not in "\n".join(answer["frame"]):
            answer = await caller.hear()
            assert answer is not None
        await caller.say({"key": "stop"})
        await caller.hear()
        assert table.stopped == [("key q, attached", False)]
        await caller.stream.aclose()


async def test_a_slow_watcher_is_dropped(tmp_path: Path) -> None:
    """The run's own answers go on meanwhile."""
    async with served(tmp_path) as (_, path):
        slow, quick = await dial(path), await dial(path)
        slow.stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        big = {"width": 500, "height": 200, "view": 0, "over": ""}
        while True:
            try:
                await slow.say({"watch": big})
            except trio.BrokenResourceError:
                break
            assert await quick.ask({"do": "mark x"}) == {"ok": True, "applied": []}
            await trio.sleep(0.25)
        for caller in (slow, quick):
            await caller.stream.aclose()


async def test_a_dead_runs_socket_is_no_harm(tmp_path: Path) -> None:
    """It is replaced; a living one is not, nor any other file."""
    path = tmp_path / "s"
    bound(path).close()
    assert path.is_socket()
    with bound(path):
        with pytest.raises(MachineError, match="another run listens there"):
            bound(path)
    path.unlink()
    path.write_text("precious")
    with pytest.raises(MachineError, match="a file of that name"):
        bound(path)
    assert path.read_text() == "precious"
    with pytest.raises(MachineError, match="No such file"):
        bound(tmp_path / "none" / "s")


async def test_any_path_is_short_enough(tmp_path: Path) -> None:
    """A Unix address has 107 bytes; a run's folder may be deeper."""
    folder = tmp_path / ("x" * 100) / ("y" * 100)
    folder.mkdir(parents=True)
    async with served(folder) as (_, path):
        assert path.is_socket()
        caller = await dial(path)
        assert await caller.ask({"do": "dump"}) == {"ok": True, "applied": []}
        await caller.stream.aclose()
    assert not path.exists()


async def test_another_place_may_be_chosen(tmp_path: Path) -> None:
    """The manifest says where; a place that is taken is an error before the run."""
    chosen = tmp_path / "mine"
    async with served(tmp_path, chosen) as (table, path):
        assert table.result.manifest["control"] == str(chosen)
        assert path.is_socket()
        with pytest.raises(MachineError, match="another run"):
            Control(chosen, table.result, table.hand, lambda *by: None).claim()
    assert not chosen.exists()


async def test_a_run_goes_on_without_a_socket(tmp_path: Path) -> None:
    """A folder that cannot hold one is an event, and no more."""
    async with served(tmp_path / "none") as (table, _):
        assert "control socket" in table.events[0]
