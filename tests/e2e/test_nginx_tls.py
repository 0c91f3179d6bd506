"""A real CPE at the reference ACS behind a real nginx with TLS."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.nginx import free_port, nginx
from tests.e2e.one import One, one, reference
from tests.wire.authority import Authority

NAMES = {"acs.test": "127.0.0.1", "two.test": "127.0.0.1", "no.test": "127.0.0.1"}


def at(port: int, acs: int, pair: tuple[str, str], name: str, *lines: str) -> str:
    """A server of that name, with its certificate."""
    more = "\n".join(lines)
    return (
        f"server {{ listen 127.0.0.1:{port} ssl; server_name {name};"
        f" ssl_certificate {pair[0]}; ssl_certificate_key {pair[1]}; {more}\n"
        f" location / {{ proxy_pass http://127.0.0.1:{acs}; }} }}\n"
    )


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@asynccontextmanager
async def behind(
    where: Path, authority: Authority, *lines: str, **settings: Any
) -> AsyncIterator[One]:
    """A CPE whose ACS is behind https://acs.test."""
    port = free_port()
    pair = authority.pair("acs.test", stem="server")
    settings = {"ca": authority.file, "resolve": NAMES, **settings}
    async with reference() as (_, acs):
        with nginx(where, at(port, acs, pair, "acs.test", *lines), port):
            async with one(f"https://acs.test:{port}/", **settings) as cpe:
                yield cpe


def told(cpe: One, name: str) -> list[str]:
    """What nginx told in a header of its answers."""
    found = []
    for way, head, _ in cpe.said:
        for line in head.decode().split("\r\n") if way == "in" else ():
            if line.lower().startswith(f"{name}: "):
                found.append(line.partition(": ")[2])
    return found


@pytest.mark.rule("H6")
@pytest.mark.parametrize("version", ["1.2", "1.3"])
async def test_one_version_only(
    tmp_path: Path, authority: Authority, version: str
) -> None:
    """TLS 1.2 and TLS 1.3, each where nginx has no other."""
    async with behind(tmp_path, authority, f"ssl_protocols TLSv{version};") as cpe:
        await cpe.well()
    assert cpe.counted.names == {f"tls.version.TLSv{version}": 1}


@pytest.mark.rule("H6", "X7")
@pytest.mark.parametrize("version", ["1.2", "1.3"])
async def test_no_common_version(
    tmp_path: Path, authority: Authority, version: str
) -> None:
    """A CPE that is held to the other version gets no connection."""
    other = "1.3" if version == "1.2" else "1.2"
    async with behind(
        tmp_path,
        authority,
        f"ssl_protocols TLSv{version};",
        tls_least=other,
        tls_most=other,
    ) as cpe:
        assert (await cpe.session()).label == "connect tls"


@pytest.mark.rule("H6", "X7")
async def test_a_strange_server(tmp_path: Path, authority: Authority) -> None:
    """The system's CAs do not know it; told not to look, the CPE takes it."""
    async with behind(tmp_path, authority, ca=None) as cpe:
        assert (await cpe.session()).label == "connect certificate"
    async with behind(tmp_path, authority, ca=None, insecure=True) as cpe:
        await cpe.well()


@pytest.mark.rule("H6")
@pytest.mark.parametrize("version", ["1.2", "1.3"])
async def test_a_client_certificate(
    tmp_path: Path, authority: Authority, version: str
) -> None:
    """nginx that demands one sees the CPE's own; without one it answers 400."""
    demand = (
        f"ssl_protocols TLSv{version};",
        f"ssl_client_certificate {authority.file}; ssl_verify_client on;",
    )
    async with behind(
        tmp_path, authority, *demand, client_certs=f"{tmp_path}/{{serial}}.crt"
    ) as cpe:
        serial = cpe.serial()
        authority.pair(f"{serial}.cpe.test", stem=serial)
        await cpe.well()
    subjects = set(told(cpe, "x-client"))
    assert len(subjects) == 1
    assert f"CN={serial}.cpe.test" in subjects.pop()

    async with behind(tmp_path, authority, *demand) as cpe:
        assert (await cpe.session()).label == "http 400"


@pytest.mark.rule("H6")
@pytest.mark.parametrize("version", ["1.2", "1.3"])
@pytest.mark.parametrize("client", [False, True])
async def test_resumption(
    tmp_path: Path, authority: Authority, version: str, client: bool
) -> None:
    """On, the second session resumes the first, with a client certificate too."""
    lines = [f"ssl_protocols TLSv{version};"]
    lines += ["ssl_session_cache shared:one:1m;"]
    settings: dict[str, Any] = {}
    if client:
        lines += [f"ssl_client_certificate {authority.file}; ssl_verify_client on;"]
        own = authority.pair("cpe.test", stem="all")
        settings["client_certs"] = own[0]
    for resume in (True, False):
        async with behind(
            tmp_path, authority, *lines, tls_resume=resume, **settings
        ) as cpe:
            for _ in range(3):
                await cpe.well()
        assert cpe.counted.handshakes == 3
        assert cpe.counted.names.get("tls.resumed", 0) == (2 if resume else 0)
        if client:
            assert len(told(cpe, "x-client")) == 6


@pytest.mark.rule("H6")
async def test_server_names(tmp_path: Path, authority: Authority) -> None:
    """Two servers at one port, each with its own certificate: SNI chooses."""
    port = free_port()
    async with reference() as (server, acs):
        blocks = [
            at(port, acs, authority.pair(name, stem=name), name)
            for name in ("acs.test", "two.test")
        ]
        with nginx(tmp_path, "".join(blocks), port):
            names = (
                ("two.test", ""),
                ("acs.test", ""),
                ("no.test", "connect certificate"),
            )
            for n, (name, label) in enumerate(names):
                async with one(
                    f"https://{name}:{port}/", n=n, ca=authority.file, resolve=NAMES
                ) as cpe:
                    assert (await cpe.session()).label == label
                assert set(told(cpe, "x-name")) == ({name} if not label else set())
        assert server.stats()["sessions"] == 2


@pytest.mark.rule("S3", "H6")
async def test_closed_in_mid_session(tmp_path: Path, authority: Authority) -> None:
    """Each POST needs a handshake where nginx closes after each, resumed where on."""
    async with behind(
        tmp_path, authority, "keepalive_requests 1;", tls_resume=True
    ) as cpe:
        await cpe.well()
    assert cpe.counted.handshakes == 2
    assert cpe.counted.names["tls.resumed"] == cpe.counted.names["reconnects"] == 1


@pytest.mark.rule("H4", "H6")
@pytest.mark.parametrize("status", [302, 307])
async def test_redirected_to_https(
    tmp_path: Path, authority: Authority, status: int
) -> None:
    """The usual redirect from http to https is followed with the Inform."""
    plain, port = free_port(), free_port()
    pair = authority.pair("acs.test", stem="server")
    to = f"return {status} https://acs.test:{port}$request_uri;"
    redirect = f"server {{ listen 127.0.0.1:{plain}; {to} }}"
    async with reference(script="audit") as (server, acs):
        body = redirect + at(port, acs, pair, "acs.test")
        with nginx(tmp_path, body, plain, port):
            async with one(
                f"http://acs.test:{plain}/", ca=authority.file, resolve=NAMES
            ) as cpe:
                await cpe.well()
    assert [found for _, found in cpe.counted.exchanges][:2] == [status, 200]
    assert server.stats()["rpcs_answered"]["GetParameterValues"] == 1
