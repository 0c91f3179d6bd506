"""
A parameter line as text: the way back from `line.py`.

Rule: parse_line(spell_line(line)) is the same line.
"""

from __future__ import annotations

import re

from cpesim.device.language.line import LIST, Line
from cpesim.device.profile import Parameter


def spell_line(line: Line) -> str:
    """The line as it is written in a profile."""
    p = line.parameter
    words = [
        flag
        for flag, on in (
            ("rw", p.writable),
            ("hidden", p.hidden),
            ("inform", p.inform),
            (p.notify, bool(p.notify)),
            ("deny", p.deny),
        )
        if on
    ]
    if p.type:
        words.append(p.type + _spell_limits(p))
    if p.list:
        words.append(LIST)
    if line.source:
        words.append(line.source)
    return " ".join(words)


def _spell_limits(p: Parameter) -> str:
    length = "" if p.length is None else f"({p.length})"
    choices = ",".join(re.sub(r"([\\,}])", r"\\\1", c) for c in p.choices)
    ranges = ",".join(
        f"{'' if low is None else low}"
        + ("" if low == high else f":{'' if high is None else high}")
        for low, high in p.ranges
    )
    return (
        length
        + (f"{{{choices}}}" if p.choices else "")
        + (f"[{ranges}]" if ranges else "")
        + "".join("/" + pattern.replace("/", "\\/") + "/" for pattern in p.patterns)
    )
