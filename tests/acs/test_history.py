"""An Inform is held against what the CPE said, and was told, before."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio

from cpesim.acs import Acs
from cpesim.acs import history as history_module
from tests.acs.cpe import IGD, acs, envelope, inform, kinds
from tests.acs.gateway import Gateway
from tests.acs.model import Model
from tests.acs.reports import transfer_complete


@asynccontextmanager
async def known(**settings: Any) -> AsyncIterator[tuple[Acs, Callable[[], Any]]]:
    """An ACS that saw this CPE before."""
    async with acs(**settings) as (server, connect):
        await (await connect()).session()
        yield server, connect


async def broken_off(connect: Callable[[], Any], *events: Any, retries: int) -> None:
    """A session that ends after its Inform."""
    line = await connect()
    await line.post(inform(*events, retries=retries))
    await trio.aclose_forcefully(line.stream)
    await trio.sleep(0.02)


@pytest.mark.rule("R2")
async def test_retry_count_grows_with_each_failed_session() -> None:
    """1, 2, 3 and then none; a reset begins anew."""
    async with known() as (server, connect):
        for retries in range(3):
            await broken_off(connect, retries=retries)
        await (await connect()).session(retries=3)
        assert kinds(server) == {}
        await broken_off(connect, retries=0)
        await (await connect()).session("0 BOOTSTRAP", "1 BOOT")
        assert kinds(server) == {}
        await broken_off(connect, retries=4)
        await (await connect()).session(retries=4)
        assert kinds(server) == {"R2 RetryCount did not grow": 1}


@pytest.mark.rule("R2")
async def test_retry_count_ends_with_a_good_session() -> None:
    """Within less than a retry's wait it cannot have grown again."""
    async with known() as (server, connect):
        line = await connect()
        await line.session(retries=2)
        await line.session(retries=2)
        assert kinds(server) == {"R2 RetryCount was not reset": 1}
    # Who is answered with faults on demand has failures that are not seen here.
    async with known() as (server, connect):
        server.tally.injected["503"] += 1
        line = await connect()
        await line.session(retries=2)
        await line.session(retries=2)
        assert kinds(server) == {}


@pytest.mark.rule("E5")
async def test_an_event_without_its_response_comes_again() -> None:
    """A transfer's end is told in every Inform until TransferCompleteResponse."""
    async with known() as (server, connect):
        for lost in (False, True):
            key = f"k{lost}"
            told = ("7 TRANSFER COMPLETE", ("M Download", key))
            await broken_off(connect, *told, retries=0)
            assert kinds(server) == {"E2 an event nobody asked for": 1 + lost} | (
                {"T4 TransferComplete of an unknown transfer": 1} if lost else {}
            )
            line = await connect()
            await line.post(inform(*(() if lost else told), retries=1))
            if not lost:
                await line.post(envelope(transfer_complete(key)))
            await line.post()
            assert kinds(server).get("E5 an event lost", 0) == 2 * lost


@pytest.mark.rule("E5")
async def test_an_event_does_not_come_after_its_response() -> None:
    """M events, and the single ones that have a response of their own."""
    model = Model()
    async with acs(script="reboot") as (server, connect):
        line = await connect()
        await line.session(answer=model)
        told = ("1 BOOT", ("M Reboot", model.seen["Reboot"].get("CommandKey")))
        await line.session(*told)
        assert kinds(server) == {}
        await line.session(told[1])
        assert kinds(server) == {"E5 an event again after its response": 1}
        await line.session("2 PERIODIC")
        await line.session(told[1])
        assert kinds(server)["E2 an event nobody asked for"] == 1


@pytest.mark.rule("E3")
async def test_a_start_is_told_once() -> None:
    """1 BOOT again at once, and 0 BOOTSTRAP without it."""
    async with known() as (server, connect):
        line = await connect()
        await line.session("0 BOOTSTRAP", "1 BOOT")
        await line.session("1 BOOT")
        assert kinds(server) == {"E5 1 BOOT again at once": 1}
        await line.session("0 BOOTSTRAP")
        assert kinds(server)["E3 0 BOOTSTRAP again without 1 BOOT"] == 1
        await trio.sleep(history_module.AT_ONCE)
        await line.session("0 BOOTSTRAP", "1 BOOT")
        assert server.stats()["violations"]["count"] == 2


@pytest.mark.rule("E5", "I5")
async def test_what_was_asked_for_has_to_come_in_its_time() -> None:
    """After its delay and the patience it is late; once."""
    for patience, expected in (
        (0.0, {"E5 an event that never came": 1}),
        (60.0, {}),
    ):
        async with acs(script="reboot", patience=patience) as (server, connect):
            line = await connect()
            await line.session(answer=Model())
            await trio.sleep(0.01)
            await line.session()
            await line.session()
            assert kinds(server) == expected


@pytest.mark.rule("I3")
async def test_the_periodic_interval_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three intervals and a minute without one are too long; others do not count."""
    monkeypatch.setattr(history_module, "_SPARE", -2.9)
    model = Model()
    more = {"answer": model}
    async with acs(script="provision", interval=1) as (server, connect):
        line = await connect()
        await line.session("0 BOOTSTRAP", "1 BOOT", **more)
        told = model.forced()
        await line.session("4 VALUE CHANGE", parameters=told)
        assert kinds(server) == {}
        await trio.sleep(0.15)
        # A CPE that could not come is excused.
        await line.session("4 VALUE CHANGE", parameters=told, retries=1)
        assert kinds(server) == {}
        await line.session("4 VALUE CHANGE", parameters=told)
        await line.session("4 VALUE CHANGE", parameters=told)
        assert kinds(server) == {"I3 no periodic Inform": 1}


@pytest.mark.rule("I2", "P8")
async def test_a_model_with_aliases_tells_so_in_each_inform() -> None:
    """AliasBasedAddressing is forced where the model has it."""
    model = Gateway(IGD)
    async with acs(script="audit") as (server, connect):
        line = await connect()
        await line.session(answer=model, parameters=model.forced())
        await line.session(parameters=model.forced())
        assert kinds(server) == {}
        del model.inform["ManagementServer.AliasBasedAddressing"]
        await line.session(parameters=model.forced())
        assert kinds(server) == {"I2 forced parameter missing": 1}


@pytest.mark.rule("B6")
@pytest.mark.parametrize("word", ["delay-reboot", "schedule-reboot"])
async def test_a_reboot_by_parameter_is_1_boot_alone(word: str) -> None:
    """It comes in time, and without M Reboot."""
    model = Gateway()
    more: dict[str, Any] = {"root": "Device."}
    script = f"{word},audit"
    async with acs(script=script, schedule=90) as (server, connect):
        line = await connect()
        more["parameters"] = model.forced()
        asked = await line.session(answer=model, **more)
        assert asked == ["GetParameterNames", "SetParameterValues"]
        text = model.calls[-1].get("Value")
        # The Inform's CurrentTime is an hour ahead of UTC.
        assert text == {"delay-reboot": "90"}.get(word, "2026-01-01T11:01:30Z")
        more["parameters"] = model.forced()
        assert await line.session("2 PERIODIC", answer=model, **more) == []
        asked = await line.session("1 BOOT", answer=model, **more)
        assert asked[0] == "GetRPCMethods"
        assert kinds(server) == {}
        await line.session("1 BOOT", ("M Reboot", "x"), **more)
        assert "E2 an event nobody asked for" in kinds(server)
