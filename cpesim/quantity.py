"""
Quantities as people write them: 18k, 90%, 2/s, 20Mbit, 1h30m.

Rule: parse_* take text and say in the ValueError what was expected; show_* are for
people (rounded), spell_duration is exact and parses back to the same value.
"""

from __future__ import annotations

import re
from decimal import Decimal
from urllib.parse import urlsplit

_NUMBER = r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+"
_DURATION_PART = re.compile(rf"({_NUMBER})(ms|us|µs|s|m|h|d)")
_DURATION = re.compile(rf"(?:(?:{_NUMBER})(?:ms|us|µs|s|m|h|d))+")
_COUNT = re.compile(rf"({_NUMBER})([kKM]?)")
_RATE = re.compile(rf"({_NUMBER})([kM]?)(?:/(s|min|m|h))?")
_BANDWIDTH = re.compile(rf"({_NUMBER})\s*(bit|kbit|Mbit|Gbit|B|kB|MB|GB)(?:/s)?")
_SIZE = re.compile(rf"({_NUMBER})\s*(B|kB|MB|GB)")
_CLOCK = re.compile(r"([0-9]+):([0-9]{2})(?::([0-9]{2}))?")
_SECONDS = {
    "us": 1e-6,
    "µs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
    "d": 86400.0,
}
_PER = {None: 1.0, "s": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0}
_THOUSANDS = {"": 1, "k": 1_000, "K": 1_000, "M": 1_000_000}
_BYTES = {
    "bit": 1 / 8,
    "kbit": 1e3 / 8,
    "Mbit": 1e6 / 8,
    "Gbit": 1e9 / 8,
    "B": 1.0,
    "kB": 1e3,
    "MB": 1e6,
    "GB": 1e9,
}


def parse_duration(text: str) -> float:
    """Seconds of a duration with its unit: ``500ms``, ``10s``, ``1h30m``, ``0``."""
    stripped = text.strip()
    if stripped == "0":
        return 0.0
    if not _DURATION.fullmatch(stripped):
        hint = f" (did you mean {stripped}s?)" if _is_number(stripped) else ""
        if clock := _CLOCK.fullmatch(stripped):
            units = "hms" if clock[3] else "ms"
            parts = [
                part + unit
                for part, unit in zip(clock.groups(), units, strict=False)
                if part
            ]
            hint = f" (did you mean {''.join(parts)}?)"
        raise ValueError(
            f"expected a duration with its unit, as 500ms, 10s, 2m or 1h30m,"
            f" not {text!r}{hint}"
        )
    # Milliseconds are divided, not multiplied: 310 / 1000 is the float 0.31, while
    # 310 * 0.001 need not be.
    total = 0.0
    for number, unit in _DURATION_PART.findall(stripped):
        seconds = _SECONDS[unit]
        value = float(number)
        total += value * seconds if seconds >= 1 else value / round(1 / seconds)
    return total


def parse_count(text: str) -> int:
    """A whole number of things: ``18000``, ``18k``, ``1.5M``."""
    match = _COUNT.fullmatch(text.strip().replace(",", "").replace("_", ""))
    if match:
        value = float(match[1]) * _THOUSANDS[match[2]]
        if abs(value - round(value)) < 1e-6:
            return round(value)
    raise ValueError(f"expected a count, as 500, 18k or 1.5M, not {text!r}")


def parse_rate(text: str) -> float:
    """How often a second: ``2/s``, ``120/min``, ``7.2k/h``, or a bare number."""
    match = _RATE.fullmatch(text.strip())
    if not match:
        raise ValueError(f"expected a rate, as 50/s, 120/min or 50, not {text!r}")
    return float(match[1]) * _THOUSANDS[match[2]] / _PER[match[3]]


def parse_share(text: str) -> float:
    """A share of a whole, 0 to 1: ``90%``, or the bare fraction ``0.9``."""
    stripped = text.strip()
    percent = stripped.endswith("%")
    number = stripped.removesuffix("%").rstrip()
    if _is_number(number):
        # The point is moved, not divided by: what is written is read exactly.
        value = float(Decimal(number).scaleb(-2 if percent else 0))
        if value <= 1:
            return value
    raise ValueError(f"expected a share, as 90% or 0.9, at most 100%, not {text!r}")


