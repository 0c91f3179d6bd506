"""Spoilt connection requests: whoever calls, only the right Digest wakes a CPE."""

from __future__ import annotations

from random import Random

import pytest
import trio

from cpesim.engine.listener import heard
from cpesim.wire.auth import ClientAuth, Credentials, ServerAuth
from tests.engine.test_listener import PATHS, booth
from tests.factory import make_device

CASES = 5_000
WORDS = (
    "GET",
    "POST",
    "get",
    "HTTP/1.1",
    "HTTP/1.0",
    "HTTP/9",
    "/",
    "//x",
    "http://h/x",
    "%00",
    "Host: x",
    "Content-Length: 99999999999",
    "Content-Length: -1",
    "Transfer-Encoding: chunked",
    "Connection: close",
    'Authorization: Digest username="acs", nc=zz, nonce="", response=""',
    'Authorization: Digest username="acs", uri="/", qop=auth, nc=00000001',
    "Authorization: Basic !!!!",
    "Authorization: " + "a" * 3_000,
    ": x",
    "\x00\x01",
    "ü",
)


def a_call(chance: Random, path: str, proof: str) -> bytes:
    """A request in which anything may be wrong."""
    lines = [
        " ".join(
            chance.choice((right, right, right, chance.choice(WORDS)))
            for right in ("GET", path, "HTTP/1.1")
        )
    ]
    lines += chance.choices(WORDS, k=chance.randrange(4))
    if chance.random() < 0.5:
        spoilt = list(f"Authorization: {proof}")
        for _ in range(chance.choice((1, 1, 5))):
            spoilt[chance.randrange(len(spoilt))] = chance.choice('",= \x7fa0')
        lines.append("".join(spoilt))
    text = chance.choice(("\r\n",) * 9 + ("\n",)).join([*lines, "", ""])
    whole = text.encode("latin-1")
    return whole if chance.random() < 0.8 else whole[: chance.randrange(len(whole))]


def proofs(auth: ServerAuth, path: str) -> str:
    """A right Authorization for that path."""
    client = ClientAuth(Credentials("acs", "knock"), "salt")
    assert client.challenge([auth.challenge()])
    proof = client.header("GET", path, b"")
    assert proof is not None
    return proof


@pytest.mark.rule("C1", "C4")
def test_five_thousand_spoilt_requests() -> None:
    """Each is refused by its form or its Digest; a right one between them is not."""
    auth = ServerAuth("cpesim", b"x", lambda: 1.0)
    path, verdicts = PATHS.of(5), set()
    for case in range(CASES):
        chance = Random(case)
        proof = proofs(auth, path)
        request = heard(a_call(chance, path, proof))
        if request is None or request.authorization is None:
            continue
        given = request.authorization
        verdict = auth.check("GET", path, given, {"acs": "knock"}.get)
        verdicts.add(verdict)
        # What a spoilt letter did not touch is right still: the nc stands for itself.
        assert (
            verdict != "ok"
            or "".join(given.split()) != "".join(proof.split())
            or (auth.check("GET", path, given, {"acs": "knock"}.get) == "stale")
        )
    assert {"wrong", "missing"} <= verdicts
    proof = proofs(auth, path)
    assert auth.check("GET", path, proof, {"acs": "knock"}.get) == "ok"


@pytest.mark.rule("C4")
async def test_callers_that_send_rubbish() -> None:
    """Two hundred at once start nothing, and a right caller still gets through."""
    device = make_device(5)
    path = PATHS.of(5)
    async with booth(device) as (made, port):

        async def call(n: int) -> None:
            chance = Random(n)
            stream = await trio.open_tcp_stream("127.0.0.1", port)
            async with stream:
                for _ in range(3):
                    try:
                        await stream.send_all(a_call(chance, path, "Digest x"))
                        with trio.move_on_after(0.2):
                            await stream.receive_some(4096)
                    except (trio.BrokenResourceError, trio.ClosedResourceError):
                        return

        with trio.fail_after(30):
            async with trio.open_nursery() as nursery:
                for n in range(200):
                    nursery.start_soon(call, n)
        assert made.knocked == 0
