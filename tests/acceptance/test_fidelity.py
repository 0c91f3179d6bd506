"""A CPE like a real one, section by section, with the program as its users have it."""

from __future__ import annotations

import re
import socket
from functools import partial
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest
import trio

from cpesim.cwmp import names
from cpesim.cwmp.session import Session
from cpesim.device.catalog import load_profile, profile_names
from cpesim.device.device import Device
from cpesim.device.world import World
from tests.acceptance.runs import TR098, TR181, Acs, judged, met, profile, said
from tests.cli.program import acs, ran, started
from tests.device.test_datamodel import SMALL as DATA_MODEL
from tests.device.test_dump import SMALL as DUMP
from tests.e2e.fleet import STRICT, flawless, fleet, stats, stored
from tests.e2e.nginx import free_port, nginx
from tests.factory import hold
from tests.hostile.test_wire import hostile
from tests.play import reply
from tests.wire import tiny
from tests.wire.authority import Authority

ADDRESS = "Device.IP.Interface.1.IPv4Address.1.IPAddress"
NOTHING = b"HTTP/1.1 204 No Content\r\n\r\n"
BUSY = """\
cwmp: "1.4"
reboot: 500ms
firmware: {pattern: 'HG\\w+[-_]v?([0-9.]+)', bandwidth: 200Mbit, flash: 500ms, least: 1}
modules: {install: 300ms, update: 300ms, uninstall: 300ms}
"""
LIVELY = """\
cwmp: "1.4"
modules: {{update: 300ms, fetch: false, autonomous: {{every: 2s}}}}
transfers:
  autonomous: {{url: "{url}files/home", every: 2s, type: 3 Vendor Configuration File}}
  request: {{every: 2s}}
parameters:
  ManagementServer:
    AutonomousTransferCompletePolicy.Enable: = 1
    DUStateChangeComplPolicy.Enable: = 1
    DUStateChangeComplPolicy.OperationTypeFilter: = Install,Update,Uninstall
    HeartbeatPolicy:
      Enable: rw boolean = 1
      ReportingInterval: rw unsignedInt[30:] = 30
      InitiationTime: rw dateTime = 0001-01-01T00:00:00Z
"""
SLEEPER = """\
standby: {every: 4s, for: 2s}
parameters:
  ManagementServer.StandbyPolicy.CRUnawarenessMaxDuration: = 1
"""
SCENARIO = """\
version: 1
name: lively
duration: 14s
acs: {{url: "{url}"}}
fleet:
  start: {{state: new, ramp: 500ms}}
  groups:
    lively: {{count: 10, profile: {lively}, inform: {{interval: 3s}}}}
    sleeper: {{count: 2, profile: {sleeper}, inform: {{interval: 1h}}}}
load: [{{name: timers, executor: fleet}}]
limits: {{in_flight: 100}}
grace: 5s
"""
SCRIPT = (
    "audit,notifications,aliases,provision,credentials,options,cancel,queued,upload,"
    "schedule-download,du-install,du-uninstall,ping,schedule-inform,reboot,upgrade,"
    "factory-reset"
)
RPCS = {
    *("AddObject", "DeleteObject", "GetParameterNames", "GetRPCMethods"),
    *("GetParameterValues", "SetParameterValues", "Reboot", "FactoryReset"),
    *("GetParameterAttributes", "SetParameterAttributes", "ScheduleInform"),
    *("Download", "ScheduleDownload", "Upload", "CancelTransfer", "ChangeDUState"),
    *("GetQueuedTransfers", "GetAllQueuedTransfers"),
}
REQUESTS = {
    *("TransferComplete", "AutonomousTransferComplete", "RequestDownload"),
    *("DUStateChangeComplete", "AutonomousDUStateChangeComplete"),
}


