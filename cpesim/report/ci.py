"""
What a CI system shows beside the code: annotations on the limit's own line.

Rule: pure text; who runs us and where is told by the caller. GitHub shows ten
annotations of a kind for a step, so the tenth says how many more there are.
"""

from __future__ import annotations

import hashlib
import json
import os.path
from collections.abc import Iterator, Mapping

from cpesim.measure.health import Grade
from cpesim.measure.result import Result
from cpesim.report import seen
from cpesim.report.seen import FAILED, TOO_FEW, WARN, SeenLimit

SYSTEMS = ("auto", "github", "gitlab", "none")
MOST = 9
CODE_QUALITY = "gl-code-quality-report.json"
# In messages, and besides in properties, of GitHub's workflow commands.
_MESSAGE = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_MESSAGE, ":": "%3A", ",": "%2C"}


def system(wanted: str, environment: Mapping[str, str]) -> str:
    """Which CI it is: github, gitlab or none."""
    if wanted != "auto":
        return wanted
    if environment.get("GITHUB_ACTIONS") == "true":
        return "github"
    return "gitlab" if environment.get("GITLAB_CI") == "true" else "none"


def github(result: Result, root: str) -> list[str]:
    """Lines for GitHub's log; *root* is the checkout that paths are told from."""
    errors = [_annotation("error", x, root) for x in _those(result, FAILED)]
    if not errors and result.exit is not None and result.exit.code:
        reason = f"exit {result.exit.code}: {result.exit.reason}"
        errors = [f"::error title=cpesim::{_escaped(reason, _MESSAGE)}"]
    warnings = [_annotation("warning", x, root) for x in _those(result, WARN, TOO_FEW)]
    if result.health.grade is Grade.SUSPECT:
        reasons = "; ".join(result.health.reasons)
        text = _escaped(f"generator SUSPECT: {reasons}", _MESSAGE)
        warnings.insert(0, f"::warning title=cpesim::{text}")
    return [*_few(errors, "error"), *_few(warnings, "warning")]


def gitlab(result: Result, root: str) -> str:
    """A code quality report for GitLab, which shows it in the merge request."""
    found = [
        {
            "description": _message(limit),
            "check_name": "cpesim limit",
            "fingerprint": hashlib.sha256(
                f"{limit.file}\n{limit.title}\n{limit.text}".encode()
            ).hexdigest(),
            "severity": "major" if limit.state == FAILED else "minor",
            "location": {
                "path": located(limit.file, root),
                "lines": {"begin": limit.line},
            },
        }
        for limit in _those(result, FAILED, WARN)
        if limit.line
    ]
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def section(name: str, title: str, text: str, now: float) -> str:
    """The text as a section of GitLab's log, which can be folded."""
    erase = "\x1b[0K"
    return (
        f"{erase}section_start:{int(now)}:{name}\r{erase}{title}\n"
        f"{text}{erase}section_end:{int(now)}:{name}\r{erase}\n"
    )


def located(file: str, root: str) -> str:
    """A path as it stands in the checkout; as it is, when it lies elsewhere."""
    path = os.path.relpath(os.path.abspath(file), os.path.abspath(root or "."))
    return file if path.startswith("..") else path


def _those(result: Result, *states: str) -> list[SeenLimit]:
    return [limit for limit in seen.limits(result) if limit.state in states]


def _annotation(kind: str, limit: SeenLimit, root: str) -> str:
    place = {}
    if limit.line:
        place = {"file": located(limit.file, root), "line": str(limit.line)}
    told = ",".join(
        f"{key}={_escaped(value, _PROPERTY)}"
        for key, value in {**place, "title": f"cpesim: {limit.state}"}.items()
    )
    return f"::{kind} {told}::{_escaped(_message(limit), _MESSAGE)}"


def _message(limit: SeenLimit) -> str:
    name = f"{limit.name}: " if limit.name else ""
    phase = f" (phase {limit.phase})" if limit.phase else ""
    return f"{name}got {limit.shown or 'nothing'}, wanted {limit.text}{phase}"


def _few(lines: list[str], kind: str) -> Iterator[str]:
    yield from lines[:MOST]
    if len(lines) > MOST:
        yield f"::{kind} title=cpesim::{len(lines) - MOST} more"


def _escaped(text: str, letters: Mapping[str, str]) -> str:
    return "".join(letters.get(letter, letter) for letter in text)
