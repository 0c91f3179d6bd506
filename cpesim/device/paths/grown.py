"""
The instances that a device has more and fewer than its profile.

Rule: made when a device first differs, and looked up by the parts of a path, so that
a tree costs the same with one instance added or gone and with hundreds.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from cpesim.device.profile import Parameter, Profile, Table

# Up to this many, to try each is faster than to take the path to pieces.
_FEW = 4
# TR-069 A6 has paths of 256 characters; with an alias at each level they are longer.
MOST_PATH = 1024


class Grown:
    """What a device's objects are beside the profile's."""

    __slots__ = ("added", "gone", "used")

    def __init__(self) -> None:
        self.added: dict[str, Table] = {}  # "…Host.3." -> its table
        self.gone: set[str] = set()  # instances of the profile that were deleted
        self.used: dict[str, int] = {}  # table -> the highest number ever given

    def copy(self) -> Grown:
        """The same once more, to go back to."""
        twin = Grown()
        twin.added = dict(self.added)
        twin.gone = set(self.gone)
        twin.used = dict(self.used)
        return twin

    def is_gone(self, path: str) -> bool:
        """Whether a path of the profile lies in an instance that was deleted."""
        gone = self.gone
        if len(gone) <= _FEW:
            return any(path.startswith(instance) for instance in gone)
        at = path.find(".")
        while at >= 0:
            if path[: at + 1] in gone:
                return True
            at = path.find(".", at + 1)
        return False

    def home(self, path: str) -> str:
        """The innermost added instance that a path lies in, or is; "" for none."""
        added = self.added
        at = path.rfind(".") if added and len(path) <= MOST_PATH else -1
        while at >= 0:
            if path[: at + 1] in added:
                return path[: at + 1]
            at = path.rfind(".", 0, at)
        return ""

    def kept(self, names: Sequence[str]) -> list[str]:
        """Of some sorted paths of the profile those that did not go."""
        found: list[str] = []
        at = 0
        for instance in sorted(self.gone):
            low = bisect_left(names, instance, at)
            found += names[at:low]
            # "/" is the character after ".": nothing in the instance sorts behind it.
            at = bisect_left(names, instance[:-1] + "/", low)
        found += names[at:]
        return found

    def leaves(self, profile: Profile, path: str) -> list[tuple[str, Parameter]]:
        """The parameters below a partial path, sorted."""
        parameters = profile.parameters
        names = self.kept(profile.beneath(path) if path else profile.names)
        found = [(name, parameters[name]) for name in names]
        for added, table in self.added.items():
            if added.startswith(path):
                found += [(added + name, p) for name, p in table.template.items()]
            elif path.startswith(added):
                inner = path[len(added) :]
                found += [
                    (added + name, p)
                    for name, p in table.template.items()
                    if name.startswith(inner)
                ]
        # Runs that are sorted already: one merge, not a sort.
        found.sort(key=_name)
        return found

    def forget(self, path: str) -> None:
        """All that is known below an instance goes with it: its number is spent."""
        for added in [a for a in self.added if a.startswith(path)]:
            del self.added[added]
        for table in [t for t in self.used if t.startswith(path)]:
            del self.used[table]
        self.gone = {g for g in self.gone if not g.startswith(path)}


def _name(leaf: tuple[str, Parameter]) -> str:
    return leaf[0]
