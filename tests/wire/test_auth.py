"""Basic and Digest, against the RFCs' vectors and against each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpesim.wire.auth import ClientAuth, Credentials, ServerAuth
from cpesim.wire.digest import ALGORITHMS, challenges, response

MUFASA = Credentials("Mufasa", "Circle Of Life")
RFC7616 = Credentials("Mufasa", "Circle of Life")


class Clock:
    """A clock that stands until it is told."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def server(**settings: object) -> tuple[ServerAuth, Clock]:
    clock = Clock()
    return ServerAuth("cpe", b"secret", clock, **settings), clock  # type: ignore[arg-type]


def proven(auth: ClientAuth, judge: ServerAuth, stale: bool = False) -> str:
    """Let *auth* answer a challenge of *judge*; the Authorization value."""
    assert auth.challenge([judge.challenge(stale)])
    header = auth.header("POST", "/acs", b"")
    assert header is not None
    return header


@pytest.mark.rule("H1")
def test_the_vector_of_rfc_2617() -> None:
    """RFC 2617 3.5: Mufasa's request has the printed response."""
    assert (
        response(
            "MD5",
            MUFASA,
            "testrealm@host.com",
            "dcd98b7102dd2f0e8b11d0f600bfb0c093",
            "GET",
            "/dir/index.html",
            quality="auth",
            cnonce="0a4f113b",
            count="00000001",
        )
        == "6629fae49393a05397450978507c4ef1"
    )


@pytest.mark.rule("H1")
@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        (
            "SHA-256",
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
        ),
    ],
)
def test_the_vectors_of_rfc_7616(algorithm: str, expected: str) -> None:
    """RFC 7616 3.9.1: MD5 and SHA-256 have the printed responses."""
    assert (
        response(
            algorithm,
            RFC7616,
            "http-auth@example.org",
            "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
            "GET",
            "/dir/index.html",
            quality="auth",
            cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
            count="00000001",
        )
        == expected
    )


@pytest.mark.rule("H1")
@pytest.mark.parametrize("algorithm", sorted(ALGORITHMS))
@pytest.mark.parametrize("quality", ["auth", ""])
def test_both_sides_agree(algorithm: str, quality: str) -> None:
    """What the client proves the server takes, in every algorithm, with qop or not."""
    judge, _ = server(algorithm=algorithm, quality=quality)
    header = proven(ClientAuth(Credentials("a", "b"), "salt"), judge)

    assert judge.check("POST", "/acs", header, {"a": "b"}.get) == "ok"
    assert judge.check("POST", "/acs", header, {"a": "c"}.get) == "wrong"
    assert judge.check("POST", "/acs", header, {}.get) == "wrong"
    assert judge.check("GET", "/acs", header, {"a": "b"}.get) == "wrong"
    assert judge.check("POST", "/other", header, {"a": "b"}.get) == "wrong"


def test_auth_int_covers_the_body() -> None:
    """A server that offers auth-int alone gets a proof of the body too."""
    judge, _ = server(quality="auth-int")
    auth = ClientAuth(Credentials("a", "b"), "salt")
    assert auth.challenge([judge.challenge()])
    header = auth.header("POST", "/", b"body")

    assert judge.check("POST", "/", header, {"a": "b"}.get, b"other") == "wrong"
    assert judge.check("POST", "/", header, {"a": "b"}.get, b"body") == "ok"


@pytest.mark.rule("H1")
def test_the_strongest_is_taken() -> None:
    """SHA-256 before MD5 before Basic, in one header or in several."""
    auth = ClientAuth(Credentials("a", "b"), "salt")
    assert auth.challenge(
        [
            'Basic realm="x", Digest realm="y", nonce="m", algorithm=MD5',
            'Digest realm="y", nonce="s", algorithm=SHA-256, qop="auth,auth-int"',
            'Digest realm="y", nonce="z", algorithm=WHIRLPOOL',
            'Digest realm="y", nonce="q", qop="odd"',
            'Negotiate, Digest realm="no nonce"',
        ]
    )
    header = auth.header("POST", "/", b"")

    assert header is not None
    assert 'nonce="s"' in header
    assert "algorithm=SHA-256" in header
    assert "qop=auth," in header


