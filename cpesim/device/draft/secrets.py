"""
Passwords and keys of one device: found, and drawn anew for each of a fleet.

Rule: no secret of a real device stands in a profile that we write, under whatever
name it is told a second time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from cpesim.device.check import check
from cpesim.device.profile import Parameter

_NAME = re.compile(
    r"(?:Password|Passphrase|Passwd|Pwd|PreSharedKey|WEPKey|SharedSecret|Secret"
    r"|SecretKey|PrivateKey|AuthKey|EncryptionKey|PSK|PIN|PinCode)[0-9]*\Z",
    re.IGNORECASE,
)
_TYPES = ("string", "hexBinary", "base64")
_LEAST = 6  # a shorter text, told elsewhere, may well mean something else
_MOST = 64
MASK = "***"


def is_secret(path: str) -> bool:
    """Whether a parameter's name says that its value is a secret."""
    return _NAME.search(path.rpartition(".")[2]) is not None


def replaced(parameters: Mapping[str, Parameter]) -> dict[str, str]:
    """A template for each parameter that tells a secret, by its path."""
    texts: dict[str, list[str]] = {}
    for path, p in parameters.items():
        if p.type in _TYPES and isinstance(p.default, str) and p.default.strip():
            texts.setdefault(p.default, []).append(path)
    found: dict[str, str] = {}
    labels = 0
    # A trace masks them: each may have been another.
    for path in texts.pop(MASK, ()):
        if is_secret(path):
            found[path] = "{" + _drawn(MASK, parameters[path]) + "}"
    for text, paths in texts.items():
        if not any(map(is_secret, paths)):
            continue
        told = [p for p in paths if is_secret(p) or len(text) >= _LEAST]
        label = ""
        if len(told) > 1:  # told twice: in ours it reads the same twice, too
            labels += 1
            label = f" @secret{labels}"
        for path in told:
            found[path] = "{" + _drawn(text, parameters[path]) + label + "}"
    return found


def _drawn(text: str, parameter: Parameter) -> str:
    """Digits in the form of the secret: a PIN is one, a WEP key has its length."""
    length = len(text) if 4 <= len(text) <= _MOST else 16
    for kind, digits in (
        ("digits", "0123456789"),
        ("HEX", "0123456789ABCDEF"),
        ("hex", "0123456789abcdef"),
    ):
        if set(text) <= set(digits):
            return f"{kind}:{length}"
    sample = "0" * length
    if parameter.type != "string" and check(parameter, sample):
        length = 16
    return f"hex:{length}"
