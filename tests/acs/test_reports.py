"""What CPEs report by requests of their own, and what can be wrong with it."""

from __future__ import annotations

from typing import Any

import pytest
import trio

from cpesim.cwmp.names import NAMESPACE_ORDER, UNKNOWN_TIME
from tests.acs.cpe import acs, envelope, inform, kinds
from tests.acs.gateway import Gateway
from tests.acs.reports import UUID, autonomous, results, transfer_complete

V1_2 = NAMESPACE_ORDER[2]
DOWNLOADED = ("7 TRANSFER COMPLETE", ("M Download", "k"))
CHANGED = ("11 DU STATE CHANGE COMPLETE", ("M ChangeDUState", "k"))


def du(*listed: str) -> str:
    """DUStateChangeComplete's element."""
    return (
        f"<C:DUStateChangeComplete>{''.join(listed)}<CommandKey>k</CommandKey>"
        "</C:DUStateChangeComplete>"
    )


def own_du(*listed: str) -> str:
    """AutonomousDUStateChangeComplete's element."""
    name = "AutonomousDUStateChangeComplete"
    return f"<C:{name}>{''.join(listed)}</C:{name}>"


async def reported(*events: Any, **bodies: str) -> dict[str, int]:
    """What is found in a first session with these events and requests."""
    async with acs() as (server, connect):
        line = await connect()
        await line.post(inform(*events, namespace=V1_2))
        for body in bodies.values():
            reply = await line.post(envelope(body, namespace=V1_2))
            assert reply.method.endswith("Response")
        assert (await line.post()).status == 204
        assert server.stats()["bugs"]["count"] == 0
        return kinds(server)


OWN = "<OperationPerformed>Install</OperationPerformed>"
RIGHT: list[tuple[tuple[Any, ...], str]] = [
    (DOWNLOADED, transfer_complete("k")),
    (DOWNLOADED, transfer_complete("k", 9020, start=UNKNOWN_TIME, end=UNKNOWN_TIME)),
    (("10 AUTONOMOUS TRANSFER COMPLETE",), autonomous()),
    (
        ("9 REQUEST DOWNLOAD",),
        "<C:RequestDownload><FileType>1 Firmware Upgrade Image</FileType>"
        '<FileTypeArg E:arrayType="C:ArgStruct[0]"/></C:RequestDownload>',
    ),
    (CHANGED, du(results("Installed"), results("Failed", 9015))),
    (
        ("12 AUTONOMOUS DU STATE CHANGE COMPLETE",),
        own_du(results("Uninstalled", more=OWN)),
    ),
]


@pytest.mark.rule("S4", "T4", "B7")
@pytest.mark.parametrize(("events", "body"), RIGHT)
async def test_right_reports_are_found_right(
    events: tuple[Any, ...], body: str
) -> None:
    """Each with its events; nothing is found."""
    assert await reported(*events, body=body) == {}


WRONG: list[tuple[tuple[Any, ...], str, str]] = [
    (DOWNLOADED, transfer_complete("k", 9013), "T5 fault code"),
    (DOWNLOADED, transfer_complete("k", end=UNKNOWN_TIME), "T4 a success without"),
    (
        DOWNLOADED,
        transfer_complete("k", end="2026-01-01T11:00:00Z"),
        "T4 an end before the start",
    ),
    (DOWNLOADED, transfer_complete("k", end="soon"), "T4 times that are none"),
    (
        DOWNLOADED,
        transfer_complete("k", end="2026-01-01T13:00:09+01:00"),
        "T4 times not in UTC",
    ),
    (("7 TRANSFER COMPLETE",), transfer_complete("k"), "T4 TransferComplete without"),
    ((("M Download", "k"),), transfer_complete("k"), "T4 TransferComplete without 7"),
    (("1 BOOT",), autonomous(), "E5 AutonomousTransferComplete without its event"),
    (
        ("10 AUTONOMOUS TRANSFER COMPLETE",),
        autonomous().replace("<IsDownload>1", "<IsDownload>yes"),
        "T9 IsDownload",
    ),
    (
        ("9 REQUEST DOWNLOAD",),
        "<C:RequestDownload/>",
        "T9 RequestDownload without FileType",
    ),
    (CHANGED[1:], du(results("Installed")), "E5 DUStateChangeComplete without its"),
    (CHANGED[:1], du(results("Installed")), "B4 DUStateChangeComplete without its M"),
    (CHANGED, du(results("Installed", 9010)), "B4 fault code"),
    (CHANGED, du(results("Running")), "B7 CurrentState"),
    (CHANGED, du(results("Installed").replace(UUID, "x")), "B7 UUID"),
    (
        CHANGED,
        du(results("Installed").replace("<Resolved>1", "<Resolved>")),
        "B7 Resolved",
    ),
    (
        CHANGED,
        du(results("Installed").replace("2026-01-01T12:00:09Z", UNKNOWN_TIME)),
        "B7 a success without times",
    ),
    (
        ("12 AUTONOMOUS DU STATE CHANGE COMPLETE",),
        own_du(results("Installed")),
        "B7 no OperationPerformed",
    ),
    (("12 AUTONOMOUS DU STATE CHANGE COMPLETE",), own_du(), "B7 no Results"),
]


