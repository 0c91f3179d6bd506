"""
A compiled profile as a draft: the way back to its text.

Rule: parameters, types, access, objects and values are those of the profile; secrets
alone are replaced, and what is odd in a real device stays so.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Sequence
from dataclasses import replace

from cpesim.device.check import check
from cpesim.device.draft.draft import Draft, Entry, Shape
from cpesim.device.draft.secrets import replaced
from cpesim.device.language.line import Line, type_default
from cpesim.device.language.spell import spell_line, spell_text, spell_value
from cpesim.device.language.tree import ANY, generic, is_name
from cpesim.device.living import Counter, Entries, Key, Uptime
from cpesim.device.model import Model
from cpesim.device.profile import Parameter, Profile
from cpesim.device.values import Ipv4, Ipv6, Mac
from cpesim.device.world import World
from cpesim.quantity import spell_duration

_PIECES = (
    "manufacturer",
    "oui",
    "product_class",
    "serial",
    "username",
    "password",
)
_MOMENTS = (0.0, 300_000.0)
_PASSWORD = "{hex:16}"
_KEY = "ManagementServer.ParameterKey"
_GUESSED: tuple[tuple[tuple[type, ...], str], ...] = (
    ((Counter,), "counters that grow, at the rate of their value over the uptime"),
    ((Entries,), "NumberOfEntries that count their tables"),
    ((Uptime,), "uptimes that run from the boot"),
    ((Mac,), "MAC addresses of its own, in the form that they had"),
    ((Ipv4, Ipv6), "addresses of the WAN, drawn from their networks"),
)
_MOST_NAMED = 500  # paths in a list of notes


def draft_of(profile: Profile) -> Draft:
    """The draft of a compiled profile, its secrets replaced."""
    draft = Draft(profile.name, profile.root, profile.cwmp, lead=profile.inform)
    hidden = replaced(profile.parameters)
    for piece in _PIECES:
        draft.device[piece] = spell_text(getattr(profile, piece))
    if isinstance(profile.password, str):
        draft.device["password"] = _PASSWORD
    draft.sections.append(f"reboot: {spell_duration(profile.reboot)}")
    draft.objects = dict.fromkeys(profile.objects)
    model = Model(profile, 0, World(1, epoch=1.7e9))
    for path, parameter in profile.parameters.items():
        told = replace(parameter, inform=path in profile.inform)
        if path in hidden:
            draft.entries[path] = _entry(told, f"= {hidden[path]}", False)
        elif path == profile.root + _KEY:
            draft.entries[path] = _entry(told, spell_value(Key()), False)
        else:
            source = _source(parameter)
            loose = _is_loose(parameter, path, model)
            draft.entries[path] = _entry(told, source, loose)
    _tables(draft, profile)
    draft.notes += _guesses(profile, hidden)
    draft.notes += named(
        "Left out, for a profile cannot spell these names:", _unspelled(draft)
    )
    return draft


def _unspelled(draft: Draft) -> list[str]:
    """Take out what no key can name; the paths come back."""
    tables = {
        path[: path[:-1].rfind(".") + 1]
        for path in draft.objects
        if _is_number(path[:-1].rpartition(".")[2])
    } - {draft.root}
    out = [
        path
        for path in (*draft.objects, *draft.entries)
        if path != draft.root and not _is_spelled(path, draft, tables)
    ]
    for path in out:
        draft.objects.pop(path, None)
        draft.entries.pop(path, None)
    return out


def _is_spelled(path: str, draft: Draft, tables: set[str]) -> bool:
    """Names are names, a number stands behind one, and nothing else beside it."""
    if path + "." in draft.objects:  # both a parameter and an object
        return False
    here, last = draft.root, True
    for name in path.removeprefix(draft.root).removesuffix(".").split("."):
        number = _is_number(name)
        if not (name == ANY or is_name(name)) or (number and last):
            return False
        if not number and here in tables:
            return False
        here, last = f"{here}{name}.", number
    return path.endswith(".") or not last


def _is_number(name: str) -> bool:
    return name == ANY or (name.isascii() and name.isdigit())


def _entry(parameter: Parameter, source: str, loose: bool) -> Entry:
    return Entry(spell_line(Line(parameter, loose=loose)), source)


def _source(parameter: Parameter) -> str:
    """The value as it is written; an empty text where nothing else is meant is ""."""
    source = spell_value(parameter.default)
    if source or not type_default(parameter):
        return source
    return "="


def _is_loose(parameter: Parameter, path: str, model: Model) -> bool:
    """Whether the device tells what is no value of its own type."""
    value = parameter.default
    if isinstance(value, str):
        return bool(check(parameter, value))
    return any(check(parameter, value(model, path, now)) for now in _MOMENTS)


def _tables(draft: Draft, profile: Profile) -> None:
    """Tables with what they hold; an empty one everywhere declares itself once."""
    filled = {generic(path + "0.") for path in profile.instances}
    for key, table in profile.tables.items():
        draft.tables[key] = Shape(table.writable, table.most)
        if key in filled:
            continue
        above = key.removesuffix(ANY + ".")
        for path in profile.objects:
            if generic(path) != above:
                continue
            new = f"{path}{ANY}."
            draft.objects[new] = None
            draft.objects.update(dict.fromkeys(new + name for name in table.objects))
            for name, parameter in table.template.items():
                source = _source(parameter)
                loose = isinstance(parameter.default, str) and bool(
                    check(parameter, parameter.default)
                )
                draft.entries[new + name] = _entry(parameter, source, loose)
    for path, writable in profile.objects.items():
        above, _, last = path[:-1].rpartition(".")
        place = above + "." if last.isdigit() else path
        if writable and generic(place) + ANY + "." not in profile.tables:
            draft.odd.add(path)


def _guesses(profile: Profile, hidden: dict[str, str]) -> list[str]:
    """What a reader should look at, for it was guessed from names and values."""
    kinds = Tally(type(p.default) for p in profile.parameters.values())
    notes = [
        f"  {count:,} {words}"
        for types, words in _GUESSED
        if (count := sum(kinds[type] for type in types))
    ]
    if hidden:
        notes.append(f"  {len(hidden):,} secrets, replaced by drawn ones")
    return ["", "Guessed, so worth a look:", *notes] if notes else []


def named(words: str, paths: Sequence[str]) -> list[str]:
    """Notes that name paths, as many as a file may well hold."""
    if not paths:
        return []
    more = len(paths) - _MOST_NAMED
    rest = [f"  … and {more:,} more"] if more > 0 else []
    return ["", words, *(f"  {path}" for path in paths[:_MOST_NAMED]), *rest]
