"""
The last exchange of sessions that failed, for people.

Rule: what lies in a connection is only looked at when its session has failed, so that
one that does well costs nothing; of each kind the first ones are told, cut to a size.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from cpesim.device.device import Device
from cpesim.device.identity import identity
from cpesim.engine.order import Failed, Part

if TYPE_CHECKING:
    from cpesim.engine.talk import Ending
    from cpesim.wire.connection import Connection

# Bytes of a body, and of all that is told; kinds, which an ACS could make up.
MOST_BODY = 16 * 1024
MOST_BYTES = 50_000_000
MOST_KINDS = 200


class Traced:
    """Tells the first *each* failed sessions of each kind; *clock* is the run's."""

    def __init__(
        self, each: int, tell: Callable[[Failed], None], clock: Callable[[], float]
    ) -> None:
        self._each = each
        self._tell = tell
        self._clock = clock
        self._told: Counter[tuple[str, str, str]] = Counter()
        self._left = MOST_BYTES

    def failed(
        self,
        device: Device,
        ending: Ending,
        exchange: str,
        group: str,
        connection: Connection,
    ) -> None:
        """A session of the device failed, on that kind of exchange."""
        kind = ending.label, exchange, group
        told = self._told
        if told[kind] >= self._each or self._left <= 0:
            return
        if not told[kind] and len(told) >= MOST_KINDS:
            return
        told[kind] += 1
        last, now = connection.last(), self._clock()
        sent = answer = None
        if last is not None:
            sent = self._part(last.head, last.body)
            if last.answer_head or last.answer_body:
                answer = self._part(last.answer_head, last.answer_body)
        ago = 0.0 if last is None else last.ago
        serial = identity(device.model).serial
        self._tell(Failed(now, device.n, serial, kind, ending.why, ago, sent, answer))

    def _part(self, head: bytes, body: bytes) -> Part:
        part = Part(head[:MOST_BODY], body[:MOST_BODY], len(body))
        self._left -= len(part.head) + len(part.body)
        return part
