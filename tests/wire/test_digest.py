"""The Digest of a CPE, computed a second time from RFC 7616 and RFC 2617."""

from __future__ import annotations

import hashlib
import re
from itertools import product

import pytest

from cpesim.wire.auth import ClientAuth, Credentials

ALGORITHMS = {
    "": "md5",
    "MD5": "md5",
    "MD5-sess": "md5",
    "SHA-256": "sha256",
    "SHA-256-sess": "sha256",
}


def fields(header: str) -> dict[str, str]:
    """The fields of an Authorization header."""
    assert header.startswith("Digest ")
    return dict(re.findall(r'(\w+)="?([^",]*)"?', header))


def expected(algorithm: str, given: dict[str, str]) -> str:
    """The response as the RFCs have it (7616 3.4.1; 2617 3.2.2.1 without qop)."""

    def h(*parts: str) -> str:
        found = hashlib.new(ALGORITHMS[algorithm], ":".join(parts).encode())
        return found.hexdigest()

    a1 = h("cpe", "the realm", "pass:word")
    if algorithm.endswith("-sess"):
        a1 = h(a1, given["nonce"], given["cnonce"])
    a2 = h("POST", "/acs?a=b")
    if "qop" in given:
        return h(a1, given["nonce"], given["nc"], given["cnonce"], given["qop"], a2)
    return h(a1, given["nonce"], a2)


@pytest.mark.rule("H1")
@pytest.mark.parametrize(
    ("algorithm", "quality"), list(product(ALGORITHMS, ["", "auth"]))
)
def test_each_algorithm(algorithm: str, quality: str) -> None:
    """Each hash, with qop and without, is what the RFCs say; nc counts from 1."""
    auth = ClientAuth(Credentials("cpe", "pass:word"), "salt")
    asked = 'Digest realm="the realm", nonce="abc", opaque="op"'
    asked += f", algorithm={algorithm}" if algorithm else ""
    asked += f', qop="{quality}"' if quality else ""
    assert auth.challenge([asked])
    for count in range(1, 12):
        header = auth.header("POST", "/acs?a=b", b"")
        assert header is not None
        given = fields(header)
        assert given["response"] == expected(algorithm, given)
        assert (given["username"], given["realm"]) == ("cpe", "the realm")
        assert (given["uri"], given["opaque"]) == ("/acs?a=b", "op")
        assert given.get("algorithm", "") == algorithm
        assert given.get("qop", "") == quality
        assert given.get("nc") == (f"{count:08x}" if quality else None)
        auth.accepted()


@pytest.mark.rule("H1")
def test_a_fresh_cnonce_for_each_connection_and_session() -> None:
    """The same on one connection, another on the next, another in another session."""
    seen = []
    for salt in ("one", "two"):
        auth = ClientAuth(Credentials("cpe", "w"), salt)
        auth.challenge(['Digest realm="r", nonce="n", qop="auth"'])
        for connection in range(3):
            if connection:
                auth.reconnected()
            headers = [auth.header("POST", "/", b"") or "" for _ in range(2)]
            found = {fields(header)["cnonce"] for header in headers}
            assert len(found) == 1
            seen += found
    assert len(set(seen)) == 6


@pytest.mark.rule("H1")
@pytest.mark.parametrize(
    ("offered", "taken"),
    [
        (["Basic", "Digest MD5", "Digest SHA-256"], "SHA-256"),
        (["Digest SHA-256", "Digest MD5", "Basic"], "SHA-256"),
        (["Digest MD5", "Digest SHA-256-sess"], "SHA-256-sess"),
        (["Basic", "Digest MD5"], "MD5"),
        (["Digest SHA-1", "Digest MD5-sess"], "MD5-sess"),
        (["Digest SHA-1", "Basic"], "basic"),
        (["Negotiate", "Basic"], "basic"),
    ],
)
@pytest.mark.parametrize("one_line", [False, True])
def test_the_strongest_offered(offered: list[str], taken: str, one_line: bool) -> None:
    """Whatever the order, in one header or in several; unknown ones are passed over."""
    lines = []
    for text in offered:
        scheme, _, algorithm = text.partition(" ")
        line = f'{scheme} realm="r"'
        if algorithm:
            line += f', nonce="n", qop="auth", algorithm={algorithm}'
        lines.append(line)
    auth = ClientAuth(Credentials("cpe", "w"), "salt")
    assert auth.challenge([", ".join(lines)] if one_line else lines)
    header = auth.header("POST", "/", b"") or ""
    if taken == "basic":
        assert header == "Basic Y3BlOnc="
    else:
        assert fields(header)["algorithm"] == taken


@pytest.mark.rule("H2")
@pytest.mark.parametrize("second", ["Basic", "Digest", "stronger"])
def test_refused_is_refused(second: str) -> None:
    """A second 401 is not answered, whatever it now offers."""
    auth = ClientAuth(Credentials("cpe", "w"), "salt")
    assert auth.challenge(['Digest realm="r", nonce="n", qop="auth"'])
    assert auth.header("POST", "/", b"")
    asked = {
        "Basic": 'Basic realm="r"',
        "Digest": 'Digest realm="r", nonce="other", qop="auth"',
        "stronger": 'Digest realm="r", nonce="o", qop="auth", algorithm=SHA-256',
    }
    assert not auth.challenge([asked[second]])
