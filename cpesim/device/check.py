"""
Whether a text is a value of a parameter's type (P4).

Rule: pure functions of (parameter, text); a wrong form is 9006, a value that the
model does not allow is 9007.
"""

from __future__ import annotations

import re
from calendar import monthrange

from cpesim.device.profile import Parameter

_WHOLE = re.compile(r"[+-]?[0-9]{1,20}\Z")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,40}\.?[0-9]{0,40}|\.[0-9]{1,40})\Z")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})*\Z")
_BASE64 = re.compile(
    r"(?:[A-Za-z0-9+/]{4})*+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?\Z"
)
# A year under 1000 without a zone is a time since boot; else UTC (TR-106 3.2.1).
_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?"
    r"(Z|[+-]\d\d:\d\d|)\Z",
    re.ASCII,
)
_UTC = ("Z", "+00:00", "-00:00")
LIMITS = {
    "int": (-(2**31), 2**31 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "long": (-(2**63), 2**63 - 1),
    "unsignedLong": (0, 2**64 - 1),
}
WRONG_TYPE, WRONG_VALUE = 9006, 9007


def _number(parameter: Parameter, text: str) -> int:
    text = text.strip()
    if not _WHOLE.match(text):
        return WRONG_TYPE
    number = int(text)
    low, high = LIMITS[parameter.type]
    if not low <= number <= high:
        return WRONG_VALUE
    return 0 if _within(parameter, number) else WRONG_VALUE


def _within(parameter: Parameter, number: int) -> bool:
    return not parameter.ranges or any(
        (low is None or low <= number) and (high is None or number <= high)
        for low, high in parameter.ranges
    )


def _boolean(parameter: Parameter, text: str) -> int:
    return 0 if text.strip() in ("0", "1", "true", "false") else WRONG_TYPE


def _decimal(parameter: Parameter, text: str) -> int:
    return 0 if _DECIMAL.match(text.strip()) else WRONG_TYPE


def _time(parameter: Parameter, text: str) -> int:
    found = _TIME.match(text.strip())
    if found is None:
        return WRONG_TYPE
    year, month, day, hour, minute, second = (int(found[i]) for i in range(1, 7))
    since_boot = year < 1000 and not found[7]
    if not since_boot and found[7] not in _UTC:
        return WRONG_VALUE
    # A duration since boot may have a month and day of zero.
    least = 0 if since_boot else 1
    longest = 31 if since_boot or not 1 <= month <= 12 else monthrange(year, month)[1]
    sound = (
        least <= month <= 12
        and least <= day <= longest
        and hour <= 23
        and minute <= 59
        and second <= 60
    )
    return 0 if sound else WRONG_VALUE


def _base64(parameter: Parameter, text: str) -> int:
    packed = "".join(text.split())
    if not _BASE64.match(packed):  # b64decode overlooks what pads nothing: "AAAA="
        return WRONG_TYPE
    return _fits(parameter, len(packed) // 4 * 3 - packed.count("="))


def _hex(parameter: Parameter, text: str) -> int:
    text = text.strip()
    return _fits(parameter, len(text) // 2) if _HEX.match(text) else WRONG_TYPE


def _fits(parameter: Parameter, length: int) -> int:
    long = parameter.length is not None and length > parameter.length
    return WRONG_VALUE if long else 0


def _string(parameter: Parameter, text: str) -> int:
    if parameter.length is not None and len(text) > parameter.length:
        return WRONG_VALUE
    if not (parameter.choices or parameter.patterns):
        return 0
    if not parameter.list:
        return _allowed(parameter, text)
    items = [item.strip() for item in text.split(",")] if text.strip() else []
    return max((_allowed(parameter, item) for item in items), default=0)


def _allowed(parameter: Parameter, text: str) -> int:
    if parameter.choices and text in parameter.choices:
        return 0
    if parameter.patterns:
        if any(re.fullmatch(pattern, text) for pattern in parameter.patterns):
            return 0
        return WRONG_VALUE
    return WRONG_VALUE if parameter.choices else 0


CHECKS = {
    "string": _string,
    "int": _number,
    "unsignedInt": _number,
    "long": _number,
    "unsignedLong": _number,
    "boolean": _boolean,
    "decimal": _decimal,
    "dateTime": _time,
    "base64": _base64,
    "hexBinary": _hex,
}


def check(parameter: Parameter, text: str) -> int:
    """0 where *text* is a value of the parameter, else the fault code 9006 or 9007."""
    return CHECKS[parameter.type](parameter, text)
