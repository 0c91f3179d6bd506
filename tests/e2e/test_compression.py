"""HTTPCompression, obeyed by a real CPE from the next session on."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import replace

import pytest

from tests.e2e.one import gateway, one, reference
from tests.play import reply as message
from tests.wire.tiny import DONE, Asked, listening, reply

UNPACK = {"GZIP": gzip.decompress, "Deflate": zlib.decompress}
NAME = {"GZIP": "gzip", "Deflate": "deflate"}


def set_to(server: str, value: str) -> bytes:
    """The ACS sets HTTPCompression."""
    body = message(
        "SetParameterValues", [(server + "HTTPCompression", "string", value)]
    )
    return reply(200, body=body)


INFORMED = reply(200, body=message("InformResponse"))


@pytest.mark.rule("H10")
@pytest.mark.parametrize("value", ["GZIP", "Deflate"])
async def test_from_the_next_session_on(value: str) -> None:
    """It is Disabled at first; set, every body of the next session is compressed."""
    answers = [INFORMED, set_to("Device.ManagementServer.", value), DONE]
    again = [INFORMED, set_to("Device.ManagementServer.", "Disabled"), DONE]
    async with listening(*answers, *again, INFORMED, DONE) as tiny:
        async with one(tiny.url) as cpe:
            for _ in range(3):
                await cpe.well()
    plain, packed, after = tiny.asked[:3], tiny.asked[3:6], tiny.asked[6:]
    for asked in (*plain, *after):
        assert asked.header("Content-Encoding") is None
        assert asked.header("Accept-Encoding") is None
    for asked in packed:
        assert asked.header("Accept-Encoding") == NAME[value]
        if asked.body:
            assert asked.header("Content-Encoding") == NAME[value]
            assert asked.header("Content-Length") == str(len(asked.body))
            assert asked.header("Content-Type") == "text/xml; charset=utf-8"
            assert UNPACK[value](asked.body).endswith(b"Envelope>")
        else:
            assert asked.header("Content-Encoding") is None
    assert [bool(asked.body) for asked in packed] == [True, False, True]
    assert b":Inform>" in plain[0].body
    # A trace shows what a person can read.
    assert [body for way, _, body in cpe.said if way == "out"][3].startswith(b"<")


@pytest.mark.rule("H10")
async def test_a_value_that_is_not_supported() -> None:
    """Compress (LZW) is not supported and not listed: fault 9007, nothing changes."""
    profile = gateway()
    server = "Device.ManagementServer."
    listed = profile.parameters[server + "HTTPCompressionSupported"].default
    assert listed == "GZIP,Deflate"
    answers = [INFORMED, set_to(server, "Compress"), DONE, INFORMED, DONE]
    async with listening(*answers) as tiny, one(tiny.url) as cpe:
        await cpe.well()
        await cpe.well()
    assert b"<FaultCode>9007</FaultCode>" in tiny.asked[2].body
    assert tiny.asked[3].header("Content-Encoding") is None


def coded(packed: bytes, name: str) -> bytes:
    """An answer in a coding."""
    return reply(200, f"Content-Encoding: {name}", body=packed)


@pytest.mark.rule("H10")
async def test_answers_are_understood() -> None:
    """gzip and deflate, which then need no mending; without it they are counted."""
    profile = gateway()
    name = "Device.ManagementServer.HTTPCompression"
    packing = profile.with_defaults({name: "GZIP"})
    said = message("InformResponse")
    for kind, mended in ((packing, 0), (profile, 1)):
        for pack, coding in ((gzip.compress, "gzip"), (zlib.compress, "deflate")):
            async with listening(coded(pack(said), coding), DONE) as tiny:
                async with one(tiny.url, kind) as cpe:
                    await cpe.well()
            assert cpe.counted.names.get("mended.encoding", 0) == mended


@pytest.mark.rule("H10")
async def test_a_bomb_is_no_answer() -> None:
    """More than 16 MB of an answer fails the session."""
    bomb = gzip.compress(b" " * (16 * 1024 * 1024 + 1))
    name = "Device.ManagementServer.HTTPCompression"
    async with listening(coded(bomb, "gzip")) as tiny:
        async with one(tiny.url, gateway().with_defaults({name: "GZIP"})) as cpe:
            assert (await cpe.session()).label == "bad reply"


@pytest.mark.rule("H10", "X7")
async def test_an_acs_that_does_not_take_it() -> None:
    """415 fails the session, under its own label; the body is not sent again."""

    def refuse(asked: Asked) -> bytes:
        return reply(415 if asked.header("Content-Encoding") else 200)

    name = "Device.ManagementServer.HTTPCompression"
    async with listening(refuse) as tiny:
        async with one(tiny.url, gateway().with_defaults({name: "GZIP"})) as cpe:
            assert (await cpe.session()).label == "http 415"
    assert cpe.counted.exchanges == [("Inform", 415)]
    assert len(tiny.asked) == 1


@pytest.mark.rule("H1", "H10")
async def test_a_401_gets_the_same_bytes() -> None:
    """The compressed body is what is sent again after a challenge."""
    name = "Device.ManagementServer.HTTPCompression"
    first = reply(401, 'WWW-Authenticate: Basic realm="x"')
    async with listening(first, INFORMED, DONE) as tiny:
        async with one(tiny.url, gateway().with_defaults({name: "GZIP"})) as cpe:
            await cpe.well()
    assert tiny.asked[0].body == tiny.asked[1].body
    assert tiny.asked[1].header("Content-Encoding") == "gzip"


@pytest.mark.rule("H10")
@pytest.mark.parametrize("value", ["GZIP", "Deflate"])
async def test_at_the_reference_acs(value: str) -> None:
    """An ACS that inflates hears whole dialogues."""
    name = "Device.ManagementServer.HTTPCompression"
    profile = replace(
        gateway().with_defaults({name: value}), username="cpe", password="cpe"
    )
    async with reference(script="audit,provision", auth="digest") as (server, port):
        async with one(f"http://127.0.0.1:{port}/", profile) as cpe:
            await cpe.well()
    told = server.stats()
    assert told["bad_requests"] == 0
    assert told["rpcs_answered"]["GetParameterValues"] >= 1
    packed = [head for head in cpe.sent() if b"Content-Encoding" in head]
    assert len(packed) >= 5


@pytest.mark.rule("H10")
async def test_a_device_of_its_own() -> None:
    """A user's file may give one device another default than the rest."""
    name = "Device.ManagementServer.HTTPCompression"
    profile = gateway().with_defaults({name: lambda model, name, now: "Deflate"})
    async with listening(INFORMED, DONE) as tiny, one(tiny.url, profile) as cpe:
        await cpe.well()
    assert tiny.asked[0].header("Content-Encoding") == "deflate"
