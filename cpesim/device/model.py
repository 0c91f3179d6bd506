"""
One device's parameters: the profile, and what differs from it.

Rule: a device owns only what differs. Everything that an ACS did not change is
read from the profile, computed from (seed, device, path, time) where it lives.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from operator import itemgetter

from cpesim.cwmp import write
from cpesim.cwmp.fault import Fault
from cpesim.device.paths.address import ALIAS, settle
from cpesim.device.paths.attributes import (
    SUBSCRIBER,
    UNSET,
    Attribute,
    covers,
    effective,
)
from cpesim.device.paths.grown import Grown
from cpesim.device.profile import BY_ALIAS, Parameter, Profile, Table
from cpesim.device.world import World

# Never written to: most devices own nothing, and an empty dict each costs 64 bytes.
_NOTHING: dict[str, str] = {}
_INSTANCE = re.compile(r"(?<=\.)[1-9][0-9]*(?=\.)")
_ADDED = re.compile(r"(.*\.)([1-9][0-9]{0,9})\.\Z", re.DOTALL)
State = tuple[dict[str, str], Grown | None, tuple[Attribute, ...]]
MOST_INSTANCE = 4_294_967_295
# All its tables together: an ACS that adds and adds must not fill the machine.
MOST_ADDED = 4096


class Model:
    """
    The parameter tree of device *n*.

    `own` holds the values that differ, `attributes` what SetParameterAttributes set
    as (path, notification or None, access list or None), sorted by path.
    """

    __slots__ = ("attributes", "booted", "grown", "n", "own", "profile", "world")

    def __init__(self, profile: Profile, n: int, world: World) -> None:
        self.profile = profile
        self.n = n
        self.world = world
        self.booted = 0.0
        self.own = _NOTHING
        self.grown: Grown | None = None
        self.attributes: tuple[Attribute, ...] = ()

    # -- reading

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of that full name, if this device has it."""
        found = self.profile.parameters.get(name)
        if self.grown is None:
            return found
        if found is not None:
            return None if self.grown.is_gone(name) else found
        home = self.grown.home(name)
        return self.grown.added[home].template.get(name[len(home) :]) if home else None

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
        if self.grown is not None:
            return [name for name, _ in self.grown.leaves(self.profile, path)]
        return self.profile.beneath(path) if path else self.profile.names

    def leaves(self, path: str) -> Sequence[tuple[str, Parameter]]:
        """The parameters below a partial path with their names, sorted."""
        profile = self.profile
        if self.grown is not None:
            return self.grown.leaves(profile, path)
        names = profile.beneath(path) if path else profile.names
        return list(zip(names, map(profile.parameters.__getitem__, names), strict=True))

    def objects(self, path: str) -> list[tuple[str, bool]]:
        """Each object at and below a partial path ("" is all), with its writability."""
        profile, grown = self.profile, self.grown
        names = profile.objects_beneath(path) if path else profile.levels
        if grown is None:
            return [(name, profile.objects[name]) for name in names]
        found = [(name, profile.objects[name]) for name in grown.kept(names)]
        known: dict[int, list[tuple[str, bool]]] = {}  # what each table's instance has
        for added, table in grown.added.items():
            if not (added.startswith(path) or path.startswith(added)):
                continue
            inner = known.get(id(table))
            if inner is None:
                below = ("", *table.objects)
                inner = [(name, self._writable(added + name)) for name in below]
                known[id(table)] = inner
            found += [(added + n, w) for n, w in inner if (added + n).startswith(path)]
        found.sort()
        return found

    def has_object(self, path: str) -> bool:
        """Whether the object (ending in a dot) is there."""
        grown = self.grown
        if path in self.profile.objects:
            return grown is None or not grown.is_gone(path)
        home = grown.home(path) if grown is not None else ""
        if grown is None or not home:
            return False
        return path == home or path[len(home) :] in grown.added[home].objects

    def instances(self, table: str) -> list[int]:
        """The instance numbers that a table (ending in a dot) has now."""
        numbers = list(self.profile.instances.get(table, ()))
        grown = self.grown
        if grown is None:
            return numbers
        if grown.gone:
            numbers = [i for i in numbers if not grown.is_gone(f"{table}{i}.")]
        # An instance may lie in one that was deleted, and then was forgotten with it.
        numbers += [
            int(added[len(table) : -1])
            for added in grown.added
            if added.startswith(table) and added.find(".", len(table)) == len(added) - 1
        ]
        numbers.sort()
        return numbers

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

    def by_alias(self) -> bool:
        """Whether the ACS wants to read paths with aliases (InstanceMode)."""
        mode = self.own.get(self.profile.instance_mode)
        return self.profile.by_alias if mode is None else mode == BY_ALIAS

    # -- changing

    def state(self) -> State:
        """Values, objects and attributes as they are now, to go back to."""
        grown = self.grown
        own = dict(self.own) if self.own else _NOTHING
        return own, grown.copy() if grown is not None else None, self.attributes

    def restore(self, state: State) -> None:
        """Back to an earlier state, which is given away."""
        self.own, self.grown, self.attributes = state

    def set(self, name: str, text: str) -> None:
        """Keep a value; whether it may be written is checked before (check.py)."""
        if self.own is _NOTHING:
            self.own = {}
        # The profile's own string as the key: 20,000 devices share it.
        self.own[_interned(self.profile, name)] = text

    def table(self, path: str) -> Table | None:
        """The table of that path ("…Host."), if AddObject knows it."""
        return self.profile.tables.get(general(path) + "{i}.")

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
        if len(grown.added) >= MOST_ADDED:
            raise Fault(9004)
        grown.used[path] = number
        grown.added[f"{path}{number}."] = table
        self.grown = grown
        new = f"{path}{number}."
        if any(covers(attribute[0], new) for attribute in self.attributes):
            # What was set by a partial path was set for what was there then.
            unset: Attribute = (new, UNSET, (SUBSCRIBER,))
            self.attributes = tuple(
                sorted((*self.attributes, unset), key=itemgetter(0))
            )
        if ALIAS in table.template:
            settle(self, path, number)
        return number

    def delete(self, path: str) -> None:
        """An instance that the ACS wants gone (P7)."""
        if not self._writable(path):
            raise Fault(9005)
        self.prune(path)

    def prune(self, path: str) -> None:
        """An instance and all beneath it goes; its number is not used again."""
        if not _ADDED.match(path) or not self.has_object(path):
            raise Fault(9005)
        grown = self.grown or Grown()
        grown.forget(path)
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
        for path, notification, _ in reversed(self.attributes):
            if notification is not None and covers(path, name):
                return effective(parameter, notification)
        return effective(parameter, None)

    def access(self, name: str) -> tuple[str, ...]:
        """The AccessList of a parameter."""
        for path, _, access in reversed(self.attributes):
            if access is not None and covers(path, name):
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


def general(name: str) -> str:
    """A path with ``{i}`` for each instance number."""
    return _INSTANCE.sub("{i}", name)


def _interned(profile: Profile, name: str) -> str:
    """The profile's own string of that name; the name itself in an added object."""
    at = bisect_left(profile.names, name)
    if at < len(profile.names) and profile.names[at] == name:
        return profile.names[at]
    return name
