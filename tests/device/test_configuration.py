"""What a configuration file changes, and an unsigned image (CHECKLIST T11, T5)."""

from __future__ import annotations

import pytest

from cpesim.device.device import DARK, Device
from cpesim.device.vendorfile import write_configuration
from tests.device.transfers import (
    FILE,
    INFO,
    answered,
    brought,
    gateway,
    hold,
    told,
    under_way,
)
from tests.play import reply

TYPE, TABLE = "3 Vendor Configuration File", INFO + "VendorConfigFile."
SSID = "Device.WiFi.SSID.1.SSID"


def loaded(
    device: Device, content: bytes, url: str = FILE, now: float = 10.0, target: str = ""
) -> str:
    """The code that is told when *content* came as a configuration file."""
    order = reply("Download", url, "cfg", TYPE, 0, 0, target)
    transfer = under_way(device, now, order)
    transfer.content, transfer.moved = content, len(content)
    brought(device, transfer, 0, now + 5.0)
    assert transfer.content == b""
    play = told(device, now + 6.0) >> "TransferComplete"
    code = play.sent.findtext("FaultStruct/FaultCode")
    answered(device, play)
    return str(code)


def rows(device: Device, now: float = 100.0) -> dict[int, tuple[str, ...]]:
    """VendorConfigFile as it reads: name, version, date, description."""
    model = device.model
    columns = ("Name", "Version", "Date", "Description")
    return {
        i: tuple(model.get(f"{TABLE}{i}.{c}", now) for c in columns)
        for i in model.instances(TABLE)
    }


@pytest.mark.rule("T11")
def test_a_good_file_is_listed() -> None:
    """A new row under the name in its URL, the moment it was applied, and the count."""
    device = gateway()
    before = rows(device)
    assert loaded(device, b"anything", "http://h/a/night%20shift.cfg?x=1") == "0"
    assert rows(device) == before | {
        2: ("night shift.cfg", "", "2026-01-01T00:00:15Z", "")
    }
    count = INFO + "VendorConfigFileNumberOfEntries"
    assert device.model.get(count, 100.0) == "2"


@pytest.mark.rule("T11")
def test_the_same_name_is_the_same_row() -> None:
    """Its version and date are the new file's, and its description goes."""
    device = gateway()
    name = rows(device)[1][0]
    assert rows(device)[1][3]
    assert loaded(device, b"x", f"http://h/{name}") == "0"
    assert rows(device) == {1: (name, "", "2026-01-01T00:00:15Z", "")}


@pytest.mark.rule("T11")
def test_a_url_without_a_name() -> None:
    """TargetFileName names it."""
    device = gateway()
    assert loaded(device, b"x", "http://h/get/?id=7", target="t.cfg") == "0"
    assert rows(device)[2][0] == "t.cfg"


@pytest.mark.rule("T11", "T3")
def test_a_file_of_its_own_kind_is_applied() -> None:
    """Name and version as the file says; its settings stand, secrets stay."""
    device = gateway()
    key = "Device.WiFi.AccessPoint.1.Security.KeyPassphrase"
    secret = device.model.get(key, 0.0)
    mode = device.model.get("Device.ManagementServer.URL", 0.0)
    other = gateway(n=5)
    other.model.set(SSID, "restored & well")
    other.model.set("Device.ManagementServer.URL", "http://elsewhere.invalid/")
    content = write_configuration(other, 0.0)
    version = other.model.get(INFO + "SoftwareVersion", 0.0)

    assert loaded(device, content) == "0"
    assert device.model.get(SSID, 20.0) == "restored & well"
    assert device.model.get(key, 20.0) == secret
    assert device.model.get("Device.ManagementServer.URL", 20.0) == mode
    assert rows(device)[2][:2] == ("HG950.cfg", version)


