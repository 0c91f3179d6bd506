"""From the connection request to its session: a listener before a fleet (C1–C7)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
import trio
import trio.testing

from cpesim.engine.listener import Listener
from cpesim.wire.auth import ServerAuth
from tests.engine.stage import Stage, staged
from tests.engine.test_listener import PATHS, ask, authorized

Clock = trio.testing.MockClock
Door = Callable[[], trio.abc.Stream]
METHODS = ("HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "get", "GETX")
TAKEN, REFUSED = "HTTP/1.1 200 ", "HTTP/1.1 503 "


@asynccontextmanager
async def doors(count: int = 1, **changes: object) -> AsyncIterator[tuple[Stage, Door]]:
    """A fleet whose devices have booted and told so, and the way to its listener."""
    async with staged(count, **changes) as stage, trio.open_nursery() as nursery:
        fleet = stage.fleet
        hears = Listener(
            PATHS,
            device={device.n: device for device in fleet.devices}.get,
            knock=fleet.knock,
            clock=fleet.clock,
            meter=fleet.meter,
            auth=ServerAuth("cpesim", b"x", fleet.clock),
        )

        def door() -> trio.abc.Stream:
            caller, stream = trio.testing.memory_stream_pair()
            nursery.start_soon(hears._caller, stream)
            return caller

        await trio.sleep(1)
        yield stage, door
        nursery.cancel_scope.cancel()


async def call(door: Door, n: int = 0, *, method: str = "GET") -> str:
    """A caller that knows the password: the head of the last answer."""
    path = PATHS.of(n)
    async with door() as stream:
        head = await ask(stream, f"GET {path} HTTP/1.1\r\n\r\n")
        if not head:
            return ""
        proof = authorized(head, path)
        return await ask(stream, f"{method} {path} HTTP/1.1\r\n{proof}\r\n")


def told(stage: Stage, n: int = 0) -> list[bool]:
    """Of each Inform of a device whether it has `6 CONNECTION REQUEST`."""
    event = b"<EventCode>6 CONNECTION REQUEST<"
    return [event in body for _, device, body in stage.informs if device == n]


@pytest.mark.rule("C2", "E6")
async def test_a_call_opens_a_session(mock_clock: Clock) -> None:
    """200 without a body, and within 30 seconds an Inform with 6; just one."""
    async with doors() as (stage, door):
        began = stage.fleet.clock()
        head = await call(door)
        assert head.startswith(TAKEN)
        assert "Content-Length: 0" in head
        await trio.sleep(60)
        assert told(stage) == [False, True]
        assert stage.informs[1][0] - began < 30


@pytest.mark.rule("C7", "C3")
async def test_several_calls_before_the_session(mock_clock: Clock) -> None:
    """Each is answered with 200, and one session comes of them all."""
    async with doors() as (stage, door):
        stage.delay = 5.0
        assert (await call(door)).startswith(TAKEN)
        await trio.sleep(1)  # in the session that the first one opens
        for _ in range(5):
            assert (await call(door)).startswith(TAKEN)
        await trio.sleep(60)
        assert told(stage) == [False, True, True]


@pytest.mark.rule("C3", "S10")
@pytest.mark.parametrize("taken", [True, False])
async def test_a_call_in_a_session(mock_clock: Clock, taken: bool) -> None:
    """By the profile 200 and a session after this one, or 503 and none."""
    async with doors(knock_in_session=taken) as (stage, door):
        stage.delay = 5.0
        assert (await call(door)).startswith(TAKEN)
        await trio.sleep(1)
        assert stage.fleet.devices[0].session is not None
        head = await call(door)
        assert head.startswith(TAKEN if taken else REFUSED)
        assert "Retry-After" not in head
        await trio.sleep(60)
        assert told(stage) == [False, True, True][: 3 if taken else 2]
        assert stage.fleet.devices[0].session is None
        assert (await call(door)).startswith(TAKEN)


@pytest.mark.rule("C3")
async def test_too_many_calls(mock_clock: Clock) -> None:
    """Over the CPE's rate 503 without Retry-After, and no session for it."""
    async with doors(count=2, knock_rate=2) as (stage, door):
        for _ in range(2):
            assert (await call(door)).startswith(TAKEN)
            await trio.sleep(5)
        head = await call(door)
        assert head.startswith(REFUSED)
        assert "Retry-After" not in head
        # Another CPE has a rate of its own.
        assert (await call(door, 1)).startswith(TAKEN)
        await trio.sleep(20)
        assert told(stage) == [False, True, True]
        assert told(stage, 1) == [False, True]
        await trio.sleep(40)
        assert (await call(door)).startswith(TAKEN)
        assert stage.counters()["knocks.refused"] == 1


