"""Datagrams really leave, and what cannot leave hurts nobody."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Iterator

import pytest
import trio
import trio.testing

from cpesim.device.behaviour.lightweight import Notification
from cpesim.device.device import Device, Errand
from cpesim.device.living import Flip
from cpesim.device.profile import Parameter
from cpesim.engine.datagram import Datagrams
from cpesim.engine.errand import run_errand
from cpesim.engine.transfer import Files
from tests.engine.stage import staged
from tests.factory import SERVER, WAN, make_device, with_parameters


@pytest.fixture
def ear() -> Iterator[socket.socket]:
    """A socket that hears what is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(5)
        yield sock


async def test_a_notification_is_sent(ear: socket.socket) -> None:
    """All its datagrams, in their order, from one socket for all devices."""
    counted: Counter[str] = Counter()
    files = Files(
        lambda name, by: counted.update({name: by}),
        lambda name, took: None,
        resolve={"acs.invalid": "127.0.0.1"},
    )
    port = ear.getsockname()[1]
    sources = set()
    for n in range(3):
        errand = Notification("acs.invalid", port, (b"one", b"two"))
        assert await run_errand(files, make_device(n), errand) is True
        for expected in (b"one", b"two"):
            data, source = await trio.to_thread.run_sync(ear.recvfrom, 2000)
            assert data == expected
            sources.add(source)
    files.datagrams.close()

    assert len(sources) == 1
    assert counted == {"notifications.sent": 6}


@pytest.mark.parametrize(
    ("host", "size"), [("no such host", 1), ("a" * 300, 1), ("127.0.0.1", 70_000)]
)
async def test_what_cannot_be_sent_is_counted(host: str, size: int) -> None:
    """No such name, no name at all, or too much for a datagram."""
    counted: Counter[str] = Counter()
    datagrams = Datagrams(lambda name, by: counted.update({name: by}), {})
    assert await datagrams.send(host, 9, [b"x" * size]) is False
    datagrams.close()
    assert counted == {"notifications.failed": 1}


@pytest.mark.rule("I4")
async def test_a_fleet_sends_what_changed(mock_clock: trio.testing.MockClock) -> None:
    """A value that flips by itself, of those devices only that were asked to tell."""
    status = WAN + "Status"
    hears = trio.socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    await hears.bind(("127.0.0.1", 0))
    port = str(hears.getsockname()[1])
    light = {
        status: Parameter("string", default=Flip("Up", "Down", 0.5, 10.0)),
        SERVER + "LightweightNotificationProtocolsUsed": Parameter(
            "string", True, "UDP", list=True
        ),
        SERVER + "UDPLightweightNotificationHost": Parameter(
            "string", True, "127.0.0.1"
        ),
        SERVER + "UDPLightweightNotificationPort": Parameter("unsignedInt", True, port),
    }
    counted: Counter[str] = Counter()
    files = Files(lambda name, by: counted.update({name: by}), lambda name, took: None)

    def run(device: Device, errand: Errand) -> None:
        nursery.start_soon(back, device, errand)

    async def back(device: Device, errand: Errand) -> None:
        outcome = await run_errand(files, device, errand)
        stage.fleet.returned(device, errand, outcome)

    async with trio.open_nursery() as nursery:
        async with staged(4, run_errand=run, **with_parameters(light)) as stage:
            for device in stage.fleet.devices[:2]:
                device.model.attributes = ((status, 5, None),)
            await trio.sleep(100)
            told = set()
            for _ in range(counted["notifications.sent"]):
                told.add(await hears.recv(2000))
            assert stage.bugs == []
            informs = len(stage.informs)
    hears.close()
    files.datagrams.close()

    assert len(told) == counted["notifications.sent"] >= 4
    assert all(b"WANDevice.1.Status</Name>" in datagram for datagram in told)
    # The boots, and the periodic Informs of those whose phase came round.
    assert informs <= 8
