"""
One device's parameters: the profile, and what differs from it.

Rule: a device owns only what differs. Everything that an ACS did not change is
read from the profile, computed from (seed, device, path, time) where it lives.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence

from cpesim.cwmp import write
from cpesim.cwmp.fault import Fault
from cpesim.device.profile import Parameter, Profile, Table
from cpesim.device.world import World

# Never written to: most devices own nothing, and an empty dict each costs 64 bytes.
_NOTHING: dict[str, str] = {}
_INSTANCE = re.compile(r"(?<=\.)[1-9][0-9]*(?=\.)")
_ADDED = re.compile(r"(.*\.)([1-9][0-9]{0,9})\.\Z", re.DOTALL)
MOST_INSTANCE = 4_294_967_295
SUBSCRIBER = "Subscriber"
UNSET = -1  # the notification of a new instance: the model's default


class Grown:
    """What a device's objects are beside the profile's: made when it first differs."""

    __slots__ = ("added", "gone", "used")

    def __init__(self) -> None:
        self.added: dict[str, Table] = {}  # "…Host.3." -> its table
        self.gone: set[str] = set()  # instances of the profile that were deleted
        self.used: dict[str, int] = {}  # table -> the highest number ever given

    def is_gone(self, path: str) -> bool:
        """Whether a path of the profile lies in an instance that was deleted."""
        return any(path.startswith(instance) for instance in self.gone)


class Model:
    """
    The parameter tree of device *n*.

    `own` holds the values that differ, `attributes` what SetParameterAttributes set
    as (path, notification or None, access list or None), the latest last.
    """

    __slots__ = ("attributes", "booted", "grown", "n", "own", "profile", "world")

    def __init__(self, profile: Profile, n: int, world: World) -> None:
        self.profile = profile
        self.n = n
        self.world = world
        self.booted = 0.0
        self.own = _NOTHING
        self.grown: Grown | None = None
        self.attributes: tuple[tuple[str, int | None, tuple[str, ...] | None], ...] = ()

    # -- reading

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of that full name, if this device has it."""
        found = self.profile.parameters.get(name)
        if self.grown is None:
            return found
        if found is not None:
            return None if self.grown.is_gone(name) else found
        for path, table in self.grown.added.items():
            if name.startswith(path):
                inner = table.template.get(name[len(path) :])
                if inner is not None:
                    return inner
        return None

    def get(self, name: str, now: float) -> str:
        """A parameter's value, hidden ones too; fault 9005 where there is none."""
        own = self.own.get(name)
        if own is not None:
            return own
        parameter = self.parameter(name)
        if parameter is None:
            raise Fault(9005)
        default = parameter.default
        return default if isinstance(default, str) else default(self, name, now)

    def find(self, name: str, now: float, default: str = "") -> str:
        """A parameter's value, or *default* on a device without it."""
        own = self.own.get(name)
        if own is not None:
            return own
        parameter = self.parameter(name)
        if parameter is None:
            return default
        value = parameter.default
        return value if isinstance(value, str) else value(self, name, now)

    def under(self, path: str) -> Sequence[str]:
        """The parameters below a partial path, sorted; all of them below ""."""
        profile = self.profile
        names = profile.beneath(path) if path else profile.names
        grown = self.grown
        if grown is None:
            return names
        kept = [n for n in names if not grown.is_gone(n)] if grown.gone else list(names)
        for added, table in grown.added.items():
            if added.startswith(path):
                kept += [added + name for name in table.template]
            elif path.startswith(added):
                inner = path[len(added) :]
                kept += [added + n for n in table.template if n.startswith(inner)]
        kept.sort()
        return kept

    def objects(self, path: str) -> list[tuple[str, bool]]:
        """Each object at and below a partial path ("" is all), with its writability."""
        profile, grown = self.profile, self.grown
        names = profile.objects_beneath(path) if path else profile.levels
        if grown is None:
            return [(name, profile.objects[name]) for name in names]
        found = {n: profile.objects[n] for n in names if not grown.is_gone(n)}
        for added, table in grown.added.items():
            for name in ("", *table.objects):
                if (added + name).startswith(path):
                    found[added + name] = self._writable(added + name)
        return sorted(found.items())

    def has_object(self, path: str) -> bool:
        """Whether the object (ending in a dot) is there."""
        grown = self.grown
        if path in self.profile.objects:
            return grown is None or not grown.is_gone(path)
        return grown is not None and any(
            path.startswith(added) and path[len(added) :] in ("", *table.objects)
            for added, table in grown.added.items()
        )

    def instances(self, table: str) -> list[int]:
        """The instance numbers that a table (ending in a dot) has now."""
        numbers = list(self.profile.instances.get(table, ()))
        grown = self.grown
        if grown is None:
            return numbers
        kept = [i for i in numbers if not grown.is_gone(f"{table}{i}.")]
        for added in grown.added:
            rest = added[len(table) : -1]
            if added.startswith(table) and rest.isdigit():
                kept.append(int(rest))
        return sorted(kept)

    def count(self, table: str, now: float = 0.0) -> int:
        """How many instances a table (ending in a dot) has now."""
        if self.grown is None:
            return len(self.profile.instances.get(table, ()))
        return len(self.instances(table))

    def rendered(self, names: Iterable[str], now: float) -> list[bytes]:
        """Each parameter as a finished ParameterValueStruct; hidden ones are empty."""
        ready, own = self.profile.rendered, self.own
        if not own and self.grown is None:
            found = map(ready.get, names)  # one pass in C where nothing differs
            return [
                done if done is not None else self._render(name, now)
                for name, done in zip(names, found, strict=True)
            ]
        return [
            ready[name]
            if name in ready and name not in own
            else self._render(name, now)
            for name in names
        ]

    def _render(self, name: str, now: float) -> bytes:
        living = self.profile.living.get(name)
        if living is not None and self.grown is None and name not in self.own:
            start, value = living
            text = write.escape(value(self, name, now))
            return f"{start}{text}{write.STRUCT_END}".encode()
        parameter = self.parameter(name)
        if parameter is None:
            raise Fault(9005)
        if parameter.hidden:
            text = HIDDEN.get(parameter.type, "")
        else:
            own = self.own.get(name)
            default = parameter.default
            if own is not None:
                text = own
            elif isinstance(default, str):
                text = default
            else:
                text = default(self, name, now)
        return write.value(name, parameter.type, text).encode()

    # -- changing

    def set(self, name: str, text: str) -> None:
        """Keep a value; whether it may be written is checked before (check.py)."""
        if self.own is _NOTHING:
            self.own = {}
        # The profile's own string as the key: 20,000 devices share it.
        self.own[_interned(self.profile, name)] = text

    def table(self, path: str) -> Table | None:
        """The table of that path ("…Host."), if AddObject knows it."""
        return self.profile.tables.get(_INSTANCE.sub("{i}", path) + "{i}.")

    def add(self, path: str) -> int:
        """A new instance that the ACS asked for: its number (P6)."""
        table = self.table(path)
        if not path.endswith(".") or table is None or not table.writable:
            raise Fault(9005)
        return self.grow(path)

    def grow(self, path: str) -> int:
        """A new instance with default values, in a table that may be read-only."""
        table = self.table(path)
        if table is None or not self.has_object(path):
            raise Fault(9005)
        present = self.instances(path)
        grown = self.grown or Grown()
        factory = self.profile.instances.get(path, (0,))[-1]
        number = max(grown.used.get(path, 0), factory) + 1
        if len(present) >= table.most or number > MOST_INSTANCE:
            raise Fault(9004)
        grown.used[path] = number
        grown.added[f"{path}{number}."] = table
        self.grown = grown
        new = f"{path}{number}."
        if any(_covers(attribute[0], new) for attribute in self.attributes):
            # What was set by a partial path was set for what was there then.
            self.attributes = (*self.attributes, (new, UNSET, (SUBSCRIBER,)))
        return number

    def delete(self, path: str) -> None:
        """An instance that the ACS wants gone (P7)."""
        if not self._writable(path):
            raise Fault(9005)
        self.prune(path)

    def prune(self, path: str) -> None:
        """An instance and all beneath it goes; its number is not used again."""
        found = _ADDED.match(path)
        if found is None or not self.has_object(path):
            raise Fault(9005)
        grown = self.grown or Grown()
        table, number = found[1], int(found[2])
        grown.used[table] = max(grown.used.get(table, 0), number)
        for added in [a for a in grown.added if a.startswith(path)]:
            del grown.added[added]
        if path in self.profile.objects:
            grown.gone.add(path)
        self.grown = grown
        for name in [n for n in self.own if n.startswith(path)]:
            del self.own[name]
        self.attributes = tuple(a for a in self.attributes if not a[0].startswith(path))

    def empty(self, path: str) -> None:
        """A table of results begins anew: its rows go, and their numbers come again."""
        for number in self.instances(path):
            self.prune(f"{path}{number}.")
        grown = self.grown
        if grown is None:
            return
        grown.used.pop(path, None)
        if not (grown.added or grown.gone or grown.used):
            self.grown = None  # all reads are the quick ones again

    def reset(self) -> None:
        """Back to the profile: values, objects and attributes (B2), not the image."""
        version = self.profile.root + "DeviceInfo.SoftwareVersion"
        image = self.own.get(version)
        self.own = _NOTHING if image is None else {version: image}
        self.grown = None
        self.attributes = ()

    def _writable(self, path: str) -> bool:
        """What GetParameterNames says of an object (P2)."""
        known = self.profile.objects.get(path)
        if known is not None:
            return known
        found = _ADDED.match(path)
        table = self.table(found[1]) if found else self.table(path)
        return table is not None and table.writable

    # -- attributes

    def notification(self, name: str, parameter: Parameter) -> int:
        """0 off, 1 passive, 2 active … of a parameter (P5, I7)."""
        if parameter.notify == "always":
            return 2
        for path, notification, _ in reversed(self.attributes):
            if notification is not None and _covers(path, name):
                if notification == UNSET:
                    break
                return notification
        return 2 if parameter.notify == "active" else 0

    def access(self, name: str) -> tuple[str, ...]:
        """The AccessList of a parameter."""
        for path, _, access in reversed(self.attributes):
            if access is not None and _covers(path, name):
                return access
        return (SUBSCRIBER,)


# What a secured value reads as (P1).
HIDDEN = {
    "boolean": "0",
    "int": "0",
    "unsignedInt": "0",
    "long": "0",
    "unsignedLong": "0",
    "decimal": "0",
    "dateTime": "0001-01-01T00:00:00Z",
}


def _covers(path: str, name: str) -> bool:
    return name == path or ((not path or path[-1] == ".") and name.startswith(path))


def _interned(profile: Profile, name: str) -> str:
    """The profile's own string of that name; the name itself in an added object."""
    at = bisect_left(profile.names, name)
    if at < len(profile.names) and profile.names[at] == name:
        return profile.names[at]
    return name
