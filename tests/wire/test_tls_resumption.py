"""Coming back to an ACS without a full handshake, where it is wanted."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from cpesim.errors import ConfigError, ConnectFailed
from cpesim.wire import tls as tls_module
from cpesim.wire.tls import Certificate, Tls
from cpesim.wire.wire import Wire
from tests.wire.authority import Authority
from tests.wire.tiny import DONE, OK, XML, listening, reply, wired


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


async def talk(
    wire: Wire, url: str, n: int = 0, own: Certificate | None = None
) -> None:
    """A session of two posts, of CPE *n*."""
    connection = wire.open(url, n=n, certificate=lambda: own)
    with closing(connection):
        await connection.post(XML, "Inform")
        await connection.post(b"", "empty POST")


@pytest.mark.rule("H6")
@pytest.mark.parametrize("version", ["1.2", "1.3"])
@pytest.mark.parametrize("asked", [False, True])
async def test_a_cpe_resumes(authority: Authority, version: str, asked: bool) -> None:
    """Each CPE resumes its own last session, with a client certificate too."""
    tls = authority.server("127.0.0.1", ask=asked)
    settings = {"ca": authority.file, "most": version, "resume": True}
    owns = [authority.cpe(f"{n}.cpe") if asked else None for n in range(2)]
    async with listening(*[OK, DONE] * 6, tls=tls) as tiny:
        async with wired(**settings) as (wire, counted):
            for n in (0, 1, 0, 0, 1, 1):
                await talk(wire, tiny.url, n, owns[n])
    assert counted.handshakes == 6
    assert counted.names == {f"tls.version.TLSv{version}": 6, "tls.resumed": 4}


@pytest.mark.rule("H6")
async def test_without_it_each_handshake_is_whole(authority: Authority) -> None:
    """Resumption is off unless it was asked for, and nothing is kept."""
    tls = authority.server("127.0.0.1")
    async with listening(*[OK, DONE] * 2, tls=tls) as tiny:
        async with wired(ca=authority.file) as (wire, counted):
            await talk(wire, tiny.url)
            await talk(wire, tiny.url)
            assert wire.tls._tickets == {}
    assert "tls.resumed" not in counted.names


@pytest.mark.rule("H6", "S3")
async def test_a_reconnect_resumes_in_mid_session(authority: Authority) -> None:
    """An ACS that closes between messages gets the ticket back within the session."""
    tls = authority.server("127.0.0.1")
    async with listening(reply(200, "Connection: close"), DONE, tls=tls) as tiny:
        async with wired(ca=authority.file, resume=True) as (wire, counted):
            await talk(wire, tiny.url)
    assert counted.names["reconnects"] == counted.names["tls.resumed"] == 1


@pytest.mark.rule("H6")
async def test_a_ticket_is_for_its_own_server(authority: Authority) -> None:
    """Another port gets a whole handshake, even where its keys would do."""
    tls = authority.server("127.0.0.1")
    async with wired(ca=authority.file, resume=True) as (wire, counted):
        for _ in range(2):
            async with listening(OK, DONE, tls=tls) as tiny:
                await talk(wire, tiny.url)
            kept, _ = wire.tls._tickets[0]
            assert kept[2] == tiny.port
        assert counted.names["tls.version.TLSv1.3"] == 2
        assert "tls.resumed" not in counted.names


@pytest.mark.rule("H6")
async def test_a_server_that_has_forgotten(authority: Authority) -> None:
    """Its keys are new ones: the handshake is whole, with the certificate."""
    own = authority.cpe("one.cpe")
    names: list[str] = []
    async with wired(ca=authority.file, resume=True) as (wire, counted):
        port = 0
        for _ in range(2):
            tls = authority.server("127.0.0.1", ask=True)
            async with listening(OK, DONE, tls=tls, port=port, seen=names) as tiny:
                await talk(wire, tiny.url, own=own)
            port = tiny.port
    assert counted.handshakes == 2
    assert "tls.resumed" not in counted.names
    assert names == ["one.cpe"] * 2


async def test_tickets_are_bounded(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the limit the CPE that came least lately forgets, and it is counted."""
    monkeypatch.setattr(tls_module, "MOST_TICKETS", 2)
    tls = authority.server("127.0.0.1")
    async with listening(*[OK, DONE] * 5, tls=tls) as tiny:
        async with wired(ca=authority.file, resume=True) as (wire, counted):
            for n in (0, 1, 0, 2, 1):
                await talk(wire, tiny.url, n)
            assert list(wire.tls._tickets) == [2, 1]
    assert counted.names["tls.forgotten"] == 2
    assert counted.names["tls.resumed"] == 1


@pytest.mark.rule("H6")
@pytest.mark.parametrize(
    ("least", "most", "agreed"),
    [("1.2", "1.3", "1.3"), ("1.2", "1.2", "1.2"), ("1.3", "1.3", "1.3")],
)
async def test_versions(
    authority: Authority, least: str, most: str, agreed: str
) -> None:
    """TLS 1.2 and 1.3 are spoken, and no other than those allowed."""
    tls = authority.server("127.0.0.1")
    settings = {"ca": authority.file, "least": least, "most": most}
    async with listening(OK, DONE, tls=tls) as tiny:
        async with wired(**settings) as (wire, counted):
            await talk(wire, tiny.url)
    assert counted.names == {f"tls.version.TLSv{agreed}": 1}

    other = tls_module.VERSIONS["1.2" if agreed == "1.3" else "1.3"]
    tls.minimum_version = tls.maximum_version = other
    if least != most:
        return
    async with listening(OK, tls=tls) as tiny, wired(**settings) as (wire, _):
        with pytest.raises(ConnectFailed) as caught:
            await talk(wire, tiny.url)
    assert caught.value.label == "connect tls"


@pytest.mark.parametrize(
    ("least", "most"), [("1.3", "1.2"), ("1.1", "1.3"), ("1.2", "")]
)
def test_versions_that_cannot_be(least: str, most: str) -> None:
    """An unknown version, or a least above the most, is told before anything runs."""
    with pytest.raises(ConfigError, match="tls"):
        Tls(least=least, most=most)
