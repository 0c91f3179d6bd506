"""
Every word of the reference ACS, end to end with a fleet.

Rule: a dialogue is a row: what is asked, of which profile, with which options, and what
GET /stats has to tell afterwards. In every one of them GET /violations is empty, the
fleet met no violation, and each envelope of both ends is accepted by validate_cwmp.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cpesim.cwmp.flaws import NOT_UNDERSTOOD
from cpesim.device.catalog import profile_names
from tests.e2e.fleet import FAST, flawless, fleet, stats
from tests.e2e.judging import judged_acs
from tests.play import judge

CPES = 3
FEW = ("-n", str(CPES), "--ramp", "500ms", "--grace", "8s")
TR098, TR181 = "residential-gateway-tr098", "residential-gateway-tr181"
# The reference ACS errs on purpose in these: its own envelopes are not judged, and the
# fleet has to tell of it.
ERRING = {"wrong", "must-understand"}


class Dialogue(NamedTuple):
    """A script and a profile; *told* are paths in /stats and what stands there."""

    script: str
    profile: str
    told: Mapping[str, Any]
    options: tuple[str, ...] = ()
    lasting: str = "6s"
    cwmp: str = ""  # instead of the profile's


def each(n: int = 1) -> int:
    """So many of each CPE."""
    return n * CPES


SIZES = ("--files-size", "50000")
SOON = ("--schedule", "1s")
DIAGNOSTICS = {
    f"diagnostics/{word} complete": each()
    for word in (
        "ping",
        "traceroute",
        "nslookup",
        "download-diagnostics",
        "upload-diagnostics",
    )
}
WHOLE = "audit,provision,notifications,aliases,credentials,options,upload"
OWN = """\
transfers:
  autonomous: {url: "http://127.0.0.1:1/home", every: 2s}
  request: {every: 2s}
modules: {update: 300ms, fetch: false, autonomous: {every: 2s}}
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
# These are over in the first session or soon after it.
QUICK = [
    Dialogue(
        "audit,notifications,options,wrong,must-understand",
        TR098,
        {"rpcs_answered/GetRPCMethods": each(), "events/1 BOOT": each()},
    ),
    Dialogue(
        "audit,notifications,aliases,options,wrong,must-understand",
        TR181,
        {"rpcs_answered/GetRPCMethods": each(), "events/1 BOOT": each()},
        cwmp="1.4",
    ),
    Dialogue("hold", TR098, {"injected/hold": each(), "sessions": each()}),
    Dialogue("versions,audit", TR181, {"rpcs_answered/GetRPCMethods": each(2)}),
    Dialogue(
        "redirect,audit",
        TR098,
        {"injected/redirect": each(5), "rpcs_answered/GetParameterNames": each()},
        ("--redirects", "5"),
    ),
    Dialogue(
        "cancel,queued",
        TR181,
        {
            "rpcs_answered/Download": each(2),
            "rpcs_answered/CancelTransfer": each(3),
            "rpcs_answered/GetQueuedTransfers": each(2),
            "rpcs_answered/GetAllQueuedTransfers": each(),
            "transfer_completes/count": 0,
        },
    ),
]
LASTING = [
    # Attributes and addressing: the ACS's every level, and the CPE's 1.2 and 1.4.
    *(
        Dialogue("notifications,aliases", TR181, {"faults": {}}, cwmp=cwmp)
        for cwmp in ("1.2", "1.4")
    ),
    # Transfers.
    Dialogue(
        "download-web",
        TR098,
        {
            "transfer_completes/faults/0": each(),
            "events/M Download": each(),
            "events/7 TRANSFER COMPLETE": each(),
        },
        SIZES,
    ),
    # Stored images and the rest, and files that are no configuration (T11, choice).
    Dialogue(
        "download-web,download-config,download-tone,download-ringer,download-stored",
        TR181,
        {"transfer_completes/count": each(5), "events/M Download": each(5)},
        SIZES,
        cwmp="1.4",
    ),
    *(
        Dialogue(
            word,
            profile,
            {
                "transfer_completes/faults/0": each(),
                "events/M Upload": each(),
                "uploads/received": each(),
            },
            auth,
        )
        for word, profile, auth in (
            ("upload", TR098, ()),
            ("upload", TR181, ("--files-auth", "basic")),
            ("upload-log", TR181, ("--files-auth", "digest")),
        )
    ),
    *(
        Dialogue(
            "schedule-download",
            TR181,
            {
                "transfer_completes/count": each(),
                "events/M ScheduleDownload": each(),
            },
            (*SIZES, "--schedule", "2s", "--window-mode", str(mode)),
            "12s",
        )
        for mode in (1, 2, 3, 4)
    ),
    # cwmp-1-0: no GetAllQueuedTransfers, no CancelTransfer; the Download is made.
    Dialogue(
        "queued",
        TR098,
        {
            "rpcs_answered/GetQueuedTransfers": each(),
            "transfer_completes/faults/0": each(),
        },
        (*SIZES, *SOON),
        "8s",
    ),
    # cwmp-1-1 has GetAllQueuedTransfers, CWMP 1.3 SessionTimeout.
    Dialogue(
        "audit,notifications,queued,upload",
        TR098,
        {
            "rpcs_answered/GetAllQueuedTransfers": each(),
            "transfer_completes/faults/0": each(2),
        },
        (*SIZES, *SOON),
        "8s",
        "1.1",
    ),
    Dialogue(
        "audit,upload,cancel",
        TR181,
        {
            "rpcs_answered/CancelTransfer": each(2),
            "transfer_completes/faults/0": each(),
        },
        cwmp="1.3",
    ),
    # Software modules.
    Dialogue(
        "du-install,du-update,du-uninstall",
        TR181,
        {
            "rpcs_answered/ChangeDUState": each(3),
            "events/M ChangeDUState": each(3),
            "cpe_requests/DUStateChangeComplete": each(3),
        },
        SIZES,
        "15s",
    ),
    # Diagnostics.
    Dialogue("diagnostics", TR098, DIAGNOSTICS, SIZES, "30s"),
    Dialogue(
        "diagnostics",
        TR181,
        DIAGNOSTICS | {"diagnostics/neighbours complete": each()},
        SIZES,
        "30s",
    ),
    # Reboots by parameter: 1 BOOT without M Reboot.
    *(
        Dialogue(word, TR181, {"events/1 BOOT": each(2)}, SOON, "8s")
        for word in ("delay-reboot", "schedule-reboot")
    ),
    # A whole run of each profile that ships.
    *(
        Dialogue(WHOLE, profile, {"faults": {"9000": each(2)}})
        for profile in profile_names()
    ),
    # The session itself.
    Dialogue(
        "download-web; 7 TRANSFER COMPLETE: hold",
        TR181,
        {"injected/hold": each(), "transfer_completes/faults/0": each()},
        SIZES,
    ),
    Dialogue(
        "download-web; 7: retry-request",
        TR181,
        {"injected/8005": each(2 * 3), "transfer_completes/count": each()},
        (*SIZES, "--retry-times", "3"),
    ),
    Dialogue(
        "redirect", TR181, {"injected/redirect": each()}, ("--redirect-status", "302")
    ),
]


