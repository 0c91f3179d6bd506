"""Throughput tests that are stopped, and those that must not last for ever (B3, B5)."""

from __future__ import annotations

import pytest
import trio

from cpesim.device.transfer import MOVING
from cpesim.engine import diagnose
from cpesim.engine.errand import run_errand
from tests.device.diagnosed import COMPLETE, DOWNLOAD, STATE, Desk
from tests.engine.lineserver import (
    ANSWERS,
    LineServer,
    files,
    line_server,
    measured,
    ordered,
)
from tests.play import reply


@pytest.mark.rule("B3", "B5")
@pytest.mark.parametrize("order", ["set", "cancel", "reboot", "reset"])
async def test_what_is_stopped_moves_no_more(order: str) -> None:
    """A parameter, Canceled, the power: the connection goes at once, without an 8."""
    desk = Desk()
    async with line_server(ANSWERS) as server, trio.open_nursery() as nursery:
        run = ordered(desk, DOWNLOAD, server.url + "/endless")

        async def engine() -> None:
            outcome = await run_errand(files(), desk.device, run)
            desk.device.returned(run, outcome, 30.0)

        nursery.start_soon(engine)
        await until_it_sends(server)
        message = {
            "set": desk.set((DOWNLOAD + "DSCP", "8")),
            "cancel": desk.set((DOWNLOAD + STATE, "Canceled")),
            "reboot": reply("Reboot", "k"),
            "reset": reply("FactoryReset"),
        }[order]
        desk.hold(20.0, message)
        with trio.fail_after(5):
            await server.closed.wait()
    desk.device.wake(300.0)
    assert desk.state(DOWNLOAD) == "None"
    assert COMPLETE not in desk.device.events
    assert desk.read(DOWNLOAD)["TestBytesReceived"] == "0"
    assert desk.counters["diagnostics.done"] == 0
    assert desk.counters["diagnostics.stopped"] == 1


async def until_it_sends(server: LineServer) -> None:
    with trio.fail_after(5):
        while not server.heads:
            await trio.lowlevel.checkpoint()


@pytest.mark.rule("B5")
async def test_a_restart_ends_the_first_connection() -> None:
    """The old test's connection goes; only the new one's results are told."""
    desk = Desk()
    async with line_server(ANSWERS) as server, trio.open_nursery() as nursery:
        run = ordered(desk, DOWNLOAD, server.url + "/endless")
        nursery.start_soon(run_errand, files(), desk.device, run)
        await until_it_sends(server)
        read = await measured(desk, DOWNLOAD, server.url + "/file")
    assert read[STATE] == "Complete"
    assert int(read["TestBytesReceived"]) == len(ANSWERS["/file"])


async def test_a_run_that_was_stopped_before_it_began() -> None:
    """The engine does nothing for it."""
    desk = Desk()
    async with line_server(ANSWERS) as server:
        run = ordered(desk, DOWNLOAD, server.url + "/file")
        assert run.state == MOVING
        desk.hold(11.0, desk.set((DOWNLOAD + "DSCP", "8")))
        assert await run_errand(files(), desk.device, run) == ("None", ())
    assert server.heads == []


@pytest.mark.rule("B5")
@pytest.mark.parametrize(
    ("constant", "path", "word"),
    [
        ("SILENCE", "/hangs", "Error_NoResponse"),
        ("LONGEST", "/endless", "Error_Timeout"),
        ("MOST", "/endless", "Error_TransferFailed"),
    ],
)
async def test_no_test_goes_on_for_ever(
    constant: str, path: str, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that is silent, that never ends, that sends too much."""
    monkeypatch.setattr(diagnose, constant, 100_000 if constant == "MOST" else 0.3)
    async with line_server(ANSWERS) as server:
        read = await measured(Desk(), DOWNLOAD, server.url + path)
    assert read[STATE] == word
