"""Files really leave, and fail when their causes are there (CHECKLIST T3, T5)."""

from __future__ import annotations

import pytest
import trio

from cpesim.device.profile import Firmware
from cpesim.device.transfer import MOVING, Transfer
from cpesim.device.vendorfile import vendor_file
from cpesim.engine.errand import run_errand
from cpesim.engine.transfer import Files
from cpesim.measure.meter import Meter
from tests.device.transfers import gateway
from tests.engine.fileserver import file_server

FAST = Firmware(bandwidth=1e9)
LOG = "2 Vendor Log File"
CONTENT = bytes(range(256)) * 700


def upload(url: str, **options: str) -> Transfer:
    transfer = Transfer("k", LOG, url, upload=True, **options)  # type: ignore[arg-type]
    transfer.state = MOVING
    return transfer


async def sent(
    url: str, meter: Meter, method: str = "PUT", way: Firmware = FAST, **options: str
) -> int:
    """The code that an upload ends with."""
    files = Files(meter.count, meter.record, resolve={"files.example": "127.0.0.1"})
    with trio.fail_after(10):
        return await files.send(upload(url, **options), CONTENT, way, 0, method)


KNOWN = {"username": "user", "password": "pass"}
ANSWERS = {
    "/ok": (200, ""),
    "/created": (201, ""),
    "/quiet": (204, ""),
    "/seen": (303, "Location: /ok\r\n"),
    "/basic": (200, ""),
    "/digest": (200, ""),
    "/cut": (200, ""),
    "/moved": (302, "Location: /ok\r\n"),
    "/kept": (307, "Location: /ok\r\n"),
    "/round": (308, "Location: /round\r\n"),
    "/nowhere": (301, "Location: ftp://127.0.0.1/x\r\n"),
    "/secret": (403, ""),
    "/broken": (500, ""),
    "/odd": (401, "WWW-Authenticate: Digest realm=r, nonce=n, algorithm=X\r\n"),
}


@pytest.mark.rule("T3", "T5")
@pytest.mark.parametrize(
    ("path", "options", "code"),
    [
        ("/ok", {}, 0),
        ("/created", {}, 0),
        ("/quiet", {}, 0),
        ("/moved", {}, 0),
        ("/kept", {}, 0),
        ("/basic", KNOWN, 0),
        ("/digest", KNOWN, 0),
        ("/basic", {}, 9012),
        ("/digest", {"username": "user", "password": "wrong"}, 9012),
        ("/secret", {}, 9012),
        ("/missing", {}, 9011),
        ("/seen", {}, 9011),
        ("/broken", {}, 9011),
        ("/round", {}, 9011),
        ("/nowhere", {}, 9011),
        ("/cut", {}, 9011),
        ("/odd", KNOWN, 9011),
    ],
)
async def test_how_an_upload_ends(
    path: str, options: dict[str, str], code: int
) -> None:
    """0, 9012 for what authentication is to blame for, 9011 for all else."""
    meter = Meter()
    async with file_server(ANSWERS) as server:
        assert await sent(server.url + path, meter, **options) == code
        if code == 0:
            assert server.got[-1].body == CONTENT
    snapshot = meter.snapshot(1.0, {})
    counters = snapshot.counters
    assert counters["uploads.started"] == 1
    assert counters.get("uploads.done", 0) == (code == 0)
    assert counters.get("uploads.failed", 0) == (code != 0)
    assert counters.get(f"uploads.failed.{code}", 0) == (code != 0)
    assert counters.get("uploads.bytes", 0) == (len(CONTENT) if code == 0 else 0)
    assert "transfers.started" not in counters


@pytest.mark.rule("T5")
async def test_a_server_that_is_not_there() -> None:
    """An upload has no other word for it than 9011."""
    assert await sent("http://127.0.0.1:9/x", Meter()) == 9011


@pytest.mark.rule("T3")
@pytest.mark.parametrize("method", ["PUT", "POST"])
async def test_what_goes_over_the_wire(method: str) -> None:
    """The method is the profile's, the length is known, the file is no form."""
    async with file_server(ANSWERS) as server:
        assert await sent(server.url + "/ok", Meter(), method) == 0
        (got,) = server.got
    assert got.method == method
    assert got.headers["content-length"] == str(len(CONTENT))
    assert "transfer-encoding" not in got.headers
    assert got.headers["content-type"] == "application/octet-stream"


