"""HTTP as bytes: what we write, and what we make of an ACS's answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpesim.errors import BadReply
from cpesim.wire import http1
from cpesim.wire.http1 import BODY_LIMIT, HEAD_LIMIT, Http1, Reply, request_head

GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def feed(data: bytes, step: int = 0, http: Http1 | None = None) -> Reply | None:
    """Feed *data* in pieces of *step* bytes (0: at once); the last piece's reply."""
    http = http or Http1()
    reply = None
    for at in range(0, len(data), step or len(data)):
        assert reply is None
        reply = http.feed(data[at : at + (step or len(data))])
    return reply


def whole(data: bytes) -> Reply:
    """The reply of *data*, which is the same at once and byte by byte."""
    at_once, slowly = feed(data), feed(data, 1)
    assert at_once is not None
    assert slowly is not None
    assert (at_once.status, at_once.body, at_once.headers, at_once.mended) == (
        slowly.status,
        slowly.body,
        slowly.headers,
        slowly.mended,
    )
    assert at_once.received == slowly.received == len(data)
    return at_once


@pytest.mark.rule("S2")
def test_the_head_of_a_post() -> None:
    """Host, SOAPAction without a value, Content-Type, Content-Length, in this order."""
    soap, empty, further = request_head("acs:7547", "/cwmp")

    assert soap == (
        b"POST /cwmp HTTP/1.1\r\nHost: acs:7547\r\nSOAPAction:\r\n"
        b"Content-Type: text/xml; charset=utf-8\r\nContent-Length: "
    )
    assert empty == b"POST /cwmp HTTP/1.1\r\nHost: acs:7547\r\nContent-Length: 0"
    assert further == b""


@pytest.mark.rule("S2")
def test_headers_of_the_user() -> None:
    """A User-Agent stands second, others last; ours of the same name give way."""
    soap, empty, further = request_head(
        "acs", "/", [("user-agent", "X/1"), ("X-A", "b"), ("content-type", "text/xml")]
    )

    assert soap == (
        b"POST / HTTP/1.1\r\nHost: acs\r\nuser-agent: X/1\r\nSOAPAction:\r\n"
        b"content-type: text/xml\r\nContent-Length: "
    )
    assert b"user-agent" in empty
    assert b"content-type" not in empty
    assert further == b"\r\nX-A: b"


def test_a_plain_answer() -> None:
    """Status, body and headers come out; names in lower case, several cookies kept."""
    reply = whole(
        b"HTTP/1.1 200 OK\r\nX-UPPER: 1\r\nset-cookie: a=1\r\nSet-Cookie: b=2\r\n"
        b"WWW-Authenticate: Basic\r\nContent-Length: 2\r\n\r\nok"
    )

    assert (reply.status, reply.body, reply.close) == (200, b"ok", False)
    assert reply.headers["x-upper"] == "1"
    assert reply.cookies == ["a=1", "b=2"]
    assert reply.authenticate == ["Basic"]
    assert reply.mended == ()
    assert "200" in repr(reply)


def test_one_after_the_other() -> None:
    """One reader serves the answers of a connection in turn, each counted alone."""
    http = Http1()
    assert http.idle
    for _ in range(3):
        assert http.feed(GOOD[:-1]) is None
        assert not http.idle
        reply = http.feed(GOOD[-1:])
        assert reply is not None
        assert reply.received == len(GOOD)
        assert http.idle
    http.close()


@pytest.mark.rule("H5")
@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1;x=y\r\nk\r\n"
        b"0\r\nX-Trailer: 1\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" + GOOD,
        b"HTTP/1.1 100 Continue\r\nA: b\r\n\r\nHTTP/1.1 102 X\r\n\r\n" + GOOD,
        b"HTTP/1.1 200 OK\r\ncONTENT-lENGTH:2\r\n\r\nok",
        b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 9\r\n\r\n"
        b"2\r\nok\r\n0\r\n\r\n",
    ],
)
def test_what_http_allows(data: bytes) -> None:
    """Chunks, interim answers, odd cases: understood, and nothing is mended."""
    reply = whole(data)

    assert (reply.status, reply.body, reply.mended) == (200, b"ok", ())
    assert "x-trailer" not in reply.headers


@pytest.mark.rule("H5", "X4")
@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"200 OK\r\nContent-Length: 2\r\n\r\nok", "status line"),
        (b"HTTP 200 OK\r\nContent-Length: 2\r\n\r\nok", "status line"),
        (b"http/1.1 200\r\nContent-Length: 2\r\n\r\nok", "status line"),
        (b"HTTP/2 200 OK\r\nContent-Length: 2\r\n\r\nok", "status line"),
        (b"HTTP/0.9 200 OK\r\nContent-Length: 2\r\n\r\nok", "status line"),
        (
            b"HTTP/1.1 200 OK\r\nA: b\r\n\tc\r\nContent-Length: 2\r\n\r\nok",
            "folded header",
        ),
        (b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok", "bare LF"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-length: 2\r\n\r\nok",
            "doubled length",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok", "doubled length"),
        (b"HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok", "header line"),
        (b"HTTP/1.1 200 OK\r\nx\r\nContent-Length: 2\r\n\r\nok", "header line"),
        (b"HTTP/1.1 200 OK\r\n: x\r\nContent-Length: 2\r\n\r\nok", "header line"),
        (b"\r\n  " + GOOD, "white space before the answer"),
    ],
)
def test_what_is_mended(data: bytes, what: str) -> None:
    """What the field breaks is understood all the same, and named."""
    reply = whole(data)

    assert (reply.status, reply.body, reply.mended) == (200, b"ok", (what,))


