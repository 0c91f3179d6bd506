"""The file of a deployment unit is really fetched (CHECKLIST B4, T5)."""

from __future__ import annotations

import pytest
import trio

from cpesim.device.modules.operation import INSTALL, Change, Operation, UnitFile
from cpesim.device.transfer import MOVING
from cpesim.engine.errand import run_errand
from cpesim.measure.meter import Meter
from tests.engine.test_transfer import ANSWERS, files, server
from tests.modular import modular_device


@pytest.mark.rule("B4", "T5")
@pytest.mark.parametrize(
    ("path", "name", "least", "code"),
    [
        ("/image", "", 10, 0),
        ("/basic", "user", 10, 0),
        ("/digest", "user", 10, 0),
        ("/digest", "", 10, 9012),
        ("/nothing", "", 10, 9016),
        ("/short", "", 10, 9017),
        ("/empty", "", 1, 9018),
        ("/image", "", 50_000, 9018),
    ],
)
async def test_a_unit_s_file(path: str, name: str, least: int, code: int) -> None:
    """It comes with the operation's credentials, or ends with its fault."""
    device = modular_device(least=least, bandwidth=1e9)
    async with server(ANSWERS) as url:
        operation = Operation(INSTALL, username=name, password="pass" if name else "")
        errand = UnitFile(Change("k", ()), operation, url + path)
        errand.state = MOVING
        with trio.fail_after(10):
            assert await run_errand(files(Meter()), device, errand) == code


@pytest.mark.rule("B4")
async def test_a_reboot_breaks_the_file_off() -> None:
    """Nothing more is fetched for a device without power."""
    device = modular_device(bandwidth=100_000)
    outcomes: list[object] = []
    async with server(ANSWERS) as url, trio.open_nursery() as nursery:
        errand = UnitFile(Change("k", ()), Operation(INSTALL), url + "/image")
        errand.state = MOVING

        async def fetch() -> None:
            outcomes.append(await run_errand(files(Meter()), device, errand))

        nursery.start_soon(fetch)
        await trio.sleep(0.1)
        errand.state = 3
    assert outcomes == [9017]
