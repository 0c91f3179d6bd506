"""A fleet in the caller's process: sessions on demand, parameters, being called."""

from __future__ import annotations

from pathlib import Path

import pytest
import trio

import cpesim
from cpesim.acs import Acs, AcsSettings
from cpesim.acs.knock import knock
from cpesim.errors import ConfigError
from cpesim.wire.auth import Credentials

INTERVAL = "Device.ManagementServer.PeriodicInformInterval"


async def served(nursery: trio.Nursery, **settings: object) -> str:
    """The URL of a reference ACS in this process."""
    server = Acs(AcsSettings(port=0, **settings))  # type: ignore[arg-type]
    host, port = await nursery.start(lambda **kw: server.serve(**kw))
    return f"http://{host}:{port}/"


async def test_a_cpe_has_sessions_when_it_is_told_to() -> None:
    """Its boot first; what the ACS asked, and what it set, can be read."""
    async with trio.open_nursery() as nursery:
        url = await served(nursery, script="provision", interval=777)
        async with cpesim.fleet(url, 2) as fleet:
            cpe = fleet[0]
            first = await cpe.session()
            assert first.ok
            assert first.events == ("0 BOOTSTRAP", "1 BOOT")
            assert "SetParameterValues" in first.rpcs
            assert first.answers[0] == "Inform"
            assert cpe.get(INTERVAL) == cpe.get(INTERVAL[7:]) == "777"
            second = await cpe.session("2 PERIODIC")
            assert second.events == ("2 PERIODIC",)
            assert second.rpcs == ()
            assert (await cpe.reboot()).events[0] == "1 BOOT"
            assert len(fleet) == 2
            assert fleet[1].serial != cpe.serial
            assert not fleet[1].busy
            with pytest.raises(KeyError):
                cpe.get("Device.No.Such")
        assert fleet.result.sessions()["done"] == 3
        # Its seconds are closed, as those of any run.
        assert (
            sum(row.rate("sessions.done") for row in fleet.result.history.seconds) == 3
        )
        assert fleet.result.peak[0] > 0
        nursery.cancel_scope.cancel()


def login_of(cpe: cpesim.Cpe) -> Credentials:
    """What an ACS shows that calls it."""
    path = "ManagementServer.ConnectionRequest"
    return Credentials(cpe.get(path + "Username"), cpe.get(path + "Password"))


async def test_an_acs_calls_a_cpe() -> None:
    """A connection request leads to a session with event 6."""
    async with trio.open_nursery() as nursery:
        url = await served(nursery)
        async with cpesim.fleet(url, known=True) as fleet:
            (cpe,) = fleet
            called = cpe.connection_request_url
            assert await knock(called, login_of(cpe), "1") in (200, 204)
            assert (await cpe.next(timeout=5)).events == ("6 CONNECTION REQUEST",)
            with pytest.raises(trio.TooSlowError):
                await cpe.next(timeout=0.05)
        nursery.cancel_scope.cancel()


async def test_a_session_that_is_asked_for_is_the_one_that_comes_back() -> None:
    """One that was under way is waited for, and is not taken for it."""
    async with trio.open_nursery() as nursery:
        url = await served(nursery, delay=0.2)
        async with cpesim.fleet(url, known=True) as fleet:
            cpe = fleet[0]
            await knock(cpe.connection_request_url, login_of(cpe), "1")
            await trio.sleep(0.1)  # the ACS takes twice as long for its Inform
            assert cpe.busy
            assert (await cpe.session("2 PERIODIC")).events == ("2 PERIODIC",)
        nursery.cancel_scope.cancel()


async def test_a_value_that_its_user_changes_is_told() -> None:
    """By the notification attribute: a password of the ACS's is active by itself."""
    async with trio.open_nursery() as nursery:
        url = await served(nursery, script="notifications")
        async with cpesim.fleet(url) as fleet:
            await fleet[0].session()
            fleet[0].set("DeviceInfo.ProvisioningCode", "moved")
            session = await fleet[0].next(timeout=5)
            assert session.events == ("4 VALUE CHANGE",)
            assert b"moved" in session.messages[0].body
        nursery.cancel_scope.cancel()


async def test_a_session_that_fails_says_why() -> None:
    """And a fleet that cannot be raises what is wrong with it."""
    async with trio.open_nursery() as nursery:
        url = await served(nursery, fail_503=1.0)
        async with cpesim.fleet(url) as fleet:
            session = await fleet[0].session()
            assert not session.ok
            assert "503" in session.label
        nursery.cancel_scope.cancel()
    with pytest.raises(ConfigError, match="no-such"):
        async with cpesim.fleet("http://127.0.0.1:9/", profile="no-such"):
            pass


def test_a_blocking_fleet(pytester: pytest.Pytester) -> None:
    """An ACS's own test, in five lines, by the fixtures that the package brings."""
    pytester.makepyfile(
        """
        def test_my_acs(cpesim_acs, cpesim_fleet):
            acs = cpesim_acs("--script", "audit")
            cpe = cpesim_fleet(acs.url, 2, profile="gpon-ont")[1]
            assert "GetParameterValues" in cpe.session().rpcs
            assert cpe.session("2 PERIODIC").ok
            assert acs.stats()["informs"] == 2 and acs.violations() == []
            assert cpe.get("Device.DeviceInfo.ProductClass")

        def test_it_ends_with_a_test_that_fails(cpesim_acs, cpesim_fleet):
            fleet = cpesim_fleet(cpesim_acs().url)
            assert fleet[0].session(timeout=20).rpcs == ("nothing",)
        """
    )
    found = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-q")
    found.assert_outcomes(passed=1, failed=1)


def test_a_whole_run_from_a_program(tmp_path: Path) -> None:
    """Blocks, and brings the Result that the reports were made of."""
    from cpesim.cli.acs.child import acs_child

    with acs_child() as url:
        scenario = cpesim.Scenario(
            "mine", cpesim.Acs(url), (cpesim.Group("cpes", 20),), duration=3.0
        )
        result = cpesim.run(
            scenario, out=tmp_path, grace=2.0, start=cpesim.Start(ramp=1.0)
        )
    assert result.exit is not None
    assert result.exit.code == 0
    assert result.sessions()["done"] == 20
    assert len(list(tmp_path.glob("*/summary.json"))) == 1
