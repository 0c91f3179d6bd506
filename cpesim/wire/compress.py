"""
Bodies of ours, compressed as HTTPCompression asks for (TR-069 A6 3.4.7).

Rule: pure; what is sent so is undone by inflate.py.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

# Of zlib: deflate in its wrapping (RFC 9110 8.4.1.2), and gzip's.
_DEFLATE, _GZIP = 15, 31
_LEVEL = 6  # zlib's own default


@dataclass(frozen=True, slots=True)
class Coding:
    """One way to compress, and what it makes of a body."""

    name: str
    pack: Callable[[bytes], bytes]
    empty: bytes  # the header line of a POST without a body
    whole: bytes  # those of one that is compressed


def gzipped(body: bytes) -> bytes:
    """*body* in gzip's form, without a time, so that the same gives the same."""
    return _packed(body, _GZIP)


def deflated(body: bytes) -> bytes:
    """*body* in HTTP's deflate, which is zlib's form."""
    return _packed(body, _DEFLATE)


def _packed(body: bytes, form: int) -> bytes:
    stream = zlib.compressobj(_LEVEL, zlib.DEFLATED, form)
    return stream.compress(body) + stream.flush()


def _coding(name: str, pack: Callable[[bytes], bytes]) -> Coding:
    # The field's CPEs then take answers in the same form, and say so.
    accept = f"\r\nAccept-Encoding: {name}".encode()
    content = f"\r\nContent-Encoding: {name}".encode()
    return Coding(name, pack, accept, content + accept)


# By the values of ManagementServer.HTTPCompression; Compress (LZW) is none of ours.
CODINGS: Mapping[str, Coding] = {
    "GZIP": _coding("gzip", gzipped),
    "Deflate": _coding("deflate", deflated),
}
