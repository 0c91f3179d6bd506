"""What steps do to CPEs: power, reboots, values, more of them and fewer."""

from __future__ import annotations

from math import inf

import pytest
import trio
import trio.testing

from cpesim.cwmp import names
from cpesim.device.device import DARK
from cpesim.engine.standing import STATES
from cpesim.errors import HttpStatus
from cpesim.scenario.shape import Shape
from cpesim.scenario.step import DeviceSet
from tests.engine.stage import Stage, staged
from tests.factory import ROOT, SERVER, WAN

Clock = trio.testing.MockClock
DARK_SET = DeviceSet("dark")
ADDRESS = WAN + "ExternalIPAddress"


def standing(stage: Stage) -> dict[str, float]:
    """How many CPEs are in each state that has any."""
    gauges = stage.fleet.standing.gauges()
    found = {state: gauges[f"fleet.{state}"] for state in STATES}
    return {state: number for state, number in found.items() if number}


async def test_a_power_cut_and_the_way_back(mock_clock: Clock) -> None:
    """Off means silent; back means `1 BOOT`, other values, and the clock stops."""
    async with staged(20) as stage:
        await trio.sleep(5)
        told = await stage.do("power_cut", DeviceSet(share=0.5), name="dark")
        assert told["done"] == 10
        assert told["problem"] == ""
        assert standing(stage) == {"ok": 10, "off": 10}
        dark = {d.n for d in stage.fleet.devices if d.life == DARK}
        before = len(stage.informs)
        await trio.sleep(1000)
        assert not dark & {n for _, n, _ in stage.informs[before:]}
        assert len(stage.informs) > before

        stage.counters()
        old = {n: stage.fleet.devices[n].model.get(ADDRESS, 0.0) for n in dark}
        since = stage.fleet.clock()
        told = await stage.do(
            "power_restore",
            DARK_SET,
            arguments={
                "arrive": Shape("exponential", 25.0, within=90.0),
                "inform": ("1 BOOT", "4 VALUE CHANGE"),
                "set": {ADDRESS: "{new.ipv4}"},
            },
        )
        assert told["done"] == 10
        assert standing(stage) == {"ok": 10, "off": 10}
        await trio.sleep(100)
        assert standing(stage) == {"ok": 20}
        assert sorted(stage.told("1 BOOT", since)) == sorted(dark)
        assert set(stage.told("4 VALUE CHANGE", since)) == dark
        new = {n: stage.fleet.devices[n].model.get(ADDRESS, 0.0) for n in dark}
        assert len(set(new.values())) == 10
        assert all(new[n] != old[n] for n in dark)
        body = next(b for at, n, b in stage.informs if at > since and n in dark)
        assert any(address.encode() in body for address in new.values())
        back = [at for at, n, _ in stage.informs if at >= since and n in dark]
        arrived = [at - since for at in back]
        assert max(arrived[:10]) <= 90.0
        assert len({round(at, 1) for at in arrived[:10]}) > 5

        snapshot = stage.fleet.meter.snapshot(stage.fleet.clock(), {})
        assert snapshot.counters["recovering{set=dark}"] == 10
        assert snapshot.counters["recovered{set=dark}"] == 10
        assert stage.fleet.recovery.gauges()["set.size{set=dark}"] == 10
        assert not stage.fleet.recovery.waiting


async def test_sessions_that_a_power_cut_meets_are_cut_not_failed(
    mock_clock: Clock,
) -> None:
    """In flight: reset. Waiting for a place: never begun. Both are off at once."""
    async with staged(6, in_flight=2) as stage:
        stage.delay = 10.0
        await trio.sleep(1)
        assert standing(stage) == {"busy": 2, "waiting": 4}
        assert (await stage.do("power_cut"))["done"] == 6
        assert len(stage.resets) == 2
        await trio.sleep(0.1)
        assert standing(stage) == {"off": 6}
        counters = stage.counters()
        assert counters["sessions.cut"] == counters["sessions.interrupted"] == 2
        assert counters["sessions.not_started"] == 4
        assert "sessions.failed" not in counters
        assert counters["sessions.wanted"] == 6
        assert all(device.due() == inf for device in stage.fleet.devices)

        stage.delay = 0.1
        since = stage.fleet.clock()
        await stage.do("power_restore")
        await trio.sleep(5)
        assert standing(stage) == {"ok": 6}
        # None has told of its first boot yet.
        assert sorted(stage.told("0 BOOTSTRAP", since)) == [0, 1, 2, 3, 4, 5]


