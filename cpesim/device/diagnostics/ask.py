"""
What a diagnostic is asked, and the luck it has.

Rule: read once, when the run starts: an ACS that changes a parameter meanwhile stops
the run, so nothing here grows stale (CHECKLIST B3).
"""

from __future__ import annotations

import ipaddress
from fnmatch import fnmatchcase

from cpesim.chance import chance
from cpesim.device.diagnostics.habits import Habits
from cpesim.device.model import Model

# A run's own draws begin here: no run of the same object has the same luck.
_DRAWS = 1 << 16
# The addresses of documentation (RFC 5737, RFC 3849) stand for the world outside.
_WORLD, _WORLD_6 = "203.0.113.", "2001:db8:113::"


class Ask:
    """The input parameters of the object *path* on one device, at one moment."""

    def __init__(self, model: Model, path: str, number: int, now: float) -> None:
        self.model = model
        self.path = path
        self.habits: Habits = model.profile.diagnostics
        self._now = now
        self._drawn = number * _DRAWS

    def text(self, name: str, default: str = "") -> str:
        """An input parameter; *default* where the model has none such."""
        return self.model.find(self.path + name, self._now, default)

    def number(self, name: str, default: int) -> int:
        """A number among the input parameters."""
        text = self.text(name)
        return int(text) if text.isdecimal() else default

    def read(self, name: str) -> str:
        """Any parameter of the device, by its path below the root; "" for none."""
        return self.model.find(self.model.profile.root + name, self._now)

    def draw(self) -> float:
        """The next piece of luck of this run, 0 to 1."""
        self._drawn += 1
        world, n = self.model.world, self.model.n
        return chance(world.seed, (self._drawn << 24) | n, self.path)

    def fixed(self, what: int) -> float:
        """A piece of luck that is the same for all runs of the object."""
        world, n = self.model.world, self.model.n
        return chance(world.seed, (what << 24) | n, f"{self.path}fixed")

    def of_host(self, host: str) -> float:
        """A number of the host's own, the same for the whole fleet."""
        # Not by `chance`: its cache of salts is no place for what an ACS writes.
        spread = sum((at + 1) * ord(sign) for at, sign in enumerate(host[:256]))
        return spread * 0.6180339887498949 % 1.0

    def resolves(self, host: str) -> bool:
        """Whether a name is one that the device's DNS knows."""
        name = host.strip().rstrip(".").lower()
        if not name or " " in name:
            return False
        patterns = ("*.invalid", "invalid", *self.habits.unresolvable)
        return not any(fnmatchcase(name, pattern.lower()) for pattern in patterns)

    def answers(self, host: str) -> bool:
        """Whether a host is one that packets come back from."""
        name = host.strip().rstrip(".").lower()
        patterns = self.habits.unreachable
        return not any(fnmatchcase(name, pattern.lower()) for pattern in patterns)

    def address(self, host: str) -> str:
        """The address of a host: itself, or a made one that stays the same."""
        if literal := address_of(host):
            return literal
        last = 1 + int(self.of_host(host) * 254)
        if self.text("ProtocolVersion") == "IPv6":
            return f"{_WORLD_6}{last:x}"
        return f"{_WORLD}{last}"

    def own_address(self) -> str:
        """The address that the device sends from: of its Interface, or the first."""
        interface = self.text("Interface") or f"{self.model.profile.root}IP.Interface.1"
        kind = "IPv6" if self.text("ProtocolVersion") == "IPv6" else "IPv4"
        name = f"{interface}.{kind}Address.1.IPAddress"
        return self.model.find(name, self._now)


def address_of(host: str) -> str:
    """*host* itself where it is an address, else nothing."""
    try:
        return str(ipaddress.ip_address(host.strip().strip("[]")))
    except ValueError:
        return ""
