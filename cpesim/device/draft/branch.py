"""
A draft's parameters as a tree, and instances that are alike as one.

Rule: pure. A group of instances has one base; the others tell what differs from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from cpesim.device.draft.draft import Draft, Entry
from cpesim.device.language.tree import ANY


@dataclass(slots=True)
class Branch:
    """An object: its members in order; those of a table are its instances."""

    path: str = ""
    members: dict[str, Entry | Branch] = field(default_factory=dict)
    table: bool = False
    odd: bool = False  # says that it is writable, though it is no table

    def below(self, name: str) -> Branch:
        """The object of that name in it, made if it is not there yet."""
        found = self.members.get(name)
        if not isinstance(found, Branch):
            found = self.members[name] = Branch(f"{self.path}{name}.")
        return found

    def count(self) -> int:
        """How many parameters lie in it."""
        return sum(
            m.count() if isinstance(m, Branch) else 1 for m in self.members.values()
        )


def grown(draft: Draft) -> Branch:
    """The tree of a draft; parameters that lead come before the others."""
    top = Branch(draft.root)
    lead = [path for path in draft.lead if path in draft.entries]
    for path in (*lead, *draft.objects, *draft.entries):
        names = path.removeprefix(draft.root).rstrip(".").split(".")
        here = top
        for name in names if path.endswith(".") else names[:-1]:
            if name:
                here.table |= name == ANY or name.isdigit()
                here = here.below(name)
        if path in draft.odd:
            here.odd = True
        if not path.endswith("."):
            here.members[names[-1]] = draft.entries[path]
    return top


def shape(branch: Branch) -> object:
    """What instances have to share to be written as one: all but the values."""
    return (
        branch.table,
        branch.odd,
        tuple(
            sorted(
                (name, m.head if isinstance(m, Entry) else shape(m))
                for name, m in branch.members.items()
            )
        ),
    )


def content(branch: Branch) -> object:
    """All that there is in an instance, for instances that are the same."""
    return tuple(
        sorted(
            (name, (m.head, m.source) if isinstance(m, Entry) else content(m))
            for name, m in branch.members.items()
        )
    )


@dataclass(slots=True)
class Group:
    """Instances that stand in one block, and what some of them have of their own."""

    numbers: list[str]
    base: Branch
    others: list[tuple[list[str], Branch]] = field(default_factory=list)


def groups(table: Branch) -> Iterator[Group]:
    """The instances of a table, those that are alike together."""
    alike: dict[object, list[str]] = {}
    for number in sorted(table.members, key=lambda n: (n.isdigit(), len(n), n)):
        kind = (number == ANY, shape(_instance(table, number)))
        alike.setdefault(kind, []).append(number)
    for numbers in alike.values():
        same: dict[object, list[str]] = {}
        for number in numbers:
            same.setdefault(content(_instance(table, number)), []).append(number)
        usual = max(same.values(), key=len)
        group = Group(numbers, _instance(table, usual[0]))
        differing: dict[object, list[str]] = {}
        for other in same.values():
            if other is not usual:
                differing.setdefault(content(_instance(table, other[0])), other)
        group.others = [
            (some, difference(group.base, _instance(table, some[0])))
            for some in differing.values()
        ]
        yield group


def _instance(table: Branch, number: str) -> Branch:
    return table.below(number)


def difference(base: Branch, other: Branch) -> Branch:
    """Of *other* what reads otherwise in *base*: values alone, without a type."""
    found = Branch(other.path, table=other.table)
    for name, member in other.members.items():
        old = base.members[name]
        if isinstance(member, Branch):
            assert isinstance(old, Branch)
            below = difference(old, member)
            if below.members:
                found.members[name] = below
        elif isinstance(old, Entry) and old.source != member.source:
            found.members[name] = Entry("", member.source or "=")
    return found


def spans(numbers: Iterable[str]) -> str:
    """Instance numbers as a key has them: 1-4,7; nothing for new instances."""
    found: list[list[int]] = []
    for number in sorted(int(n) for n in numbers if n != ANY):
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ",".join(f"{a}" if a == b else f"{a}-{b}" for a, b in found)