@pytest.mark.rule("C4")
async def test_strangers_cost_a_device_nothing(mock_clock: Clock) -> None:
    """However many there are: no session, no entry, and its rate is not used up."""
    async with doors(knock_rate=1) as (stage, door):
        device, path = stage.fleet.devices[0], PATHS.of(0)
        get = f"GET {path} HTTP/1.1\r\n"
        async with door() as stream:
            for _ in range(30):
                head = await ask(stream, get + "\r\n")
                assert head.startswith("HTTP/1.1 401 ")
                wrong = authorized(head, path, password="guess")
                head = await ask(stream, get + wrong + "\r\n")
                assert head.startswith("HTTP/1.1 401 ")
                assert "stale" not in head
        await trio.sleep(60)
        assert (device.knocks, device.events) == ((), ())
        assert told(stage) == [False]
        assert (await call(door)).startswith(TAKEN)


@pytest.mark.rule("C4")
async def test_a_proof_serves_once(mock_clock: Clock) -> None:
    """The same nonce and nc again is refused: here, elsewhere, and at other doors."""
    async with doors(count=2) as (stage, door):
        one, two = stage.fleet.devices
        get = f"GET {PATHS.of(0)} HTTP/1.1\r\n"
        async with door() as stream:
            proof = authorized(await ask(stream, get + "\r\n"), PATHS.of(0))
            assert (await ask(stream, get + proof + "\r\n")).startswith(TAKEN)
            head = await ask(stream, get + proof + "\r\n")
            assert head.startswith("HTTP/1.1 401 ")
            assert "stale=true" in head
        for n in (0, 1):
            async with door() as stream:
                get = f"GET {PATHS.of(n)} HTTP/1.1\r\n"
                head = await ask(stream, get + proof + "\r\n")
                assert head.startswith("HTTP/1.1 401 ")
        assert (len(one.knocks), len(two.knocks)) == (1, 0)


@pytest.mark.rule("C1")
@pytest.mark.parametrize("method", METHODS)
async def test_get_alone_is_served(mock_clock: Clock, method: str) -> None:
    """Any other method is 405, with a right proof and without one."""
    async with doors() as (stage, door):
        head = await call(door, method=method)
        assert head.startswith("HTTP/1.1 405 ")
        assert "Allow: GET\r\n" in head
        async with door() as stream:
            head = await ask(stream, f"{method} {PATHS.of(0)} HTTP/1.1\r\n\r\n")
        assert head.startswith("HTTP/1.1 405 ")
        await trio.sleep(60)
        assert told(stage) == [False]


@pytest.mark.rule("C3", "B1")
async def test_off_and_rebooting_devices_are_silent(mock_clock: Clock) -> None:
    """Not a byte before the first boot and in the dark; after it they answer."""
    async with doors(count=2, ramp=lambda n: n * 100.0) as (stage, door):
        one, two = stage.fleet.devices
        assert await call(door, 1) == ""
        one.darken(stage.fleet.clock(), 45.0)
        assert await call(door, 0) == ""
        assert (one.knocks, two.knocks) == ((), ())
        one.wake(stage.fleet.clock() + 46.0)
        assert (await call(door, 0)).startswith(TAKEN)
        await trio.sleep(110)
        assert (await call(door, 1)).startswith(TAKEN)


@pytest.mark.rule("C9")
async def test_a_body_is_no_second_call(mock_clock: Clock) -> None:
    """It is ignored, and what looks like a request in it is not heard."""
    async with doors() as (stage, door):
        path = PATHS.of(0)
        async with door() as stream:
            head = await ask(stream, f"GET {path} HTTP/1.1\r\n\r\n")
            get = f"GET {path} HTTP/1.1\r\n{authorized(head, path)}"
            inner = f"GET {path} HTTP/1.1\r\n\r\n"
            body = f"Content-Length: {len(inner)}\r\n\r\n{inner}"
            assert (await ask(stream, get + body)).startswith(TAKEN)
            assert await stream.receive_some(100) == b""
        await trio.sleep(60)
        assert told(stage) == [False, True]
