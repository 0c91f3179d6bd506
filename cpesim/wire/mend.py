"""
Broken heads of answers, made whole.

Rule: pure; a head goes in without its empty line, and one comes out that any parser
takes, with the names of what was mended (X4). What cannot be meant in one way only
is a BadReply.
"""

from __future__ import annotations

import re

from cpesim.errors import BadReply

STATUS = re.compile(
    rb"(?:HTTP(?:/([0-9])(?:\.([0-9]))?)? +)?([1-5][0-9][0-9])(?: +([^\r\n]*))?\s*",
    re.IGNORECASE,
)
GOOD_STATUS = re.compile(rb"HTTP/1\.[01] [1-5][0-9][0-9](?: [^\r\n]*)?")
NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
BREAK = re.compile(rb"\r?\n")


def mend(head: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Return *head* as it should have been, its empty line included, and the mends."""
    mended: dict[str, None] = {}
    if head.count(b"\n") != head.count(b"\r\n"):
        mended["bare LF"] = None
    first, *rest = BREAK.split(head)
    lines = [mend_status(first, mended)]
    lengths: set[bytes] = set()
    chunked = False
    for line in unfold(rest, mended):
        name, colon, value = line.partition(b":")
        if not colon or not NAME.fullmatch(name):
            mended["header line"] = None
            name = name.strip()
            if not colon or not NAME.fullmatch(name):
                continue
        value = value.strip()
        key = name.lower()
        if key == b"content-length":
            given = {part.strip() for part in value.split(b",")}
            if lengths or len(given) > 1 or b"," in value:
                mended["doubled length"] = None
            lengths |= given
            continue
        chunked |= key == b"transfer-encoding" and b"chunked" in value.lower()
        lines.append(name + b": " + value)
    if len(lengths) == 1 and next(iter(lengths)).isdigit():
        lines.append(b"Content-Length: " + lengths.pop())
    elif lengths and not chunked:  # chunks need no length (RFC 9112 6.3)
        raise BadReply(f"Content-Length {b', '.join(sorted(lengths))[:40]!r}")
    return b"\r\n".join(lines) + b"\r\n\r\n", tuple(mended)


def mend_status(line: bytes, mended: dict[str, None]) -> bytes:
    """Return the status line with a version that is 1.0 or 1.1."""
    if GOOD_STATUS.fullmatch(line):
        return line
    match = STATUS.fullmatch(line)
    if match is None:
        raise BadReply(f"not HTTP: {line[:128]!r}")
    mended["status line"] = None
    major, minor, status, reason = match.groups(b"")
    # Without a version it is taken for 1.1; the field's servers keep the connection.
    version = b"1.0" if (major, minor) == (b"1", b"0") or major == b"0" else b"1.1"
    return b"HTTP/%s %s %s" % (version, status, reason)


def unfold(lines: list[bytes], mended: dict[str, None]) -> list[bytes]:
    """Return *lines* with those that begin with a space joined to the one before."""
    whole: list[bytes] = []
    for line in lines:
        if line[:1] in (b" ", b"\t") and whole:
            mended["folded header"] = None
            whole[-1] = whole[-1].rstrip() + b" " + line.strip()
        else:
            whole.append(line)
    return whole
