"""Files come and go by the address that their CPE calls from (X9)."""

from __future__ import annotations

import pytest

from cpesim.device.profile import Firmware
from cpesim.device.transfer import MOVING, Transfer
from cpesim.engine.transfer import Files
from tests.wire.tiny import OK, listening, reply


def moving(url: str, *, upload: bool = False) -> Transfer:
    """A file that is on its way."""
    transfer = Transfer("k", "2 Web Content", url, upload=upload)
    transfer.state = MOVING
    return transfer


@pytest.mark.rule("X9", "T3")
async def test_a_file_comes_to_the_cpe_s_own_address() -> None:
    """Downloads and uploads of CPE n are made from the source address n."""
    counted: list[str] = []
    files = Files(
        lambda name, by: counted.append(name),
        lambda name, took: None,
        source=lambda n: f"127.0.0.{9 + n}",
    )
    async with listening(OK, OK, reply(201)) as tiny:
        for n in (0, 3):
            assert await files.fetch(moving(tiny.url), Firmware(), n) == 0
        gone = moving(tiny.url, upload=True)
        assert await files.send(gone, b"abc", Firmware(), 3) == 0
    peers = [asked.peer for asked in tiny.asked]
    assert peers == ["127.0.0.9", "127.0.0.12", "127.0.0.12"]
    assert tiny.asked[2].body == b"abc"
    assert counted.count("transfers.done") == 2