@pytest.mark.slow
def test_1_all_rpcs_and_events(tmp_path: Path) -> None:
    """Each RPC of the standard is answered, each of the CPE's sent, each event told."""
    busy = profile(tmp_path, "busy", BUSY)
    options = ("--schedule", "1s", "--files-size", "50000")
    with acs(tmp_path, *STRICT, "--script", SCRIPT, *options) as url:
        words = ("-n", "2", "--ramp", "500ms", "-d", "40s", "--grace", "5s")
        fleet(tmp_path, url, *words, "--profile", busy, timeout=90.0)
        asked = stats(url)
    flawless(asked)
    assert set(asked["rpcs_answered"]) >= RPCS
    assert asked["faults"].pop("9000") == 4  # GetOptions and SetVouchers
    with acs(tmp_path, *STRICT, "--knock-every", "3s") as url:
        text = SCENARIO.format(
            url=url,
            lively=profile(tmp_path, "lively", LIVELY.format(url=url)),
            sleeper=profile(tmp_path, "sleeper", SLEEPER, "set-top-box"),
        )
        (tmp_path / "lively-run.yaml").write_text(text, encoding="utf-8")
        done = ran("run", "lively-run.yaml", "--ui", "none", where=tmp_path)
        lively = stats(url)
    assert done.returncode == 0, done.stdout + done.stderr
    flawless(lively)
    assert {*asked["cpe_requests"], *lively["cpe_requests"]} == REQUESTS
    # V1: event 5 only stands in the tables.
    commands = ("Reboot", "ScheduleInform", "Download", "ScheduleDownload", "Upload")
    told = {f"M {command}" for command in (*commands, "ChangeDUState")}
    told |= set(names.EVENTS) - {"5 KICKED"}
    assert {*asked["events"], *lively["events"]} == told


@pytest.mark.slow
async def test_2_notifications(tmp_path: Path) -> None:
    """A new WAN address is told if, and as, the ACS asked; by a datagram at level 5."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        udp.settimeout(1)
        lines = (
            'cwmp: "1.4"\nparameters:\n  IP.Interface[1].IPv4Address[1]:\n'
            "    IPAddress: ~ lease 100.64.0.0/10 1s\n  ManagementServer:\n"
            "    LightweightNotificationProtocolsUsed: = UDP\n"
            "    UDPLightweightNotificationHost: = 127.0.0.1\n"
            f"    UDPLightweightNotificationPort: = {udp.getsockname()[1]}\n"
        )
        restless = profile(tmp_path, "restless", lines)
        told: dict[int, list[bool]] = {}
        for level in (0, 2, 5):
            where = tmp_path / str(level)
            where.mkdir()
            attributes = [(ADDRESS, 1, level, None)]
            server = Acs(
                said("InformResponse", version="1.2"),
                said("SetParameterAttributes", attributes, version="1.2"),
                NOTHING,
            )
            await met(where, server.serve, "--profile", restless)
            later = server.informs()[1:]
            told[level] = [
                "4 VALUE CHANGE" in body and ADDRESS in body for body in later
            ]
            if level == 5:
                assert ADDRESS in udp.recv(65536).decode()
            else:
                with pytest.raises(TimeoutError):
                    udp.recv(65536)
    assert len(told[2]) >= 2
    assert all(told[2])
    assert told[0] == told[5] == []


@pytest.mark.slow
@pytest.mark.parametrize("base", [TR098, TR181])
def test_3_diagnostics(tmp_path: Path, base: str) -> None:
    """All kinds are complete; real bytes went from and to the ACS's /files."""
    size, made = 300_000, 6 if base == TR181 else 5
    options = ("--script", "diagnostics", "--files-size", str(size))
    with acs(tmp_path, *STRICT, *options) as url:
        words = ("-n", "2", "--ramp", "500ms", "-d", "25s", "--grace", "5s")
        found = fleet(tmp_path, url, *words, "--profile", base)
        told = stats(url)
    flawless(told)
    assert set(told["diagnostics"].values()) == {2}
    assert len(told["diagnostics"]) == made
    assert all(kind.endswith(" complete") for kind in told["diagnostics"])
    assert told["events"]["8 DIAGNOSTICS COMPLETE"] == 2 * made
    assert told["downloads"]["bytes"] == 2 * size
    assert told["uploads"]["bytes"] > 0
    assert found["diagnostics"]["bytes.received"] > 2 * size
    assert found["diagnostics"]["bytes.sent"] > told["uploads"]["bytes"]


