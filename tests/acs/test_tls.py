"""HTTPS, client certificates, and IPv6."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
import trio
import trustme

from cpesim.acs import Acs, AcsSettings
from cpesim.errors import ConfigError
from tests.acs.cpe import Line, acs, inform, kinds
from tests.acs.model import Model


class Papers:
    """A CA's certificates as files."""

    def __init__(self, where: Path) -> None:
        self.authority = trustme.CA()
        issued = self.authority.issue_cert("127.0.0.1", "::1")
        self.ca, self.cert, self.key = (str(where / n) for n in ("ca", "cert", "key"))
        self.authority.cert_pem.write_to_path(self.ca)
        issued.private_key_pem.write_to_path(self.key)
        for blob in issued.cert_chain_pems:
            blob.write_to_path(self.cert, append=True)

    def server(self, **more: Any) -> dict[str, Any]:
        """Settings of the ACS."""
        return {"tls_cert": self.cert, "tls_key": self.key, **more}

    def client(self) -> ssl.SSLContext:
        """What a CPE trusts."""
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        return context


@pytest.fixture
def papers(tmp_path: Path) -> Papers:
    """A CA, and a certificate for both loopback addresses."""
    return Papers(tmp_path)


async def secured(
    line: Line, context: ssl.SSLContext, host: str = "127.0.0.1"
) -> trio.SSLStream[trio.SocketStream]:
    """TLS on a connection of the hand-written CPE."""
    stream = trio.SSLStream(line.stream, context, server_hostname=host)
    line.stream = stream  # type: ignore[assignment]
    await stream.do_handshake()
    return stream


@pytest.mark.rule("H6")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_session_over_tls(papers: Papers, version: ssl.TLSVersion) -> None:
    """The whole of it; files are told with https, and large ones go through."""
    context = papers.client()
    context.minimum_version = context.maximum_version = version
    model = Model()
    settings = papers.server(script="upgrade", firmware_size=3_000_000)
    async with acs(**settings) as (server, connect):
        line = await connect()
        await secured(line, context)
        assert await line.session("1 BOOT", answer=model) == ["Download"]
        assert model.seen["Download"].get("URL").startswith("https://127.0.0.1")
        reply = await line.get("/files/a")
        assert len(reply.body) == 3_000_000
        fields = {"Host": "x", "Content-Length": "500000"}
        reply = await line.request("PUT", "/files/a", b"x" * 500_000, fields)
        assert reply.status == 201
        assert server.stats()["tls"] == {"full": 1}
        assert kinds(server) == {}


async def test_a_session_is_resumed(papers: Papers) -> None:
    """With TLS 1.2's ticket the second handshake is a short one."""
    context = papers.client()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    async with acs(**papers.server()) as (server, connect):
        first = await secured(await connect(), context)
        held = first._ssl_object.session
        line = await connect()
        stream = trio.SSLStream(line.stream, context, server_hostname="127.0.0.1")
        stream._ssl_object.session = held
        await stream.do_handshake()
        line.stream = stream
        await line.session()
        assert server.stats()["tls"] == {"full": 1, "resumed": 1}


@pytest.mark.rule("H6")
async def test_a_client_certificate_is_asked_for(papers: Papers) -> None:
    """Without one no session; with one there is. What is no TLS is nothing."""
    settings = papers.server(tls_client_ca=papers.ca)
    async with acs(**settings) as (server, connect):
        bare = papers.client()
        bare.maximum_version = ssl.TLSVersion.TLSv1_2
        with pytest.raises(trio.BrokenResourceError):
            await secured(await connect(), bare)
        named = papers.client()
        papers.authority.issue_cert("cpe.test").configure_cert(named)
        line = await connect()
        await secured(line, named)
        await line.session()
        plain = await connect()
        with pytest.raises((EOFError, UnicodeDecodeError, ValueError, OSError)):
            await plain.post(inform())
        stats = server.stats()
        assert stats["tls"] == {"failed": 2, "full": 1}
        assert (stats["sessions"], stats["bugs"]["count"]) == (1, 0)


def test_bad_certificates_are_refused_at_once(papers: Papers, tmp_path: Path) -> None:
    """All that is wrong, before anything listens."""
    missing = str(tmp_path / "none")
    with pytest.raises(ConfigError) as caught:
        Acs(AcsSettings(tls_cert=missing, tls_key=papers.key, tls_client_ca=missing))
    assert len(caught.value.problems) == 2
    for settings in ({"tls_cert": "a"}, {"tls_key": "a"}, {"tls_client_ca": "a"}):
        with pytest.raises(ConfigError, match="tls_"):
            AcsSettings(**settings)  # type: ignore[arg-type]


async def test_ipv6(papers: Papers) -> None:
    """--host ::1, with TLS and without; files are told with the address in brackets."""
    for settings in ({}, papers.server()):
        model = Model()
        async with acs(host="::1", script="upgrade", **settings) as (_, connect):
            line = await connect()
            if settings:
                await secured(line, papers.client(), "::1")
            reply = await line.post(inform("1 BOOT"), Host="[::1]:7547")
            assert reply.method == "InformResponse"
            url = model.seen.get("Download") or await line.post()
            scheme = "https" if settings else "http"
            assert url.get("URL").startswith(f"{scheme}://[::1]:7547/files/")
