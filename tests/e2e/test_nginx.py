"""A real CPE at the reference ACS behind a real nginx: plain HTTP, as nginx does it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.nginx import free_port, nginx
from tests.e2e.one import gateway, one, reference
from tests.e2e.test_moving import URL

COMPRESSION = "Device.ManagementServer.HTTPCompression"


def at(port: int, acs: int, *lines: str, host: str = "127.0.0.1") -> str:
    """A server that passes all on to the ACS."""
    more = "\n".join(lines)
    return (
        f"server {{ listen {host}:{port}; {more}\n"
        f" location / {{ proxy_pass http://127.0.0.1:{acs}; }} }}\n"
    )


@pytest.mark.rule("S3", "H3")
async def test_it_closes_after_each_answer(tmp_path: Path) -> None:
    """keepalive_requests 1: a connection for each POST, and the session goes on."""
    port = free_port()
    async with reference(script="audit", auth="digest") as (server, acs):
        with nginx(tmp_path, at(port, acs, "keepalive_requests 1;"), port):
            async with one(f"http://127.0.0.1:{port}/") as cpe:
                cpe.password(cpe.username())
                await cpe.well()
    assert server.stats()["rpcs_answered"]["GetParameterValues"] == 1
    assert server.stats()["auth"] == {"missing": 1, "ok": len(cpe.sent()) - 1}
    assert cpe.counted.connects == len(cpe.sent()) > 4
    assert all(b"Cookie: " in head for head in cpe.sent()[2:])


@pytest.mark.rule("S3", "H9")
async def test_one_connection(tmp_path: Path) -> None:
    """Left to itself nginx keeps the connection, and so does the CPE."""
    port = free_port()
    async with reference(script="audit,provision") as (server, acs):
        with nginx(tmp_path, at(port, acs), port):
            async with one(f"http://127.0.0.1:{port}/") as cpe:
                await cpe.well()
    assert cpe.counted.connects == 1
    assert server.stats()["sessions"] == 1


@pytest.mark.rule("H5")
@pytest.mark.parametrize("version", ["1.0", "1.1"])
async def test_by_http_1_0_behind(tmp_path: Path, version: str) -> None:
    """Whatever nginx speaks to the ACS, chunks and lengths are understood."""
    port = free_port()
    async with reference(script="audit") as (server, acs):
        # A filter that changes the body leaves nginx with chunks.
        lines = (f"proxy_http_version {version};", "ssi on; ssi_types text/xml;")
        with nginx(tmp_path, at(port, acs, *lines), port):
            async with one(f"http://127.0.0.1:{port}/") as cpe:
                await cpe.well()
    assert server.stats()["sessions"] == 1
    heads = [head for way, head, _ in cpe.said if way == "in"]
    assert any(b"transfer-encoding: chunked" in head for head in heads)


@pytest.mark.rule("H1", "H7")
@pytest.mark.parametrize("password", ["word", "other"])
async def test_auth_basic(tmp_path: Path, password: str) -> None:
    """nginx's own Basic: name and password are right, or the session fails."""
    port = free_port()
    async with reference() as (server, acs):
        async with one(f"http://127.0.0.1:{port}/") as cpe:
            users = tmp_path / "users"
            users.write_text(f"{cpe.username()}:{{PLAIN}}{password}\n")
            lines = ("auth_basic acs;", f"auth_basic_user_file {users};")
            cpe.password("word")
            with nginx(tmp_path, at(port, acs, *lines), port):
                ending = await cpe.session()
    statuses = [status for _, status in cpe.counted.exchanges]
    if password == "word":
        assert ending.label == ""
        assert statuses == [401, 200, 204]
    else:
        assert ending.label == "http 401"
        assert statuses == [401, 401]
        assert server.stats()["posts"] == 0


