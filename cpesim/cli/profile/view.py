"""
A profile as a tree, and what two profiles differ in: lines for people.

Rule: it reads profiles and makes lines; 80 columns are enough for all that tells
something, and a long value is cut.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from cpesim.device.language.spell import spell_text, spell_value
from cpesim.device.language.template import suggest
from cpesim.device.language.tree import ANY, generic
from cpesim.device.model import Model
from cpesim.device.profile import Parameter, Profile
from cpesim.errors import ConfigError

_NAME = 34
_TYPE = 12
_ABOUT = ("name", "username", "password")  # of no weight when two are compared


@dataclass(slots=True)
class _Object:
    """An object with what is in it, in order."""

    path: str
    leaves: list[str] = field(default_factory=list)
    below: dict[str, _Object] = field(default_factory=dict)

    def count(self) -> int:
        """How many parameters lie in it."""
        return len(self.leaves) + sum(o.count() for o in self.below.values())


def whole_path(profile: Profile, path: str) -> str:
    """A path as a profile has it, the root before it; raises ConfigError."""
    if not path:
        return profile.root
    tried = (path, path + ".", profile.root + path, profile.root + path + ".")
    for one in tried:
        if one in profile.parameters or one in profile.objects:
            return one
    hint = suggest(path, [*profile.objects, *profile.names])
    hint = hint or suggest(profile.root + path, [*profile.objects, *profile.names])
    raise ConfigError(f"{profile.name} has no {path}{hint}")


def tree(model: Model, path: str, depth: int, width: int) -> Iterator[str]:
    """A line for each object and parameter at and below a path."""
    profile = model.profile
    if path in profile.parameters:
        yield _leaf(model, path, 0, width)
        return
    top = _Object(path)
    for name in (*profile.objects_beneath(path), *profile.beneath(path)):
        here = top
        parts = name[len(path) :].rstrip(".").split(".")
        inner = parts if name.endswith(".") else parts[:-1]
        for part in filter(None, inner):
            here = here.below.setdefault(part, _Object(f"{here.path}{part}."))
        if not name.endswith("."):
            here.leaves.append(name)
    yield _head(profile, top, top.path, 0)
    yield from _inside(model, top, 1, depth, width)


def _inside(
    model: Model, above: _Object, level: int, depth: int, width: int
) -> Iterator[str]:
    for name in above.leaves:
        yield _leaf(model, name, level, width)
    for name, below in sorted(above.below.items(), key=lambda item: _order(item[0])):
        yield _head(model.profile, below, name + ".", level)
        if not depth or level < depth:
            yield from _inside(model, below, level + 1, depth, width)


def _order(name: str) -> tuple[int, str]:
    return (int(name) if name.isdecimal() else -1, name)


def _head(profile: Profile, one: _Object, name: str, level: int) -> str:
    count = one.count()
    told = [f"{count:,} parameter{'' if count == 1 else 's'}"]
    table = profile.tables.get(generic(one.path) + ANY + ".")
    if table is not None:
        entries = len(profile.instances.get(one.path, ()))
        told.insert(0, f"{entries:,} instance{'' if entries == 1 else 's'}")
        if table.writable:
            told.append(f"AddObject up to {table.most:,}")
    return f"{'  ' * level}{name:{max(1, _NAME - 2 * level)}} {', '.join(told)}"


def _leaf(model: Model, path: str, level: int, width: int) -> str:
    profile = model.profile
    parameter = profile.parameters[path]
    name = path.rpartition(".")[2] if level else path
    flags = _flags(profile, path)
    value = "" if parameter.hidden else model.get(path, 0.0)
    lives = "=" if isinstance(parameter.default, str) else "~"
    shown = "".join(c if c.isprintable() else "·" for c in value)
    line = (
        f"{'  ' * level}{name:{max(1, _NAME - 2 * level)}} {flags}"
        f" {_type(parameter):{_TYPE}} {lives} {shown}"
    ).rstrip()
    return line if len(line) <= width else line[: width - 1] + "…"


def _flags(profile: Profile, path: str) -> str:
    """Access, Inform, notification (A always, a active), hidden: "rw iA-"."""
    p = profile.parameters[path]
    return (
        ("rw" if p.writable else "r-")
        + " "
        + ("i" if path in profile.inform else "-")
        + {"always": "A", "active": "a"}.get(p.notify, "-")
        + ("h" if p.hidden else "-")
    )


def _type(parameter: Parameter) -> str:
    length = "" if parameter.length is None else f"({parameter.length})"
    return parameter.type + length


# -- what two differ in


def differences(one: Profile, other: Profile) -> Iterator[str]:
    """A line for each difference: - only the first has it, + only the second."""
    yield from _about(one, other)
    yield from _missing(one, other, "-")
    yield from _missing(other, one, "+")
    for name in one.names:
        if name in other.parameters:
            told = list(_changed(one, other, name))
            if told:
                yield f"~ {name}: {'; '.join(told)}"
    for path, table in one.tables.items():
        again = other.tables.get(path)
        if again is not None and _growth(table) != _growth(again):
            yield f"~ {path}: {_growth(table)} -> {_growth(again)}"
    if one.inform != other.inform and set(one.inform) == set(other.inform):
        yield "~ the parameters of the Inform stand in another order"


def _growth(table: Any) -> str:
    return f"AddObject up to {table.most}" if table.writable else "no AddObject"


def _about(one: Any, other: Any, above: str = "") -> Iterator[str]:
    """The root, the version, the identity, the habits; sections by their keys."""
    for each in fields(one):
        old, new = getattr(one, each.name), getattr(other, each.name)
        name = above + each.name
        if name in _ABOUT or not each.init or old == new:
            continue
        if isinstance(old, str | int | float) or callable(old):
            if _told(old) != _told(new):
                yield f"~ {name}: {_told(old)} -> {_told(new)}"
        elif is_dataclass(old) and type(old) is type(new):
            yield from _about(old, new, name + ".")


def _told(value: Any) -> str:
    return (
        spell_text(value) if isinstance(value, str) or callable(value) else str(value)
    )


def _missing(one: Profile, other: Profile, sign: str) -> Iterator[str]:
    """What the other lacks: a whole object in one line."""
    gone: list[str] = []
    for path in one.levels:
        if path in other.objects or any(path.startswith(g) for g in gone):
            continue
        gone.append(path)
        yield f"{sign} {path} ({len(one.beneath(path)):,} parameters)"
    for name in one.names:
        if name not in other.parameters and not any(name.startswith(g) for g in gone):
            kind = _type(one.parameters[name])
            yield f"{sign} {name} ({_flags(one, name)[:2]} {kind})"


def _changed(one: Profile, other: Profile, name: str) -> Iterator[str]:
    old, new = one.parameters[name], other.parameters[name]
    for words, first, second in (
        ("type", _type(old), _type(new)),
        ("access", _flags(one, name)[:2], _flags(other, name)[:2]),
        ("notification", old.notify or "off", new.notify or "off"),
        ("inform", _yes(name in one.inform), _yes(name in other.inform)),
        ("hidden", _yes(old.hidden), _yes(new.hidden)),
        ("list", _yes(old.list), _yes(new.list)),
        ("choices", ",".join(old.choices), ",".join(new.choices)),
        ("ranges", str(old.ranges), str(new.ranges)),
        ("patterns", str(old.patterns), str(new.patterns)),
        ("value", spell_value(old.default), spell_value(new.default)),
    ):
        if first != second:
            yield f"{words} {_short(first)} -> {_short(second)}"


def _yes(on: bool) -> str:
    return "yes" if on else "no"


def _short(text: str) -> str:
    shown = "".join(c if c.isprintable() else "·" for c in text)
    return (shown if len(shown) <= 60 else shown[:59] + "…") or "nothing"
