"""Bodies that come compressed though nobody asked, and how much may come of them."""

from __future__ import annotations

import gzip
import zlib

import pytest

from cpesim.errors import BadReply
from cpesim.wire.http1 import BODY_LIMIT
from tests.wire.test_http1 import feed, whole


def raw_deflate(body: bytes) -> bytes:
    """The form of deflate that some servers send: without zlib's wrapping."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


BODY = b"<soap:Envelope/>" * 20
ONE, TWO = gzip.compress(BODY[:100]), gzip.compress(BODY[100:])


@pytest.mark.rule("X4")
@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(BODY)),
        ("X-GZIP", gzip.compress(BODY) + b"tail"),
        ("gzip", ONE + TWO),
        ("deflate", zlib.compress(BODY)),
        ("deflate", raw_deflate(BODY)),
        ("deflate, gzip", gzip.compress(zlib.compress(BODY))),
        ("identity, gzip", gzip.compress(BODY)),
        ("", gzip.compress(BODY)),
    ],
)
def test_compressed_bodies(encoding: str, packed: bytes) -> None:
    """A compressed body is undone though we never asked for it, named or not."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n" % len(packed)
    if encoding:
        head += b"Content-Encoding: " + encoding.encode() + b"\r\n"
    reply = whole(head + b"\r\n" + packed)

    assert reply.body == BODY
    assert reply.mended == ("encoding",)


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_an_empty_body_needs_no_inflating(encoding: str) -> None:
    """An empty body is empty in any encoding, and nothing is counted."""
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: "
    assert whole(head.encode() + b"0\r\n\r\n").mended == ()
    plain = whole(head.replace("gzip", "identity").encode() + b"2\r\n\r\nok")
    assert (plain.body, plain.mended) == (b"ok", ())


def test_a_body_packed_to_nothing() -> None:
    """Layers of compression around nothing give nothing."""
    packed = gzip.compress(b"")
    reply = whole(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate, gzip\r\n"
        b"Content-Length: %d\r\n\r\n" % len(packed) + packed
    )
    assert reply.body == b""


@pytest.mark.parametrize(
    "packed", [gzip.compress(bytes(BODY_LIMIT + 1)), gzip.compress(BODY)[:-9]]
)
def test_a_bomb_and_a_torso(packed: bytes) -> None:
    """What inflates beyond the limit, or ends too early, is a BadReply."""
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
    with pytest.raises(BadReply):
        feed(head % len(packed) + packed)