def hasty(where: Path, dialogue: Dialogue) -> str:
    """The profile, dark for a moment only after a reboot, and quick with modules."""
    text = FAST.replace(TR098, dialogue.profile)
    if dialogue.cwmp:
        text = text.replace("reboot:", f'cwmp: "{dialogue.cwmp}"\nreboot:')
    if dialogue.profile == TR181:
        text += "modules: {install: 500ms, update: 500ms, uninstall: 500ms}\n"
    path = where / "hasty.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def found(told: Any, path: str) -> Any:
    """What stands at the path; 0 where nothing was counted."""
    for name in path.split("/"):
        told = told.get(name, 0) if isinstance(told, dict) else told
    return told


@pytest.mark.parametrize(
    "dialogue",
    [
        *(d._replace(lasting="2s") for d in QUICK),
        *(pytest.param(d, marks=pytest.mark.slow) for d in LASTING),
    ],
    ids=lambda d: f"{d.script} {d.profile} {d.cwmp} {d.options[-1:]}",
)
def test_a_dialogue(tmp_path: Path, dialogue: Dialogue) -> None:
    """It goes as the standard has it: nothing is found, and all of it happened."""
    erring = bool(ERRING & set(dialogue.script.split(",")))
    told = held(tmp_path, dialogue, hasty(tmp_path, dialogue), erring=erring)
    assert {path: found(told, path) for path in dialogue.told} == dict(dialogue.told)
    if judge() is None:
        pytest.skip("shared/ with validate_cwmp.py does not stand beside the checkout")


@pytest.mark.slow
def test_what_cpes_do_of_their_own_accord(tmp_path: Path) -> None:
    """Files and modules that nobody asked for, a file that they ask for, heartbeats."""
    path = tmp_path / "own.yaml"
    head = f'version: 1\nname: own\nextends: {TR181}\ncwmp: "1.4"\n'
    path.write_text(head + OWN, encoding="utf-8")
    script = "9 REQUEST DOWNLOAD: download-web"
    dialogue = Dialogue(script, TR181, {}, SIZES, "8s")
    # Heartbeats are half a minute apart: in a few seconds, a few of ten CPEs have one.
    told = held(tmp_path, dialogue, str(path), more=("-n", "10"))
    for request in (
        *("AutonomousTransferComplete", "AutonomousDUStateChangeComplete"),
        *("RequestDownload", "TransferComplete"),
    ):
        assert told["cpe_requests"][request] >= CPES
    assert told["events"]["14 HEARTBEAT"] >= 1


@pytest.mark.slow
def test_an_acs_that_fails_now_and_then(tmp_path: Path) -> None:
    """Sessions break off in all places, and still nobody finds the other wrong."""
    script = "audit,provision,upload,schedule-download,du-install,ping,reboot,upgrade"
    shares = ("--fail-503", "5%", "--drop", "3%", "--retry-request", "10%")
    options = ("--script", script, *SIZES, *SOON, *shares, "--hold", "10%")
    profile = hasty(tmp_path, Dialogue(script, TR181, {}, cwmp="1.4"))
    with judged_acs(tmp_path, *options) as url:
        words = ("-n", "8", "--ramp", "500ms", "-d", "20s", "--grace", "8s")
        run = fleet(tmp_path, url, *words, "--profile", profile)
        told = stats(url)
    assert told["listed"] == []
    assert told["bugs"]["count"] == 0
    assert run["failures"].keys() <= {"http 503", "disconnected"}
    assert run["sessions"]["failed"] > 8
    assert told["transfer_completes"]["count"] > 8


def held(
    where: Path,
    dialogue: Dialogue,
    profile: str,
    *,
    erring: bool = False,
    more: tuple[str, ...] = (),
) -> Any:
    """What the ACS tells of a dialogue once nothing is wrong with it."""
    options = ("--script", dialogue.script, *dialogue.options)
    with judged_acs(where, *options, erring=erring) as url:
        words = (*FEW, "-d", dialogue.lasting, "--profile", profile, *more)
        wrong = [NOT_UNDERSTOOD] if erring else []
        run = fleet(where, url, *words, timeout=120.0, erring=wrong)
        told = stats(url)
    flawless(told)
    assert run["sessions"]["failed"] == 0, run["failures"]
    return told