@pytest.mark.rule("T11", "I4")
def test_what_a_file_changed_is_told_where_it_is_wanted() -> None:
    """`4 VALUE CHANGE`: it was not the ACS who set it."""
    device = gateway()
    device.model.attributes = ((SSID, 2, None),)
    content = write_configuration(device, 0.0)
    old = device.model.get(SSID, 0.0).encode()
    transfer = under_way(device, 10.0, reply("Download", FILE, "cfg", TYPE))
    transfer.content = content.replace(b"1.SSID=" + old, b"1.SSID=new")
    brought(device, transfer, 0, 15.0)
    assert device.changes == (SSID,)


@pytest.mark.rule("T11")
def test_settings_that_do_not_fit_are_left_out() -> None:
    """Wrong values, unknown and read-only names: the rest of the file stands."""
    device = gateway()
    serial = device.model.get(INFO + "SerialNumber", 0.0)
    content = (
        "# HG950 configuration\n# Name: x.cfg\n# Version: 9\n"
        f"Device.WiFi.SSID.1.Enable=perhaps\nDevice.No.Thing=1\n"
        f"{INFO}SerialNumber=other\n{SSID}=fits\n# End 4\n"
    )
    assert loaded(device, content.encode()) == "0"
    model = device.model
    assert model.get(INFO + "SerialNumber", 20.0) == serial
    assert model.get("Device.WiFi.SSID.1.Enable", 20.0) in ("0", "1")
    assert model.get(SSID, 20.0) == "fits"


@pytest.mark.rule("T11", "T5", "V1")
@pytest.mark.parametrize(("cwmp", "code"), [("1.0", "9010"), ("1.1", "9018")])
@pytest.mark.parametrize("content", [b"", b"# HG950 configuration\nDevice."])
def test_an_unusable_file(cwmp: str, code: str, content: bytes) -> None:
    """Empty or cut off: 9018, and nothing is listed."""
    device = gateway(cwmp)
    before = rows(device)
    transfer = under_way(device, 10.0, reply("Download", FILE, "cfg", TYPE))
    transfer.content = content
    brought(device, transfer, 0, 15.0)
    play = told(device, 16.0, cwmp) >> "TransferComplete"
    assert play.sent.findtext("FaultStruct/FaultCode") == code
    assert rows(device) == before


@pytest.mark.rule("T11")
def test_another_product_s_file() -> None:
    """It says whose it is: 9018."""
    content = write_configuration(gateway(), 0.0).replace(b"# HG950", b"# HG951", 1)
    assert loaded(gateway(), content) == "9018"


@pytest.mark.rule("T11")
def test_a_profile_that_wants_its_own_format() -> None:
    """What a device without that choice takes is 9018."""
    own = write_configuration(gateway(), 0.0)
    for strict, content, code in (
        (False, b"<xml/>", "0"),
        (True, b"<xml/>", "9018"),
        (True, own, "0"),
    ):
        assert loaded(gateway(own_format=strict), content) == code


@pytest.mark.rule("T11", "B2")
def test_the_list_has_an_end_and_goes_with_a_reset() -> None:
    """A full table's last row is taken by the latest file."""
    device = gateway()
    for number in range(70):
        url = f"http://h/{number}.cfg"
        assert loaded(device, b"x", url, 10.0 + 20 * number) == "0"
    found = rows(device)
    assert len(found) == 64
    assert max(found.items())[1][0] == "69.cfg"
    hold(device, 2000.0, reply("FactoryReset"))
    device.wake(2100.0)
    assert len(rows(device)) == 1


@pytest.mark.rule("T5")
def test_an_image_with_a_wrong_signature() -> None:
    """9019 for the share that the profile names; the old image stays."""
    device = gateway(unsigned=1.0)
    version = device.model.get(INFO + "SoftwareVersion", 0.0)
    transfer = under_way(device, 10.0, reply("Download", FILE, "fw"))
    brought(device, transfer, 0, 15.0)
    assert device.life != DARK
    assert transfer.code == 9019
    assert device.model.get(INFO + "SoftwareVersion", 20.0) == version

    codes = []
    for n in range(20):
        device = gateway(n=n, unsigned=0.5)
        transfer = under_way(device, 10.0, reply("Download", FILE, "fw"))
        brought(device, transfer, 0, 15.0)
        codes.append(transfer.code)
    assert 3 < codes.count(9019) < 17