@pytest.mark.rule("T4", "T5", "B7")
@pytest.mark.parametrize(("events", "body", "what"), WRONG)
async def test_wrong_reports_are_found(
    events: tuple[Any, ...], body: str, what: str
) -> None:
    """Each mistake has its name."""
    found = await reported(*events, body=body)
    assert [kind for kind in found if kind.startswith(what)] != [], found


@pytest.mark.rule("S4", "E5")
@pytest.mark.parametrize(
    ("events", "what"),
    [
        (DOWNLOADED, "T4 an M event without TransferComplete"),
        (CHANGED, "B4 M ChangeDUState without its report"),
        (("9 REQUEST DOWNLOAD",), "E5 an event without RequestDownload"),
        (
            ("10 AUTONOMOUS TRANSFER COMPLETE",),
            "E5 an event without AutonomousTransferComplete",
        ),
    ],
)
async def test_an_event_wants_its_report(events: tuple[Any, ...], what: str) -> None:
    """A session that ends without it."""
    assert what in await reported(*events)


async def test_a_report_comes_once() -> None:
    """After its response it is not said again."""
    body = transfer_complete("k")
    found = await reported(*DOWNLOADED, one=body, two=body)
    assert found == {"S4 a request again after its response": 1}


@pytest.mark.rule("B4")
@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("Uninstalled", {}),
        ("Installed", {"B7 CurrentState": 1}),
        (None, {"B7 fewer Results than operations": 1}),
    ],
)
async def test_a_change_ends_as_it_was_asked(
    state: str | None, expected: dict[str, int]
) -> None:
    """What du-uninstall asked for, by the key that it was given."""
    model = Gateway()
    more: dict[str, Any] = {"root": "Device.", "namespace": V1_2}
    async with acs(script="du-uninstall,reboot") as (server, connect):
        line = await connect()
        await line.session("1 BOOT", answer=model, parameters=model.forced(), **more)
        key = model.calls[-1].get("CommandKey")
        # Nothing disturbs it until then.
        more["parameters"] = model.forced()
        assert await line.session("2 PERIODIC", answer=model, **more) == []
        told = ("11 DU STATE CHANGE COMPLETE", ("M ChangeDUState", key))
        await line.post(inform(*told, **more))
        body = du(results(state) if state else "").replace(">k<", f">{key}<")
        await line.post(envelope(body, namespace=V1_2))
        call = await line.post()
        assert call.method == "Reboot"
        assert kinds(server) == expected


@pytest.mark.parametrize("asked", [True, False])
async def test_one_change_after_another(asked: bool) -> None:
    """Event 11 of a second ChangeDUState is another one; without it, it is doubled."""
    model = Gateway()
    more: dict[str, Any] = {"root": "Device.", "namespace": V1_2}
    words = "du-install,du-uninstall" if asked else "du-install"
    async with acs(script=words) as (server, connect):
        line = await connect()
        await line.session("1 BOOT", answer=model, parameters=model.forced(), **more)
        more["parameters"] = model.forced()
        for state in ("Installed", "Uninstalled"):
            key = model.calls[-1].get("CommandKey")
            told = ("11 DU STATE CHANGE COMPLETE", ("M ChangeDUState", key))
            whole = asked or state == "Installed"
            await line.post(inform(*(told if whole else told[:1]), **more))
            body = du(results(state)).replace(">k<", f">{key}<")
            await line.post(envelope(body, namespace=V1_2))
            reply = await line.post()
            if reply.method:
                answer = envelope(model(reply), reply.get("ID"), V1_2)
                assert (await line.post(answer)).status == 204
            line.cookie = ""
        again = kinds(server).get("E5 an event again after its response", 0)
        assert again == (not asked)
        assert asked <= (kinds(server) == {})


