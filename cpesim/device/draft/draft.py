"""
A profile on its way to paper: lines, objects, tables and what to say about them.

Rule: texts only, in the profile's language; how they are laid out is write.py's.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cpesim.device.language.tree import DEFAULT_GROWTH


@dataclass(frozen=True, slots=True)
class Entry:
    """One parameter: flags and type, then its value as "= …", "~ …" or ""."""

    head: str
    source: str = ""

    @property
    def line(self) -> str:
        """The parameter line."""
        return f"{self.head} {self.source}".strip()


@dataclass(frozen=True, slots=True)
class Shape:
    """What a table's keys say of it: may it grow, and how far."""

    grows: bool = False
    most: int = DEFAULT_GROWTH

    @property
    def suffix(self) -> str:
        """What stands behind the brackets."""
        if not self.grows:
            return ""
        return "+" if self.most == DEFAULT_GROWTH else f"+{self.most}"


@dataclass(slots=True)
class Draft:
    """
    A profile to be written.

    Paths are whole; `{i}` in one stands for new instances. *tables* are known by
    their path with every number as `{i}`, as in a Profile; *lead* are the parameters
    that come first, in this order; *remarks* stand beside a parameter.
    """

    name: str
    root: str
    cwmp: str = "1.0"
    description: str = ""
    notes: list[str] = field(default_factory=list)
    device: dict[str, str] = field(default_factory=dict)
    sections: list[str] = field(default_factory=list)  # ready lines: "reboot: 45s"
    entries: dict[str, Entry] = field(default_factory=dict)
    objects: dict[str, None] = field(default_factory=dict)
    odd: set[str] = field(default_factory=set)  # writable objects that are no tables
    tables: dict[str, Shape] = field(default_factory=dict)
    lead: tuple[str, ...] = ()
    remarks: dict[str, str] = field(default_factory=dict)
