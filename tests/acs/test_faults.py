"""Faults on demand: delay, stall, 503, garbage, drop."""

from __future__ import annotations

import pytest
import trio

from tests.acs.cpe import acs, inform


async def test_delay_holds_each_answer_back() -> None:
    """Of CPEs; GET /stats is not delayed."""
    async with acs(delay=0.1) as (_, connect):
        line = await connect()
        before = trio.current_time()
        await line.session()
        assert 0.2 <= trio.current_time() - before < 0.35
        before = trio.current_time()
        await line.get("/stats")
        assert trio.current_time() - before < 0.08


async def test_a_stall_answers_nothing_for_a_while() -> None:
    """AT seconds after the first POST, FOR seconds long."""
    async with acs(stall=(0.1, 0.3)) as (server, connect):
        line = await connect()
        before = trio.current_time()
        await line.session()
        assert trio.current_time() - before < 0.1
        await trio.sleep_until(before + 0.15)
        await line.session()
        assert 0.35 <= trio.current_time() - before < 0.55
        assert server.stats()["injected"] == {"stall": 1}


async def test_503_comes_with_retry_after() -> None:
    """The share of 1 is every POST."""
    async with acs(fail_503=1.0, retry_after=7) as (server, connect):
        line = await connect()
        reply = await line.post(inform())
        assert (reply.status, reply.headers["retry-after"]) == (503, "7")
        assert (await line.get("/stats")).status == 200
        assert server.stats()["injected"] == {"503": 1}


async def test_garbage_is_no_envelope() -> None:
    """200, and a body that no CPE can read."""
    async with acs(garbage=1.0) as (_, connect):
        reply = await (await connect()).post(inform())
        assert reply.status == 200
        assert b"Envelope>" not in reply.body


async def test_drop_closes_without_an_answer() -> None:
    """The request was read, nothing comes back."""
    async with acs(drop=1.0) as (server, connect):
        line = await connect()
        with pytest.raises(EOFError):
            await line.post(inform())
        assert server.stats()["injected"] == {"drop": 1}


async def test_shares_are_shares() -> None:
    """Of 400 POSTs about a quarter each; the same seed gives the same."""
    counts = []
    for _ in range(2):
        async with acs(fail_503=0.25, garbage=0.25, seed=3) as (server, connect):
            line = await connect()
            for _ in range(400):
                await line.post()
            counts.append(server.stats()["injected"])
    assert counts[0] == counts[1]
    assert all(70 <= count <= 130 for count in counts[0].values())