@pytest.mark.parametrize("word", ["reboot", "download-web", "du-install"])
async def test_a_request_whose_answer_was_lost_may_have_been_heard(word: str) -> None:
    """Its event and its end are right, though nobody knows that it was accepted."""
    model = Gateway()
    more: dict[str, Any] = {"root": "Device.", "namespace": V1_2}
    more["parameters"] = model.forced()
    asks = {"reboot": "Reboot", "download-web": "Download", "du-install": "Change"}
    async with acs(script=word) as (server, connect):
        line = await connect()
        await line.post(inform("1 BOOT", **more))
        reply = await line.post()
        while not reply.method.startswith(asks[word]):
            answer = envelope(model(reply), reply.get("ID"), V1_2)
            reply = await line.post(answer)
        key = reply.get("CommandKey")
        await trio.aclose_forcefully(line.stream)
        await trio.sleep(0.02)
        line = await connect()
        if word == "du-install":
            # The one that is asked for anew may end before it.
            await line.session("2 PERIODIC", answer=model, retries=1, **more)
            other = model.calls[-1].get("CommandKey")
            told = ("11 DU STATE CHANGE COMPLETE", ("M ChangeDUState", other))
            await line.post(inform(*told, **more))
            body = du(results("Installed")).replace(">k<", f">{other}<")
            await line.post(envelope(body, namespace=V1_2))
            await line.post()
            line.cookie = ""
        code, end = {
            "reboot": ("M Reboot", ""),
            "download-web": ("M Download", transfer_complete(key)),
            "du-install": (
                "M ChangeDUState",
                du(results("Installed")).replace(">k<", f">{key}<"),
            ),
        }[word]
        single = {"M Download": "7 TRANSFER COMPLETE", "M Reboot": "1 BOOT"}
        first = single.get(code, "11 DU STATE CHANGE COMPLETE")
        retries = int(word != "du-install")
        await line.post(inform(first, (code, key), retries=retries, **more))
        if end:
            await line.post(envelope(end, namespace=V1_2))
        await line.post()
        assert kinds(server) == {}


@pytest.mark.parametrize("retries", [0, 1])
async def test_a_start_that_is_told_once_more(retries: int) -> None:
    """After a failed session nothing is forgotten; a new start ends transfers (B2)."""
    model = Gateway()
    more: dict[str, Any] = {"root": "Device.", "parameters": model.forced()}
    start = ("0 BOOTSTRAP", "1 BOOT")
    async with acs(script="download-web,audit") as (server, connect):
        line = await connect()
        await line.post(inform(*start, **more))
        reply = await line.post()
        key = reply.get("CommandKey")
        await line.post(envelope(model(reply), reply.get("ID")))
        await trio.aclose_forcefully(line.stream)
        await trio.sleep(0.3)
        line = await connect()
        again = inform(*start, retries=retries, **more)
        assert (await line.post(again)).status == 200
        await trio.aclose_forcefully(line.stream)
        line = await connect()
        told = ("7 TRANSFER COMPLETE", ("M Download", key))
        await line.post(inform(*told, retries=retries + 1, **more))
        await line.post(envelope(transfer_complete(key)))
        unknown = kinds(server).get("T4 TransferComplete of an unknown transfer", 0)
        assert unknown == (not retries)


@pytest.mark.rule("T4")
@pytest.mark.parametrize("sent", [True, False])
async def test_an_upload_has_to_arrive(sent: bool) -> None:
    """Its TransferComplete is held against what came to /files/."""
    model = Gateway()
    more: dict[str, Any] = {"root": "Device.", "parameters": model.forced()}
    async with acs(script="upload") as (server, connect):
        line = await connect()
        await line.session("1 BOOT", answer=model, **more)
        call = model.calls[-1]
        key, url = call.get("CommandKey"), call.get("URL")
        assert call.get("FileType") == "1 Vendor Configuration File"
        if sent:
            other = await connect()
            path = url.removeprefix("http://127.0.0.1")
            fields = {"Host": "127.0.0.1", "Content-Length": "5"}
            assert (await other.request("PUT", path, b"hello", fields)).status == 201
        await line.post(inform("7 TRANSFER COMPLETE", ("M Upload", key), **more))
        await line.post(envelope(transfer_complete(key)))
        await line.post()
        expected = {} if sent else {"T4 an upload that never arrived": 1}
        assert kinds(server) == expected


@pytest.mark.rule("T9")
async def test_a_request_for_a_download_may_be_granted() -> None:
    """By a rule of the script, in the same session; its end is told in a later one."""
    model = Gateway()
    more: dict[str, Any] = {"root": "Device.", "parameters": model.forced()}
    async with acs(script="9 REQUEST DOWNLOAD: download-web") as (server, connect):
        line = await connect()
        await line.post(inform("9 REQUEST DOWNLOAD", **more))
        await line.post(
            envelope(
                "<C:RequestDownload><FileType>2 Web Content</FileType>"
                '<FileTypeArg E:arrayType="C:ArgStruct[0]"/></C:RequestDownload>'
            )
        )
        call = await line.post()
        assert (call.method, call.get("FileType")) == ("Download", "2 Web Content")
        await line.post(envelope(model(call), call.get("ID")))
        key = call.get("CommandKey")
        line.cookie = ""
        await line.post(inform("7 TRANSFER COMPLETE", ("M Download", key), **more))
        await line.post(envelope(transfer_complete(key)))
        assert (await line.post()).status == 204
        assert kinds(server) == {}
