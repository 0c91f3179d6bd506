"""What was overheard is taken apart and judged."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.overheard import Link, bodies, envelopes, faults
from tests.play import reply
from tests.wire.tiny import reply as answer

GOOD = reply("GetParameterValues", "Device.")
BAD = GOOD.replace(b"string[1]", b"string[2]")
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"


def test_messages_one_after_another() -> None:
    """By length, in chunks, without a body; what was cut off is left out."""
    whole = answer(200, body=b"one") + CHUNKED + answer(204) + answer(200, body=b"two")
    assert list(bodies(whole)) == [b"one", b"abc", b"", b"two"]
    assert list(bodies(whole[:-1])) == [b"one", b"abc", b""]
    assert list(envelopes(whole + answer(200, body=GOOD))) == [GOOD]


@pytest.mark.parametrize(("said", "heard"), [(GOOD, BAD), (BAD, GOOD)])
def test_what_is_wrong_is_found(said: bytes, heard: bytes, shared: Path) -> None:
    """In either direction; an erring ACS is left out."""
    sides = (bytearray(answer(200, body=body)) for body in (said, heard))
    link = Link(*sides)
    found, looked = faults([link])
    assert [envelope for _, envelope in found] == [BAD]
    assert looked == 2
    found, looked = faults([link], of_acs=False)
    assert len(found) == (said == BAD)
    assert looked == 1