@pytest.mark.rule("H1")
def test_nc_counts_and_opaque_comes_back() -> None:
    """Each use of a nonce counts up, with one cnonce; opaque is echoed."""
    auth = ClientAuth(Credentials("a", "b"), "salt")
    assert auth.header("POST", "/", b"") is None
    auth.challenge(['Digest realm="r", nonce="n", qop="auth", opaque="o\\"p"'])
    first, second = (auth.header("POST", "/", b"") or "" for _ in range(2))

    assert "nc=00000001" in first
    assert "nc=00000002" in second
    assert 'opaque="o\\"p"' in second
    assert first.partition("cnonce")[2] == second.partition("cnonce")[2]
    auth.reconnected()
    third = auth.header("POST", "/", b"") or ""
    assert third.partition("cnonce")[2] != second.partition("cnonce")[2]


def test_a_session_hash_keeps_its_cnonce() -> None:
    """With MD5-sess the cnonce stays over a reconnect; without qop it is sent too."""
    auth = ClientAuth(Credentials("a", "b"), "salt")
    auth.challenge(['Digest realm="r", nonce="n", algorithm=MD5-sess'])
    first = auth.header("POST", "/", b"") or ""
    auth.reconnected()

    assert "cnonce=" in first
    assert auth.header("POST", "/", b"") == first


@pytest.mark.rule("H2")
def test_a_second_refusal_ends_it() -> None:
    """The same credentials are not sent twice, Basic or Digest."""
    judge, _ = server()
    for challenge in (judge.challenge(), 'Basic realm="x"'):
        auth = ClientAuth(Credentials("a", "b"), "salt")
        assert auth.challenge([challenge])
        auth.header("POST", "/", b"")
        auth.reconnected()
        assert not auth.challenge([challenge])


@pytest.mark.rule("H1", "H2")
def test_stale_is_tried_again_but_not_for_ever() -> None:
    """A stale nonce is replaced; a server that finds all of them stale is left."""
    judge, _ = server()
    auth = ClientAuth(Credentials("a", "b"), "salt")
    tries = 0
    while tries < 9 and auth.challenge([judge.challenge(stale=True)]):
        auth.header("POST", "/", b"")
        tries += 1

    assert tries == 4


@pytest.mark.rule("X1")
def test_a_nonce_may_be_bound_to_its_connection() -> None:
    """On a new connection a challenge is no refusal, if the last proof was taken."""
    judge, _ = server()
    auth = ClientAuth(Credentials("a", "b"), "salt")
    proven(auth, judge)
    auth.accepted()
    auth.reconnected()
    auth.header("POST", "/", b"")

    assert auth.challenge([judge.challenge()])
    auth.header("POST", "/", b"")
    assert not auth.challenge([judge.challenge()])


def test_nothing_known_is_offered() -> None:
    """Without a scheme of ours there is nothing to try."""
    auth = ClientAuth(Credentials("a", "b"), "salt")
    assert not auth.challenge([])
    assert not auth.challenge(["Negotiate", "Bearer x=y", ", ,"])


def test_basic() -> None:
    """Basic takes UTF-8 names and passwords with colons."""
    judge, _ = server(scheme="basic")
    auth = ClientAuth(Credentials("Ä", "b:c"), "salt")
    header = proven(auth, judge)

    assert judge.check("POST", "/", header, {"Ä": "b:c"}.get) == "ok"
    assert judge.check("POST", "/", header, {"Ä": "x"}.get) == "wrong"
    assert judge.check("POST", "/", header, {}.get) == "wrong"
    assert judge.check("POST", "/", "Basic ???", {}.get) == "wrong"
    assert judge.check("POST", "/", "Digest x=y", {}.get) == "missing"
    assert judge.check("POST", "/", None, {}.get) == "missing"


