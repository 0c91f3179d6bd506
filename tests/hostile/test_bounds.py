"""What is too large, too deep or too many is refused before it costs much."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest

from cpesim.cwmp import read
from cpesim.errors import AcsProtocolError, BadReply
from cpesim.wire.http1 import BODY_LIMIT, Http1
from tests.cwmp.talk import play
from tests.play import envelope, reply

MEGABYTE = 1 << 20


def answered(head: str, body: bytes) -> bytes:
    """The body of an answer as the reader of HTTP hands it on."""
    http = Http1()
    found = http.feed(f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n".encode() + body)
    assert found is not None
    return found.body


def test_a_body_at_the_limit_and_one_beyond() -> None:
    """16 MB are taken, a byte more is not, however it is framed."""
    body = b" " * BODY_LIMIT
    assert len(answered(f"Content-Length: {BODY_LIMIT}", body)) == BODY_LIMIT
    with pytest.raises(BadReply):
        answered(f"Content-Length: {BODY_LIMIT + 1}", body + b" ")
    with pytest.raises(BadReply):
        answered("Connection: close", body + b" ")


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)]
)
def test_a_bomb_is_never_inflated_beyond_the_limit(encoding: str, pack: object) -> None:
    """A few kilobytes that would be 300 MB cost no more than the limit."""
    assert callable(pack)
    bomb = pack(b"<a/>" * (75 * MEGABYTE))
    assert len(bomb) < 2 * MEGABYTE
    head = f"Content-Encoding: {encoding}\r\nContent-Length: {len(bomb)}"
    tracemalloc.start()
    try:
        with pytest.raises(BadReply, match="over the limit"):
            answered(head, bomb)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 3 * BODY_LIMIT


@pytest.mark.parametrize(
    "inside",
    [
        "<a>" * 300 + "</a>" * 300,
        "<a/>" * read.MOST_TAGS,
        f"<a>{'x' * (11 * MEGABYTE)}</a>",
        f"<{'a' * 70_000}/>",
    ],
    ids=["deep", "many", "long text", "long name"],
)
def test_depth_number_and_length(inside: str) -> None:
    """Each is "not XML", and the session fails by that label."""
    session = play() << reply("InformResponse")
    with pytest.raises(AcsProtocolError) as caught:
        _ = session << envelope(f"<cwmp:Reboot>{inside}</cwmp:Reboot>")
    assert caught.value.label == "not XML"


@pytest.mark.parametrize("encoding", ["cp037", "utf-7", "EBCDIC-CP-US", "ucs-4", "x"])
def test_an_encoding_that_hides_tags(encoding: str) -> None:
    """What cannot be counted as it comes is not parsed."""
    head = f'<?xml version="1.0" encoding="{encoding}"?>'.encode()
    with pytest.raises(AcsProtocolError, match="encoding"):
        read.read(head + reply("Reboot", "k"))


@pytest.mark.parametrize("encoding", ["UTF-8", "utf-8", "ISO-8859-1", "us-ascii"])
def test_encodings_that_acss_use(encoding: str) -> None:
    """These are read, whatever the case of the word."""
    body = f'<?xml version="1.0" encoding="{encoding}"?>'.encode() + reply(
        "Reboot", "k"
    )

    assert read.read(body).method == "Reboot"


def test_a_header_without_end() -> None:
    """Ten thousand header elements are read in one pass, and mean nothing."""
    header = "<x/>" * 10_000
    body = reply("InformResponse").replace(
        b"</cwmp:ID>", f"</cwmp:ID>{header}".encode()
    )

    assert (play() << body).session.informed
