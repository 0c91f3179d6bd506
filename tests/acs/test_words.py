"""Each word of a script with a CPE that does all of it right."""

from __future__ import annotations

import re

import pytest

from cpesim.acs.settings import MEANING, WORDS
from cpesim.acs.words import SCRIPTS
from cpesim.acs.words.diagnostics import PROBES
from cpesim.cwmp.names import NAMESPACE_ORDER
from tests.acs.conftest import Judge
from tests.acs.cpe import IGD, acs, envelope, inform, kinds
from tests.acs.gateway import Gateway
from tests.acs.reports import transfer_complete

V1_2 = NAMESPACE_ORDER[2]
HEADERS = (
    "<C:SessionTimeout>30</C:SessionTimeout>"
    "<C:SupportedCWMPVersions>1.0,1.1,1.2,1.3,1.4</C:SupportedCWMPVersions>"
)
NEW = {"namespace": V1_2, "header": HEADERS}
# What each word asks of a CPE of CWMP 1.4 whose kind is known already.
ASKED = {
    "notifications": [
        "GetParameterAttributes",
        *["SetParameterAttributes", "GetParameterAttributes"] * 9,
        "GetParameterAttributes",
        *["SetParameterAttributes", "GetParameterAttributes"],
        *["SetParameterAttributes"] * 2,
    ],
    "aliases": [
        *["GetParameterValues"] * 2,
        *("GetParameterNames", "GetParameterAttributes", "GetParameterValues"),
    ],
    "upgrade": ["Download"],
    "download-web": ["Download"],
    "download-config": ["Download"],
    "download-tone": ["Download"],
    "download-ringer": ["Download"],
    "download-stored": ["Download"],
    "schedule-download": ["ScheduleDownload"],
    "upload": ["Upload"],
    "upload-log": ["Upload"],
    "cancel": ["Download", "CancelTransfer", "CancelTransfer"],
    "queued": [
        *("Download", "GetQueuedTransfers", "GetAllQueuedTransfers"),
        *("CancelTransfer", "GetQueuedTransfers"),
    ],
    "du-install": ["ChangeDUState"],
    "du-update": ["ChangeDUState"],
    "du-uninstall": ["ChangeDUState"],
    "delay-reboot": ["SetParameterValues"],
    "schedule-reboot": ["SetParameterValues"],
    "options": ["GetOptions", "SetVouchers"],
    "must-understand": ["GetParameterValues"] * 2,
    "hold": ["GetParameterValues"] * 2,
    "versions": ["GetRPCMethods"],
    **{word: ["SetParameterValues"] for word in PROBES},
}


def test_each_word_has_a_script_and_a_sentence() -> None:
    """What can be typed is run, or stands for what is run."""
    assert set(WORDS) - set(MEANING) == {w for w in SCRIPTS if " " not in w}
    assert {word for words in MEANING.values() for word in words} <= set(SCRIPTS)


@pytest.mark.parametrize("root", [IGD, "Device."])
@pytest.mark.parametrize("word", ASKED)
async def test_a_right_cpe_is_found_right(judge: Judge, word: str, root: str) -> None:
    """Nothing is found, what is asked is asked, and it is valid."""
    expected = ASKED[word]
    model = Gateway(root)
    async with acs(script="2: audit; 4: " + word) as (server, connect):
        line = await connect()
        more = {"root": root, "answer": model, **NEW}
        await line.session("2 PERIODIC", parameters=model.forced(), **more)
        asked = await line.session("4 VALUE CHANGE", parameters=model.forced(), **more)
        assert asked == expected
        assert kinds(server) == {}
        assert server.stats()["bugs"]["count"] == 0
        wrong = [judge(reply.body) for reply in line.replies if reply.body]
        assert [found for found in wrong if found] == [] or word == "must-understand"


async def test_wrong_requests_get_their_faults() -> None:
    """Twenty and more, each with its own fault; the model is as it was."""
    for root in (IGD, "Device."):
        model = Gateway(root)
        async with acs(script="wrong") as (server, connect):
            asked = await (await connect()).session(
                "1 BOOT", root=root, answer=model, parameters=model.forced(), **NEW
            )
            assert kinds(server) == {}
            assert len(asked) >= 25
            faults = server.stats()["faults"]
            assert faults.keys() == {"9000", "9003", "9005", "9013"}
            assert model.own[root + "ManagementServer.ParameterKey"] == ""