def test_a_folded_header_is_one() -> None:
    """The lines of a folded header are joined by a space."""
    reply = whole(
        b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1;\r\n   path=/\r\nContent-Length: 0\r\n\r\n"
    )
    assert reply.cookies == ["a=1; path=/"]


@pytest.mark.rule("S3", "H5")
@pytest.mark.parametrize(
    ("head", "close"),
    [
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n", True),
        (b"HTTP/1.1 200 OK\r\nConnection: Foo, Close\r\n", True),
        (b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n", False),
        (b"HTTP/1.0 200 OK\r\n", True),
        (b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n", False),
        (b"HTTP/1.0 200 OK\r\nConnection: foo\r\n", True),
    ],
)
def test_who_closes(head: bytes, close: bool) -> None:
    """Connection and the version say whether the connection is kept."""
    assert whole(head + b"Content-Length: 2\r\n\r\nok").close is close


@pytest.mark.rule("H5")
@pytest.mark.parametrize(
    "head", [b"HTTP/1.0 200 OK\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: x\r\n"]
)
def test_an_answer_until_the_end(head: bytes) -> None:
    """Without a length the answer ends with the connection."""
    http = Http1()
    assert feed(head + b"\r\nok and more", 1, http) is None
    reply = http.eof()

    assert reply is not None
    assert (reply.body, reply.close) == (b"ok and more", True)
    assert feed(GOOD, http=http) is not None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Len",
        GOOD[:-1],
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n",
    ],
)
def test_an_answer_that_broke_off(data: bytes) -> None:
    """The end of the connection in the middle of an answer gives none."""
    http = Http1()
    if data:
        assert http.feed(data) is None
    assert http.eof() is None


@pytest.mark.rule("H9")
@pytest.mark.parametrize("more", [GOOD, b"garbage"])
def test_bytes_after_the_answer(more: bytes) -> None:
    """What nobody asked for is dropped, counted, and costs the connection."""
    http = Http1()
    reply = feed(GOOD + more, http=http)

    assert reply is not None
    assert (reply.status, reply.body, reply.close) == (200, b"ok", True)
    assert reply.mended == ("bytes after the answer",)
    assert feed(GOOD, http=http) is not None


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH_9\r\n",
        b"\x15\x03\x01\x00\x02\n",
        b"HTTP/1.1 999 X\r\n\r\n",
        b"HTTP/1.1 101 Switch\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"HTTP/1.1 200 OK\r\nA: b\rContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip,gzip,gzip,gzip\r\n"
        b"Content-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nA: " + b"x" * HEAD_LIMIT + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: " + b"x" * HEAD_LIMIT,
    ],
)
@pytest.mark.parametrize("step", [0, 1, 1000])
def test_what_is_no_answer(data: bytes, step: int) -> None:
    """What cannot be understood, or is too long, is a BadReply."""
    with pytest.raises(BadReply):
        feed(data, step)


def test_chunks_that_break_late() -> None:
    """A body whose later pieces are not what the head announced is a BadReply."""
    http = Http1()
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n"
    assert http.feed(head) is None
    with pytest.raises(BadReply):
        http.feed(b"zz\r\n")


def test_the_body_has_a_limit() -> None:
    """A body over 16 MB is refused while it comes, whatever its framing."""
    for head in (b"HTTP/1.0 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"):
        http = Http1()
        http.feed(head)
        piece = bytes(BODY_LIMIT // 2)
        assert http.feed(piece) is None
        assert http.feed(piece) is None
        with pytest.raises(BadReply, match="16 MB"):
            http.feed(b"x")


def test_framing_has_a_limit_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trailers and chunk headers without end are refused by their bytes."""
    monkeypatch.setattr(http1, "WIRE_LIMIT", 1000)
    with pytest.raises(BadReply, match="more bytes"):
        feed(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: "
            + b"y" * 2000,
            100,
        )


def test_the_table_of_names_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """An ACS that invents header names does not fill our memory."""
    monkeypatch.setattr(http1, "NAMES", {})
    monkeypatch.setattr(http1, "NAMES_LIMIT", 1)
    reply = whole(b"HTTP/1.1 204 X\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n")

    assert reply.headers == {"a": "1", "b": "2", "c": "3"}
    assert len(http1.NAMES) == 1


@given(st.binary(max_size=200), st.integers(0, 20))
def test_any_bytes(data: bytes, step: int) -> None:
    """Whatever comes is an answer, a wait for more, or a BadReply."""
    for start in (b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n"):
        http = Http1()
        text = start + data
        try:
            for at in range(0, len(text), step or 1000):
                http.feed(text[at : at + (step or 1000)])
            http.eof()
        except BadReply:
            pass


@pytest.mark.rule("X4")
def test_what_real_acss_sent(shared: Path) -> None:
    """Every captured answer is understood, at once and byte by byte."""
    captures = sorted(
        path
        for path in (shared / "standard" / "captures").rglob("*.http")
        if path.parent.name != "nat"
    )
    assert captures
    for path in captures:
        data = path.read_bytes()
        for step in (0, 1):
            http = Http1()
            reply = feed(data, step, http) or http.eof()
            assert reply is not None, path.name
            assert reply.status in (200, 204, 401), path.name
            assert (reply.status == 204) == (not reply.body), path.name
            if reply.status == 200:
                assert b"Envelope" in reply.body, path.name
            assert "bytes after the answer" not in reply.mended
