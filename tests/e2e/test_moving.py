"""An ACS that sends its CPEs elsewhere: for a session (H4), or for good (H8)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.one import one, reference
from tests.play import reply as message
from tests.wire.authority import Authority
from tests.wire.tiny import DONE, Answer, listening, reply

INFORMED = reply(200, body=message("InformResponse"))
URL = "Device.ManagementServer.URL"


def set_url(url: str) -> bytes:
    """The ACS sets ManagementServer.URL."""
    return reply(200, body=message("SetParameterValues", [(URL, "string", url)]))


def events(body: bytes) -> list[str]:
    """The event codes of an Inform."""
    found = body.split(b"<EventCode>")[1:]
    return [part.partition(b"<")[0].decode() for part in found]


@pytest.mark.rule("H4")
@pytest.mark.parametrize("status", [302, 307])
async def test_from_http_to_https_for_one_session(status: int, tmp_path: Path) -> None:
    """The Inform goes to https elsewhere; the next session begins at the old URL."""
    authority = Authority(tmp_path)
    tls = authority.server("far.test")
    async with listening(INFORMED, DONE, tls=tls) as far:
        there = reply(status, f"Location: https://far.test:{far.port}/two")
        async with listening(there, INFORMED, DONE) as near:
            async with one(
                near.url,
                ca=authority.file,
                resolve={"far.test": "127.0.0.1"},
            ) as cpe:
                await cpe.well()
                stored = cpe.device.model.get(URL, 0.0)
                await cpe.well()
    assert stored == near.url  # never in ManagementServer.URL
    assert [bool(asked.body) for asked in near.asked] == [True, True, False]
    assert [bool(asked.body) for asked in far.asked] == [True, False]
    assert near.asked[0].body == far.asked[0].body
    assert far.asked[0].head.startswith(b"POST /two HTTP/1.1\r\n")
    assert far.asked[0].header("Host") == f"far.test:{far.port}"
    assert authority.names == ["far.test"]


@pytest.mark.rule("H4")
async def test_in_mid_session() -> None:
    """The same POST goes to the new place, and so does the rest of the session."""
    ask = message("GetParameterValues", "Device.DeviceInfo.UpTime")
    async with listening(DONE) as far:
        answers = [INFORMED, reply(200, body=ask), reply(307, f"Location: {far.url}")]
        async with listening(*answers) as near, one(near.url) as cpe:
            await cpe.well()
    assert b"GetParameterValuesResponse" in far.asked[0].body
    assert far.asked[0].body == near.asked[2].body


@pytest.mark.rule("H4")
@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("/other", "/other"),
        ("other?a=b", "/acs/other?a=b"),
        ("../up", "/up"),
        ("?q", "/acs/cwmp?q"),
    ],
)
async def test_a_relative_location(location: str, path: str) -> None:
    """It is meant from the URL that redirects, on the same connection."""
    answers = [reply(302, f"Location: {location}"), INFORMED, DONE]
    async with listening(*answers) as tiny:
        async with one(tiny.url + "/cwmp") as cpe:
            await cpe.well()
    assert tiny.asked[1].head.split()[1].decode() == path
    assert {asked.link for asked in tiny.asked} == {1}


@pytest.mark.rule("H4")
@pytest.mark.parametrize("times", [5, 6])
async def test_a_sixth_fails_the_session(times: int) -> None:
    """Five redirects in a row are followed; with a sixth the session has failed."""
    away: list[Answer] = [reply(302, "Location: /acs")]
    async with listening(*away * times, INFORMED, DONE) as tiny:
        async with one(tiny.url) as cpe:
            assert (await cpe.session()).label == ("" if times == 5 else "http 302")
            assert cpe.device.retries == (times == 6)
    assert len(tiny.asked) == (7 if times == 5 else 6)


@pytest.mark.rule("H4", "H3")
async def test_cookies_stay_with_their_host() -> None:
    """A cookie of one host is not told to another."""
    names = {"one.test": "127.0.0.1", "two.test": "127.0.0.1"}
    async with listening(INFORMED, DONE) as far:
        url = far.url.replace("127.0.0.1", "two.test")
        there = reply(302, "Set-Cookie: a=1; Path=/", f"Location: {url}")
        async with listening(there) as near:
            home = near.url.replace("127.0.0.1", "one.test")
            async with one(home, resolve=names) as cpe:
                await cpe.well()
    assert [asked.header("Cookie") for asked in far.asked] == [None, None]


@pytest.mark.rule("H8", "E3")
async def test_a_new_url() -> None:
    """The session ends where it began; `0 BOOTSTRAP` is told at the new URL."""
    async with reference(script="audit") as (server, port):
        answers = [INFORMED, set_url(f"http://127.0.0.1:{port}/new"), DONE]
        async with listening(*answers) as old, one(old.url) as cpe:
            await cpe.well()
            assert server.stats()["posts"] == 0
            assert cpe.device.cause == "new ACS"
            assert cpe.device.wanted <= cpe.clock()
            await cpe.well()
            assert cpe.device.model.get(URL, 0.0) == f"http://127.0.0.1:{port}/new"
    assert len(old.asked) == 3
    told = server.stats()
    assert told["events"] == {"0 BOOTSTRAP": 1}
    assert told["rpcs_answered"]["GetRPCMethods"] == 1
    heads = cpe.sent()
    assert heads[3].startswith(b"POST /new HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n" % port)


@pytest.mark.rule("H8")
async def test_a_new_url_that_nobody_answers() -> None:
    """It stays where it was sent: the retry goes there, with the event."""
    async with listening(reply(500), INFORMED, DONE) as new:
        answers = [INFORMED, set_url(new.url), DONE]
        async with listening(*answers) as old, one(old.url) as cpe:
            await cpe.well()
            assert (await cpe.session()).label == "http 500"
            await cpe.well()
    assert len(old.asked) == 3
    assert [events(asked.body) for asked in new.asked[:2]] == [["0 BOOTSTRAP"]] * 2
    assert b"<RetryCount>1</RetryCount>" in new.asked[1].body


@pytest.mark.rule("H7", "H8")
async def test_a_new_name_and_password() -> None:
    """What the ACS sets for them proves the CPE in the next session."""
    ask = reply(401, 'WWW-Authenticate: Basic realm="r"')
    server = "Device.ManagementServer."
    pairs = [
        (server + "Username", "string", "new"),
        (server + "Password", "string", "word"),
    ]
    body = message("SetParameterValues", pairs)
    answers = [ask, INFORMED, reply(200, body=body), DONE, ask, INFORMED, DONE]
    async with listening(*answers) as tiny, one(tiny.url) as cpe:
        await cpe.well()
        await cpe.well()
    proofs = [asked.header("Authorization") for asked in tiny.asked]
    assert proofs[0] is None
    assert proofs[1] == proofs[2] == proofs[3]  # the session keeps what it began with
    assert proofs[4] is None
    assert proofs[5] == proofs[6] == "Basic bmV3OndvcmQ="
