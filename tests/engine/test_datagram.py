"""Datagrams really leave, and what cannot leave hurts nobody."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Iterator

import pytest
import trio

from cpesim.device.behaviour.lightweight import Notification
from cpesim.engine.datagram import Datagrams
from cpesim.engine.errand import run_errand
from cpesim.engine.transfer import Files
from tests.factory import make_device


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
