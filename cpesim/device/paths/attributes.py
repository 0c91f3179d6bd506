"""
What SetParameterAttributes set, by path (CHECKLIST P5, I7).

Rule: sorted by path, and no entry says what a later one below it was meant to
overrule: of the entries that cover a name, the last one that speaks is right.
"""

from __future__ import annotations

from collections.abc import Iterable

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
    kept: dict[str, _Set] = {
        path: (notification, access) for path, notification, access in old
    }
    for path, notification, access in new:
        if not path or path[-1] == ".":
            _overrule(kept, path, notification, access)
        before = kept.get(path, _SILENT)
        kept[path] = (
            before[0] if notification is None else notification,
            before[1] if access is None else access,
        )
    return tuple((p, *kept[p]) for p in sorted(kept) if kept[p] != _SILENT)


def _overrule(
    kept: dict[str, _Set],
    path: str,
    notification: int | None,
    access: tuple[str, ...] | None,
) -> None:
    """What a partial path now says, the entries below it say no more."""
    for below in [p for p in kept if p.startswith(path)]:
        before = kept[below]
        left = (
            before[0] if notification is None else None,
            before[1] if access is None else None,
        )
        if left == _SILENT:
            del kept[below]
        else:
            kept[below] = left


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
