"""
Bodies of CPEs that came compressed, undone within a bound (TR-069 A6 3.4.7).

Rule: pure, and written a second time on purpose: what the CPE's side packs is judged
here by other code than its own.
"""

from __future__ import annotations

import zlib

# zlib reads gzip's form (16) in the largest window (15); and zlib's form, which is
# HTTP's deflate.
_FORMS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


class NotInflated(Exception):
    """Why a body stays as it is; the status says it to the CPE."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def inflated(body: bytes, coding: str, most: int) -> bytes:
    """The body without its Content-Encoding; raises NotInflated."""
    coding = coding.strip().lower()
    if coding in ("", "identity"):
        return body
    if coding not in _FORMS:
        raise NotInflated(415)
    if not body:
        return body
    stream = zlib.decompressobj(_FORMS[coding])
    try:
        found = stream.decompress(body, most + 1)
    except zlib.error:
        raise NotInflated(400) from None
    if len(found) > most:
        raise NotInflated(413)
    if not stream.eof or stream.unused_data:
        raise NotInflated(400)
    return found
