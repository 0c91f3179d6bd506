"""
manifest.json: what ran, so that a run can be told from another and made again.

Rule: no secret comes in. URLs lose their user and password, and a value whose key
speaks of a secret is starred, whoever put it there.
"""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

from cpesim.measure.result import Result, without_credentials
from cpesim.report.as_json import plan

SCHEMA = "cpesim/manifest/1"
LIBRARIES = ("trio", "httptools", "lxml", "hdrhistogram", "httpx", "pydantic")
_SECRET = re.compile(r"passw|secret|token|credential|authorization", re.IGNORECASE)


def manifest_text(result: Result) -> str:
    """The text of manifest.json: the plan, the machine, and result.manifest."""
    told = {
        "schema": SCHEMA,
        **plan(result.facts),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.release()} {platform.machine()}",
        "libraries": {name: _version(name) for name in LIBRARIES},
        **result.manifest,
    }
    return json.dumps(masked(told), indent=2, ensure_ascii=False, default=str) + "\n"


def masked(value: object, key: str = "") -> object:
    """The value with every secret in it starred."""
    # --password-env NAME tells a variable's name, which is no secret.
    if value and _SECRET.search(key) and not key.endswith(("_env", "-env")):
        return "***"
    match value:
        case str():
            return without_credentials(value)
        case Mapping():
            return {str(name): masked(each, str(name)) for name, each in value.items()}
        case list() | tuple():
            befores = ("", *value[:-1])
            pairs = zip(befores, value, strict=True) if value else ()
            return [_word(each, before) for before, each in pairs]
    return value


def _word(value: object, before: object) -> object:
    """A word of a list, perhaps of a command line, behind another one."""
    option, equals, written = str(value).partition("=")
    if option in ("--header", "--var") and equals:
        return f"{option}={_word(written, option)}"
    if before == "--var" and equals:
        return f"{option}={masked(written, option)}"
    if before == "--header":
        # As in scenario.yaml: what an own header says may be a key.
        return f"{str(value).partition(':')[0]}: ***"
    return masked(value)


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""