@pytest.mark.rule("H4")
@pytest.mark.parametrize("status", [302, 307])
async def test_a_redirect(tmp_path: Path, status: int) -> None:
    """The Inform goes on to the other server, for this session."""
    port, other = free_port(), free_port()
    to = f"return {status} http://acs.test:{other}$request_uri;"
    away = f"server {{ listen 127.0.0.1:{port}; {to} }}"
    async with reference() as (server, acs):
        with nginx(tmp_path, away + at(other, acs), port, other):
            url = f"http://127.0.0.1:{port}/a?b"
            async with one(url, resolve={"acs.test": "127.0.0.1"}) as cpe:
                await cpe.well()
                assert cpe.device.model.get(URL, 0.0) == url
                await cpe.well()
    exchanges = [status for _, status in cpe.counted.exchanges]
    assert exchanges == [status, 200, 204] * 2
    assert cpe.sent()[1].startswith(b"POST /a?b HTTP/1.1\r\nHost: acs.test:%d" % other)
    assert server.stats()["sessions"] == 2


@pytest.mark.rule("H4")
async def test_a_redirect_for_ever(tmp_path: Path) -> None:
    """nginx that sends the CPE in a circle ends the session after five."""
    port = free_port()
    circle = f"server {{ listen 127.0.0.1:{port}; location / {{ return 307 /; }} }}"
    with nginx(tmp_path, circle, port):
        async with one(f"http://127.0.0.1:{port}/") as cpe:
            assert (await cpe.session()).label == "http 307"
    assert len(cpe.counted.exchanges) == 6


@pytest.mark.rule("H10")
async def test_gzip_both_ways(tmp_path: Path) -> None:
    """nginx compresses for a CPE that does; the ACS behind it inflates."""
    port = free_port()
    lines = ("gzip on; gzip_types text/xml; gzip_min_length 1; gzip_proxied any;",)
    profile = gateway().with_defaults({COMPRESSION: "GZIP"})
    async with reference(script="audit") as (server, acs):
        with nginx(tmp_path, at(port, acs, *lines), port):
            for kind, packed in ((profile, True), (gateway(), False)):
                async with one(f"http://127.0.0.1:{port}/", kind, packed) as cpe:
                    await cpe.well()
                heads = [head for way, head, _ in cpe.said if way == "in"]
                assert any(b"content-encoding: gzip" in h for h in heads) == packed
                assert "mended.encoding" not in cpe.counted.names
    assert server.stats()["sessions"] == 2


@pytest.mark.rule("X7", "S8")
@pytest.mark.parametrize(
    ("line", "label", "wait"),
    [
        ("client_max_body_size 100;", "http 413", 0.0),
        ("return 400;", "http 400", 0.0),
        # nginx's word for hanging up: a reset, where it had not read all.
        ("return 444;", "disconnected or reset", 0.0),
        ("return 503;", "http 503", 0.0),
        ("add_header Retry-After 77 always; return 503;", "http 503", 77.0),
    ],
)
async def test_what_fails_a_session(
    tmp_path: Path, line: str, label: str, wait: float
) -> None:
    """Each of nginx's refusals under its own label; Retry-After is waited for."""
    port = free_port()
    async with reference() as (_, acs), one(f"http://127.0.0.1:{port}/") as cpe:
        with nginx(tmp_path, at(port, acs, line), port):
            ending = await cpe.session()
            assert ending.label in label.split(" or ")
            assert ending.retry_after == wait
            assert cpe.device.cause == "retry"
            assert cpe.device.wanted - cpe.clock() >= max(wait - 1, 4)


@pytest.mark.rule("X7", "S8")
async def test_an_acs_that_is_gone(tmp_path: Path) -> None:
    """Nothing behind nginx is 502; nothing at all is refused."""
    port, nobody = free_port(), free_port()
    with nginx(tmp_path, at(port, nobody), port):
        async with one(f"http://127.0.0.1:{port}/") as cpe:
            assert (await cpe.session()).label == "http 502"
    async with one(f"http://127.0.0.1:{nobody}/") as cpe:
        assert (await cpe.session()).label == "connect refused"
