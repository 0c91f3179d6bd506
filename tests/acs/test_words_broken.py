"""Words with a CPE that does one thing wrong: it is found, under its rule."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from cpesim.acs.words.wrong import _requests
from cpesim.cwmp.names import NAMESPACE_ORDER
from tests.acs.cpe import Reply, acs, envelope, inform, kinds
from tests.acs.gateway import UNKNOWN, Gateway

V1_2 = NAMESPACE_ORDER[2]
HEADER = "<C:SupportedCWMPVersions>1.0,1.1,1.2,1.3,1.4</C:SupportedCWMPVersions>"
Broken = Callable[[str], str]


async def found(word: str, method: str, broken: Broken) -> dict[str, int]:
    """What is found when this method's answers are broken."""
    model = Gateway()

    def answer(call: Reply) -> str:
        said = model(call)
        return broken(said) if call.method == method else said

    async with acs(script=word) as (server, connect):
        await (await connect()).session(
            "1 BOOT",
            root="Device.",
            namespace=V1_2,
            header=HEADER,
            answer=answer,
            parameters=model.forced(),
        )
        assert server.stats()["bugs"]["count"] == 0
        return kinds(server)


def changed(part: str, instead: str) -> Broken:
    """Answers with a part of them replaced, which has to be there."""
    return lambda said: re.sub(part, instead, said)


ROWS: list[tuple[str, str, Broken, str]] = [
    ("queued", "Download", changed(UNKNOWN, "2026-01-01T00:00:00Z"), "T1 times of"),
    ("queued", "Download", changed("<Status>1", "<Status>0"), "T3 a delayed transfer"),
    (
        "queued",
        "GetQueuedTransfers",
        changed("<State>1", "<State>2"),
        "T7 a transfer is not in the queue",
    ),
    ("queued", "GetQueuedTransfers", changed("<State>1", "<State>9"), "T7 State"),
    (
        "queued",
        "GetAllQueuedTransfers",
        changed("<IsDownload>1", "<IsDownload>0"),
        "T7 a queued transfer is not as asked",
    ),
    (
        "cancel",
        "CancelTransfer",
        lambda said: "<C:CancelTransferResponse/>".replace("Cancel", "Other"),
        "S6 another answer",
    ),
    (
        "notifications",
        "GetParameterAttributes",
        changed("<Notification>4", "<Notification>3"),
        "P5 reads not as it was set",
    ),
    (
        "notifications",
        "GetParameterAttributes",
        changed("<string>Subscriber", "<string>Nobody"),
        "P5 reads not as it was set",
    ),
    (
        "notifications",
        "GetParameterAttributes",
        changed("<Notification>1", "<Notification>0"),
        "P5 a partial path was not set",
    ),
    (
        "aliases",
        "GetParameterValues",
        changed(r"<Value [^>]*>cpe-1<", '<Value xsi:type="xsd:string">1<'),
        "P11 Alias",
    ),
    (
        "aliases",
        "GetParameterValues",
        changed(r"Interface\.2\.", "Other.2."),
        "P12 a wildcard",
    ),
    (
        "aliases",
        "GetParameterAttributes",
        changed(r"Interface\.2\.", "Interface.*."),
        "P12 a wildcard",
    ),
    ("options", "GetOptions", changed(">9000<", ">9003<"), "F GetOptions"),
    ("options", "SetVouchers", changed(">9000<", ">9002<"), "F SetVouchers"),
]


@pytest.mark.parametrize(("word", "method", "broken", "what"), ROWS)
async def test_what_is_wrong_is_found(
    word: str, method: str, broken: Broken, what: str
) -> None:
    """Under the name of its rule."""
    told = await found(word, method, broken)
    assert [kind for kind in told if kind.startswith(what)] != [], told


async def test_every_wrong_request_is_held_against_its_fault() -> None:
    """A CPE that refuses everything with 9002 errs at each of them."""
    model = Gateway()
    parameters = model.forced()

    def answer(call: Reply) -> str:
        if call.method == "GetParameterNames" and "NextLevel>0" in call.text:
            return model(call)
        return model.refuse(call, 9002)

    async with acs(script="wrong") as (server, connect):
        await (await connect()).session(
            "1 BOOT",
            root="Device.",
            namespace=V1_2,
            answer=answer,
            parameters=parameters,
        )
        told = kinds(server)
    missing = {row.what for row in _requests("Device.")} - told.keys()
    # Those two are answered by the model itself.
    assert missing <= {"P2 the names of an unknown path"}
    assert len(told) > 20


async def test_a_cpe_that_takes_what_it_should_refuse_is_found() -> None:
    """One that sets part of a refused request, and says another code."""
    model = Gateway()

    def answer(call: Reply) -> str:
        if call.method == "SetParameterValues" and ">3603<" in call.text:
            model.own["Device.ManagementServer.PeriodicInformInterval"] = "3603"
            return model.refuse(call, 9003, ("Device.X_CPESIM_Nowhere", 9006))
        return model(call)

    async with acs(script="wrong") as (server, connect):
        more: dict[str, Any] = {"root": "Device.", "namespace": V1_2}
        line = await connect()
        await line.session(answer=answer, parameters=model.forced(), **more)
        assert kinds(server) == {
            "P3 codes of the entries": 1,
            "P3 a refused request changed something": 1,
        }


async def test_hostile_answers_are_no_bugs() -> None:
    """Empty responses, and texts where numbers belong, to all words at once."""
    script = (
        "audit,provision,notifications,aliases,queued,cancel,options,wrong,"
        "must-understand,upload,schedule-download,schedule-inform"
    )
    model = Gateway()
    ways: list[Broken] = [
        lambda said: re.sub(">[^<]{1,12}<", "><", said),
        lambda said: re.sub(">[^<]+<", ">ü9²<", said),
        lambda said: re.sub("<(\\w+)>.*</\\1>", "", said),
    ]
    for broken in ways:
        async with acs(script=script) as (server, connect):
            line = await connect()
            await line.post(inform(namespace=V1_2))
            reply = await line.post()
            while reply.status == 200:
                said = broken(model(reply))
                if not said.startswith("<?xml"):
                    said = envelope(said, reply.get("ID"), V1_2)
                reply = await line.post(said)
            assert server.stats()["bugs"]["count"] == 0
            assert sum(server.stats()["rpcs"].values()) > 15
