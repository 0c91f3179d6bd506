"""
A text as a YAML scalar, and as a comment.

Rule: whatever the text is, YAML reads the scalar back as that text, and a comment
ends where its line does.
"""

from __future__ import annotations

import re

# A letter first, and then nothing that YAML knows: the lines of a profile are so.
_PLAIN = re.compile(r"[A-Za-z](?:[^\s:#]|:(?=\S)|(?<=\S)#|[ ](?=\S))*\Z")
_WORD = re.compile(r"(?:[yn]|yes|no|true|false|on|off|null)\Z", re.IGNORECASE)
MOST_COMMENT = 400


def scalar(text: str) -> str:
    """The text, in the quotes that it needs."""
    if text.isprintable():
        # "= …" and "~ …" are as good a beginning as a letter is.
        told = "x" + text[2:] if text[:2] in ("= ", "~ ") and text[2:] else text
        if told.isascii() and _PLAIN.match(told) and not _WORD.match(told):
            return text
        return "'" + text.replace("'", "''") + "'"
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(sign: str) -> str:
    if sign in '"\\':
        return "\\" + sign
    if sign.isprintable():
        return sign
    code = ord(sign)
    short = {9: "\\t", 10: "\\n", 13: "\\r"}.get(code)
    if short:
        return short
    if 0xD800 <= code <= 0xDFFF:  # half a character: no text can hold it
        return "\\uFFFD"
    if code > 0xFFFF:
        return f"\\U{code:08X}"
    return f"\\x{code:02X}" if code <= 0xFF else f"\\u{code:04X}"


def comment(text: str) -> str:
    """The text as one line of a comment: a device's own words may be in it."""
    cut = text if len(text) <= MOST_COMMENT else text[: MOST_COMMENT - 1] + "…"
    shown = "".join(sign if sign.isprintable() else "�" for sign in cut)
    return f"# {shown}".rstrip()
