"""Who is at work, and which commands each has still to acknowledge."""

from __future__ import annotations

import trio
import trio.testing

from cpesim.placement.placement import Roster


async def test_a_command_waits_for_all() -> None:
    """Those that have applied it come back, when the last one has."""
    roster = Roster()
    roster.add("a")
    roster.add("b")
    command = roster.ask(("a", "b"), "pause")
    done: list[list[str]] = []

    async def wait() -> None:
        done.append(await roster.applied(("a", "b"), command))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait)
        await roster.heard("a", ("ack", command.id))
        await trio.testing.wait_all_tasks_blocked()
        assert done == []
        await roster.heard("b", ("ack", command.id))
    assert done == [["a", "b"]]


async def test_nobody_waits_for_the_lost() -> None:
    """A worker that is gone acknowledges nothing, and holds nobody up."""
    roster = Roster()
    roster.add("a")
    command = roster.ask(("a",), "stop")
    await roster.lost("a", "killed")
    assert await roster.applied(("a",), command) == []
    assert roster.workers == ()
    assert await roster.events.receive() == ("a", ("lost", "killed"))


async def test_a_worker_that_said_its_end_is_not_lost() -> None:
    """The end of its process after its last word is no loss; nor is a second loss."""
    roster = Roster()
    roster.add("a")
    await roster.heard("a", ("end", {}))
    await roster.lost("a", "exit status 0")
    roster.close()
    assert [message async for message in roster.events] == [("a", ("end", {}))]


async def test_an_ack_that_nobody_waits_for_is_nothing() -> None:
    """It may come after its command was given up."""
    roster = Roster()
    roster.add("a")
    await roster.heard("a", ("ack", 7))
    roster.close()
    assert [message async for message in roster.events] == []
