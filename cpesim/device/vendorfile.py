"""
What the files of a device hold: its configuration and its log.

Rule: pure; made from the device's own parameters when they are wanted and never
kept. No secret leaves the device, and what comes back is hostile until it is read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from cpesim.chance import chance

if TYPE_CHECKING:
    from cpesim.device.device import Device
    from cpesim.device.model import Model
    from cpesim.device.profile import Parameter
    from cpesim.device.transfer import Transfer

SECRET = "********"
# What opens a door, by the last part of its name; hidden parameters are no more told.
_OPENS = re.compile(
    r"password|passphrase|secret|presharedkey|psk|wepkey|pin(code)?\Z|(?<!parameter)key\Z",
    re.IGNORECASE,
)
_FIRST = re.compile(r"# (.{1,64}) configuration\Z")
_LAST = re.compile(r"# End ([0-9]{1,6})\Z")
_SAID = {"# Name: ": 64, "# Version: ": 16}
_TALK = (
    "kernel: {port}: link up, 1000 Mbit full duplex",
    "dhcpd: lease of 192.168.1.{number} renewed",
    "hostapd: station {mac} associated",
    "hostapd: station {mac} disassociated",
    "dnsmasq: {number} queries forwarded",
    "ntpd: clock adjusted by {number} ms",
    "cwmpd: session with the ACS ended",
    "firewall: {number} packets dropped",
)
MOST_APART = 900.0  # seconds between two lines of a log


class Configuration(NamedTuple):
    """A configuration file, as far as it says so itself."""

    product: str = ""
    name: str = ""
    version: str = ""
    values: tuple[tuple[str, str], ...] = ()


def vendor_file(device: Device, transfer: Transfer) -> bytes:
    """The file that an upload sends, as it is at this moment."""
    if "Configuration" in transfer.file_type:
        return write_configuration(device, transfer.began)
    return write_log(device, device.profile.transfers.log, transfer.began)


def is_secret(name: str, parameter: Parameter) -> bool:
    """Whether the value is nobody's business."""
    return parameter.hidden or (
        parameter.type in ("string", "hexBinary", "base64")
        and bool(_OPENS.search(name.rpartition(".")[2]))
    )


def write_configuration(device: Device, now: float) -> bytes:
    """Every setting of the device, a line each."""
    model = device.model
    info = model.profile.root + "DeviceInfo."
    product = model.find(info + "ProductClass", now) or model.profile.name
    version = model.find(info + "SoftwareVersion", now)
    lines = [
        f"# {_line(product)} configuration",
        f"# Name: {_line(product)}.cfg",
        f"# Version: {_line(version)}",
    ]
    for name in model.under(""):
        parameter = model.parameter(name)
        if parameter is not None and parameter.writable:
            lines.append(f"{name}={_setting(model, name, parameter, now)}")
    lines.append(f"# End {len(lines) - 3}")
    return ("\n".join(lines) + "\n").encode()


def _setting(model: Model, name: str, parameter: Parameter, now: float) -> str:
    text = model.get(name, now)
    if is_secret(name, parameter):
        return SECRET if text else ""
    return _line(text)


def _line(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n").replace("\r", r"\r")


def _unlined(text: str) -> str:
    turned = {r"\\": "\\", r"\n": "\n", r"\r": "\r"}
    return re.sub(r"\\[\\nr]", lambda found: turned[found[0]], text)


def read_configuration(content: bytes) -> Configuration | None:
    """
    A file that write_configuration made; an empty Configuration for a foreign one.

    None where it is unusable: nothing in it, or one of ours that is not whole.
    """
    if not content:
        return None
    try:
        lines = content.decode().removesuffix("\n").split("\n")
    except UnicodeDecodeError:
        return None if content.startswith(b"# ") else Configuration()
    first = _FIRST.match(lines[0])
    if first is None:
        return Configuration()
    last = _LAST.match(lines[-1])
    said = dict.fromkeys(_SAID, "")
    values = []
    for line in lines[1:-1]:
        word = next((w for w in said if line.startswith(w)), None)
        if word is not None:
            said[word] = _plain(line[len(word) :])[: _SAID[word]]
        elif not line.startswith("#"):
            name, sign, text = line.partition("=")
            if not sign:
                return None
            values.append((name, _unlined(text)))
    if last is None or int(last[1]) != len(values):
        return None
    return Configuration(first[1], said["# Name: "], said["# Version: "], tuple(values))


def _plain(text: str) -> str:
    """Text that XML can carry and a person can read."""
    return "".join(sign for sign in text if sign.isprintable())


def file_name(path: str) -> str:
    """The last part of a URL's path, as the name of a file: 64 characters at most."""
    return _plain(path.rpartition("/")[2])[:64]


def write_log(device: Device, most: int, now: float) -> bytes:
    """The latest lines of the device's log: up to *now*, at most *most* bytes."""
    model = device.model
    world, n = model.world, model.n
    lines: list[str] = []
    at, left, k = now, most, 0
    while True:
        drawn = chance(world.seed, n, f"log/{k % 1024}")
        number = int(drawn * 1_000_003) % 254 + 1
        words = _TALK[int(drawn * len(_TALK))].format(
            port=f"eth{number % 5}", number=number, mac=f"02:00:5e:00:53:{number:02x}"
        )
        line = f"{world.time(at)} {words}"
        left -= len(line) + 1
        if left < 0:
            break
        lines.append(line)
        at -= drawn * MOST_APART
        k += 1
    return "".join(f"{line}\n" for line in reversed(lines)).encode()
