"""
Variables of a scenario: each ``${NAME}`` of its text replaced.

Rule: filled in before anything else looks at the text, so that no form needs to know
of them; a name that nobody set is an error at its own place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from cpesim.errors import Problem
from cpesim.yamltext import Node

PREFIX = "CPESIM_VAR_"
_VARIABLE = re.compile(r"(\$?)\$\{(\w+)\}")  # $${NAME} is ${NAME} as it stands


def variables_of(
    root: Node, environment: Mapping[str, str], given: Mapping[str, str]
) -> dict[str, str]:
    """Those of `vars:`, over them the environment's, over both those *given*."""
    node = root.members.get("vars")
    # As they are written: 1.10 stays 1.10, and no stays no.
    written = {
        name: _VARIABLE.sub(lambda m: m[0][1:] if m[1] else m[0], each.text)
        for name, each in (node.members if node else {}).items()
    }
    outside = {
        name.removeprefix(PREFIX): value
        for name, value in environment.items()
        if name.startswith(PREFIX)
    }
    return {**written, **outside, **given}


def unheard(root: Node, text: str, given: Mapping[str, str]) -> list[str]:
    """What is wrong with *given* variables: the scenario has no use for them."""
    node = root.members.get("vars")
    names = {found[2] for found in _VARIABLE.finditer(text) if not found[1]}
    names |= set(node.members if node else ())
    return [
        f"--var {name}: the scenario has no such variable{_near(name, names)}:"
        f" expected {', '.join(sorted(names)) or 'none'}"
        for name in given
        if name not in names
    ]


def fill(root: Node, known: Mapping[str, str]) -> list[Problem]:
    """Replace each ``${NAME}`` in the tree; what nobody set comes back."""
    problems: list[Problem] = []
    node = root.members.get("vars")
    for name, each in (node.members if node else {}).items():
        if not isinstance(each.value, str) or each.kind == "null":
            problems.append(each.problem(f"{name}: expected one value, as a text"))
            continue
        for found in _VARIABLE.finditer(each.value):
            if not found[1]:
                told = f"{found[0]} in a variable: expected its value, written out"
                problems.append(each.problem(told, found.start()))
    done: set[int] = {id(node)}
    _fill(root, known, problems, done)
    return problems


def _fill(
    node: Node, known: Mapping[str, str], problems: list[Problem], done: set[int]
) -> None:
    if id(node) in done:  # an alias stands in several places
        return
    done.add(id(node))
    if not isinstance(node.value, str):
        below = node.value.values() if isinstance(node.value, dict) else node.value
        for each in below:
            _fill(each, known, problems, done)
        return
    if "${" not in node.value:
        return
    for found in _VARIABLE.finditer(node.value):
        if not found[1] and found[2] not in known:
            problems.append(node.problem(_unknown(found[2], known), found.start()))
    node.value = _VARIABLE.sub(
        lambda m: m[0][1:] if m[1] else known.get(m[2], m[0]), node.value
    )


def _unknown(name: str, known: Mapping[str, str]) -> str:
    return (
        f"there is no variable {name}{_near(name, known)}: expected one of `vars:`,"
        f" {PREFIX}{name}, or --var {name}=VALUE"
    )


def _near(name: str, names: Iterable[str]) -> str:
    close = get_close_matches(name, [*names], n=1, cutoff=0.6)
    return f" (did you mean {close[0]}?)" if close else ""
