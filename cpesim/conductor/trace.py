"""
One CPE's messages for people: arrows, HTTP heads, indented XML, no secrets.

Rule: pure, and it parses nothing: what an ACS sends may be hostile or not even XML,
and is shown as it came.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

ARROWS = {"out": ">>", "in": "<<"}
MASK = "***"
# Shown of one body; a full audit of a big device is megabytes.
MOST = 200_000

_AUTHORIZATION = re.compile(r"(?im)^((?:proxy-)?authorization: *\w+)[^\r\n]*")
# A header that a user or a proxy adds: X-Api-Key, X-Auth-Token.
_KEY = re.compile(
    r"(?im)^(x-[\w-]{0,40}?(?:key|token|secret|auth|passw)[\w-]{0,40}: *)[^\r\n]+"
)
_USER_INFO = re.compile(r"(://)[^/?#\s<>]*@")
_COOKIE = re.compile(r"(?im)^((?:set-)?cookie: *[^=\r\n]*=)[^;\r\n]*")
# [^<>] and not [^>]: a hostile text may open a thousand tags and close none.
# CDATA and comments too; and what is cut off in the middle of one.
_HELD = r"(?:[^<]|<!)*"
_SECRET_VALUE = re.compile(
    r"(<Name\b[^<>]*>[^<]*(?:Password|Passphrase|PreSharedKey|SharedSecret|WEPKey)"
    rf"\s*</Name>\s*<Value\b[^<>]*>){_HELD}",
    re.IGNORECASE,
)
_SECRET_ELEMENT = re.compile(
    rf"(<(?:[\w.-]+:)?Password(?:\s[^<>]*)?(?<!/)>){_HELD}(?=</|<?\Z)", re.IGNORECASE
)
_ENDS = (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<", ">"))


def masked(text: str) -> str:
    """The text without passwords: of HTTP, RPCs, parameters and URLs."""
    text = _USER_INFO.sub(r"\1", text)
    text = _KEY.sub(rf"\1{MASK}", text)
    text = _AUTHORIZATION.sub(rf"\1 {MASK}", text)
    text = _COOKIE.sub(rf"\1{MASK}", text)
    text = _SECRET_VALUE.sub(rf"\1{MASK}", text)
    return _SECRET_ELEMENT.sub(rf"\1{MASK}", text)


def indented(xml: str) -> str:
    """The XML with a line for each element; an element with text alone keeps to one."""
    lines: list[str] = []
    depth = 0
    open_line = False  # the last line is a start tag that its text may still join
    for piece in _pieces(xml):
        text = piece.strip()
        if not text:
            continue
        if not text.startswith("<") or text.startswith("<![CDATA["):
            if open_line:
                lines[-1] += text
            else:
                lines.append("  " * depth + text)
            continue
        if text.startswith("</"):
            depth = max(0, depth - 1)
            if open_line:
                lines[-1] += text
            else:
                lines.append("  " * depth + text)
            open_line = False
            continue
        lines.append("  " * depth + text)
        open_line = not text.endswith("/>") and not text.startswith(("<?", "<!"))
        if open_line:
            depth += 1
            # Deeper than any envelope: a bomb would make the blanks the larger part.
            depth = min(depth, 40)
    return "\n".join(lines)


def _pieces(xml: str) -> Iterator[str]:
    """Tags, comments, CDATA and the texts between them, in linear time."""
    never: set[str] = set()  # ends that do not come any more
    at = 0
    while at < len(xml):
        end = -1
        for begin, close in _ENDS:
            if close not in never and xml.startswith(begin, at):
                end = xml.find(close, at + len(begin))
                if end >= 0:
                    end += len(close)
                    break
                never.add(close)
        if end < 0:
            end = xml.find("<", at + 1)
            end = len(xml) if end < 0 else end
        yield xml[at:end]
        at = end


def exchange(at: float, direction: str, head: bytes, body: bytes) -> Iterator[str]:
    """The lines of one message: the arrow, the head, the body."""
    arrow = ARROWS.get(direction, direction)
    first, *rest = masked(head.decode("latin-1").strip()).splitlines() or [""]
    yield f"{arrow} {at:9.3f}s  {first}"
    for line in rest:
        yield f"{arrow}   {line}"
    if not body:
        yield f"{arrow}   (empty)"
        return
    text = body.decode("utf-8", errors="replace")
    cut = len(text) - MOST
    text = masked(indented(printable(text[:MOST])))
    for line in text.splitlines():
        yield f"{arrow}   {line}"
    if cut > 0:
        yield f"{arrow}   … and {cut:,} characters more"


def printable(text: str) -> str:
    """The text without what could command a terminal."""
    return "".join(c if c in "\n\t" or c.isprintable() else "�" for c in text)
