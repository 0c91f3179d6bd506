"""Dialogues of a fleet with the reference ACS, and with what real ACSs once said."""

from __future__ import annotations

import ssl
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trio
import trustme

from tests.cli.program import acs
from tests.e2e.fleet import (
    SECRET,
    STRICT,
    fast,
    flawless,
    fleet,
    quick,
    sound,
    stats,
    stored,
    summary,
)
from tests.e2e.front import Front, Replay, front, listening
from tests.e2e.judging import judged_acs

FEW = ("-n", "3", "--ramp", "500ms", "-d", "2s", "--grace", "3s")


def asked(
    where: Path, script: str, *options: str, lasting: str = "4s", acs_options: Any = ()
) -> tuple[Any, str]:
    """The ACS's stats after three CPEs had this script, and what CPE 1 said."""
    with judged_acs(where, "--script", script, *acs_options) as url:
        found = fleet(
            where,
            url,
            *(*FEW, "-d", lasting, "--profile", fast(where), "--trace-device", "1"),
            *options,
        )
        told = stats(url)
    flawless(told)
    assert found["sessions"]["failed"] == 0, found["failures"]
    assert told["faults"] == {}
    assert told["rpcs"] == told["rpcs_answered"]
    return told, stored(where, "trace-1.txt").read_text(encoding="utf-8")


@pytest.mark.rule("P1", "P2", "P9")
def test_an_audit(tmp_path: Path) -> None:
    """GetRPCMethods, all names and all values, and the three tell the same."""
    told, trace = asked(tmp_path, "audit", lasting="2s")
    for method in ("GetRPCMethods", "GetParameterNames", "GetParameterValues"):
        assert told["rpcs_answered"][method] == 3
    assert "<string>FactoryReset</string>" in trace


@pytest.mark.rule("P3", "P5", "P6")
def test_provisioning(tmp_path: Path) -> None:
    """Set, read back, attributes, add and delete: each CPE, each once."""
    told, _ = asked(tmp_path, "provision", lasting="2s")
    for method in (
        "SetParameterValues",
        "SetParameterAttributes",
        "GetParameterAttributes",
        "AddObject",
        "DeleteObject",
    ):
        assert told["rpcs_answered"][method] == 3


@pytest.mark.rule("B1", "E4", "X11")
def test_a_reboot(tmp_path: Path) -> None:
    """After the session the CPE is gone; then 1 BOOT with M Reboot and its key."""
    told, trace = asked(tmp_path, "reboot")
    assert told["events"]["M Reboot"] == 3
    assert told["events"]["1 BOOT"] == 6
    assert told["events"]["0 BOOTSTRAP"] == 3
    assert "<CommandKey>reboot-" in trace.rpartition("<cwmp:Inform>")[2]


@pytest.mark.rule("B2", "E3")
def test_a_factory_reset(tmp_path: Path) -> None:
    """What was set is gone, and the CPE comes with 0 BOOTSTRAP as a new one."""
    told, trace = asked(tmp_path, "provision,factory-reset")
    assert told["events"]["0 BOOTSTRAP"] == 6
    assert told["events"]["1 BOOT"] == 6
    assert "M Reboot" not in told["events"]
    last = trace.rpartition("<cwmp:Inform>")[2]
    assert "ManagementServer.ParameterKey</Name>" in last
    assert "provision-" not in last


@pytest.mark.rule("I5")
def test_schedule_inform(tmp_path: Path) -> None:
    """After the delay 3 SCHEDULED, and M ScheduleInform with its key."""
    told, trace = asked(tmp_path, "schedule-inform", acs_options=("--schedule", "1s"))
    assert told["events"]["3 SCHEDULED"] == told["events"]["M ScheduleInform"] == 3
    assert "<CommandKey>schedule-inf" in trace.rpartition("<cwmp:Inform>")[2]


@pytest.mark.rule("T1", "T3", "T4")
def test_a_download(tmp_path: Path) -> None:
    """The file is fetched, the CPE restarts with its new version and tells of it."""
    told, trace = asked(
        tmp_path,
        "upgrade",
        lasting="5s",
        acs_options=("--firmware-size", "50000", "--firmware-version", "2.7.1"),
    )
    assert told["transfer_completes"] == {"count": 3, "faults": {"0": 3}}
    assert told["downloads"]["bytes"] == 150_000
    for event in ("7 TRANSFER COMPLETE", "M Download", "4 VALUE CHANGE"):
        assert told["events"][event] == 3
    assert ">2.7.1</Value>" in trace.rpartition("<cwmp:Inform>")[2]


@pytest.mark.rule("H1", "H7")
@pytest.mark.parametrize("scheme", ["basic", "digest"])
def test_authentication(tmp_path: Path, scheme: str) -> None:
    """The CPE's own name and password, after one challenge for each session."""
    with acs(
        *(tmp_path, *STRICT, "--auth", scheme, "--script", "audit"),
        *("--password", '{username}: "ä"'),
    ) as url:
        done = quick(tmp_path, url, *FEW, "--profile", own_password(tmp_path))
        told = stats(url)
    assert done.returncode == 0, done.stdout + done.stderr
    flawless(told)
    sound(summary(tmp_path))
    assert told["sessions"] == told["auth"]["missing"] == 3
    assert told["auth"].keys() == {"missing", "ok"}


