"""
What a Wire and those who use it agree on.

Rule: types alone; nothing happens here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from cpesim.wire.tls import Certificate

# Name and password of a CPE, asked for when an ACS asks (H7).
Login = Callable[[], tuple[str, str]]
# The client certificate of a CPE, asked for at each handshake (H6).
Show = Callable[[], Certificate | None]
# Is shown each message: "out" or "in", its head and its body.
Trace = Callable[[str, bytes, bytes], None]


class Exchange(NamedTuple):
    """
    One exchange with the ACS, as far as it came: *ago* is when it began, in seconds.

    Of an answer that never came whole there is what was read.
    """

    ago: float
    head: bytes
    body: bytes
    answer_head: bytes
    answer_body: bytes


class Count(Protocol):
    """What is told of each exchange; the Meter is one."""

    def exchange(
        self, kind: str, took: float, status: int, sent: int, received: int
    ) -> None: ...
    def connect(self, took: float) -> None: ...
    def tls(self, took: float) -> None: ...
    def count(self, name: str, by: int = 1) -> None: ...
