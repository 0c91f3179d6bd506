"""Who may call a CPE, and what a call costs before it is believed (CHECKLIST C)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import trio
import trio.testing

from cpesim.device.catalog import compile_profile, load_profile
from cpesim.device.device import Device
from cpesim.device.fitting import with_behaviours
from cpesim.device.world import World
from cpesim.engine.listener import PATIENCE, Listener
from cpesim.engine.site import open_site
from cpesim.measure.meter import Meter
from cpesim.scenario.scenario import Acs
from cpesim.wire.auth import ServerAuth
from tests.device.aliased import TEXT
from tests.device.aliased import ask as rpc
from tests.engine.test_listener import PATHS, ask, authorized, booth
from tests.factory import SERVER, make_device

_OFF = (
    "    ConnectionRequestURL: inform active string(256) ~ url\n"
    "    HTTPConnectionRequestEnable: rw boolean = 0\n"
)


class Caller:
    """A caller's stream: its one request, and the order of what came of it."""

    def __init__(self, request: str, order: list[str]) -> None:
        self.request = request.encode()
        self.order = order

    async def receive_some(self, most: int) -> bytes:
        request, self.request = self.request, b""
        return request

    async def send_all(self, data: bytes) -> None:
        self.order.append(data[9:12].decode())
        await trio.lowlevel.checkpoint()

    async def aclose(self) -> None:
        self.order.append("closed")


class Silent(Caller):
    """A caller that sends a part of a request and no more."""

    async def receive_some(self, most: int) -> bytes:
        if not self.request:
            await trio.sleep_forever()
        return await super().receive_some(most)


def listener(
    device: Device, knock: Callable[[Device, float], bool] | None = None
) -> tuple[Listener, ServerAuth, Meter]:
    """A listener with one device behind it."""
    auth, meter = ServerAuth("cpesim", b"x", lambda: 1.0), Meter()
    hears = Listener(
        PATHS,
        device=lambda n: device,
        knock=knock or Device.knock,
        clock=lambda: 1.0,
        meter=meter,
        auth=auth,
    )
    return hears, auth, meter


@pytest.mark.rule("C2")
async def test_the_answer_is_out_before_the_session() -> None:
    """No packet of the session leaves before the caller has its 200."""
    order: list[str] = []
    async with trio.open_nursery() as nursery:

        async def session() -> None:
            order.append("session")

        def knock(device: Device, now: float) -> bool:
            nursery.start_soon(session)
            return True

        hears, auth, _ = listener(make_device(5), knock)
        path = PATHS.of(5)
        head = f"WWW-Authenticate: {auth.challenge()}\r\n"
        request = f"GET {path} HTTP/1.1\r\n{authorized(head, path)}\r\n"
        caller: Any = Caller(request, order)
        await hears._requests(caller)
    assert order == ["200", "session"]


@pytest.mark.rule("C4")
async def test_a_slow_caller_is_left(mock_clock: trio.testing.MockClock) -> None:
    """Half a request holds its place for a few seconds, and starts nothing."""
    order: list[str] = []
    device = make_device(5)
    hears, _, meter = listener(device)
    began = trio.current_time()
    caller: Any = Silent(f"GET {PATHS.of(5)} HT", order)
    await hears._caller(caller)
    assert trio.current_time() - began == PATIENCE
    assert (order, device.knocks) == (["closed"], ())
    assert meter.snapshot(1.0, {}).counters["knocks.broken"] == 1


@pytest.mark.rule("C8")
async def test_connection_requests_off_and_on() -> None:
    """Off: an empty URL and nothing served; on again: the URL and its calls."""
    profile = load_profile("residential-gateway-tr181")
    world = World(1, url=lambda n: f"http://127.0.0.1:7547/{n}")
    device = Device(profile, 0, world)
    device.boot(0.0)
    root = "Device.ManagementServer."
    name, url = root + "HTTPConnectionRequestEnable", root + "ConnectionRequestURL"
    assert device.model.get(url, 0.0) == "http://127.0.0.1:7547/0"
    hears, _, _ = listener(device)
    for given, status in (
        ("0", "404"),
        ("1", "401"),
        ("false", "404"),
        ("true", "401"),
    ):
        assert rpc(device, "SetParameterValues", [(name, "boolean", given)]).fault == 0
        off = rpc(device, "GetParameterValues", url).values()[url] == ""
        assert off is (status == "404")
        order: list[str] = []
        caller: Any = Caller(f"GET {PATHS.of(0)} HTTP/1.1\r\n\r\n", order)
        await hears._requests(caller)
        assert order == [status]
    assert device.knocks == ()


