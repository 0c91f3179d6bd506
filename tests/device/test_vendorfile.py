"""What the files of a device hold, and no secret in them (CHECKLIST T2, T11)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpesim.cwmp.names import UPLOAD_TYPES
from cpesim.device.transfer import Transfer
from cpesim.device.vendorfile import (
    SECRET,
    Configuration,
    file_name,
    read_configuration,
    vendor_file,
    write_configuration,
    write_log,
)
from tests.device.transfers import FILE, gateway
from tests.factory import ROOT, SERVER, make_device


def lines(content: bytes) -> dict[str, str]:
    """The settings of a configuration file."""
    return dict(
        line.split("=", 1)
        for line in content.decode().splitlines()
        if not line.startswith("#")
    )


@pytest.mark.rule("T2")
def test_a_configuration_is_the_device_s_own() -> None:
    """Every setting as it is now, and nothing that cannot be set."""
    device = make_device()
    device.model.set(ROOT + "WANDevice.1.Mode", "DSL")
    settings = lines(write_configuration(device, 5.0))
    assert settings[ROOT + "WANDevice.1.Mode"] == "DSL"
    assert settings[SERVER + "PeriodicInformInterval"] == "300"
    assert ROOT + "DeviceInfo.UpTime" not in settings
    assert len(settings) == sum(p.writable for p in device.profile.parameters.values())


@pytest.mark.rule("T2")
def test_no_secret_leaves_the_device() -> None:
    """Hidden parameters, passwords and keys are replaced; empty ones stay empty."""
    device = gateway()
    model = device.model
    secrets = {
        name: model.get(name, 0.0)
        for name in model.under("")
        if name.rpartition(".")[2]
        in ("Password", "ConnectionRequestPassword", "KeyPassphrase", "PreSharedKey")
    }
    assert len(secrets) > 3
    content = write_configuration(device, 5.0)
    settings = lines(content)
    for name, text in secrets.items():
        parameter = model.parameter(name)
        assert parameter is not None
        if parameter.writable:
            assert settings[name] == (SECRET if text else "")
        if text:
            assert f"={text}\n".encode() not in content


@pytest.mark.rule("T2")
@pytest.mark.parametrize(
    ("file_type", "configuration"),
    [
        (UPLOAD_TYPES[0], True),
        ("3 Vendor Configuration File 1", True),
        ("3 Vendor Configuration File", True),
        (UPLOAD_TYPES[1], False),
        ("4 Vendor Log File 1", False),
        ("X 00D09E Trace", False),
    ],
)
def test_the_file_of_each_type(file_type: str, configuration: bool) -> None:
    """A configuration or a log."""
    transfer = Transfer("k", file_type, FILE, upload=True)
    content = vendor_file(gateway(), transfer)
    assert content.startswith(b"# HG950 configuration\n") == configuration
    assert (b"kernel: " in content) != configuration


@pytest.mark.rule("T2")
@pytest.mark.parametrize("most", [0, 40, 5_000, 200_000])
def test_a_log_is_bounded(most: int) -> None:
    """Whole lines in the order of their times, the last of them of this moment."""
    content = write_log(make_device(), most, 3600.0)
    assert most - 200 < len(content) <= most or content == b""
    times = [line[:20] for line in content.decode().splitlines()]
    assert times == sorted(times)
    if times:
        assert times[-1] == "2026-01-01T01:00:00Z"


def test_logs_differ_from_device_to_device() -> None:
    """The same device writes the same."""
    first, other = make_device(0), make_device(1)
    assert write_log(first, 4000, 60.0) == write_log(make_device(0), 4000, 60.0)
    assert write_log(first, 4000, 60.0) != write_log(other, 4000, 60.0)


@pytest.mark.rule("T11")
def test_what_was_written_is_read_again() -> None:
    """The product, its version and every value, with line ends and backslashes."""
    device = make_device()
    name = ROOT + "DeviceInfo.ProvisioningCode"
    device.model.set(name, "a\\n\r\nb=c\\")
    found = read_configuration(write_configuration(device, 0.0))
    assert found is not None
    assert found[:3] == ("TestBox", "TestBox.cfg", "1.2.9")
    assert dict(found.values)[name] == "a\\n\r\nb=c\\"


@pytest.mark.rule("T11")
def test_a_file_that_is_not_whole() -> None:
    """Cut anywhere it is unusable."""
    content = write_configuration(make_device(), 0.0)
    for cut in range(30, len(content) - 1, 97):
        assert read_configuration(content[:cut]) is None
    without = content.replace(SERVER.encode() + b"Username=cpe\n", b"")
    assert len(without) < len(content)
    assert read_configuration(without) is None
    assert read_configuration(content.replace(b"=", b"", 1)) is None
    assert read_configuration(b"# TestBox configuration\n\xff\n# End 0\n") is None
    assert read_configuration(b"") is None


@pytest.mark.rule("T11")
@given(st.binary(min_size=1, max_size=300))
def test_foreign_files(content: bytes) -> None:
    """Whatever comes is a foreign file, one of ours, or unusable: never an error."""
    for text in (content, b"# Box configuration\n" + content + b"\n# End 1\n"):
        found = read_configuration(text)
        assert found is None or isinstance(found, Configuration)


@given(st.text(max_size=400))
def test_names_of_files(path: str) -> None:
    """64 printable characters at most, so that XML can carry them."""
    name = file_name("/files/" + path)
    assert len(name) <= 64
    assert name.isprintable()
    assert "/" not in name
