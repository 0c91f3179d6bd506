"""
HTTP/1.1 as bytes: the heads of our POSTs, and what an ACS answers.

Rule: pure. Bytes go in, replies come out; no socket, no clock. What the field breaks
is mended before the parser (llhttp, by httptools) sees it, and named in the reply.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import httptools

from cpesim.errors import BadReply
from cpesim.wire.inflate import inflate
from cpesim.wire.mend import mend

HEAD_LIMIT = 64 * 1024
BODY_LIMIT = 16 * 1024 * 1024
# Chunk headers and trailers count as well; a chunk of one byte costs six.
WIRE_LIMIT = HEAD_LIMIT + 6 * BODY_LIMIT

# A head that needs no mending. It is matched, not parsed: that is llhttp's work.
CLEAN = re.compile(
    rb"HTTP/1\.[01] [2-5][0-9][0-9][^\r\n]*\r\n"
    rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\r\n]*\r\n)*\r\n"
)
END = re.compile(rb"\r?\n\r?\n")
SIP = slice(0, 128)  # enough of a bad line to know it by

# Header names as they come, in lower case: a dict answers in a tenth of the time.
NAMES: dict[bytes, str] = {}
NAMES_LIMIT = 4096
# Chunks of a byte each take seven times the time and the memory of what they carry.
MOST_PIECES = 262_144

# An ACS sends one 100 Continue, if any.
MOST_INTERIM = 8
# Headers that may stand several times, and where all of them are kept.
MULTIPLE = {"set-cookie": "cookies", "www-authenticate": "authenticate"}


class Reply:
    """One answer of the ACS, its body decoded."""

    __slots__ = (
        "authenticate",
        "body",
        "close",
        "cookies",
        "headers",
        "mended",
        "received",
        "status",
    )

    def __init__(
        self,
        status: int,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        cookies: list[str] | None = None,
        authenticate: list[str] | None = None,
        close: bool = False,
        mended: tuple[str, ...] = (),
        received: int = 0,
    ) -> None:
        self.status = status
        self.body = body
        self.headers = headers or {}  # names in lower case; the last one wins
        self.cookies = cookies or []  # every Set-Cookie
        self.authenticate = authenticate or []  # every WWW-Authenticate
        self.close = close  # nothing more may be sent on this connection
        self.mended = mended
        self.received = received  # bytes on the wire

    def __repr__(self) -> str:
        return f"<Reply {self.status}, {len(self.body)} bytes>"

    def head(self) -> bytes:
        """Status and headers for people to read: names in lower case, mended."""
        lines = [f"HTTP/1.1 {self.status}"]
        for name, value in self.headers.items():
            several = MULTIPLE.get(name)
            values = getattr(self, several) if several else [value]
            lines += [f"{name}: {value}" for value in values]
        return "\r\n".join(lines).encode("latin-1", "replace")


def request_head(
    host: str, target: str, headers: Sequence[tuple[str, str]] = ()
) -> tuple[bytes, bytes, bytes]:
    """
    Render what all POSTs to one URL share, in the order that CPEs in the field keep.

    The first piece ends in "Content-Length: " and wants the length of the body; the
    second is that of the empty POST, its length included; the third, of the user's
    further *headers*, follows after either. Then come cookies, Authorization, and an
    empty line. *headers* of the same name replace ours.
    """
    own = {name.lower(): (name, value) for name, value in headers}

    def line(name: str, value: str | None) -> str:
        name, value = own.pop(name.lower(), (name, value))
        return "" if value is None else f"{name}: {value}".rstrip() + "\r\n"

    opening = f"POST {target} HTTP/1.1\r\n"
    opening += line("Host", host) + line("User-Agent", None)
    soap = line("SOAPAction", "") + line("Content-Type", "text/xml; charset=utf-8")
    further = "".join(f"\r\n{name}: {value}" for name, value in own.values())
    return (
        (opening + soap + "Content-Length: ").encode(),
        (opening + "Content-Length: 0").encode(),
        further.encode(),
    )


class Http1:
    """
    The answers of one connection, one after the other.

    It may serve another connection once it is `idle`.
    """

    __slots__ = (
        "_authenticate",
        "_body",
        "_cookies",
        "_done",
        "_extra",
        "_failure",
        "_headers",
        "_held",
        "_in_head",
        "_interim",
        "_keep",
        "_mended",
        "_parser",
        "_size",
        "_status",
        "_trailing",
        "received",
    )
    _done: bool
    _in_head: bool
    _size: int
    _status: int

    def __init__(self) -> None:
        self._parser = self._new_parser()
        self._reset()

    @property
    def idle(self) -> bool:
        """No byte of an answer has come, and none is left over from the last one."""
        return not self.received

    def feed(self, data: bytes) -> Reply | None:
        """Take bytes off the wire; the reply, once it is whole."""
        self.received += len(data)
        if self.received > WIRE_LIMIT:
            raise BadReply("more bytes than an answer may have")
        if self._in_head:
            if not self._held:
                match = CLEAN.match(data)
                if match and match.end() <= HEAD_LIMIT:
                    self._in_head = False
                    self._keep = data[7] == 0x31  # HTTP/1.1
                    if self._parse(data):
                        return self._reply() if self._done else None
                    # llhttp disagrees: twice a Content-Length, most likely.
                    self._parser = self._new_parser()
                    self._begin()
            return self._feed_head(data)
        if not self._parse(data):
            raise BadReply("the body is not what its head announced")
        return self._reply() if self._done else None

    def eof(self) -> Reply | None:
        """The ACS closed: the reply, if it was one that ends so; else None."""
        if self._in_head:
            return None
        coding = self._headers.get("transfer-encoding", "").lower()
        if "chunked" in coding or "content-length" in self._headers:
            return None
        self._keep = False
        self.on_message_complete()
        reply = self._reply()
        self._parser = self._new_parser()  # the old one waits for more of the body
        return reply

    def so_far(self) -> Reply | bytes:
        """What was read of an answer that is not whole; bytes, while it is its head."""
        if self._in_head:
            return bytes(self._held)
        status = self._parser.get_status_code()
        return Reply(status, b"".join(self._body), self._headers, self._cookies)

    def close(self) -> None:
        """Let go of the parser, with which this object forms a circle."""
        del self._parser

    # Called by llhttp, through httptools.

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; one of a trailer is ignored."""
        if self._trailing:
            return
        key = NAMES.get(name)
        if key is None:
            key = name.strip().lower().decode("latin-1")
            if len(NAMES) < NAMES_LIMIT:
                NAMES[name] = key
        text = value.decode("latin-1")
        self._headers[key] = text
        if key == "set-cookie":
            self._cookies.append(text)
        elif key == "www-authenticate":
            self._authenticate.append(text)

    def on_chunk_header(self) -> None:
        """A chunk begins: headers that come now belong to the trailer."""
        self._trailing = True
        if len(self._body) > MOST_PIECES:
            self._failure = f"more than {MOST_PIECES} chunks"
            raise BadReply(self._failure)

    def on_body(self, data: bytes) -> None:
        """Keep a piece of the body."""
        self._size += len(data)
        if self._size > BODY_LIMIT:
            self._failure = "the body is over 16 MB"
            raise BadReply(self._failure)
        self._body.append(data)

    def on_message_complete(self) -> None:
        """The answer is whole."""
        self._done = True
        self._status = self._parser.get_status_code()

    def on_message_begin(self) -> None:
        """Refuse a second answer: nobody asked for it (H9)."""
        if self._done:
            raise BadReply("bytes after the answer")

    # What they are called from.

    def _new_parser(self) -> httptools.HttpResponseParser:
        parser = httptools.HttpResponseParser(self)
        parser.set_dangerous_leniencies(*[True] * 10)
        return parser

    def _reset(self) -> None:
        self.received = 0
        self._held = bytearray()
        self._mended: list[str] = []
        self._interim = 0
        self._begin()

    def _begin(self) -> None:
        self._in_head = self._keep = True
        self._headers: dict[str, str] = {}
        self._cookies: list[str] = []
        self._authenticate: list[str] = []
        self._body: list[bytes] = []
        self._size = 0
        self._done = self._extra = self._trailing = False
        self._failure = ""

    def _parse(self, data: bytes) -> bool:
        """Give *data* to llhttp; False when it refused them."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            if self._failure:
                raise BadReply(self._failure) from None
            if not self._done:
                return False
            self._extra = True
            self._parser = self._new_parser()
        return True

    def _feed_head(self, data: bytes) -> Reply | None:
        """Take *data* into a head that is split, odd, or of a 100 Continue."""
        held = self._held
        searched = max(0, len(held) - 3)
        held += data
        while True:
            start = len(held) - len(held.lstrip())
            end = END.search(held, max(start, searched))
            if end is None or end.start() > HEAD_LIMIT:
                if len(held) > HEAD_LIMIT:
                    raise BadReply("the head is over 64 KiB")
                if b"\n" in held[start:]:
                    mend(bytes(held[start : held.index(b"\n", start)]))
                return None
            head, mended = mend(bytes(held[start : end.start()]))
            rest = bytes(held[end.end() :])
            if start:
                mended += ("white space before the answer",)
            held.clear()
            self._mended += mended
            if head[9:10] != b"1":
                break
            if head[9:12] == b"101":
                raise BadReply("101: we asked for no other protocol")
            self._interim += 1
            if self._interim > MOST_INTERIM:
                raise BadReply("too many interim answers")
            held += rest  # 100 Continue and its like: the answer is still to come
            searched = 0
        self._in_head = False
        self._keep = head[7] == 0x31
        if not self._parse(head) or not self._parse(rest):
            raise BadReply(repr(head[SIP]))
        return self._reply() if self._done else None

    def _reply(self) -> Reply:
        headers = self._headers
        body = self._body
        content = body[0] if len(body) == 1 else b"".join(body)
        mended = self._mended
        encoding = headers.get("content-encoding")
        # Mostly nobody asked for it; and XML never begins with gzip's first bytes.
        if content and (encoding is not None or content[:2] == b"\x1f\x8b"):
            inflated = inflate(content, encoding or "gzip", BODY_LIMIT)
            if inflated is not content:
                mended.append("encoding")
            content = inflated
        close = not self._keep
        connection = headers.get("connection")
        if connection is not None:
            tokens = connection.lower()
            close = "close" in tokens or (close and "keep-alive" not in tokens)
        if self._extra:
            mended.append("bytes after the answer")
            close = True
        reply = Reply(
            self._status,
            content,
            headers,
            self._cookies,
            self._authenticate,
            close,
            tuple(mended),
            self.received,
        )
        self._reset()
        return reply
