"""
Bodies that came compressed, undone within a bound.

Rule: pure; never more than the limit is made, whatever the bytes promise.
"""

from __future__ import annotations

import zlib

from cpesim.errors import BadReply

GZIP, ZLIB, RAW = 31, 15, -15


def inflate(body: bytes, encoding: str, limit: int) -> bytes:
    """Undo a Content-Encoding, of several steps if need be."""
    steps = [step.strip().lower() for step in encoding.split(",")]
    if len(steps) > 3:
        raise BadReply("a body compressed more than three times")
    for step in reversed(steps):
        if step in ("gzip", "x-gzip"):
            body = gunzip(body, limit)
        elif step == "deflate":
            # Raw or in zlib's wrapping: servers never agreed what "deflate" means.
            wrapped = body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0
            body = unpack(body, ZLIB if wrapped else RAW, limit)[0]
        elif step not in ("identity", ""):
            raise BadReply(f"Content-Encoding {step[:40]!r}")
        if not body:
            break
    return body


# Each costs a copy of what follows it; nobody has a reason for more than one.
MOST_MEMBERS = 100


def gunzip(body: bytes, limit: int) -> bytes:
    """Undo gzip, of several members if need be; what follows them is ignored."""
    parts: list[bytes] = []
    while body[:2] == b"\x1f\x8b" or not parts:
        part, body = unpack(body, GZIP, limit)
        parts.append(part)
        if len(parts) > MOST_MEMBERS:
            raise BadReply("a compressed body of too many members")
        limit -= len(part)
    return b"".join(parts)


def unpack(body: bytes, form: int, limit: int) -> tuple[bytes, bytes]:
    """Undo one stream; what it held, and what stands behind it."""
    stream = zlib.decompressobj(form)
    try:
        content = stream.decompress(body, limit + 1)
    except zlib.error as error:
        raise BadReply(f"a compressed body that is broken: {error}") from None
    if len(content) > limit:
        raise BadReply("the inflated body is over the limit")
    if not stream.eof:
        raise BadReply("a compressed body that ends too early")
    return content, stream.unused_data
