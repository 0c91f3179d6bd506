"""
The tables of keys in docs/scenarios.md, made of the language's JSON Schema.

`python -m tests.reference` writes them; tests/test_docs_scenarios.py checks them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cpesim.scenario.schema import schema
from cpesim.scenario.spelling.spell import duration, factor, share

PAGE = Path(__file__).parent.parent / "docs" / "scenarios.md"
BEGIN, END = "<!-- keys: begin -->\n", "<!-- keys: end -->\n"


def page(text: str) -> str:
    """The page with its tables anew."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return before + BEGIN + "\n" + "\n".join(tables()) + "\n" + END + after


def tables() -> Iterator[str]:
    """A table for each form, in the order in which the forms refer to them."""
    whole = schema()
    yield from _table("the file", whole, whole)
    told: set[str] = set()  # shapes of durations and of bandwidths have one table
    for name in _order(whole):
        form = whole["$defs"][name]
        if "properties" not in form:
            continue
        table = "\n".join(_table(_title(name, form), form, whole))
        if table not in told:
            told.add(table)
            yield f"\n{table}"


def _title(name: str, form: dict[str, Any]) -> str:
    for key in ("do", "shape", "executor"):
        word = form["properties"].get(key, {}).get("const")
        if word:
            return f"`{key}: {word}`"
    return _plain(name)


def _plain(name: str) -> str:
    """A form's name as words: ConnectionRequestForm is connection request."""
    name = name.partition("_")[0].removesuffix("Form")
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()


def _table(title: str, form: dict[str, Any], whole: dict[str, Any]) -> Iterator[str]:
    yield f"### {title}"
    yield ""
    if form is not whole and form.get("description"):
        yield form["description"]
        yield ""
    yield "| key | | default |"
    yield "|---|---|---|"
    for key, about in form["properties"].items():
        refers = list(_refers(about))
        below = whole["$defs"].get(refers[0], {}) if refers else {}
        told = about.get("description") or below.get("description", "")
        words = _words(about)
        told += f" One of {', '.join(f'`{word}`' for word in words)}." if words else ""
        yield f"| `{key}` | {_cell(told)} | {_default(key, about, form)} |"


def _default(key: str, about: dict[str, Any], form: dict[str, Any]) -> str:
    if key in form.get("required", ()):
        return "needed"
    value = about.get("default")
    if value in (None, "", [], {}) or isinstance(value, dict):
        return ""
    if isinstance(value, float):
        told = json.dumps(about)
        spell = duration if "ms|us" in told else share if "%" in told else factor
        return f"`{spell(value)}`"
    return f"`{json.dumps(value)}`".replace('"', "") if value is not False else ""


def _words(about: dict[str, Any]) -> list[str]:
    """The words of an enumeration."""
    found = list(about.get("enum", ()))
    below = [about["items"]] if "items" in about else []
    for each in (*about.get("anyOf", ()), *below):
        found += _words(each)
    return [str(word) for word in dict.fromkeys(map(str, found))]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _refers(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"].rpartition("/")[2]
        for key, each in node.items():
            if key != "discriminator":
                yield from _refers(each)
    elif isinstance(node, list):
        for each in node:
            yield from _refers(each)


def _order(whole: dict[str, Any]) -> list[str]:
    found: dict[str, None] = {}
    waiting = list(_refers(whole["properties"]))
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found[name] = None
            waiting = [*_refers(whole["$defs"][name]), *waiting]
    return list(found)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
