"""
pydantic's errors (as plain values) as problems of a YAML text.

Rule: knows the form of pydantic's errors and models, but imports nothing of it. One
problem for each place and mistake; what a union tried in vain is told as one
expectation, not once for each of its members.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from cpesim.errors import Problem
from cpesim.yamltext.node import Node

_EXPECTED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dataclass_type": "a mapping",
    "none_required": "nothing",
}


_TOO_MANY = {
    "string_too_long": "max_length",
    "string_too_short": "min_length",
    "too_long": "max_length",
    "too_short": "min_length",
}
_OF_WHAT = {"string_too_long": " characters", "string_too_short": " characters"}
_KEY = "[key]"  # pydantic's last step to a mapping's key


class _Traced(NamedTuple):
    """An error with the path of nodes to it, and the unions' members on the way."""

    one: Any
    path: tuple[str | int, ...]
    members: tuple[tuple[int, str], ...]  # after how many nodes, which member


def translated(errors: Sequence[Any], root: Node, model: Any) -> list[Problem]:
    """The problems behind a model's errors, in the order of the text."""
    traced = [_trace(one, root) for one in errors]
    return sorted(set(_told(traced, 0, root, model)))


def _trace(one: Any, root: Node) -> _Traced:
    loc = one["loc"]
    # What is missing has a name, but no node.
    if one["type"] == "missing":
        loc = loc[:-1]
    if loc[-1:] == (_KEY,):
        loc = loc[:-1]
    node = root
    path: list[str | int] = []
    members: list[tuple[int, str]] = []
    for part in loc:
        below = _below(node, part)
        if below is None:
            members.append((len(path), str(part)))
        else:
            path.append(part)
            node = below
    return _Traced(one, tuple(path), tuple(members))


def _told(
    traced: list[_Traced], level: int, root: Node, model: Any
) -> Iterator[Problem]:
    """The problems of errors that have gone through *level* unions already."""
    unions: dict[tuple[str | int, ...], dict[str, list[_Traced]]] = {}
    for error in traced:
        if len(error.members) <= level:
            yield _problem(error.one, root, model)
            continue
        depth, member = error.members[level]
        tried = unions.setdefault(error.path[:depth], {})
        tried.setdefault(member, []).append(error)
    for path, tried in unions.items():
        meant = min(tried.values(), key=lambda errors: _unlikely(errors, path))
        if not all(_whole(error, path) for error in meant):
            yield from _told(meant, level + 1, root, model)
            continue
        whole = [e for errors in tried.values() for e in errors if _whole(e, path)]
        kinds = dict.fromkeys(_EXPECTED[error.one["type"]] for error in whole)
        yield _unfit(_walk(path, root)[0], " or ".join(kinds))


def _whole(error: _Traced, path: tuple[str | int, ...]) -> bool:
    """Whether a union's member refused the value as a whole."""
    return error.path == path and error.one["type"] in _EXPECTED


def _unlikely(errors: list[_Traced], path: tuple[str | int, ...]) -> tuple[bool, int]:
    return any(_whole(error, path) for error in errors), len(errors)


def _below(node: Node, part: str | int) -> Node | None:
    if isinstance(part, int):
        return node.items[part] if part < len(node.items) else None
    return node.members.get(part)


def _walk(loc: Sequence[str | int], root: Node) -> tuple[Node, Node]:
    """The node at a location, and the place to name: its own, or its key's."""
    node = place = root
    for part in loc:
        if part == _KEY:  # what is wrong is the key, not what stands behind it
            return place, place
        below = _below(node, part)
        if below is not None:
            key = node.keys.get(part) if isinstance(part, str) else None
            node, place = below, key or below
    return node, place


def _problem(one: Any, root: Node, model: Any) -> Problem:
    loc, kind = one["loc"], one["type"]
    node, place = _walk(loc, root)
    name = next((p for p in reversed(loc) if isinstance(p, str)), "")
    if kind == "extra_forbidden":
        known, others = _fields(model, loc[:-1]), _elsewhere(model, loc)
        if others:
            return place.problem(
                f"{str(loc[-1])!r} does not belong here, but to {', '.join(others)}"
            )
        close = get_close_matches(str(loc[-1]), known, n=1, cutoff=0.6)
        hint = f" (did you mean {close[0]}?)" if close else ""
        wanted = "" if hint or not known else f": expected {', '.join(known)}"
        return place.problem(f"unknown key {str(loc[-1])!r}{hint}{wanted}")
    if kind == "missing":
        return place.problem(f"{name!r} is missing: expected it here")
    if kind in _EXPECTED:
        return _unfit(node, _EXPECTED[kind])
    if kind.startswith("union_tag_"):
        return _untagged(one, node)
    if kind in ("literal_error", "enum"):
        if node.kind in ("int", "float", "bool") and "'" in one["ctx"]["expected"]:
            return _unfit(node, f"a text, {one['ctx']['expected']}")
        expected = one["ctx"]["expected"]
        words = [word.strip("'") for word in expected.replace(" or ", ", ").split(", ")]
        close = get_close_matches(node.text, words, n=1, cutoff=0.6)
        hint = f" (did you mean {close[0]}?)" if close else ""
        return node.problem(f"expected {expected}, not {_shown(node)}{hint}")
    if kind in _TOO_MANY:
        most, what = one["ctx"][_TOO_MANY[kind]], _OF_WHAT.get(kind, "")
        bound = "least" if _TOO_MANY[kind].startswith("min") else "most"
        return _unfit(node, f"at {bound} {most}{what}")
    message = str(one["msg"])
    for start in ("Value error, ", "Assertion failed, "):
        message = message.removeprefix(start)
    if kind not in ("value_error", "assertion_error"):
        message = message.replace("Input should be", "expected a value")
        message = f"{message}, not {_shown(node)}"
    # The first sign inside of quotes, for the message is about the text.
    return node.problem(message, 0)


