"""The northbound interface: campaigns, connection requests, outages; the capacity."""

from __future__ import annotations

import json
from typing import Any

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from cpesim.acs import Acs, AcsSettings
from cpesim.acs.http import Post
from cpesim.acs.north.campaigns import Campaigns
from cpesim.acs.north.door import Door
from cpesim.acs.north.outage import HOW, Outage
from cpesim.errors import ConfigError
from tests.acs.cpe import IGD, Line, acs, envelope, inform, kinds
from tests.acs.model import Model
from tests.acs.reports import transfer_complete
from tests.acs.test_auth import basic
from tests.acs.test_knock import door, until

NBI = ("127.0.0.1", 0)


async def asked(server: Acs, method: str, path: str, body: Any = None) -> Any:
    """The status and what the northbound interface told."""
    assert server.nbi is not None
    stream = await trio.open_tcp_stream(*server.nbi)
    async with stream:
        content = b"" if body is None else json.dumps(body).encode()
        await stream.send_all(
            f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            f"Content-Length: {len(content)}\r\n\r\n".encode()
            + content
        )
        text = b"".join([part async for part in stream])
    head, _, told = text.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(told)


def tagged(tag: str, url: str = "") -> Model:
    model = Model()
    model.own[IGD + "DeviceInfo.ProvisioningCode"] = tag
    model.own[IGD + "ManagementServer.ConnectionRequestURL"] = url
    return model


async def test_a_campaign_wakes_upgrades_and_knows_how_far_it_is() -> None:
    """Those of the tag and no others; the version of the campaign, whatever comes."""
    async with door() as it, acs(nbi=NBI, knock_rate=50) as (server, connect):
        line = await connect()
        model = tagged("gw", it.url)
        other = tagged("shop", it.url)
        # Credentials first: without them nobody can be called.
        for serial, own in (("1", model), ("2", other)):
            found = await line.session(
                "1 BOOT", serial=serial, parameters=own.forced(), answer=own
            )
            assert found == ["SetParameterValues"]
        path = IGD + "ManagementServer.ConnectionRequest"
        for own in (model, other):
            it.passwords[own.own[path + "Username"]] = own.own[path + "Password"]
        status, told = await asked(
            server, "POST", "/campaigns", {"tag": "gw", "version": "2.0.0"}
        )
        assert status == 200
        assert told["cpes"] == told["waiting"] == 1
        await until(lambda: server.stats()["knocks"]["answered"] == 1)

        ran = await line.session(
            "6 CONNECTION REQUEST", serial="1", parameters=model.forced(), answer=model
        )
        assert ran == ["Download"]
        assert model.seen["Download"].get("URL").endswith("/HG800-v2.0.0.bin")
        assert (await asked(server, "GET", "/campaigns/1"))[1]["told"] == 1
        key = model.seen["Download"].get("CommandKey")
        model.own[IGD + "DeviceInfo.SoftwareVersion"] = "2.0.0"
        events = (
            "1 BOOT",
            "7 TRANSFER COMPLETE",
            ("M Download", key),
            "4 VALUE CHANGE",
        )
        line.cookie = ""  # a new session
        await line.post(inform(*events, serial="1", parameters=model.forced()))
        await line.post(envelope(transfer_complete(key), "tc"))
        await line.post()
        (campaign,) = (await asked(server, "GET", "/campaigns"))[1]
        assert campaign["done"] == campaign["cpes"] == 1

        # One that comes to be known later belongs to it as well.
        late, line.cookie = tagged("gw", it.url), ""
        ran = await line.session(
            "1 BOOT", serial="3", parameters=late.forced(), answer=late
        )
        assert "Download" in ran
        assert server.stats()["knocks"]["sent"] == 1
        assert kinds(server) == {}


async def test_a_download_that_fails_is_told() -> None:
    """No more to come, and still the old version."""
    async with acs(nbi=NBI, knock_username="u", knock_password="p") as (
        server,
        connect,
    ):
        line = await connect()
        model = tagged("gw")
        await line.session("1 BOOT", parameters=model.forced(), answer=model)
        await asked(server, "POST", "/campaigns", {"tag": "gw", "version": "2.0.0"})
        await line.session("2 PERIODIC", parameters=model.forced(), answer=model)
        key = model.seen["Download"].get("CommandKey")
        events = ("7 TRANSFER COMPLETE", ("M Download", key))
        line.cookie = ""  # a new session
        await line.post(inform(*events, parameters=model.forced()))
        await line.post(envelope(transfer_complete(key, 9010), "tc"))
        await line.post()
        assert (await asked(server, "GET", "/campaigns/1"))[1]["failed"] == 1