async def test_4_transport(tmp_path: Path) -> None:
    """Behind nginx: TLS 1.3, a certificate of each CPE's, resumption; SHA-256."""
    authority, port = Authority(tmp_path), free_port()
    crt, key = authority.pair("127.0.0.1", stem="server")
    for n in range(3):
        authority.pair(f"{n}.cpe.test", stem=str(n))
    with acs(tmp_path, *STRICT, "--auth", "digest") as url:
        block = (
            f"server {{ listen 127.0.0.1:{port} ssl; ssl_protocols TLSv1.3;"
            f" ssl_certificate {crt}; ssl_certificate_key {key};"
            f" ssl_client_certificate {authority.file}; ssl_verify_client on;"
            f" ssl_session_cache shared:a:1m; location / {{ proxy_pass {url}; }} }}"
        )
        with nginx(tmp_path, block, port):
            words = ("-n", "3", "-r", "6", "-d", "2s", "--grace", "2s")
            secure = ("--ca", authority.file, "--tls-resume", "--trace-device", "0")
            certificates = ("--client-certs", f"{tmp_path}/{{n}}.crt")
            mine = profile(tmp_path, "mine", "device: {password: '{username}'}\n")
            run = partial(
                *(fleet, tmp_path, f"https://127.0.0.1:{port}/"),
                *(*words, *secure, *certificates, "--profile", mine),
            )
            found = await trio.to_thread.run_sync(run)
        told = await trio.to_thread.run_sync(stats, url)
    flawless(told)
    assert told["auth"]["ok"] > told["auth"]["missing"] >= 9
    assert found["tls"]["versions"].keys() == {"TLSv1.3"}
    assert found["tls"]["resumed"] == found["tls"]["handshakes"] - 3 > 0
    trace = stored(tmp_path, "trace-0.txt").read_text(encoding="utf-8")
    assert "CN=0.cpe.test" in trace

    ask = 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth", algorithm='
    answers = [tiny.reply(401, ask + "MD5", ask + "SHA-256")]
    answers += [tiny.reply(200, body=reply("InformResponse")), NOTHING]
    async with tiny.listening(*answers) as server:
        run_one = partial(ran, "device", server.url, "--profile", mine, where=tmp_path)
        done = await trio.to_thread.run_sync(run_one)
    assert done.returncode == 0, done.stderr
    proof = server.asked[1].header("Authorization") or ""
    known = dict(re.findall(r'(\w+)="?([^",]*)', proof))
    name = known["username"]
    halves = [sha256(f"{name}:r:{name}".encode()).hexdigest()]
    rest = f"n:{known['nc']}:{known['cnonce']}:auth"
    halves += [rest, sha256(b"POST:/acs").hexdigest()]
    assert known["algorithm"] == "SHA-256"
    assert known["response"] == sha256(":".join(halves).encode()).hexdigest()


@pytest.mark.parametrize(
    ("quirk", "broken"),
    [
        ("no_array_type: {share}", {"I1 arrayType missing or malformed"}),
        # An ACS may be new to a CPE; prefixes and time are its own affair.
        ("no_bootstrap: {share}, prefixes: {share}, slow_answers: {share}", set()),
    ],
)
def test_5_unlike_each_other(tmp_path: Path, quirk: str, broken: set[str]) -> None:
    """Of a share of the fleet the ACS finds what the quirk breaks, and only that."""
    listed, _ = judged(tmp_path, f"quirks: {{{quirk.format(share='50%')}}}\n")
    assert {entry["what"] for entry in listed} == broken
    assert all(entry["count"] for entry in listed)