def _untagged(one: Any, node: Node) -> Problem:
    """The key that says which form a mapping has is wrong, or not there."""
    key = str(one["ctx"]["discriminator"]).strip("'()")
    said = node.members.get(key)
    if one["type"] == "union_tag_not_found" or said is None:
        if not isinstance(node.value, dict):
            return _unfit(node, "a mapping")
        return node.problem(f"{key!r} is missing: expected it here")
    # A word for a form is the key's value, or the key and the value, or no value.
    words = [w.strip("'") for w in one["ctx"]["expected_tags"].split(", ")]
    keyed = [w.removeprefix(f"{key}: ") for w in words if w.startswith(f"{key}: ")]
    words = keyed or words
    close = get_close_matches(said.text, words, n=1, cutoff=0.6)
    hint = f" (did you mean {close[0]}?)" if close else ""
    told = f"{', '.join(words[:-1])} or {words[-1]}"
    return said.problem(f"expected {told}, not {_shown(said)}{hint}")


def _unfit(node: Node, expected: str) -> Problem:
    hint = ""
    odd = node.kind in ("int", "float", "bool") and not node.style
    if odd and "a text" in expected:
        what = "true or false" if node.kind == "bool" else "a number"
        hint = f', which is {what} to YAML: write "{node.text}"'
    return node.problem(f"expected {expected}, not {_shown(node)}{hint}")


def _shown(node: Node) -> str:
    if isinstance(node.value, dict):
        return "a mapping"
    if isinstance(node.value, list):
        return "a list"
    if node.kind == "null":
        return "nothing"
    return repr(node.value) if len(node.value) <= 60 else repr(node.value[:57] + "…")


def _fields(model: Any, loc: Sequence[str | int]) -> list[str]:
    """The keys that the model at a location knows."""
    found: dict[str, None] = {}
    for kind in _kinds(model, loc):
        for each in _models(kind):
            for name, field in each.model_fields.items():
                found[field.alias or name] = None
    return list(found)


def _elsewhere(model: Any, loc: Sequence[str | int]) -> list[str]:
    """Which other members of the union have the key, by the names they go by."""
    *path, tag, key = loc if len(loc) > 2 else ("", "", "")
    found = []
    for kind in _kinds(model, path):
        members = dict(_members(kind)) if isinstance(tag, str) else {}
        if tag in members:
            for name, each in members.items():
                fields = [f for inner in _models(each) for f in _keys(inner)]
                if key in fields:
                    found.append(name)
    return found


def _kinds(model: Any, loc: Sequence[str | int]) -> list[Any]:
    kinds: list[Any] = [model]
    for part in loc:
        below = [inner for kind in kinds for inner in _step(kind, part)]
        kinds = below or kinds  # a union member's name leads nowhere
    return kinds


def _keys(model: Any) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _members(kind: Any) -> Iterator[tuple[str, Any]]:
    """The members of a union that goes by a key, each by the word for it."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        tags = [m.tag for m in inner[1:] if hasattr(m, "tag")]
        if tags:
            yield tags[0], inner[0]
        else:
            yield from _members(inner[0])
    elif origin in (Union, UnionType):
        for each in inner:
            yield from _members(each)
    elif hasattr(kind, "model_fields"):
        for field in kind.model_fields.values():
            if get_origin(field.annotation) is Literal and field.is_required():
                yield str(get_args(field.annotation)[0]), kind


def _step(kind: Any, part: str | int) -> Iterator[Any]:
    if hasattr(kind, "model_fields"):
        for name, field in kind.model_fields.items():
            if part in (name, field.alias):
                yield field.annotation
        return
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType, Annotated):
        tagged = dict(_members(kind)).get(str(part))
        if tagged is not None and len(dict(_members(kind))) > 1:
            yield tagged
            return
        for each in inner:
            yield from _step(each, part)
    elif origin in (list, tuple) and isinstance(part, int):
        yield inner[0]
    elif inner and isinstance(part, str) and len(inner) == 2:
        yield inner[1]


def _models(kind: Any) -> Iterator[Any]:
    if hasattr(kind, "model_fields"):
        yield kind
    elif get_origin(kind) in (Union, UnionType, Annotated):
        for each in get_args(kind):
            yield from _models(each)