async def test_an_older_cpe_is_spared_what_it_cannot_know() -> None:
    """V1: in cwmp-1-0 no tone, no schedule, no CancelTransfer, no modules."""
    script = (
        "download-tone,download-ringer,download-stored,schedule-download,cancel,"
        "du-install,queued,notifications"
    )
    model = Gateway(IGD)
    async with acs(script=script) as (server, connect):
        asked = await (await connect()).session(
            "1 BOOT", answer=model, parameters=model.forced()
        )
        assert asked[:2] == ["Download", "GetQueuedTransfers"]
        assert set(asked[2:]) == {"GetParameterAttributes", "SetParameterAttributes"}
        levels = {c.get("Notification") for c in model.calls if "Notif" in c.text}
        assert levels == {"0", "1", "2"}
        assert kinds(server) == {}


@pytest.mark.parametrize(("versions", "asked"), [("1.0,1.2", 0), ("1.2,1.4", 1)])
async def test_stored_images_came_with_cwmp_1_4(versions: str, asked: int) -> None:
    """Their type is not asked for of a CPE of 1.2, though the namespace is the same."""
    header = f"<C:SupportedCWMPVersions>{versions}</C:SupportedCWMPVersions>"
    model = Gateway("Device.")
    async with acs(script="download-stored") as (server, connect):
        found = await (await connect()).session(
            *("1 BOOT",),
            **{**NEW, "header": header},
            root="Device.",
            answer=model,
            parameters=model.forced(),
        )
        assert found == ["Download"] * asked
        assert kinds(server) == {}


@pytest.mark.parametrize(
    ("root", "type"), [("Device.", "unsignedLong"), (IGD, "unsignedInt")]
)
async def test_a_length_is_set_in_the_type_of_its_model(root: str, type: str) -> None:
    """TestFileLength is not of the same type in TR-181 and in TR-098."""
    model = Gateway(root)
    more = {"root": root, "parameters": model.forced(), **NEW}
    async with acs(script="upload-diagnostics") as (server, connect):
        await (await connect()).session("1 BOOT", answer=model, **more)
        (call,) = (c for c in model.calls if c.method == "SetParameterValues")
        assert re.search(rf"TestFileLength</Name><Value [^>]*:{type}\"", call.text)
        assert kinds(server) == {}


@pytest.mark.rule("T6")
@pytest.mark.parametrize(
    ("mode", "text"),
    [
        (1, "1 At Any Time"),
        (2, "2 Immediately"),
        (3, "3 When Idle"),
        (4, "4 Confirmation Needed"),
    ],
)
async def test_a_schedule_has_two_windows(mode: int, text: str) -> None:
    """The first of the mode that was set, the second right after it."""
    model = Gateway()
    settings = {"script": "schedule-download", "window_mode": mode, "schedule": 30}
    async with acs(**settings) as (server, connect):
        line = await connect()
        more = {"root": "Device.", "parameters": model.forced(), "answer": model}
        await line.session("1 BOOT", **more, **NEW)
        said = model.calls[-1].text
        assert re.findall("<WindowMode>([^<]*)<", said) == [text, "1 At Any Time"]
        assert re.findall("<WindowStart>([^<]*)<", said) == ["1", "31"]
        assert re.findall("<WindowEnd>([^<]*)<", said) == ["31", "61"]
        message = re.findall("<UserMessage>([^<]*)<", said)
        assert [bool(text) for text in message] == [mode == 4, False]
        key = model.calls[-1].get("CommandKey")
        told = ("7 TRANSFER COMPLETE", ("M ScheduleDownload", key))
        forced = model.forced()
        await line.post(
            inform(*told, root="Device.", parameters=forced, namespace=V1_2)
        )
        await line.post(envelope(transfer_complete(key), namespace=V1_2))
        await line.post()
        assert kinds(server) == {}


