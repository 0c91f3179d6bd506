"""GET /violations: what was wrong, by rule, with times and examples."""

from __future__ import annotations

import json
import re

from cpesim.acs.findings import MOST_KINDS, NEWEST, Violations
from tests.acs.cpe import acs, envelope, inform

WHEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


async def test_violations_are_listed_by_rule() -> None:
    """An empty list first; then each kind, and with ?rule= those of one."""
    async with acs() as (_, connect):
        line = await connect()

        async def listed(query: str = "") -> list[dict[str, object]]:
            reply = await line.get("/violations" + query)
            assert reply.headers["content-type"] == "application/json"
            told: list[dict[str, object]] = json.loads(reply.body)
            return told

        assert await listed() == []
        wrong = inform("2 PERIODIC", "2 PERIODIC", serial="1").replace("00D09E", "x")
        await line.post(wrong)
        await line.post()
        line.cookie = ""
        told = await listed()
        assert [entry["rule"] for entry in told] == ["E2", "I1"]
        (one,) = await listed("?rule=E2")
        assert await listed("?rule=S7") == []
        assert one["what"] == "E2 an event twice"
        assert one["count"] == 1
        assert one["cpe"] == "x-HG800-1"
        assert "2 PERIODIC" in str(one["example"])
        assert WHEN.fullmatch(str(one["first"]))
        assert one["first"] == one["last"]


def test_the_newest_examples_are_kept() -> None:
    """Of each kind a few; the first time stays, the last one moves."""
    now = 0.0
    violations = Violations(lambda: now)
    for i in range(100):
        now = float(i)
        violations.note(f"cpe {i}" + "x" * 1000, "S7 late", f"{i} " + "y" * 1000)
    violations.note("cpe", "S8 other")
    first, second = violations.listed()
    assert (first["rule"], second["rule"]) == ("S7", "S8")
    assert (first["count"], first["cpe"][:6]) == (100, "cpe 99")
    assert first["first"] == "1970-01-01T00:00:00Z"
    assert first["last"] == "1970-01-01T00:01:39Z"
    examples = first["examples"]
    assert [e["detail"][:2] for e in examples] == [f"{99 - i}" for i in range(NEWEST)]
    assert max(len(e["detail"]) for e in examples) == 300
    assert max(len(e["cpe"]) for e in examples) == 200


def test_kinds_are_bounded() -> None:
    """Should a check ever make them up, the list stays short."""
    violations = Violations()
    for i in range(2 * MOST_KINDS):
        violations.note("", f"X{i} made up")
    assert len(violations.kinds) == MOST_KINDS + 1
    assert violations.told()["count"] == 2 * MOST_KINDS


async def test_hostile_cpes_make_nothing_grow(xsd: str) -> None:
    """Names of methods, events, headers, keys: as many as they like, few kinds."""
    async with acs(strict=xsd) as (server, connect):
        sizes = set()
        for _ in range(2):
            for i in range(30):
                line = await connect()
                odd = inform(f"{i} ODD", ("M Download", f"k{i}"), serial="1")
                await line.post(odd.replace("<C:ID", f"<C:H{i}/><C:ID"))
                await line.post(envelope(f"<C:Odd{i}/>"))
                body = f"<CommandKey>{i}</CommandKey>"
                await line.post(
                    envelope(f"<C:TransferComplete>{body}</C:TransferComplete>")
                )
                await line.post(envelope(f"<C:Odd{i}Response/>"))
                await line.post()
            stats = server.stats()
            assert stats["bugs"]["count"] == 0
            counters = ("events", "cpe_requests", "faults", "injected")
            kinds = len(stats["violations"]["kinds"])
            sizes.add((*(len(stats[c]) for c in counters), kinds, stats["cpes"]))
        (size,) = sizes
        assert size[-1] == 1
        assert size[-2] < 25