@pytest.mark.rule("C8", "I7")
def test_the_acs_is_told_of_a_url_that_went() -> None:
    """A changed ConnectionRequestURL opens a session by itself."""
    device = Device(load_profile("residential-gateway-tr181"), 0, World(1))
    device.boot(0.0)
    rpc(device, "SetParameterValues", [])
    name = "Device.ManagementServer.HTTPConnectionRequestEnable"
    rpc(device, "SetParameterValues", [(name, "boolean", "0")])
    assert device.wanted == 10.0
    url = "Device.ManagementServer.ConnectionRequestURL"
    assert url in device.changes


@pytest.mark.rule("C8")
def test_connection_requests_that_are_off_at_first() -> None:
    """A profile may say so: there is no URL until the ACS wants one."""
    text = TEXT.replace("  ManagementServer:\n", "  ManagementServer:\n" + _OFF)
    profile = with_behaviours(compile_profile(text, "off.yaml"), None)
    device = Device(profile, 3, World(1, url=lambda n: f"http://127.0.0.1:7547/{n}"))
    device.boot(0.0)
    root = "Device.ManagementServer."
    name, url = root + "HTTPConnectionRequestEnable", root + "ConnectionRequestURL"
    for given, expected in (("1", "http://127.0.0.1:7547/3"), ("0", ""), ("1", "h")):
        before = rpc(device, "GetParameterValues", url).values()[url]
        assert (before == "") is (given == "1")
        rpc(device, "SetParameterValues", [(name, "boolean", given)])
        after = rpc(device, "GetParameterValues", url).values()[url]
        assert after.startswith(expected)
        assert bool(after) is bool(expected)


@pytest.mark.rule("C9", "C1")
@pytest.mark.parametrize("acs", ["http://127.0.0.1:1/", "https://127.0.0.1:1/"])
async def test_the_url_is_http(acs: str) -> None:
    """Whatever the ACS speaks, and the path is the device's own."""
    heard, url = open_site(Acs(acs), PATHS, 0)
    async with heard:
        assert url(7).startswith("http://127.0.0.1:")
        assert url(7).endswith(PATHS.of(7))
        assert url(7) != url(8)


@pytest.mark.rule("C9")
@pytest.mark.parametrize("address", ["127.0.0.2", "127.9.8.7"])
async def test_any_source_address(address: str) -> None:
    """Who knows the password may call from anywhere."""
    device = make_device(5)
    path = PATHS.of(5)
    async with booth(device) as (made, port):
        stream = await trio.open_tcp_stream("127.0.0.1", port, local_address=address)
        async with stream:
            get = f"GET {path} HTTP/1.1\r\n"
            proof = authorized(await ask(stream, get + "\r\n"), path)
            head = await ask(stream, get + proof + "\r\n")
        assert head.startswith("HTTP/1.1 200 ")
        assert made.knocked == 1


@pytest.mark.rule("C1")
async def test_the_username_is_the_device_s_own() -> None:
    """What the ACS wrote counts at once, and an old name or password no more."""
    device = make_device(5)
    hears, auth, meter = listener(device)
    path = PATHS.of(5)

    async def called() -> str:
        order: list[str] = []
        head = f"WWW-Authenticate: {auth.challenge()}\r\n"
        request = f"GET {path} HTTP/1.1\r\n{authorized(head, path)}\r\n"
        caller: Any = Caller(request, order)
        await hears._requests(caller)
        (status,) = order
        return status

    assert await called() == "200"
    device.model.set(SERVER + "ConnectionRequestUsername", "someone")
    assert await called() == "401"
    device.model.set(SERVER + "ConnectionRequestUsername", "acs")
    device.model.set(SERVER + "ConnectionRequestPassword", "")
    assert await called() == "401"
    device.model.set(SERVER + "ConnectionRequestPassword", "knock")
    assert await called() == "200"
    assert meter.snapshot(1.0, {}).counters["knocks.unauthorized"] == 2
