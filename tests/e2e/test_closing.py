"""An ACS that closes the connection between messages: the session goes on."""

from __future__ import annotations

from itertools import pairwise

import pytest
import trio

from cpesim.wire.auth import ServerAuth
from tests.e2e.one import one
from tests.play import reply as message
from tests.wire.tiny import CLOSE, DONE, RESET, Answer, Asked, listening, reply

SAID = message("InformResponse")
ASK = message("GetParameterValues", "Device.DeviceInfo.UpTime")
COOKIE = "Set-Cookie: session=7; Path=/"


def closing(how: str, body: bytes, *headers: str) -> list[Answer]:
    """An answer, after which the connection is closed."""
    if how == "said":
        return [reply(200, "Connection: close", *headers, body=body)]
    if how == "HTTP/1.0":
        lines = "".join(f"{line}\r\n" for line in headers)
        return [f"HTTP/1.0 200 OK\r\n{lines}\r\n".encode() + body]
    return [reply(200, *headers, body=body), CLOSE if how == "idle" else RESET]


@pytest.mark.rule("S3", "H3", "H5")
@pytest.mark.parametrize("how", ["said", "HTTP/1.0", "idle", "reset"])
async def test_after_each_message(how: str) -> None:
    """A connection for each message, one cookie for all, and every message once."""
    answers = [*closing(how, SAID, COOKIE), *closing(how, ASK), DONE]
    async with listening(*answers) as tiny, one(tiny.url) as cpe:
        session = cpe.device.begin(cpe.clock())
        connection = cpe.open()
        body: bytes | None = session.start()
        while body is not None:
            answer = await connection.post(body, session.saying)
            await trio.sleep(0.02)  # so that the close is there before the next POST
            body = session.receive(answer.body, cpe.clock())
        connection.close()
    assert [asked.link for asked in tiny.asked] == [1, 2, 3]
    cookies = [asked.header("Cookie") for asked in tiny.asked]
    assert cookies == [None, "session=7", "session=7"]
    assert [asked.body[:1] for asked in tiny.asked] == [b"<", b"", b"<"]
    assert cpe.counted.names["reconnects"] == 2


def field(asked: Asked, name: str) -> str:
    """A field of the Digest."""
    given = asked.header("Authorization") or ""
    return given.partition(f"{name}=")[2].partition(",")[0].strip('"')


@pytest.mark.rule("S3", "H1", "X1")
@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256", "MD5-sess", "SHA-256-sess"])
async def test_digest_over_several_connections(algorithm: str) -> None:
    """One challenge: nc counts on, and each connection has a fresh cnonce."""
    judge = ServerAuth("r", b"s", trio.current_time, algorithm=algorithm)
    bodies = [SAID, ASK, ASK, b""]

    def answer(asked: Asked) -> bytes:
        given = asked.header("Authorization")
        verdict = judge.check("POST", "/acs", given, lambda name: "word", asked.body)
        if verdict != "ok":
            return reply(401, f"WWW-Authenticate: {judge.challenge()}")
        return reply(200, "Connection: close", body=bodies.pop(0))

    async with listening(*[answer] * 5) as tiny, one(tiny.url) as cpe:
        cpe.password("word")
        await cpe.well()
    assert [asked.link for asked in tiny.asked] == [1, 1, 2, 3, 4]
    proofs = tiny.asked[1:]
    assert [int(field(asked, "nc"), 16) for asked in proofs] == [1, 2, 3, 4]
    assert len({field(asked, "nonce") for asked in proofs}) == 1
    cnonces = [field(asked, "cnonce") for asked in proofs]
    if algorithm.endswith("-sess"):  # counted into A1, once for the session
        assert len(set(cnonces)) == 1
    else:
        assert all(a != b for a, b in pairwise(cnonces))


@pytest.mark.rule("X1", "H2")
@pytest.mark.parametrize("right", [True, False])
async def test_a_nonce_that_is_bound_to_its_connection(right: bool) -> None:
    """After a close such an ACS asks anew, and is answered; a wrong proof ends it."""
    judges: dict[int, ServerAuth] = {}
    bodies = [SAID, ASK, b""]

    def answer(asked: Asked) -> bytes:
        judge = judges.setdefault(
            asked.link, ServerAuth("r", b"%d" % asked.link, trio.current_time)
        )
        given = asked.header("Authorization")
        verdict = judge.check("POST", "/acs", given, lambda name: "word")
        if verdict != "ok":
            return reply(401, f"WWW-Authenticate: {judge.challenge()}")
        return reply(200, "Connection: close", body=bodies.pop(0))

    async with listening(*[answer] * 6) as tiny, one(tiny.url) as cpe:
        cpe.password("word" if right else "other")
        ending = await cpe.session()
    if right:
        assert ending.label == ""
        assert [asked.link for asked in tiny.asked] == [1, 1, 2, 2, 3, 3]
    else:
        assert ending.label == "http 401"
        assert len(tiny.asked) == 2


@pytest.mark.rule("H12", "X1")
@pytest.mark.parametrize("close", [False, True])
async def test_where_the_proof_goes(close: bool) -> None:
    """On the connection of the 401, or on a new one if it says Connection: close."""
    lines = ['WWW-Authenticate: Digest realm="r", nonce="n", qop="auth", opaque="o"']
    lines += ["Connection: close"] if close else []
    answers = [reply(401, *lines), reply(200, body=SAID), DONE]
    async with listening(*answers) as tiny, one(tiny.url) as cpe:
        await cpe.well()
    assert [asked.link for asked in tiny.asked] == ([1, 2, 2] if close else [1, 1, 1])
    assert [field(asked, "opaque") for asked in tiny.asked] == ["", "o", "o"]
    assert tiny.asked[0].body == tiny.asked[1].body


@pytest.mark.rule("H1")
async def test_stale_in_mid_session() -> None:
    """stale=true gets the new nonce, counted from 1, without a failure."""

    def ask(nonce: str, more: str = "") -> bytes:
        given = f'Digest realm="r", nonce="{nonce}", qop="auth"{more}'
        return reply(401, f"WWW-Authenticate: {given}")

    answers = [
        ask("one"),
        reply(200, body=SAID),
        ask("two", ", stale=TRUE"),
        reply(200, body=ASK),
        DONE,
    ]
    async with listening(*answers) as tiny, one(tiny.url) as cpe:
        await cpe.well()
    given = [(field(a, "nonce"), field(a, "nc")) for a in tiny.asked]
    first, second = "00000001", "00000002"
    assert given == [
        ("", ""),
        ("one", first),
        ("one", second),
        ("two", first),
        ("two", second),
    ]
