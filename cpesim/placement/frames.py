"""
Messages between the parent and its workers, as bytes on a pipe.

Rule: pure; a frame is four bytes of length and a pickle. Both ends are this program,
on a pipe that nobody else holds: pickles from elsewhere never come here.
"""

from __future__ import annotations

import pickle
import struct
from typing import Any

_LENGTH = struct.Struct(">I")
# A compiled profile of 4,400 parameters is about 2 MB; nothing honest is near this.
MOST = 256 * 1024 * 1024


class BrokenFrame(Exception):
    """What came is not a frame: something else wrote into the pipe."""


def pack(message: object) -> bytes:
    """The message as one frame."""
    body = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    return _LENGTH.pack(len(body)) + body


class Frames:
    """Cuts a stream of bytes into messages."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def feed(self, received: bytes) -> list[Any]:
        """The messages that are whole now, in order; raises BrokenFrame."""
        waiting = self._waiting
        waiting += received
        whole: list[Any] = []
        start = 0
        while len(waiting) - start >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(waiting, start)
            if length > MOST:
                raise BrokenFrame(f"a frame of {length} bytes")
            end = start + _LENGTH.size + length
            if len(waiting) < end:
                break
            try:
                whole.append(pickle.loads(waiting[start + _LENGTH.size : end]))
            except Exception as error:
                raise BrokenFrame(f"not a pickle: {error}") from error
            start = end
        del waiting[:start]
        return whole

    @property
    def clean(self) -> bool:
        """Whether no half frame waits: the stream may end here."""
        return not self._waiting
