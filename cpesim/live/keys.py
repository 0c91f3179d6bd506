"""
What a key means.

Rule: bytes in, action names out; the conductor reads the terminal and acts.
"""

from __future__ import annotations

import re

KEYS = {
    "p": "pause",
    "+": "faster",
    "-": "slower",
    "*": "much faster",
    "/": "much slower",
    "=": "as planned",
    "q": "stop",
    "Q": "stop now",
    "?": "help",
    "f": "faults",
    "l": "log",
    "m": "mark",
    "d": "dump",
    "\t": "next",
    **{digit: digit for digit in "0123456789"},
    # In raw mode Ctrl-C and Ctrl-\ come as bytes, not as signals.
    "\x03": "stop",
    "\x1c": "stop now",
}
# Arrow and function keys: ESC [ ... letter, or ESC O letter. Not to be taken apart.
_SEQUENCE = re.compile(rb"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|O.|.)?", re.DOTALL)


def actions(typed: bytes) -> list[str]:
    """The actions of the keys in *typed*, in order; unknown keys are nothing."""
    if typed == b"\x1b":
        # Alone it is the key Esc; with more behind it, the begin of a sequence.
        return ["back"]
    letters = _SEQUENCE.sub(b"", typed).decode("utf-8", "replace")
    return [KEYS[letter] for letter in letters if letter in KEYS]