@pytest.mark.rule("C4")
def test_a_count_is_taken_once() -> None:
    """A repeated nc is stale, an older one too, and a nonce without qop serves once."""
    judge, _ = server()
    auth = ClientAuth(Credentials("a", "b"), "salt")
    first = proven(auth, judge)
    second = auth.header("POST", "/acs", b"")
    passwords = {"a": "b"}.get

    assert judge.check("POST", "/acs", second, passwords) == "ok"
    assert judge.check("POST", "/acs", second, passwords) == "stale"
    assert judge.check("POST", "/acs", first, passwords) == "stale"

    judge, _ = server(quality="")
    header = proven(ClientAuth(Credentials("a", "b"), "salt"), judge)
    assert judge.check("POST", "/acs", header, passwords) == "ok"
    assert judge.check("POST", "/acs", header, passwords) == "stale"


@pytest.mark.rule("C4")
def test_nonces_age_and_are_ours() -> None:
    """A nonce too old, or not sealed by us, is stale to whom knows the password."""
    judge, clock = server(lifetime=10)
    header = proven(ClientAuth(Credentials("a", "b"), "salt"), judge)
    clock.now += 11
    assert judge.check("POST", "/acs", header, {"a": "b"}.get) == "stale"

    other = ServerAuth("cpe", b"other", clock)
    header = proven(ClientAuth(Credentials("a", "b"), "salt"), other)
    assert judge.check("POST", "/acs", header, {"a": "b"}.get) == "stale"


@pytest.mark.rule("C4")
def test_memory_is_bounded() -> None:
    """A forgotten nonce is stale, never fresh again; unused older ones go with it."""
    judge, _ = server(memory=2)
    passwords = {"a": "b"}.get
    unused = ClientAuth(Credentials("a", "b"), "0")
    unused.challenge([judge.challenge()])
    headers = []
    for n in range(3):
        headers.append(proven(ClientAuth(Credentials("a", "b"), f"{n}"), judge))
        assert judge.check("POST", "/acs", headers[-1], passwords) == "ok"

    for header in [*headers, unused.header("POST", "/acs", b"")]:
        assert judge.check("POST", "/acs", header, passwords) == "stale"


def test_odd_proofs_are_wrong() -> None:
    """Another algorithm, realm or qop than asked for is wrong, and so is a bad nc."""
    judge, clock = server()
    passwords = {"a": "b"}.get
    for other in (
        ServerAuth("cpe", b"secret", clock, algorithm="SHA-256"),
        ServerAuth("elsewhere", b"secret", clock),
        ServerAuth("cpe", b"secret", clock, quality="auth-int"),
    ):
        header = proven(ClientAuth(Credentials("a", "b"), "s"), other)
        assert judge.check("POST", "/acs", header, passwords) == "wrong"
    assert judge.check("POST", "/acs", "Digest", passwords) == "wrong"

    nonce = challenges([judge.challenge()])[0].parameters["nonce"]
    proof = response(
        "MD5",
        Credentials("a", "b"),
        "cpe",
        nonce,
        "POST",
        "http://x/acs",
        quality="auth",
        count="zz",
        cnonce="c",
    )
    header = (
        f'Digest username="a", realm="cpe", nonce="{nonce}", uri="http://x/acs", '
        f'response="{proof}", qop=auth, nc=zz, cnonce="c"'
    )
    assert judge.check("POST", "/acs", header, passwords) == "stale"


def test_names_with_quotes_and_letters_of_any_kind() -> None:
    """A name goes round, when the server hands its header on as latin-1 as well."""
    judge, _ = server()
    name = 'Jörg "x" \\ y'
    header = proven(ClientAuth(Credentials(name, "ü"), "s"), judge)
    as_latin = header.encode().decode("latin-1")

    assert judge.check("POST", "/acs", as_latin, {name: "ü"}.get) == "ok"


def test_no_secret_in_a_repr() -> None:
    """A printed pair of credentials has no password."""
    assert "hidden" not in repr(Credentials("a", "hidden"))


@given(st.lists(st.text(max_size=60), max_size=3))
def test_any_header_can_be_read(values: list[str]) -> None:
    """No text of a header breaks the reader, nor the judge."""
    judge, _ = server()
    challenges(values)
    for value in values:
        for scheme in ("", "Digest ", 'Digest username="a", '):
            assert judge.check("GET", "/", scheme + value, {"a": "b"}.get) != "ok"
