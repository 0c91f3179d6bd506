"""
An XML file of the user's as elements that know where they stand.

Rule: expat alone, and nothing is fetched or expanded: a document type ends it. What
the reader does not need is not kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from cpesim.errors import ConfigError, Problem

MOST_ELEMENTS = 2_000_000
MOST_DEPTH = 64


@dataclass(slots=True)
class Element:
    """An element: its local name, attributes and children."""

    name: str
    given: dict[str, str]
    line: int
    column: int
    children: list[Element] = field(default_factory=list)
    text: str = ""  # what stands directly in it, where the reader wants texts
    closed: bool = False  # False: the document broke off inside of it

    def get(self, name: str) -> str:
        """An attribute's text; "" where it is not given."""
        return self.given.get(name, "")

    def all(self, name: str) -> Iterator[Element]:
        """The children of that name."""
        return (child for child in self.children if child.name == name)

    def first(self, name: str) -> Element | None:
        """The first child of that name."""
        return next(self.all(name), None)


def parse_elements(text: str, file: str, skipped: frozenset[str]) -> Element:
    """The root of a document; elements named in *skipped* are left out, whole."""
    return _Reader(file, skipped).read(text)


def parse_envelope(text: str, file: str, *, whole: bool) -> Element:
    """
    The root of a message with its texts; raises ConfigError.

    One that is not *whole* broke off somewhere: what was closed by then is there.
    """
    reader = _Reader(file, frozenset())
    reader.parser.CharacterDataHandler = reader.characters
    reader.whole = whole
    return reader.read(text)


class _Reader:
    """Builds elements of expat's events."""

    def __init__(self, file: str, skipped: frozenset[str]) -> None:
        self.file = file
        self.skipped = skipped
        self.top = Element("", {}, 1, 1)
        self.open = [self.top]
        self.left_out = 0  # depth inside of what is skipped
        self.count = 0
        self.whole = True
        self.parser = parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = self._doctype

    def read(self, text: str) -> Element:
        try:
            self.parser.Parse(text.encode("utf-8", "replace"), True)
        except expat.ExpatError as error:
            if not self.whole and self.top.children:
                return self.top.children[0]
            told = f"not well-formed XML: {expat.ErrorString(error.code)}"
            raise ConfigError(
                Problem(self.file, error.lineno, error.offset + 1, told)
            ) from None
        return self.top.children[0]

    def _start(self, name: str, given: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if self.left_out or local in self.skipped:
            self.left_out += 1
            return
        self.count += 1
        if self.count > MOST_ELEMENTS or len(self.open) > MOST_DEPTH:
            self._stop("more, or deeper, than any data model")
        parser = self.parser
        element = Element(
            local, given, parser.CurrentLineNumber, parser.CurrentColumnNumber + 1
        )
        self.open[-1].children.append(element)
        self.open.append(element)

    def _end(self, name: str) -> None:
        if self.left_out:
            self.left_out -= 1
        else:
            self.open.pop().closed = True

    def characters(self, text: str) -> None:
        """Text of the innermost element."""
        self.open[-1].text += text

    def _doctype(self, *_: object) -> None:
        self._stop("a document type: expected none")

    def _stop(self, told: str) -> None:
        parser = self.parser
        raise ConfigError(
            Problem(
                self.file,
                parser.CurrentLineNumber,
                parser.CurrentColumnNumber + 1,
                told,
            )
        )
