"""Spoilt answers on the wire, and an ACS that gives nothing else."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path
from random import Random

import pytest
import trio

from cpesim.cwmp.session import Session
from cpesim.engine.talk import BUG, held
from cpesim.errors import BadReply
from cpesim.measure.meter import Meter
from cpesim.wire.http1 import Http1, Reply
from cpesim.wire.wire import Wire
from tests.cli.program import started
from tests.cwmp.talk import answer, inform
from tests.e2e.fleet import fast, summary
from tests.e2e.front import listening
from tests.hostile.mutate import mutated, seeds
from tests.hostile.test_corpus import captured
from tests.play import reply

CASES = 5_000
HEADS = (
    "Content-Type: text/xml",
    "Set-Cookie: a=b; Path=/; Secure; HttpOnly",
    "Set-Cookie: =; Domain=..; Max-Age=-9999999999999999999999",
    "Set-Cookie: " + "c" * 5_000,
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: gzip, chunked",
    "Content-Encoding: gzip",
    "Content-Encoding: br",
    "Content-Length: 0",
    "Content-Length: -1",
    "Content-Length: 99999999999999999999",
    "Connection: close",
    "Connection: upgrade",
    "Upgrade: h2c",
    "Location: http://[::1",
    "Location: //",
    "Retry-After: Fri, 99 Foo 2026",
    'WWW-Authenticate: Digest realm="x", nonce="y", algorithm=MD5-sess, qop="auth-int"',
    'WWW-Authenticate: Digest nonce=, qop=",,,"',
    'WWW-Authenticate: Basic realm="\x01"',
    "folded: a\r\n b",
    "no colon",
    ": no name",
    "X" * 300 + ": y",
)
STATUSES = ("200 OK", "204 No Content", "100 Continue", "302 Found", "401 No", "503 x")
STATUSES += ("200", "999 ?", "2000 OK", "-1 x", "")


def an_answer(chance: Random, corpus: list[bytes]) -> bytes:
    """A whole HTTP answer in which anything may be wrong."""
    body = chance.choice(corpus)
    if chance.random() < 0.5:
        body = mutated(body, chance)
    heads = [chance.choice(HEADS) for _ in range(chance.randrange(4))]
    if chance.random() < 0.8:
        wrong = chance.choice((0, 0, 0, 0, 1, -1, 5_000))
        heads.append(f"Content-Length: {max(len(body) + wrong, 0)}")
    if chance.random() < 0.1:
        body = gzip.compress(body)
    version = chance.choice(("HTTP/1.1 ",) * 8 + ("HTTP/1.0 ", "HTTP/2 ", "", "ICY "))
    status = chance.choice(STATUSES[:1] * 8 + STATUSES)
    end = chance.choice(("\r\n",) * 9 + ("\n",))
    head = end.join([version + status, *heads, "", ""])
    whole = head.encode("latin-1") + body
    if chance.random() < 0.2:
        at = chance.randrange(len(whole))
        whole = whole[:at] + chance.randbytes(chance.randrange(4)) + whole[at + 1 :]
    return whole


@pytest.mark.rule("H5", "X4")
def test_five_thousand_spoilt_answers(capsys: pytest.CaptureFixture[str]) -> None:
    """In pieces of any size each is an answer, or a BadReply that says what it is."""
    corpus = seeds(captured())
    tally: Counter[str] = Counter()
    for case in range(CASES):
        chance = Random(case)
        tally[taken(an_answer(chance, corpus), chance)] += 1
    with capsys.disabled():
        print(f"\n{CASES} spoilt HTTP answers:")
        for outcome, number in tally.most_common():
            print(f"{number:>8}  {outcome}")
    assert sum(tally.values()) == CASES
    assert len(tally) >= 6


def taken(data: bytes, chance: Random) -> str:
    """What the reader makes of the bytes, and of the connection's end behind them."""
    http, step = Http1(), chance.choice((1, 7, 1_000_000))
    try:
        for at in range(0, len(data), step):
            found: Reply | None = http.feed(data[at : at + step])
            if found is not None:
                return f"answer {found.status}"
        ended = http.eof()
    except BadReply:
        return "bad reply"
    except ConnectionResetError:
        return "broken off"
    return "nothing" if ended is None else f"answer at the end {ended.status}"


async def hostile(stream: trio.SocketStream, chance: Random) -> None:
    """One connection of an ACS that is sound one time in two."""
    corpus = seeds()
    data = b""
    with trio.move_on_after(20):
        try:
            while True:
                more = await stream.receive_some(65536)
                if not more:
                    return
                data += more
                if b"\r\n\r\n" not in data:
                    continue
                inform_ = b"Inform>" in data
                data = b""
                if chance.random() < 0.5:
                    body = reply("InformResponse") if inform_ else b""
                    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n"
                    await stream.send_all(head.encode() + body)
                else:
                    await stream.send_all(an_answer(chance, corpus))
                if chance.random() < 0.1:
                    return
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            return


@pytest.mark.rule("S8", "X7")
async def test_sessions_with_a_hostile_acs() -> None:
    """Four hundred sessions end, each well or by a label of its own; none is a bug."""
    chance = Random(4)
    endings: Counter[str] = Counter()
    meter = Meter()
    wire = Wire(meter, response_timeout=0.5)

    async def serve(stream: trio.SocketStream) -> None:
        async with stream:
            await hostile(stream, chance)

    async with listening(serve) as port, trio.open_nursery() as nursery:
        nursery.start_soon(wire.sweep)
        slots = trio.CapacityLimiter(40)

        async def one(n: int) -> None:
            async with slots:
                url = f"http://127.0.0.1:{port}/"
                session = Session("1.0", inform, (), answer, most=20)
                connection = wire.open(url, lambda: ("u", "p"), n)
                ending = await held(session, connection, trio.current_time)
                assert not ending.bug, ending.bug
                endings[ending.label or "well"] += 1

        with trio.fail_after(60):
            async with trio.open_nursery() as sessions:
                for n in range(400):
                    sessions.start_soon(one, n)
        nursery.cancel_scope.cancel()
    assert sum(endings.values()) == 400
    assert BUG not in endings
    assert len(endings) >= 6, endings


@pytest.mark.slow
async def test_a_fleet_against_a_hostile_acs(tmp_path: Path) -> None:
    """The run goes to its planned end, counts what it met, and says the worst of it."""
    chance = Random(5)

    async def serve(stream: trio.SocketStream) -> None:
        async with stream:
            await hostile(stream, chance)

    async with listening(serve) as port:
        words = ("quick", f"http://127.0.0.1:{port}/", "-n", "300", "-r", "60/s")
        options = ("-d", "15s", "--grace", "2s", "--ui", "none", "--out", "out")
        program = started(*words, *options, "--profile", fast(tmp_path), where=tmp_path)
        try:
            with trio.fail_after(60):
                code = await trio.to_thread.run_sync(program.wait)
        finally:
            program.kill()
        said, errors = await trio.to_thread.run_sync(program.communicate)
    assert code == 0, f"{said}\n{errors}"
    told = summary(tmp_path)
    assert told["sessions"]["done"] > 50
    assert len(told["failures"]) >= 5
    assert "bug" not in told["failures"]
    assert len(told["acs"]["violations"]) >= 3
    assert any(v["example"] for v in told["acs"]["violations"].values())
