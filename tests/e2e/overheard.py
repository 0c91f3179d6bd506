"""
What two ends said on their connections: the envelopes, and who judges them.

Rule: both directions of each connection are kept apart; what is no SOAP is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from tests.play import judge

_LENGTH = re.compile(rb"(?i)\r\ncontent-length:[ \t]*(\d+)")
_CHUNKED = re.compile(rb"(?i)\r\ntransfer-encoding:[ \t]*chunked")


class Link(NamedTuple):
    """One connection: all bytes of the CPE's, and all of the ACS's."""

    said: bytearray
    heard: bytearray


def bodies(data: bytes) -> Iterator[bytes]:
    """The bodies of the HTTP messages in one direction; a cut last one is left out."""
    while data:
        head, end, rest = data.partition(b"\r\n\r\n")
        if not end:
            return
        if _CHUNKED.search(head):
            body = bytearray()
            while True:
                size, _, rest = rest.partition(b"\r\n")
                length = int(size.partition(b";")[0] or b"0", 16)
                body += rest[:length]
                rest = rest[length + 2 :]
                if not length:
                    break
            data = rest
        else:
            found = _LENGTH.search(head)
            length = int(found[1]) if found else 0
            if len(rest) < length:
                return
            body, data = bytearray(rest[:length]), rest[length:]
        yield bytes(body)


def envelopes(data: bytes) -> Iterator[bytes]:
    """The SOAP envelopes among them."""
    for body in bodies(data):
        if b":Envelope" in body[:200]:
            yield body


def faults(links: Iterable[Link], *, of_acs: bool = True) -> tuple[list[Any], int]:
    """What the judge has against the envelopes, and how many it looked at."""
    found: list[Any] = []
    looked = 0
    for link in links:
        for data in (link.said, link.heard) if of_acs else (link.said,):
            for envelope in envelopes(bytes(data)):
                looked += 1
                if errors := judge().errors(envelope):
                    found.append((errors, envelope))
    return found, looked
