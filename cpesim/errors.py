"""
What can go wrong, by whose doing.

Rule: each class has a `label`, the short word under which failures are counted.
A CWMP fault is not here: it is an answer (cwmp/fault.py).
"""

from __future__ import annotations

from dataclasses import dataclass


class CpesimError(Exception):
    """The root of all of them; never raised itself."""

    label = "error"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong in a text: where, what, and what was expected."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class ConfigError(CpesimError):
    """A profile, scenario or option is wrong; `problems` holds all of them at once."""

    label = "config"

    def __init__(self, *problems: Problem | str) -> None:
        self.problems = problems
        super().__init__("\n".join(str(p) for p in problems))


class MachineError(CpesimError):
    """This machine cannot run it: too few open files, a port in use, no disk."""

    label = "machine"


class WireError(CpesimError):
    """The HTTP conversation with the ACS broke."""

    label = "wire"


class ConnectFailed(WireError):
    """No connection: `label` says refused, reset, timeout, tls, certificate, dns …"""

    def __init__(self, label: str, detail: str = "") -> None:
        self.label = f"connect {label}"
        super().__init__(f"{self.label}: {detail}" if detail else self.label)


class NoSockets(ConnectFailed):
    """This machine had no file or port left: the generator's doing, not the ACS's."""

    def __init__(self, detail: str = "") -> None:
        super().__init__("no sockets", detail)


class Timeout(WireError):
    """No answer in time."""

    label = "response timeout"


class Disconnected(WireError):
    """The ACS closed the connection before its answer was whole."""

    label = "disconnected"


class HungUp(WireError):
    """The CPE itself broke off, for its profile has that quirk."""

    label = "hung up (quirk)"


class Injected(WireError):
    """The CPE itself broke off, for a fault that the scenario planned: its label."""

    def __init__(self, kind: str) -> None:
        self.label = kind
        super().__init__(kind)


class Reset(Disconnected):
    """The ACS, or what stands before it, reset the connection in an exchange."""

    label = "reset"


class BadReply(WireError):
    """What came is not HTTP, or larger than we take."""

    label = "bad reply"


class HttpStatus(WireError):
    """A status other than 200 and 204; a Retry-After, in seconds, comes along."""

    def __init__(self, status: int, retry_after: float | None = None) -> None:
        self.status = status
        self.retry_after = retry_after
        self.label = f"http {status}"
        super().__init__(self.label)


class AcsProtocolError(CpesimError):
    """The ACS said what CWMP forbids at this point; `label` says what."""

    def __init__(self, label: str, detail: str = "") -> None:
        self.label = label
        super().__init__(f"{label}: {detail}" if detail else label)


class DeviceProtocolError(CpesimError):
    """We did what CWMP forbids: a bug of ours. The run goes on, and exits 1."""

    label = "bug"