@pytest.mark.parametrize("root", [IGD, "Device."])
async def test_diagnostics_run_one_after_another(root: str) -> None:
    """Requested, 8 DIAGNOSTICS COMPLETE, results; then the next one."""
    model = Gateway(root)
    async with acs(script="diagnostics,reboot") as (server, connect):
        line = await connect()
        event = "1 BOOT"
        for _ in PROBES:
            more = {"parameters": model.forced(), "root": root, "answer": model}
            asked = await line.session(event, **more, **NEW)
            assert asked[-1] == "SetParameterValues"
            # Nothing disturbs it meanwhile.
            more["parameters"] = model.forced()
            assert await line.session("2 PERIODIC", **more, **NEW) == []
            path = next(n for n, t in model.own.items() if t == "Requested")
            both = root == IGD and "load" in path
            model.finish("Completed" if both else "Complete")
            event = "8 DIAGNOSTICS COMPLETE"
        more["parameters"] = model.forced()
        asked = await line.session(event, **more, **NEW)
        assert asked == ["GetParameterValues", "Reboot"]
        assert kinds(server) == {}
        done = {f"{word} complete": 1 for word in PROBES}
        assert server.stats()["diagnostics"] == done


@pytest.mark.parametrize(
    ("path", "name", "text"),
    [
        ("IP.Diagnostics.IPPing.", "SuccessCount", "4"),
        ("IP.Diagnostics.IPPing.", "AverageResponseTime", "5"),
        ("IP.Diagnostics.TraceRoute.", "RouteHopsNumberOfEntries", "3"),
        ("DNS.Diagnostics.NSLookupDiagnostics.", "SuccessCount", "9"),
        ("IP.Diagnostics.DownloadDiagnostics.", "TestBytesReceived", "999999"),
        ("IP.Diagnostics.DownloadDiagnostics.", "TotalBytesReceived", "1000100"),
        ("IP.Diagnostics.DownloadDiagnostics.", "BOMTime", "2026-01-01T11:00:00.0Z"),
        ("IP.Diagnostics.UploadDiagnostics.", "TotalBytesSent", "99999"),
        ("IP.Diagnostics.UploadDiagnostics.", "EOMTime", "0001-01-01T00:00:00Z"),
        ("WiFi.NeighboringWiFiDiagnostic.", "Result.1.BSSID", "00:11"),
    ],
)
async def test_results_that_cannot_be_are_found(
    path: str, name: str, text: str
) -> None:
    """Counts, times, bytes that do not fit each other."""
    model = Gateway()
    word = list(PROBES)[list(model.diagnostics).index(path)]
    model.diagnostics[path][name] = text
    assert await _diagnosed(model, word) == {"B3 results that cannot be": 1}


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("Error_CannotResolveHostName", {}),
        ("Requested", {"B5 DiagnosticsState": 1}),
        ("None", {"B5 DiagnosticsState": 1}),
        ("Completed", {"B5 DiagnosticsState": 1}),
    ],
)
async def test_the_word_for_the_end_is_judged(
    state: str, expected: dict[str, int]
) -> None:
    """Errors are told, and are no violation; other words are."""
    model = Gateway()
    assert await _diagnosed(model, "ping", state) == expected


async def _diagnosed(
    model: Gateway, word: str, state: str = "Complete"
) -> dict[str, int]:
    more = {"root": "Device.", "answer": model, **NEW}
    async with acs(script=word) as (server, connect):
        line = await connect()
        await line.session("1 BOOT", parameters=model.forced(), **more)
        model.finish(state)
        told = "8 DIAGNOSTICS COMPLETE"
        asked = await line.session(told, parameters=model.forced(), **more)
        assert asked == ["GetParameterValues"]
        return kinds(server)


async def test_a_cpe_without_it_is_not_asked_for_it() -> None:
    """Diagnostics, aliases, modules and reboots by parameter need their objects."""
    model = Gateway()
    model.own = {
        name: text
        for name, text in model.own.items()
        if name.removeprefix("Device.") in model.inform or "Periodic" in name
    }
    del model.own["Device.ManagementServer.AliasBasedAddressing"]
    del model.inform["ManagementServer.AliasBasedAddressing"]
    script = "diagnostics,aliases,du-install,delay-reboot,schedule-reboot"
    async with acs(script=script) as (server, connect):
        asked = await (await connect()).session(
            "1 BOOT",
            root="Device.",
            answer=model,
            parameters=model.forced(),
            **NEW,
        )
        assert asked == ["GetParameterNames"]
        assert kinds(server) == {}