async def test_power_may_come_back_by_itself(mock_clock: Clock) -> None:
    """`restore_after`: and the recovery clock of a named set begins then."""
    async with staged(4) as stage:
        await trio.sleep(5)
        await stage.do("power_cut", name="street", arguments={"restore_after": 300.0})
        await trio.sleep(299)
        assert standing(stage) == {"off": 4}
        assert len(stage.fleet.recovery.waiting) == 4
        await trio.sleep(2)
        assert standing(stage) == {"ok": 4}
        snapshot = stage.fleet.meter.snapshot(stage.fleet.clock(), {})
        assert snapshot.counters["recovered{set=street}"] == 4


async def test_power_cut_and_restored_in_one_moment(mock_clock: Clock) -> None:
    """A session that was in flight ends, then the CPE boots."""
    async with staged(2) as stage:
        stage.delay = 10.0
        await trio.sleep(1)
        await stage.do("power_cut")
        await stage.do("power_restore", arguments={"inform": ("M X_00D09E_Lit",)})
        await trio.sleep(25)
        assert standing(stage) == {"ok": 2}
        assert sorted(stage.told("M X_00D09E_Lit")) == [0, 1]


async def test_who_has_power_needs_none(mock_clock: Clock) -> None:
    """They are passed over, and nothing happens to them."""
    async with staged(3) as stage:
        await trio.sleep(5)
        before = len(stage.informs)
        told = await stage.do("power_restore")
        assert told["passed"] == {"has power": 3}
        await trio.sleep(5)
        assert len(stage.informs) == before


async def test_a_cpe_that_never_booted_stays_off(mock_clock: Clock) -> None:
    """Its boot over the ramp is lost with the power."""
    async with staged(2, ramp=lambda n: 100.0) as stage:
        await trio.sleep(1)
        await stage.do("power_cut")
        await trio.sleep(200)
        assert stage.informs == []
        await stage.do("power_restore")
        await trio.sleep(5)
        assert sorted(stage.told("0 BOOTSTRAP")) == [0, 1]


async def test_a_power_cut_ends_a_retry_and_the_next_boot_begins_anew(
    mock_clock: Clock,
) -> None:
    """No retry comes while it is off."""
    async with staged(1) as stage:
        stage.failure = HttpStatus(503)
        await trio.sleep(1)
        assert standing(stage) == {"retry": 1}
        await stage.do("power_cut")
        await trio.sleep(500)
        assert len(stage.informs) == 1
        stage.failure = None
        await stage.do("power_restore")
        await trio.sleep(1)
        assert standing(stage) == {"ok": 1}


async def test_reboot_and_factory_reset(mock_clock: Clock) -> None:
    """Dark for as long as the profile says; a reset forgets what was set."""
    async with staged(2, reboot=45.0) as stage:
        await trio.sleep(5)
        device = stage.fleet.devices[1]
        device.model.set(ROOT + "DeviceInfo.ProvisioningCode", "x")
        since = stage.fleet.clock()
        assert (
            await stage.do("reboot", DeviceSet(where={SERVER + "Username": "cpe"}))
        )["done"] == 2
        assert standing(stage) == {"off": 2}
        told = await stage.do("reboot")
        assert told["passed"] == {"off": 2}
        await trio.sleep(46)
        assert sorted(stage.told("1 BOOT", since)) == [0, 1]
        assert stage.told("M Reboot") == []
        assert stage.told("0 BOOTSTRAP", since) == []

        await stage.do("factory_reset", DeviceSet(count=2))
        await trio.sleep(50)
        assert sorted(stage.told("0 BOOTSTRAP", since)) == [0, 1]
        assert device.model.get(ROOT + "DeviceInfo.ProvisioningCode", 0.0) == ""


async def test_a_reboot_waits_for_the_session(mock_clock: Clock) -> None:
    """Nothing is broken off by it."""
    async with staged(1) as stage:
        stage.delay = 10.0
        await trio.sleep(1)
        assert (await stage.do("reboot"))["done"] == 1
        await trio.sleep(15)
        assert standing(stage) == {"busy": 1}
        await trio.sleep(10)
        assert standing(stage) == {"off": 1}
        assert stage.counters()["sessions.done"] == 1