def parse_bandwidth(text: str) -> float:
    """Bytes a second: ``20Mbit``, ``500kbit/s``, ``2MB/s``."""
    match = _BANDWIDTH.fullmatch(text.strip())
    if not match:
        raise ValueError(f"expected a bandwidth, as 20Mbit or 2MB/s, not {text!r}")
    return float(match[1]) * _BYTES[match[2]]


def parse_size(text: str) -> int:
    """Bytes: ``300kB``, ``2MB``."""
    match = _SIZE.fullmatch(text.strip())
    if not match:
        raise ValueError(f"expected a size, as 300kB or 2MB, not {text!r}")
    return round(float(match[1]) * _BYTES[match[2]])


def parse_place(text: str) -> tuple[str, int | None]:
    """Host and port of ``HOST``, ``HOST:PORT`` or ``[IPv6]:PORT``."""
    try:
        parts = urlsplit("//" + text)
        host, port, whole = parts.hostname, parts.port, parts.netloc == text
    except ValueError:
        host, port, whole = None, None, False
    if not host or not whole or "@" in text:
        raise ValueError(f"expected HOST or HOST:PORT, not {text!r}")
    return host, port


def _is_number(text: str) -> bool:
    return re.fullmatch(_NUMBER, text) is not None


def spell_duration(seconds: float) -> str:
    """A duration exact to the microsecond, as parse_duration reads it: ``1h30m``."""
    rest = round(seconds * 1_000_000)
    if rest <= 0:
        return "0"
    parts = []
    for unit, size in (
        ("d", 86_400_000_000),
        ("h", 3_600_000_000),
        ("m", 60_000_000),
        ("s", 1_000_000),
        ("ms", 1_000),
        ("us", 1),
    ):
        number, rest = divmod(rest, size)
        if number:
            parts.append(f"{number}{unit}")
    return "".join(parts)


def show_duration(seconds: float) -> str:
    """A duration in at most six cells: ``85µs``, ``2.3ms``, ``310ms``, ``8.4s``."""
    if seconds < 0.0009995:
        return f"{max(0.0, seconds) * 1e6:.0f}µs"
    if seconds < 0.00995:
        return f"{seconds * 1e3:.1f}ms"
    if seconds < 0.9995:
        return f"{seconds * 1e3:.0f}ms"
    if seconds < 99.95:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    minutes = round(seconds / 60)
    if minutes < 100 * 60:
        return f"{minutes // 60}h{minutes % 60:02}m"
    hours = round(seconds / 3600)
    return f"{hours // 24}d{hours % 24:02}h"


def show_clock(seconds: float) -> str:
    """A moment of the run as on a stop-watch: ``11:12``, ``1:02:03``."""
    whole = max(0, int(seconds))
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minute:02}:{second:02}"
    return f"{minute:02}:{second:02}"


def show_count(number: float) -> str:
    """A number of things with its thousands parted: ``1,204``."""
    return f"{number:,.0f}"


def show_rate(per_second: float) -> str:
    """How often a second: ``312/s``, ``2.5/s``, ``0.2/s``."""
    if per_second < 9.95 and abs(per_second - round(per_second)) >= 0.05:
        return f"{per_second:.1f}/s"
    return f"{per_second:,.0f}/s"


def show_share(share: float) -> str:
    """A share as a percentage with the digits that tell: ``0.2 %``, ``63 %``."""
    percent = share * 100
    if percent and percent < 0.1:
        return "< 0.1 %"
    return f"{percent:.1f} %" if percent < 9.95 else f"{percent:.0f} %"


def show_bytes(number: float) -> str:
    """An amount of bytes: ``512 B``, ``1.2 MB``."""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        # 0.99995: 999,950 bytes would round to "1000.0 kB".
        if number >= size * 0.99995:
            return f"{number / size:,.1f} {unit}"
    return f"{number:,.0f} B"
