"""Which certificate a real CPE shows: as its profile or the run says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.one import gateway, one
from tests.play import reply as message
from tests.wire.authority import Authority
from tests.wire.tiny import DONE, listening, reply

INFORMED = reply(200, body=message("InformResponse"))


@pytest.mark.rule("H6")
@pytest.mark.parametrize("said_by", ["profile", "run", "both"])
@pytest.mark.parametrize("shared", [False, True])
async def test_it_shows_its_own(tmp_path: Path, said_by: str, shared: bool) -> None:
    """A file of its own or of all, from the profile; what the run says wins."""
    authority = Authority(tmp_path)
    for name in ("run", "profile"):
        authority.pair(f"{name}.cpe", stem=f"{name}-" + ("all" if shared else "0"))
    stem = "all" if shared else "{n}"
    profile = gateway()
    settings: dict[str, Any] = {"ca": authority.file}
    if said_by != "run":
        where = f"{tmp_path}/profile-{stem}.crt"
        profile = replace(profile, client_certs=where)
    if said_by != "profile":
        settings["client_certs"] = f"{tmp_path}/run-{stem}.crt"
    names: list[str] = []
    tls = authority.server("127.0.0.1", ask=True)
    async with listening(INFORMED, DONE, tls=tls, seen=names) as tiny:
        async with one(tiny.url, profile, **settings) as cpe:
            await cpe.well()
            # What is a CPE's own is not kept; what is everybody's is.
            assert len(cpe.wire.tls._shared) == shared
    assert names == ["profile.cpe" if said_by == "profile" else "run.cpe"]


@pytest.mark.rule("H6")
async def test_it_has_gone_missing(tmp_path: Path) -> None:
    """A certificate that was there at the start and is not now: none is shown."""
    authority = Authority(tmp_path)
    async with listening(INFORMED, DONE, tls=authority.server("127.0.0.1")) as tiny:
        async with one(
            tiny.url, ca=authority.file, client_certs=f"{tmp_path}/gone-{{n}}.crt"
        ) as cpe:
            await cpe.well()