@pytest.mark.slow
def test_6_profiles_from_what_users_have(tmp_path: Path) -> None:
    """An export, a data model, a CPE: imported, checked, shown, compared, replayed."""
    (tmp_path / "ont.csv").write_text(DUMP, encoding="utf-8")
    (tmp_path / "model.xml").write_text(DATA_MODEL, encoding="utf-8")

    def does(*words: str, code: int = 0) -> str:
        done = ran("profile", *words, where=tmp_path)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    does("import", "ont.csv", "-o", "ont.yaml")
    does("import", "model.xml", "--object", "Device.Box.", "-o", "box.yaml")
    for name in ("one.yaml", "two.yaml"):
        with started("acs", "--port", "0", "--record", name, where=tmp_path) as server:
            assert server.stdout is not None
            found = re.search(r"http://\S+", server.stdout.readline())
            assert found is not None
            source = "set-top-box" if name == "one.yaml" else "one.yaml"
            done = ran("device", found[0], "--profile", source, where=tmp_path)
            assert done.returncode == 0, done.stderr
            server.communicate(timeout=30)
            assert server.returncode == 0
    does("check", "ont.yaml", "box.yaml", "one.yaml", "two.yaml")
    assert "Box" in does("show", "box.yaml")
    # How fast a counter runs is guessed from where it stood.
    lines = does("diff", "one.yaml", "two.yaml", code=98).splitlines()[:-1]
    assert all(re.search(r": value ~ counter \S+ -> ", line) for line in lines)
    assert "~ manufacturer: " in does("diff", "one.yaml", "ont.yaml", code=98)
    assert set(load_profile("set-top-box").names) == set(
        load_profile(str(tmp_path / "one.yaml")).names
    )


async def test_7_hostile_input(tmp_path: Path) -> None:
    """An ACS of rubbish: sessions fail under labels, the fleet lives, no bug shows."""
    chance = Random(7)

    async def serve(stream: trio.SocketStream) -> None:
        async with stream:
            await hostile(stream, chance)

    words = ("-n", "40", "-r", "40/s", "--profile", profile(tmp_path, "own", ""))
    found, _ = await met(tmp_path, serve, *words)
    assert found["sessions"]["started"] > 40
    assert len(found["failures"]) >= 3
    assert "bug" not in found["failures"]


@pytest.mark.slow
def test_8_the_reference_acs_judges(tmp_path: Path) -> None:
    """A CPE that errs stands in /violations under the rule; a good one does not."""
    lines = (
        "quirks:\n  wrong_types: {share: 100%, types: {string: int}}\n"
        "  double_inform: 100%\n"
    )
    (tmp_path / "bad").mkdir()
    (tmp_path / "good").mkdir()
    listed, _ = judged(tmp_path / "bad", lines, "--script", "audit")
    assert {entry["rule"] for entry in listed} == {"P4", "E5"}
    for entry in listed:
        assert entry["what"].startswith(entry["rule"] + " ")
        assert re.match("[0-9A-F]{6}-", entry["cpe"])
        assert entry["example"]
        assert entry["first"] <= entry["last"]
    assert judged(tmp_path / "good", "", "--script", "audit")[0] == []


async def test_9_the_cpe_judges_the_acs(tmp_path: Path) -> None:
    """What a faulty ACS broke is told by rule, how often, and with an example each."""
    odd = b'<x:Odd xmlns:x="urn:x" soap-env:mustUnderstand="1">1</x:Odd></soap-env:Hea'
    ask = reply("GetParameterValues", "Device.DeviceInfo.UpTime")
    bodies = [
        reply("InformResponse", id="null"),
        reply("GetRPCMethods", id=""),
        ask.replace(b"string[1]", b"string[7]"),
        ask.replace(b"</soap-env:Hea", odd),
    ]
    server = Acs(*(tiny.reply(200, body=body) for body in bodies), NOTHING)
    found, printed = await met(tmp_path, server.serve, "--profile", TR181)
    listed = found["acs"]["violations"]
    assert {entry["rule"] for entry in listed.values()} == {"X3", "S6", "X4", "S13"}
    assert all(entry["count"] and entry["example"] for entry in listed.values())
    assert "ACS VIOLATIONS (" in printed
    for kind, entry in listed.items():
        assert f"{kind}" in printed
        assert entry["example"] in printed


def test_10_speed() -> None:
    """What a fleet does not use is not in a session's way: no class, alarm or state."""
    for name in profile_names():
        plain = load_profile(name)
        world = World(1, epoch=1.8e9, acs_url="http://127.0.0.1/")
        one, other = Device(plain, 0, world), Device(plain, 1, world)
        for device in (one, other):
            device.boot(0.0)
            hold(device, 0.0)
        for device in (one, other):
            device.tell(names.PERIODIC, "", 300.0, "periodic")
            session = device.begin(300.0)
            assert type(session) is Session
            device.end(session, 300.0)
            assert {alarm[1] for alarm in device.alarms} == {"periodic"}
        assert one.memory is other.memory
        assert one.requests == one.transfers == one.errands == ()