def own_password(where: Path) -> str:
    """A profile whose CPEs' passwords follow from their names."""
    path = Path(fast(where))
    written = path.read_text(encoding="utf-8").replace(
        "parameters:", "device: {password: '{username}: \"ä\"'}\nparameters:"
    )
    path.write_text(written, encoding="utf-8")
    return str(path)


@pytest.mark.rule("H2")
def test_a_wrong_password_is_told_once(tmp_path: Path) -> None:
    """A second 401 with the same credentials fails the session; nothing loops."""
    with acs(tmp_path, "--auth", "digest", "--password", "other") as url:
        done = quick(tmp_path, url, *FEW, "--password-env", SECRET)
        told = stats(url)
        assert told["listed"] == []
    assert done.returncode == 4
    assert summary(tmp_path)["failures"].keys() == {"http 401"}
    assert told["auth"] == {"missing": 3, "wrong": 3}


async def behind(where: Path, url: str, host: str, known: Front, *options: str) -> Any:
    """The summary of a short run against the front."""
    scheme = "https" if host.startswith("s:") else "http"
    address = f"{scheme}://{host.removeprefix('s:')}:{known.port}/"
    return await trio.to_thread.run_sync(partial(quick, where, address, *FEW, *options))


@pytest.mark.slow
async def test_https(tmp_path: Path) -> None:
    """Trusted by --ca, or taken unseen with --insecure; else no session is held."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1", "acs.test").configure_cert(context)
    with acs(tmp_path, *STRICT, "--script", "audit") as url:
        async with front(url, context) as known:
            reports = {}
            for name, options in (
                ("ca", ("--ca", str(tmp_path / "ca.pem"))),
                ("insecure", ("--insecure",)),
                ("neither", ()),
            ):
                (tmp_path / name).mkdir()
                reports[name] = await behind(
                    tmp_path / name, url, "s:127.0.0.1", known, *options
                )
        told = await trio.to_thread.run_sync(stats, url)
    assert reports["ca"].returncode == 0, reports["ca"].stdout
    assert reports["insecure"].returncode == 0, reports["insecure"].stdout
    assert reports["neither"].returncode == 4
    assert summary(tmp_path / "neither")["failures"].keys() == {"connect certificate"}
    flawless(told)
    sound(summary(tmp_path / "ca"))
    sound(summary(tmp_path / "insecure"))
    assert told["sessions"] == 6
    assert summary(tmp_path / "ca")["latency"]["tls"]["count"] == 3


@pytest.mark.rule("X9")
async def test_source_addresses(tmp_path: Path) -> None:
    """Each CPE comes from its own address of the network given."""
    with acs(tmp_path, *STRICT) as url:
        async with front(url) as known:
            done = await behind(
                *(tmp_path, url, "127.0.0.1", known, "-n", "14"),
                *("--source-addresses", "127.1.0.0/28"),
            )
        told = await trio.to_thread.run_sync(stats, url)
    assert done.returncode == 0, done.stdout + done.stderr
    flawless(told)
    sound(summary(tmp_path))
    fleet_of = [peer for peer in known.peers if peer.startswith("127.1.0.")]
    assert len(fleet_of) == len(set(fleet_of)) == told["cpes"] == 14


async def test_resolve_and_header(tmp_path: Path) -> None:
    """A name is taken for the address given; each request has the header given."""
    with acs(tmp_path, *STRICT) as url:
        async with front(url) as known:
            done = await behind(
                *(tmp_path, url, "acs.nowhere.test", known),
                *("--resolve", "acs.nowhere.test:127.0.0.1"),
                *("--header", "X-Line: 7", "--header", "X-Ring: east"),
            )
        told = await trio.to_thread.run_sync(stats, url)
    assert done.returncode == 0, done.stdout + done.stderr
    flawless(told)
    sound(summary(tmp_path))
    heads = known.heads()
    assert len(heads) == told["posts"] == 6
    for head in heads:
        assert f"Host: acs.nowhere.test:{known.port}\r\n".encode() in head
        assert b"X-Line: 7\r\n" in head
        assert b"X-Ring: east\r\n" in head


def bugs(where: Path) -> list[Path]:
    """The tracebacks that a run left."""
    return list(where.glob("out/*/bug-*.txt"))


@pytest.mark.rule("X3", "X4", "X12")
@pytest.mark.parametrize(
    ("name", "asked_for"),
    [
        ("genieacs", {"GetParameterNamesResponse", "TransferComplete"}),
        ("perlcwmp", {"GetParameterValuesResponse", "GetParameterNamesResponse"}),
    ],
)
async def test_what_a_real_acs_said(
    name: str, asked_for: set[str], tmp_path: Path, shared: Path
) -> None:
    """A CPE lives through all of a captured dialogue, and informs after it as ever."""
    files = sorted((shared / "standard" / "captures" / name).glob("*.http"))
    assert len(files) >= 10
    replay = Replay([path.read_bytes() for path in files])
    async with listening(replay.serve) as port:
        done = await trio.to_thread.run_sync(
            partial(
                quick,
                tmp_path,
                f"http://127.0.0.1:{port}/",
                *("-n", "1", "-r", "5/s", "-d", "8s", "--grace", "2s"),
                *("--profile", fast(tmp_path), "--trace-device", "0"),
            )
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert replay.left == []
    assert replay.after > 0
    assert asked_for <= set(replay.got), replay.got
    assert bugs(tmp_path) == []
