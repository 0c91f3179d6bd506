"""
What users' settings and the ACS's headers may be.

Rule: pure checks and readings; a wrong setting is a ConfigError before anything runs.
"""

from __future__ import annotations

import email.utils
import ipaddress
import re
from collections.abc import Sequence

from cpesim.errors import ConfigError

HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# The length and the end of a message are ours to tell; Expect is never sent (H5).
OURS = frozenset(
    ["connection", "content-length", "cookie", "expect", "transfer-encoding", "upgrade"]
)


def check_headers(headers: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return *headers* with white space trimmed; ConfigError names all wrong ones."""
    problems = []
    good = []
    for name, value in headers:
        name, value = name.strip(), value.strip()
        if not HEADER_NAME.fullmatch(name):
            problems.append(f"header {name[:40]!r}: not a name")
        elif name.lower() in OURS:
            problems.append(f"header {name}: set by cpesim itself")
        elif any((ord(c) < 32 and c != "\t") or c == "\x7f" for c in value):
            problems.append(f"header {name}: a control character in its value")
        good.append((name, value))
    if problems:
        raise ConfigError(*problems)
    return tuple(good)


def check_sources(sources: Sequence[str]) -> tuple[str, ...]:
    """Return source addresses; ConfigError names all that are none."""
    problems = []
    good = []
    for source in sources:
        try:
            good.append(str(ipaddress.ip_address(source.strip("[]"))))
        except ValueError:
            problems.append(f"source address {source!r}: not an IP address")
    if problems:
        raise ConfigError(*problems)
    return tuple(good)


def retry_after(text: str, now: float) -> float | None:
    """Seconds that a Retry-After asks for: a number or a date; None when unreadable."""
    text = text.strip()
    if re.fullmatch(r"\d{1,9}", text):
        return float(text)
    try:
        then = email.utils.parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None
    return max(0.0, then - now)
