"""What the ACS asks of CPEs and of who fetches files; the files themselves."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode

import pytest
import trio

from tests.acs.cpe import acs, inform
from tests.acs.model import Model


def digest(challenge: str, user: str, password: str, method: str, uri: str) -> str:
    """An Authorization header, computed by hand (RFC 2617)."""
    asked = dict(re.findall(r'(\w+)="?([^",]*)', challenge.partition(" ")[2]))

    def md5(text: str) -> str:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    a1 = md5(f"{user}:{asked['realm']}:{password}")
    a2 = md5(f"{method}:{uri}")
    proof = md5(f"{a1}:{asked['nonce']}:00000001:c:auth:{a2}")
    return (
        f'Digest username="{user}", realm="{asked["realm"]}", nonce="{asked["nonce"]}",'
        f' uri="{uri}", response="{proof}", qop=auth, nc=00000001, cnonce="c"'
    )


def basic(user: str, password: str) -> str:
    """A Basic Authorization header."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


@pytest.mark.rule("H1", "H7")
async def test_digest_is_asked_of_cpes() -> None:
    """401 with a challenge, on the same connection; the proof opens the session."""
    async with acs(auth="digest", username="cpe", password="{username}!") as (
        server,
        connect,
    ):
        line = await connect()
        reply = await line.post(inform())
        assert reply.status == 401
        asked = reply.headers["www-authenticate"]
        assert server.stats()["cpes"] == 0
        for user, password in (("cpe", "wrong"), ("other", "other!")):
            proof = digest(asked, user, password, "POST", "/")
            assert (await line.post(inform(), Authorization=proof)).status == 401
        proof = digest(asked, "cpe", "cpe!", "POST", "/")
        assert (await line.post(inform(), Authorization=proof)).status == 200
        reply = await line.post(Authorization=proof)  # nc=1 again
        assert "stale=true" in reply.headers["www-authenticate"]
        proof = digest(reply.headers["www-authenticate"], "cpe", "cpe!", "POST", "/")
        assert (await line.post(Authorization=proof)).status == 204
        assert server.stats()["auth"] == {"missing": 1, "wrong": 2, "ok": 2, "stale": 1}


async def test_basic_is_asked_of_cpes() -> None:
    """Any name with the password made of it, when no name is set."""
    async with acs(auth="basic", password="p-{username}") as (_, connect):
        line = await connect()
        reply = await line.post(inform())
        assert reply.headers["www-authenticate"].startswith("Basic realm=")
        wrong = basic("jörg", "p-x")
        assert (await line.post(inform(), Authorization=wrong)).status == 401
        right = basic("jörg", "p-jörg")
        assert (await line.post(inform(), Authorization=right)).status == 200


@pytest.mark.parametrize("scheme", ["basic", "digest"])
async def test_files_may_be_guarded(scheme: str) -> None:
    """The Download tells the credentials that the file asks for."""
    model = Model()
    settings = {"files_auth": scheme, "script": "upgrade", "firmware_size": 70_000}
    async with acs(**settings) as (server, connect):
        line = await connect()
        await line.session(answer=model)
        call = model.seen["Download"]
        user, password = call.get("Username"), call.get("Password")
        reply = await line.get("/files/a%20b")
        assert reply.status == 401
        proof = (
            basic(user, password)
            if scheme == "basic"
            else digest(
                reply.headers["www-authenticate"], user, password, "GET", "/files/a%20b"
            )
        )
        reply = await line.get("/files/a%20b", Authorization=proof)
        assert (reply.status, len(reply.body)) == (200, 70_000)
        assert server.stats()["downloads"] == {
            "served": 1,
            "bytes": 70_000,
            "unauthorized": 1,
        }


async def test_a_download_that_is_broken_off_is_counted() -> None:
    """And files_url replaces what the Host says."""
    model = Model()
    settings = {"script": "upgrade", "firmware_size": 50_000_000}
    async with acs(**settings, files_url="http://cdn.example") as (server, connect):
        await (await connect()).session(answer=model)
        assert model.seen["Download"].get("URL").startswith("http://cdn.example/files/")
        line = await connect()
        await line.stream.send_all(b"GET /files/x HTTP/1.1\r\nHost: x\r\n\r\n")
        await line.stream.receive_some(1000)
        await trio.aclose_forcefully(line.stream)
        await trio.sleep(0.1)
        assert server.stats()["downloads"]["broken"] == 1


async def test_a_host_that_is_none_is_not_repeated() -> None:
    """The file's URL then names our own address."""
    model = Model()
    async with acs(script="upgrade") as (_, connect):
        line = await connect()
        await line.post(inform(), Host="a b<c>")
        model(await line.post())
        assert re.match(
            r"http://127.0.0.1:\d+/files/", model.seen["Download"].get("URL")
        )
