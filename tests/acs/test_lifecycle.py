"""Upgrades, reboots, resets: what comes in later sessions is followed."""

from __future__ import annotations

import re

import pytest

from cpesim.acs.words.transfers import later
from tests.acs.cpe import IGD, acs, envelope, inform, kinds
from tests.acs.model import Model


def transfer_complete(key: str, code: int = 0) -> str:
    """A TransferComplete request."""
    return envelope(
        f"<C:TransferComplete><CommandKey>{key}</CommandKey><FaultStruct><FaultCode>"
        f"{code}</FaultCode><FaultString></FaultString></FaultStruct>"
        "<StartTime>2026-01-01T12:00:00Z</StartTime>"
        "<CompleteTime>2026-01-01T12:00:09Z</CompleteTime></C:TransferComplete>",
        "tc",
    )


@pytest.mark.rule("T1", "T4")
async def test_upgrade_is_a_download_and_its_end() -> None:
    """The file is there, the TransferComplete is answered and counted."""
    model = Model()
    async with acs(script="upgrade,audit", firmware_size=100_000) as (server, connect):
        line = await connect()
        # What comes after an upgrade waits for the next session.
        assert await line.session("1 BOOT", answer=model) == ["Download"]
        call = model.seen["Download"]
        key, url = call.get("CommandKey"), call.get("URL")
        assert url.endswith("/files/HG800-v1.4.3.bin")
        assert call.get("TargetFileName") == "HG800-v1.4.3.bin"
        assert call.get("FileSize") == "100000"
        # Nor is a CPE disturbed that has a transfer to make.
        assert await line.session("6 CONNECTION REQUEST", answer=model) == []
        other = await connect()
        reply = await other.get(re.sub("http://[^/]*", "", url))
        assert (reply.status, len(reply.body)) == (200, 100_000)

        model.own[IGD + "DeviceInfo.SoftwareVersion"] = "1.4.3"
        told = ("1 BOOT", "7 TRANSFER COMPLETE", ("M Download", key), "4 VALUE CHANGE")
        await line.post(inform(*told, parameters=model.forced()))
        reply = await line.post(transfer_complete(key))
        assert reply.method == "TransferCompleteResponse"
        assert (await line.post()).method == "GetRPCMethods"

        stats = server.stats()
        assert stats["downloads"] == {"served": 1, "bytes": 100_000}
        assert stats["transfer_completes"] == {"count": 1, "faults": {"0": 1}}
        assert kinds(server) == {"E6 6 CONNECTION REQUEST without one": 1}


async def test_an_odd_transfer_complete_is_found() -> None:
    """Unknown key, no events for it, a fault code that cwmp-1-0 lacks."""
    async with acs() as (server, connect):
        line = await connect()
        await line.session()
        await line.post(inform())
        await line.post(transfer_complete("nobody's", 9018))
        await line.post()
        assert server.stats()["transfer_completes"]["faults"] == {"9018": 1}
        assert kinds(server) == {
            "T5 fault code": 1,
            "T4 TransferComplete without 7 TRANSFER COMPLETE": 1,
            "T4 TransferComplete without its M event": 1,
            "T4 TransferComplete of an unknown transfer": 1,
        }


async def test_an_upgrade_that_changes_nothing_is_found() -> None:
    """SoftwareVersion has to be another one afterwards."""
    model = Model()
    async with acs(script="upgrade") as (server, connect):
        line = await connect()
        await line.session(answer=model)
        key = model.seen["Download"].get("CommandKey")
        await line.post(inform("7 TRANSFER COMPLETE", ("M Download", key)))
        await line.post(transfer_complete(key))
        await line.post()
        assert kinds(server) == {"T4 SoftwareVersion as before the upgrade": 1}


@pytest.mark.rule("X11", "E4")
async def test_a_reboot_wants_both_of_its_events() -> None:
    """1 BOOT without M Reboot is a violation; with it there is none."""
    for told, expected in (
        (("1 BOOT", ("M Reboot", "?")), {}),
        (("1 BOOT",), {"E4 1 BOOT without M Reboot": 1}),
    ):
        model = Model()
        async with acs(script="reboot") as (server, connect):
            line = await connect()
            assert await line.session(answer=model) == ["Reboot"]
            key = model.seen["Reboot"].get("CommandKey")
            await line.session(
                *[(e[0], key) if isinstance(e, tuple) else e for e in told]
            )
            assert kinds(server) == expected


async def test_the_other_words() -> None:
    """factory-reset and schedule-inform are followed as well."""
    model = Model()
    script = "schedule-inform,factory-reset"
    async with acs(script=script, schedule=5) as (server, connect):
        line = await connect()
        asked = await line.session(answer=model)
        assert asked == ["ScheduleInform", "FactoryReset"]
        assert model.seen["ScheduleInform"].get("DelaySeconds") == "5"
        await line.session("1 BOOT")
        assert kinds(server) == {"B2 no 0 BOOTSTRAP after FactoryReset": 1}
        await line.session("0 BOOTSTRAP", "1 BOOT")
        await line.session(("M ScheduleInform", "nobody's"))
        assert kinds(server)["E2 an event nobody asked for"] == 1


@pytest.mark.parametrize(
    ("version", "next_one"),
    [
        ("1.4.2", "1.4.3"),
        ("1.09-rc", "1.10-rc"),
        ("V099", "V100"),
        ("", "1"),
        ("beta", "beta1"),
        ("1/2 ü", "1_3__"),
    ],
)
def test_the_version_after(version: str, next_one: str) -> None:
    """The last number grows; what has no place in a file's name is replaced."""
    assert later(version) == next_one