async def test_inform_with_events_and_parameters(mock_clock: Clock) -> None:
    """Each at its own moment; the parameters go into this Inform alone."""
    async with staged(3) as stage:
        await trio.sleep(5)
        since = stage.fleet.clock()
        await stage.do(
            "inform",
            arguments={
                "events": ("8 DIAGNOSTICS COMPLETE",),
                "params": (WAN + "Signal",),
                "arrive": Shape("uniform", 10.0, 20.0),
            },
        )
        await trio.sleep(9)
        assert stage.told("8 DIAGNOSTICS COMPLETE") == []
        await trio.sleep(15)
        assert sorted(stage.told("8 DIAGNOSTICS COMPLETE", since)) == [0, 1, 2]
        told = [b for at, _, b in stage.informs if at >= since]
        assert all((WAN + "Signal").encode() in body for body in told)
        await stage.do("inform")
        await trio.sleep(1)
        assert (WAN + "Signal").encode() not in stage.informs[-1][2]
        assert names.PERIODIC.encode() in stage.informs[-1][2]

        since = stage.fleet.clock()
        arguments = {"events": ("4 VALUE CHANGE",), "params": (WAN + "Signal",)}
        await stage.do("inform", arguments=arguments)
        await trio.sleep(1)
        assert sorted(stage.told("4 VALUE CHANGE", since)) == [0, 1, 2]
        assert (WAN + "Signal").encode() in stage.informs[-1][2]


async def test_inform_is_told_again_until_it_was_heard(mock_clock: Clock) -> None:
    """The retry has the parameters too."""
    async with staged(1) as stage:
        await trio.sleep(5)
        stage.failure = HttpStatus(503)
        await stage.do("inform", arguments={"params": (WAN + "Signal",)})
        await trio.sleep(1)
        stage.failure = None
        await trio.sleep(60)
        assert [(WAN + "Signal").encode() in b for _, _, b in stage.informs[-2:]] == [
            True,
            True,
        ]


@pytest.mark.parametrize(
    ("name", "force", "told"),
    [(ADDRESS, False, 2), (WAN + "Mode", False, 0), (WAN + "Mode", True, 2)],
)
async def test_value_change(
    name: str, force: bool, told: int, mock_clock: Clock
) -> None:
    """Active notification is told at once, none is not, unless it is forced."""
    text = "DSL" if name.endswith("Mode") else "192.0.2.{n}"
    async with staged(2) as stage:
        await trio.sleep(5)
        arguments = {"set": {name: text}, "force": force}
        await stage.do("value_change", arguments=arguments)
        await trio.sleep(5)
        assert len(stage.told("4 VALUE CHANGE")) == told
        assert stage.fleet.devices[1].model.get(name, 0.0) in ("DSL", "192.0.2.1")


async def test_set_is_silent_and_takes_effect(mock_clock: Clock) -> None:
    """Nobody is told, and the timers follow."""
    async with staged(1) as stage:
        await trio.sleep(5)
        since = stage.fleet.clock()
        interval = SERVER + "PeriodicInformInterval"
        arguments = {"set": {interval: "10", ADDRESS: "192.0.2.9"}}
        assert (await stage.do("set", arguments=arguments))["done"] == 1
        await trio.sleep(60)
        assert stage.told("4 VALUE CHANGE") == []
        assert len(stage.told("2 PERIODIC", since)) == 6


async def test_what_cannot_be_set_is_told_or_counted(mock_clock: Clock) -> None:
    """What no CPE has is wrong with the step; what one does not take is passed over."""
    async with staged(2) as stage:
        await trio.sleep(5)
        told = await stage.do("set", arguments={"set": {ROOT + "Nothing": "1"}})
        assert "no kind of CPE here has a parameter" in told["problem"]
        told = await stage.do("set", arguments={"set": {ADDRESS: "{new.ipv5}"}})
        assert "{new.ipv5} is no placeholder: expected {n}" in told["problem"]
        await stage.do("set", arguments={"set": {WAN + "Mode": "Fax"}})
        assert stage.counters()["deeds.refused_value"] == 2
        assert stage.fleet.devices[0].model.get(WAN + "Mode", 0.0) == "Auto"


