"""wire/http1 against h11: any valid answer, in any pieces, is understood alike."""

from __future__ import annotations

import itertools

import h11
from hypothesis import given
from hypothesis import strategies as st

from cpesim.wire.http1 import Http1, Reply

NAMES = st.from_regex(r"\A[A-Za-z][A-Za-z0-9-]{0,12}\Z").filter(
    lambda name: (
        name.lower()
        not in {
            "content-length",
            "transfer-encoding",
            "connection",
            "content-encoding",
            "upgrade",
            "keep-alive",
        }
    )
)
VALUES = st.from_regex(r"\A([!-~]([ -~]{0,20}[!-~])?)?\Z")
BODIES = st.binary(max_size=400).filter(lambda body: body[:2] != b"\x1f\x8b")
STATUSES = st.sampled_from([200, 201, 204, 302, 304, 307, 400, 401, 404, 500, 503])
FRAMINGS = st.sampled_from(["length", "chunked", "end"])


def written(
    status: int, headers: list[tuple[str, str]], body: bytes, framing: str, pieces: int
) -> bytes:
    """An answer as h11's server writes it."""
    server = h11.Connection(h11.SERVER)
    version = b"1.0" if framing == "end" else b"1.1"
    server.receive_data(
        b"POST / HTTP/%s\r\nHost: a\r\nContent-Length: 0\r\n\r\n" % version
    )
    assert isinstance(server.next_event(), h11.Request)
    server.next_event()
    lines = list(headers)
    if framing == "length":
        lines.append(("Content-Length", str(len(body))))
    if framing == "chunked":
        lines.append(("Transfer-Encoding", "chunked"))
    data = server.send(h11.Response(status_code=status, headers=lines)) or b""
    if status not in (204, 304):
        size = max(1, len(body) // pieces)
        for at in range(0, len(body), size):
            data += server.send(h11.Data(data=body[at : at + size])) or b""
        data += server.send(h11.EndOfMessage()) or b""
    return data


def by_h11(data: bytes) -> tuple[int, bytes, dict[str, str], bool]:
    """What h11's client makes of an answer."""
    client = h11.Connection(h11.CLIENT)
    client.send(
        h11.Request(
            method="POST",
            target="/",
            headers=[("Host", "a"), ("Content-Length", "0")],
        )
    )
    client.send(h11.EndOfMessage())
    client.receive_data(data)
    response, body = None, b""
    while True:
        event = client.next_event()
        if event is h11.NEED_DATA:
            client.receive_data(b"")
        elif isinstance(event, h11.Data):
            body += bytes(event.data)
        elif isinstance(event, h11.Response):
            response = event
        else:
            break
    assert isinstance(event, h11.EndOfMessage)
    assert response is not None
    headers = {name.decode(): value.decode() for name, value in response.headers}
    return response.status_code, body, headers, client.their_state is h11.MUST_CLOSE


@given(
    status=STATUSES,
    headers=st.lists(st.tuples(NAMES, VALUES), max_size=6),
    body=BODIES,
    framing=FRAMINGS,
    pieces=st.integers(1, 5),
    cuts=st.lists(st.integers(0, 1000), max_size=8),
)
def test_http1_reads_as_h11_does(
    status: int,
    headers: list[tuple[str, str]],
    body: bytes,
    framing: str,
    pieces: int,
    cuts: list[int],
) -> None:
    """Status, body, headers and the fate of the connection are h11's."""
    data = written(status, headers, body, framing, pieces)
    http = Http1()
    reply: Reply | None = None
    edges = [0, *sorted({cut for cut in cuts if 0 < cut < len(data)}), len(data)]
    for start, end in itertools.pairwise(edges):
        assert reply is None
        reply = http.feed(data[start:end])
    reply = reply or http.eof()

    assert reply is not None
    expected = by_h11(data)
    assert (reply.status, reply.body, reply.headers) == expected[:3]
    assert reply.mended == ()
    assert reply.close or not expected[3]
