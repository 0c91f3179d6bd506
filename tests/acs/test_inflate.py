"""Compressed bodies of CPEs, at the reference ACS."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpesim.acs import server as server_module
from cpesim.acs.inflate import NotInflated, inflated
from tests.acs.cpe import acs, inform


@pytest.mark.rule("H10")
@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("GZip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("identity", bytes),
    ],
)
async def test_it_is_taken(coding: str, pack: object) -> None:
    """A session whose Inform is compressed goes on as any."""
    assert callable(pack)
    async with acs() as (server, connect):
        line = await connect()
        packed = pack(inform("1 BOOT").encode())
        assert (await line.post(packed, Content_Encoding=coding)).status == 200
        assert (await line.post()).status == 204
        assert server.stats()["violations"]["count"] == 0
        assert server.stats()["bad_requests"] == 0


@pytest.mark.parametrize(
    ("coding", "body", "status"),
    [
        ("compress", b"x", 415),
        ("br", b"x", 415),
        ("gzip, gzip", gzip.compress(gzip.compress(b"x")), 415),
        ("gzip", b"<xml/>", 400),
        ("gzip", gzip.compress(b"x" * 99)[:-9], 400),
        ("deflate", zlib.compress(b"x") + b"more", 400),
        ("gzip", gzip.compress(b"x" * 300_001), 413),
    ],
)
async def test_it_is_refused(
    coding: str, body: bytes, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unknown coding, a broken body, one over the limit; the server lives."""
    monkeypatch.setattr(server_module, "MOST_BODY", 300_000)
    async with acs() as (server, connect):
        line = await connect()
        assert (await line.post(body, Content_Encoding=coding)).status == status
        assert server.stats()["bad_requests"] == 1
        assert (await line.post(inform())).status == 200


@given(st.binary(), st.sampled_from(["gzip", "deflate"]), st.integers(0, 100))
def test_any_body(body: bytes, coding: str, most: int) -> None:
    """Whatever comes, it is undone within the limit or refused."""
    found, status = b"", 0
    try:
        found = inflated(body, coding, most)
    except NotInflated as error:
        status = error.status
    assert len(found) <= most
    assert status in (0, 400, 413)
