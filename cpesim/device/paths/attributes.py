"""
What SetParameterAttributes set, by path (CHECKLIST P5, I7).

Rule: sorted by path, and no entry says what a later one below it was meant to
overrule: of the entries that cover a name, the last one that speaks is right.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from cpesim.device.profile import Parameter

SUBSCRIBER = "Subscriber"
_EVERYONE = (SUBSCRIBER,)
UNSET = -1  # the notification of a new instance: the model's default
# A path, its notification and its access list; None where it says nothing of them.
Attribute = tuple[str, int | None, tuple[str, ...] | None]
_Set = tuple[int | None, tuple[str, ...] | None]
_SILENT: _Set = (None, None)


def covers(path: str, name: str) -> bool:
    """Whether what is set at *path* holds for *name*."""
    return name == path or ((not path or path[-1] == ".") and name.startswith(path))


def merged(old: Iterable[Attribute], new: Iterable[Attribute]) -> tuple[Attribute, ...]:
    """The old entries with the new ones over them."""
    # Of each path what was said last, and when: an ACS may send a great many.
    said: dict[str, tuple[int | None, int, tuple[str, ...] | None, int]] = {}
    for time, (path, notification, access) in enumerate(chain(old, new)):
        before = said.get(path, (None, -1, None, -1))
        said[path] = (
            *((notification, time) if notification is not None else before[:2]),
            *((access, time) if access is not None else before[2:]),
        )
    kept: list[Attribute] = []
    above: list[tuple[str, int, int]] = []  # the partial paths that a path lies in
    for path in sorted(said):
        while above and not path.startswith(above[-1][0]):
            above.pop()
        notification, spoke, access, listed = said[path]
        _, speaks, lists = above[-1] if above else ("", -1, -1)
        # What an object was told later overrules what is below it.
        entry = (
            path,
            notification if spoke > speaks else None,
            access if listed > lists else None,
        )
        if entry[1:] != _SILENT:
            kept.append(entry)
        if not path or path[-1] == ".":
            above.append((path, max(spoke, speaks), max(listed, lists)))
    return tuple(kept)


def effective(parameter: Parameter, said: int | None) -> int:
    """The notification of a parameter of whose path *said* is what was set."""
    if parameter.notify == "always":
        return 2
    if said is None or said == UNSET:
        return 2 if parameter.notify == "active" else 0
    return said


class Lookup:
    """The entries by path, for one answer about many names."""

    __slots__ = ("_above", "_at")

    def __init__(self, entries: Iterable[Attribute]) -> None:
        self._at: dict[str, _Set] = {path: (n, access) for path, n, access in entries}
        # What an object's parameters have of what is set above them.
        self._above: dict[str, _Set] = {"": self._at.get("", _SILENT)}

    def of(self, name: str, parameter: Parameter) -> tuple[int, tuple[str, ...]]:
        """Notification and AccessList of a parameter."""
        if not self._at:
            return effective(parameter, None), _EVERYONE
        notification, access = self._below(name[: name.rfind(".") + 1])
        own = self._at.get(name)
        if own is not None:
            notification = notification if own[0] is None else own[0]
            access = access if own[1] is None else own[1]
        return effective(parameter, notification), (
            _EVERYONE if access is None else access
        )

    def _below(self, path: str) -> _Set:
        found = self._above.get(path)
        if found is None:
            notification, access = self._below(path[: path.rfind(".", 0, -1) + 1])
            own = self._at.get(path, _SILENT)
            found = self._above[path] = (
                notification if own[0] is None else own[0],
                access if own[1] is None else own[1],
            )
        return found