async def test_a_connection_request(mock_clock: Clock) -> None:
    """As the ACS's own; one that is off hears none."""
    async with staged(3) as stage:
        await trio.sleep(5)
        await stage.do("power_cut", DeviceSet(count=1))
        told = await stage.do("connection_request")
        assert told["done"] == 2
        assert told["passed"] == {"off": 1}
        await trio.sleep(1)
        assert len(stage.told("6 CONNECTION REQUEST")) == 2
        for _ in range(9):
            await stage.do("connection_request")
        assert (await stage.do("connection_request"))["passed"]["refused"] == 2


async def test_more_cpes_and_fewer(mock_clock: Clock) -> None:
    """New ones boot over their ramp; removed ones are of the fleet no more."""
    async with staged(4) as stage:
        await trio.sleep(5)
        told = await stage.do(
            "add", name="new", arguments={"group": "all", "count": 3, "ramp": 30.0}
        )
        assert told["done"] == 3
        assert stage.fleet.standing.gauges()["fleet/all/total"] == 7
        assert standing(stage) == {"new": 3, "ok": 4}
        await trio.sleep(35)
        boots = [(round(at), n) for at, n, b in stage.informs if b"0 BOOTSTRAP" in b]
        assert boots[4:] == [(5, 4), (15, 5), (25, 6)]

        stage.delay = 10.0
        await stage.do("inform", DeviceSet("new"))
        await trio.sleep(1)
        assert (await stage.do("remove", DeviceSet("new")))["done"] == 3
        await trio.sleep(0.1)
        gauges = stage.fleet.standing.gauges()
        assert gauges["fleet.total"] == gauges["fleet/all/total"] == 4
        assert gauges["fleet.removed"] == 3
        assert standing(stage) == {"ok": 4}
        assert (await stage.do("power_restore", DeviceSet("new")))["done"] == 0
        assert (await stage.do("reboot"))["done"] == 4
        # Nothing answers a caller, and a call on its way leads nowhere.
        assert {device.life for device in stage.fleet.devices[4:]} == {DARK}
        stage.fleet.knock(stage.fleet.devices[5], stage.fleet.clock())
        before = len(stage.informs)
        await trio.sleep(2000)
        assert not {4, 5, 6} & {n for _, n, _ in stage.informs[before:]}


async def test_watch_starts_a_clock_and_touches_nobody(mock_clock: Clock) -> None:
    """A session that was under way does not count; the next good one does."""
    async with staged(2) as stage:
        await trio.sleep(5)
        stage.delay = 10.0
        await stage.do("inform", DeviceSet(count=1))
        await trio.sleep(1)
        assert (await stage.do("watch", name="all"))["done"] == 2
        assert "problem" in await stage.do("watch")
        await trio.sleep(30)
        assert len(stage.fleet.recovery.waiting) == 2
        stage.delay = 0.1
        await trio.sleep(400)
        snapshot = stage.fleet.meter.snapshot(stage.fleet.clock(), {})
        assert snapshot.counters["recovered{set=all}"] == 2
        assert not stage.resets


async def test_a_clock_that_begins_anew_forgets_the_last(mock_clock: Clock) -> None:
    """Who was not back is waited for from then on."""
    async with staged(3) as stage:
        await trio.sleep(5)
        await stage.do("power_cut", name="dark")
        for _ in range(2):
            await stage.do("watch", DARK_SET)
        gauges = stage.fleet.recovery.gauges()
        assert gauges["set.size{set=dark}"] == 3
        assert all(len(c) == 1 for c in stage.fleet.recovery.waiting.values())
        await stage.do("remove", DeviceSet("dark", count=1))
        assert stage.fleet.recovery.gauges()["set.size{set=dark}"] == 2


async def test_unknown_words_are_told(mock_clock: Clock) -> None:
    """The run goes on."""
    async with staged(1) as stage:
        for action, devices, words in (
            ("reboot", DeviceSet("dark"), "no set is called 'dark'"),
            ("reboot", DeviceSet(group="x"), "no group is called 'x'"),
            ("explode", None, "'explode' is no action: expected power_cut"),
        ):
            told = await stage.do(action, devices)
            assert words in told["problem"]
            assert told["done"] == 0
