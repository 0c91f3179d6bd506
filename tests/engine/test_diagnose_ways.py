"""How a throughput test finds its server: names, families, addresses, TLS (B3)."""

from __future__ import annotations

import ssl

import pytest
import trustme

from tests.device.diagnosed import DOWNLOAD, STATE, UPLOAD, Desk
from tests.engine.lineserver import ANSWERS, files, in_order, line_server, measured


@pytest.mark.rule("B3")
async def test_names_that_stand_for_addresses() -> None:
    """`--resolve` holds for tests of the line too; Host says the name."""
    async with line_server(ANSWERS) as server:
        port = server.url.rpartition(":")[2]
        using = files(resolve={"speed.example": "127.0.0.1"})
        url = f"http://speed.example:{port}/file"
        read = await measured(Desk(), DOWNLOAD, url, using)
    assert read[STATE] == "Complete"
    assert f"Host: speed.example:{port}\r\n" in server.heads[0]


@pytest.mark.rule("B3")
async def test_the_device_s_own_address() -> None:
    """The connection leaves from where the device's sessions do."""
    async with line_server(ANSWERS) as server:
        using = files(source=lambda n: f"127.0.0.{9 + n}")
        read = await measured(Desk(n=2), DOWNLOAD, server.url + "/file", using)
        assert read[STATE] == "Complete"
        using = files(source=lambda n: "203.0.113.9")  # not ours
        read = await measured(Desk(), DOWNLOAD, server.url + "/file", using)
        assert read[STATE] == "Error_InitConnectionFailed"
    assert server.callers == ["127.0.0.11"]


@pytest.mark.rule("B3")
async def test_a_family_that_the_server_has_not() -> None:
    """ProtocolVersion IPv6 and an address of IPv4 do not meet."""
    async with line_server(ANSWERS) as server:
        url = server.url + "/file"
        read = await measured(Desk(), DOWNLOAD, url, ProtocolVersion="IPv6")
        assert read[STATE] == "Error_CannotResolveHostName"
        read = await measured(Desk(), DOWNLOAD, url, ProtocolVersion="IPv4")
        assert read[STATE] == "Complete"


@pytest.mark.rule("B3")
async def test_https() -> None:
    """TLS lies between the connection and the request; a stranger is refused."""
    authority = trustme.CA()
    server_side = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(server_side)
    async with line_server(ANSWERS, server_side) as server:
        url = server.url
        with authority.cert_pem.tempfile() as ca:
            using = files(ca=ca)
            read = await measured(Desk(), DOWNLOAD, url + "/file", using)
            assert read[STATE] == "Complete"
            in_order(read)
            read = await measured(
                Desk(), UPLOAD, url + "/put", using, TestFileLength="9"
            )
            assert read[STATE] == "Complete"
        read = await measured(Desk(), DOWNLOAD, url + "/file")
        assert read[STATE] == "Error_InitConnectionFailed"
        read = await measured(Desk(), DOWNLOAD, url + "/file", files(insecure=True))
        assert read[STATE] == "Complete"


@pytest.mark.rule("B3")
async def test_odd_urls_are_asked_for_as_they_are() -> None:
    """Spaces and other alphabets are escaped; a user's name is not sent."""
    async with line_server(ANSWERS) as server:
        url = server.url.replace("//", "//user:secret@") + "/a b/ü?q=1 2"
        read = await measured(Desk(), DOWNLOAD, url)
    assert read[STATE] == "Error_TransferFailed"
    assert server.heads[0].startswith("GET /a%20b/%C3%BC?q=1%202 HTTP/1.1\r\n")
    assert "secret" not in server.heads[0]