async def test_wake_calls_the_cpes_of_a_tag_or_all() -> None:
    """Each once, at the ACS's rate; who does not answer is called again."""
    settings = {"nbi": NBI, "knock_username": "u", "knock_password": "p"}
    async with door() as it, acs(**settings, knock_rate=100) as (server, connect):
        it.passwords = {"u": "p"}
        line = await connect()
        for serial, tag in (("1", "a"), ("2", "b")):
            await line.session(serial=serial, parameters=tagged(tag, it.url).forced())
        assert await asked(server, "POST", "/wake", {"tag": "a"}) == (200, {"cpes": 1})
        await until(lambda: server.stats()["knocks"]["answered"] == 1)
        assert await asked(server, "POST", "/wake", {}) == (200, {"cpes": 2})
        await until(lambda: server.stats()["knocks"]["answered"] == 3)


async def test_one_that_does_not_answer_holds_up_no_other() -> None:
    """It is called again after a while; who is to be called meanwhile is called."""
    settings = {"nbi": NBI, "knock_username": "u", "knock_password": "p"}
    async with door() as it, acs(**settings, knock_rate=100) as (server, connect):
        it.passwords = {"u": "p"}
        line = await connect()
        for serial, tag, url in (
            ("1", "deaf", "http://127.0.0.1:9/x"),
            ("2", "gw", it.url),
        ):
            await line.session(serial=serial, parameters=tagged(tag, url).forced())
        assert (await asked(server, "POST", "/wake", {"tag": "deaf"}))[0] == 200
        await until(lambda: server.stats()["knocks"]["sent"] == 1)
        await trio.sleep(0.1)
        with trio.fail_after(2):
            assert (await asked(server, "POST", "/wake", {"tag": "gw"}))[0] == 200
            await until(lambda: server.stats()["knocks"]["answered"] == 1)


async def test_a_port_that_is_closed_is_not_the_operator_s() -> None:
    """Who has a connection to the northbound interface keeps it, and ends the outage"""
    settings = {"nbi": NBI, "knock_username": "u", "knock_password": "p"}
    async with acs(**settings) as (server, connect):
        line = await connect()
        assert server.nbi is not None
        north = await trio.open_tcp_stream(*server.nbi)
        async with north:
            for body in (b'{"how": "refuse"}', b'{"for": 0}'):
                length = b"Content-Length: %d\r\n\r\n" % len(body)
                head = b"POST /outage HTTP/1.1\r\nHost: x\r\n"
                await north.send_all(head + length + body)
                told = b""
                while b"}" not in told:
                    more = await north.receive_some()
                    assert more, "closed"
                    told += more
                await trio.sleep(0.05)
        with pytest.raises((EOFError, trio.BrokenResourceError)):
            await line.post(inform())  # a CPE's own was closed
        await (await connect()).session()


@pytest.mark.parametrize("how", HOW)
async def test_an_outage_begins_and_ends(how: str) -> None:
    """503, silence, or nobody at the port; afterwards all is as before."""
    settings = {"nbi": NBI, "knock_username": "u", "knock_password": "p"}
    async with acs(**settings) as (server, connect):
        await (await connect()).session()
        said = {"for": 0.4, "how": how}
        assert await asked(server, "POST", "/outage", said) == (200, said)
        await trio.testing.wait_all_tasks_blocked()
        began = trio.current_time()
        if how == "503":
            line: Line = await connect()
            assert (await line.post(inform())).status == 503
            await trio.sleep(0.45)
        elif how == "silent":
            assert (await (await connect()).post(inform())).status == 200
            assert trio.current_time() - began > 0.3
        else:
            with pytest.raises(OSError, match="connect"):
                await connect()
            await trio.sleep(0.5)
        await (await connect()).session()