@pytest.mark.rule("T3")
async def test_a_redirect_keeps_the_method_and_the_file() -> None:
    """302 too: a GET would take an empty page for a success."""
    async with file_server(ANSWERS) as server:
        assert await sent(server.url + "/moved", Meter()) == 0
        assert [(g.method, g.path) for g in server.got] == [
            ("PUT", "/moved"),
            ("PUT", "/ok"),
        ]


@pytest.mark.rule("T3")
async def test_another_server_is_not_told_the_password() -> None:
    """Credentials are for the server that the ACS named."""
    async with file_server({"/basic": (200, "")}) as other:
        there = {"/away": (307, f"Location: {other.url}/basic\r\n")}
        async with file_server(there) as server:
            assert await sent(server.url + "/away", Meter(), **KNOWN) == 9012
        assert all("authorization" not in g.headers for g in other.got)


async def test_names_that_stand_for_addresses() -> None:
    """`--resolve` holds for uploads, and the Host is the name."""
    async with file_server(ANSWERS) as server:
        port = server.url.rpartition(":")[2]
        assert await sent(f"http://files.example:{port}/ok", Meter()) == 0
        assert server.got[0].headers["host"] == f"files.example:{port}"


async def test_the_profile_s_bandwidth_is_the_limit() -> None:
    """179 kB at 500 kB/s take 0.36 s."""
    async with file_server(ANSWERS) as server:
        began = trio.current_time()
        way = Firmware(bandwidth=500_000)
        assert await sent(server.url + "/ok", Meter(), way=way) == 0
        assert trio.current_time() - began >= 0.35


@pytest.mark.rule("B1", "T5")
async def test_a_device_without_power_sends_no_more() -> None:
    """A reboot breaks the file off where it is."""
    meter = Meter()
    files = Files(meter.count, meter.record)
    codes: list[int] = []
    async with file_server(ANSWERS) as server, trio.open_nursery() as nursery:
        transfer = upload(server.url + "/ok")

        async def send() -> None:
            way = Firmware(bandwidth=500_000)
            codes.append(await files.send(transfer, CONTENT, way, 0))

        nursery.start_soon(send)
        await trio.sleep(0.05)
        transfer.state = 3
    assert codes == [9011]
    assert all(len(g.body) < len(CONTENT) for g in server.got)
    assert meter.snapshot(1.0, {}).counters["uploads.failed"] == 1


async def test_the_end_of_the_run() -> None:
    """What is under way then has neither come nor failed."""
    meter = Meter()
    files = Files(meter.count, meter.record)
    async with file_server(ANSWERS) as server:
        with trio.move_on_after(0.05):
            way = Firmware(bandwidth=1000)
            await files.send(upload(server.url + "/ok"), CONTENT, way, 0)
        with trio.move_on_after(0.05):
            fetched = Transfer("k", "2 Web Content", server.url + "/silent")
            await files.fetch(fetched, FAST, 0)
    counters = meter.snapshot(1.0, {}).counters
    assert counters["uploads.started"] == counters["uploads.interrupted"] == 1
    assert counters["transfers.started"] == counters["transfers.interrupted"] == 1
    assert not any("failed" in name or "done" in name for name in counters)


@pytest.mark.rule("T2", "T3")
async def test_the_device_s_file_really_goes() -> None:
    """Its configuration as it is when the upload's turn has come."""
    device = gateway(upload="POST")
    async with file_server(ANSWERS) as server:
        transfer = upload(server.url + "/ok")
        transfer.file_type = "1 Vendor Configuration File"
        device.model.set("Device.WiFi.SSID.1.SSID", "as it is now")
        meter = Meter()
        files = Files(meter.count, meter.record)
        with trio.fail_after(10):
            assert await run_errand(files, device, transfer) == 0
        (got,) = server.got
    assert got.method == "POST"
    assert got.body == vendor_file(device, transfer)
    assert b"Device.WiFi.SSID.1.SSID=as it is now\n" in got.body
    assert transfer.moved == len(got.body)
