"""A fleet with faults against the reference ACS: what it counts, and what apart."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
import trio

import cpesim.acs as reference_acs
import cpesim.engine.begin as begin
from cpesim.device.profile import Parameter, Profile
from cpesim.engine.fleet import Fleet
from cpesim.engine.injection.fleet import FaultyFleet
from cpesim.measure.result import Result, RunFacts
from cpesim.measure.snapshot import Snapshot
from cpesim.placement.inline import inline
from cpesim.scenario.scenario import Group, Start
from cpesim.scenario.shape import Shape
from cpesim.scenario.step import DeviceSet, Injection
from cpesim.wire.connection import Connection
from tests.e2e.one import gateway
from tests.factory import ROOT, make_profile, with_parameters
from tests.placement.test_local import order


async def ran(
    *faults: Injection,
    count: int = 40,
    duration: float = 0.8,
    profile: Profile | None = None,
    **settings: Any,
) -> tuple[Result, dict[str, Any]]:
    """A short run, and what the ACS tells of it."""
    server = reference_acs.Acs(reference_acs.AcsSettings(port=0, **settings))
    result = Result(RunFacts("faults", "ab", "http://127.0.0.1/", count))
    async with trio.open_nursery() as nursery:
        _, port = await nursery.start(lambda **kw: server.serve(**kw))
        ordered = replace(
            order(f"http://127.0.0.1:{port}/"),
            groups=((profile or make_profile(), Group("homes", count)),),
            start=Start(ramp=0.3),
            duration=duration,
            grace=2.0,
            in_flight=count,
            injections=faults,
        )
        with trio.fail_after(30):
            async with inline() as placement:
                await placement.start([ordered])
                async for who, (what, content) in placement.events:
                    if what == "ready":
                        await placement.command(None, "start", epoch=time.time())
                    elif what == "snapshot":
                        result.feed(who, Snapshot.from_bytes(content))
                    elif what == "end":
                        break
                    assert what not in ("bug", "refused"), content
        nursery.cancel_scope.cancel()
    return result, server.stats()


@pytest.mark.parametrize("faults", [(), (Injection("bad", {"dns": {}}),)])
async def test_a_run_without_faults_is_the_plain_one(
    faults: tuple[Injection, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plain fleet, plain connections: none of the code of faults is asked."""
    fleets: list[type] = []
    ways: list[type] = []

    class Seen(begin.Running):
        def _open(self, *what: Any) -> Connection:
            made = super()._open(*what)
            ways.append(type(made))
            return made

        async def run(self, *what: Any) -> None:
            await super().run(*what)
            fleets.append(type(self.fleet))

    monkeypatch.setattr(begin, "Running", Seen)
    await ran(*faults, count=5, duration=0.5)
    assert fleets == [FaultyFleet if faults else Fleet]
    assert (Connection in ways) is not bool(faults)
    assert len(set(ways)) == 1


async def test_faulty_sessions_are_measured_apart() -> None:
    """The base figures are those of the healthy ones, to the last session."""
    some = DeviceSet(share=0.5)
    result, stats = await ran(Injection("twice", {"duplicate_inform": {}}, some))
    count = result.count
    assert count("sessions.started") == count("sessions.done") == 20
    assert count("injected.started") == count("injected.done") == 20
    assert count("injected.done{fault=twice}") == 20
    assert count("injected.shown{fault=twice}") == 20
    assert count("sessions.wanted") == 40
    assert result.total("session").count == result.total("Inform").count == 20
    assert result.total("session{fault=twice}").count == 20
    assert count("status.200") == result.total("Inform").count
    assert stats["informs"] == 60


async def test_retries_after_a_failed_one_are_healthy_again() -> None:
    """Each CPE's first session fails, the second is an ordinary one."""
    fault = Injection("mid", {"tcp_reset_mid_body": {"p": 0.5}})
    soon = with_parameters(
        {
            ROOT + "ManagementServer.CWMPRetryMinimumWaitInterval": Parameter(
                "unsignedInt", True, "1", ranges=((1, 65535),)
            ),
        }
    )
    result, _ = await ran(fault, duration=3.0, count=30, profile=make_profile(**soon))
    count = result.count
    assert count("injected.failed{fault=mid}") == count("injected.started") > 5
    assert count("injected.failed.tcp_reset_mid_body{fault=mid}") == count(
        "injected.failed"
    )
    assert "tcp_reset_mid_body" not in result.errors
    assert count("sessions.failed") == 0
    assert count("sessions.retried") > 0
    assert count("sessions.done") == result.total("session").count
    assert count("sessions.wanted") == count("sessions.started") + count(
        "injected.started"
    ) + count("sessions.not_started")


@pytest.mark.parametrize(
    ("kind", "how", "violations"),
    [
        ("clock_skew", {"by": -86_400.0}, set()),
        ("delay_response", {"by": Shape("fixed", 0.01)}, set()),
        ("oversize", {"size": 50_000}, set()),
        ("malformed_xml", {}, {"S8 bad envelope"}),
        ("no_cookie", {}, {"H3 no cookie"}),
        ("wrong_id", {}, {"S6 cwmp:ID not echoed"}),
        ("cwmp_fault", {"code": 9002, "rpc": "GetParameterNames"}, set()),
    ],
)
async def test_what_the_other_end_says(
    kind: str, how: dict[str, Any], violations: set[str]
) -> None:
    """The reference ACS sees what is wrong, and nothing besides."""
    _, told = await ran(
        Injection("bad", {kind: how}), count=3, profile=gateway(), script="audit"
    )
    assert set(told["violations"]["kinds"]) == violations
    assert told["faults"] == ({"9002": 3} if kind == "cwmp_fault" else {})