async def test_an_outage_is_ended_by_hand() -> None:
    """One without a length lasts until then."""
    settings = {"nbi": NBI, "knock_username": "u", "knock_password": "p"}
    async with acs(**settings) as (server, connect):
        await asked(server, "POST", "/outage", {"how": "silent"})
        line = await connect()
        with trio.move_on_after(0.2) as waited:
            await line.post(inform())
        assert waited.cancelled_caught
        assert (await asked(server, "POST", "/outage", {"for": 0}))[0] == 200
        with trio.fail_after(2):
            await (await connect()).session(serial="2")


async def test_sessions_are_served_at_the_capacity_in_order() -> None:
    """One after another, from a queue that forgets nobody."""
    async with acs(capacity=20.0) as (server, connect):
        served: list[str] = []

        async def one(serial: str) -> None:
            line = await connect()
            await line.session(serial=serial)
            served.append(serial)

        began = trio.current_time()
        async with trio.open_nursery() as nursery:
            for n in range(10):
                nursery.start_soon(one, str(n))
                await trio.sleep(0.005)
        assert trio.current_time() - began >= 0.5
        assert served == sorted(served)
        assert server.stats()["sessions"] == 10


async def test_a_session_takes_one_turn_and_what_it_lacks_is_found_once() -> None:
    """Who is asked for a password has no turn before it is known."""
    settings = {"auth": "basic", "password": "p-{username}", "capacity": 20.0}
    async with acs(**settings) as (server, connect):
        began = trio.current_time()
        for n in range(6):
            line = await connect()
            assert (await line.post(inform(serial=str(n)))).status == 401
            proof = basic("x", "p-x")
            reply = await line.post(inform(serial=str(n)), Authorization=proof)
            assert reply.status == 200
            line.cookie = ""
            assert (await line.post(Authorization=proof)).status == 204
        assert 0.3 <= trio.current_time() - began < 0.55
        assert kinds(server)["H3 no cookie"] == 6


def _door() -> Door:
    server = Acs(AcsSettings(nbi=NBI))
    assert server.desk.campaigns is not None
    return Door(server.desk.campaigns, list, Outage(lambda: None))


@given(
    st.sampled_from(["GET", "POST", "PUT"]),
    st.sampled_from(["/wake", "/outage", "/campaigns", "/campaigns/x", "/x", "/"]),
    st.binary(max_size=60)
    | st.sampled_from(
        [b"[1]", b'{"for": true}', b'{"a": 1}', b'{"tag": 1}', b"[" * 50]
    ),
)
def test_whatever_is_asked_gets_an_answer(method: str, path: str, body: bytes) -> None:
    """A status and a reason in JSON; nothing begins by chance."""

    class Request:
        headers = ()

        def __init__(self) -> None:
            self.method, self.target = method.encode(), path.encode()

    post = Post(Request(), body, False)  # type: ignore[arg-type]

    async def answered() -> bytes:
        return _door().answer(post)

    head, _, text = trio.run(answered).partition(b"\r\n\r\n")
    status = int(head.split()[1])
    assert status in (200, 400, 404)
    assert ("error" in json.loads(text)) == (status != 200)


def test_wrong_settings_are_refused() -> None:
    """By name."""
    with pytest.raises(ConfigError, match="capacity: expected more than 0"):
        AcsSettings(capacity=0.0)
    with pytest.raises(ConfigError, match="nbi: expected a port"):
        AcsSettings(nbi=("127.0.0.1", 99999))
    with pytest.raises(ConfigError, match="no script, knocks or nbi"):
        AcsSettings(record=True, nbi=NBI)


async def test_campaigns_are_bounded_and_asked_for_by_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """404 and 503 say why."""
    monkeypatch.setattr("cpesim.acs.north.door.MOST", 1)
    async with acs(nbi=NBI) as (server, _):
        said = {"tag": "a", "version": "1"}
        assert (await asked(server, "POST", "/campaigns", said))[0] == 200
        assert (await asked(server, "POST", "/campaigns", said))[0] == 503
        assert (await asked(server, "GET", "/campaigns/9"))[0] == 404
        assert (await asked(server, "GET", "/"))[0] == 200
        assert isinstance(server.desk.campaigns, Campaigns)
