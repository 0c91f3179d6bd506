"""Sessions and scripts, spoken by a CPE that is written by hand."""

from __future__ import annotations

import re

import pytest
import trio

from cpesim.cwmp.names import NAMESPACE_ORDER
from tests.acs.conftest import Judge
from tests.acs.cpe import IGD, NAMESPACE, acs, envelope, fault, inform, kinds
from tests.acs.model import TABLE, Model

KEY = "00D09E-HG800-000001"
V1_2 = NAMESPACE_ORDER[2]


@pytest.mark.rule("S1", "S6", "S7")
async def test_greet_is_an_inform_response_and_nothing_more() -> None:
    """Namespace and ID are echoed, a cookie is set, the empty POST gets 204."""
    async with acs() as (server, connect):
        line = await connect()
        reply = await line.post(
            inform("0 BOOTSTRAP", "1 BOOT", id="a&amp;b", namespace=NAMESPACE_ORDER[1])
        )
        assert reply.method == "InformResponse"
        assert '<cwmp:ID soap-env:mustUnderstand="1">a&amp;b</cwmp:ID>' in reply.text
        assert NAMESPACE_ORDER[1] in reply.text
        assert "set-cookie" in reply.headers
        reply = await line.post()
        assert (reply.status, reply.body) == (204, b"")
        assert "content-length" not in reply.headers

        stats = server.stats()
        assert stats["sessions"] == stats["informs"] == stats["cpes"] == 1
        assert stats["events"] == {"0 BOOTSTRAP": 1, "1 BOOT": 1}
        assert stats["open_sessions"] == 0
        assert stats["violations"]["count"] == 0
        cpe = server.cpe(KEY)
        assert cpe is not None
        assert cpe.url == "http://127.0.0.1:9/x"


async def test_the_periodic_rhythm_is_counted_by_cpe() -> None:
    """cpes_with_boot and cpes_with_periodic count CPEs, not Informs."""
    async with acs() as (server, connect):
        line = await connect()
        await line.session("1 BOOT")
        await line.session("2 PERIODIC")
        await line.session("2 PERIODIC")
        await line.session("1 BOOT", serial="000002")
        stats = server.stats()
        assert (stats["cpes"], stats["cpes_with_boot"]) == (2, 2)
        assert stats["cpes_with_periodic"] == 1
        assert stats["events"]["2 PERIODIC"] == 2


async def test_audit_finds_nothing_wrong_with_a_right_cpe() -> None:
    """Names and values of everything are asked once, and they agree."""
    async with acs(script="audit") as (server, connect):
        line = await connect()
        asked = await line.session(answer=Model())
        assert asked == ["GetRPCMethods", "GetParameterNames", "GetParameterValues"]
        assert await line.session() == []
        assert kinds(server) == {}
        assert server.stats()["rpcs_answered"]["GetParameterNames"] == 1


async def test_audit_finds_what_does_not_agree() -> None:
    """A wrong count of a table, a name without a value, another serial number."""
    model = Model()
    model.own[IGD + "WANDeviceNumberOfEntries"] = "2"
    model.own[IGD + "DeviceInfo.SerialNumber"] = "2"
    model.tables[IGD + "DeviceInfo.Ghost"] = "0"
    async with acs(script="audit") as (server, connect):
        await (await connect()).session(answer=model)
        assert kinds(server) == {
            "P6 NumberOfEntries": 1,
            "I1 DeviceId is not DeviceInfo": 1,
            "P1 values and names differ": 1,
        }


async def test_provision_sets_adds_notifies_and_deletes() -> None:
    """All of it in one session; the ParameterKey is looked for in the next."""
    model = Model()
    async with acs(script="provision", interval=600) as (server, connect):
        line = await connect()
        asked = await line.session("0 BOOTSTRAP", "1 BOOT", answer=model)
        assert asked == [
            "SetParameterValues",
            "GetParameterValues",
            "SetParameterAttributes",
            "GetParameterAttributes",
            "GetParameterNames",
            "AddObject",
            "GetParameterNames",
            "DeleteObject",
        ]
        path = IGD + "ManagementServer."
        assert model.own[path + "PeriodicInformInterval"] == "600"
        assert model.own[path + "ConnectionRequestUsername"] == "acs-" + KEY
        password = model.own[path + "ConnectionRequestPassword"]
        assert re.fullmatch("[0-9a-f]{16}", password)
        assert model.seen["AddObject"].get("ObjectName") == TABLE
        await line.session(parameters=model.forced())
        assert kinds(server) == {}

        # The table of this kind of CPE is known from now on.
        asked = await line.session(serial="000002", answer=Model())
        assert asked.count("GetParameterNames") == 1

        await line.session(
            parameters=model.forced() | {"ManagementServer.ParameterKey": "mine"}
        )
        assert kinds(server) == {"P10 ParameterKey": 1}


async def test_provision_lives_with_faults() -> None:
    """A CPE that faults everything is asked on, and the codes are counted."""
    async with acs(script="provision,audit") as (server, connect):
        line = await connect()
        entry = (
            "<SetParameterValuesFault><ParameterName>x</ParameterName>"
            "<FaultCode>9004</FaultCode><FaultString/></SetParameterValuesFault>"
        )
        asked = await line.session(
            answer=lambda call: (
                fault(9003, call.get("ID"), entry)
                if call.method == "SetParameterValues"
                else fault(9002, call.get("ID"))
            )
        )
        assert asked == [
            "SetParameterValues",
            "SetParameterAttributes",
            "GetParameterNames",
            "GetRPCMethods",
            "GetParameterNames",
        ]
        stats = server.stats()
        assert stats["faults"] == {"9003": 1, "9002": 4}
        assert kinds(server) == {"P3 code of a SetParameterValuesFault": 1}
        assert stats["bugs"]["count"] == 0


async def test_scripts_by_event_run_each_time() -> None:
    """A rule's words are owed anew whenever the event is told."""
    async with acs(script="1 BOOT: audit; 2 PERIODIC: credentials") as (_, connect):
        line = await connect()
        model = Model()
        assert len(await line.session("1 BOOT", answer=model)) == 3
        assert await line.session("2 PERIODIC", answer=model) == ["SetParameterValues"]
        assert len(await line.session("1 BOOT", answer=model)) == 3
        assert await line.session("3 SCHEDULED") == []


async def test_a_word_that_broke_off_is_run_again() -> None:
    """A session that ends in its middle leaves the script owed."""
    async with acs(script="audit") as (server, connect):
        line = await connect()
        await line.post(inform())
        assert (await line.post()).method == "GetRPCMethods"
        await trio.aclose_forcefully(line.stream)
        await trio.sleep(0.05)
        line = await connect()
        assert len(await line.session(answer=Model(), retries=1)) == 3
        stats = server.stats()
        assert (stats["sessions"], stats["sessions_broken"]) == (1, 1)
        assert kinds(server) == {}


@pytest.mark.rule("S3")
async def test_a_session_goes_on_over_a_new_connection() -> None:
    """The cookie is what makes it the same."""
    async with acs(script="credentials") as (server, connect):
        line = await connect()
        await line.post(inform())
        other = await connect()
        other.cookie = line.cookie
        assert (await other.post()).method == "SetParameterValues"
        assert kinds(server) == {}


async def test_rpcs_of_the_cpe_are_answered() -> None:
    """Each request has its response; an unknown one gets 8000."""
    calls = {
        "GetRPCMethods": "<C:GetRPCMethods/>",
        "Kicked": ("<C:Kicked><Command/><Referer/><Arg/><Next>x</Next></C:Kicked>"),
        "RequestDownload": (
            "<C:RequestDownload><FileType>1 Firmware Upgrade Image</FileType>"
            '<FileTypeArg E:arrayType="C:ArgStruct[0]"/></C:RequestDownload>'
        ),
        "AutonomousTransferComplete": "<C:AutonomousTransferComplete/>",
        "DUStateChangeComplete": "<C:DUStateChangeComplete/>",
        "AutonomousDUStateChangeComplete": "<C:AutonomousDUStateChangeComplete/>",
    }
    async with acs() as (server, connect):
        line = await connect()
        await line.post(inform(namespace=V1_2))
        for method, body in calls.items():
            reply = await line.post(envelope(body, namespace=V1_2))
            assert reply.method == method + "Response"
        reply = await line.post(envelope("<C:Dance/>", namespace=V1_2))
        assert (reply.method, reply.get("FaultCode")) == ("Fault", "8000")
        await line.post()
        stats = server.stats()
        assert stats["cpe_requests"] == dict.fromkeys(calls, 1) | {"other": 1}

        # V1: cwmp-1-0 lacks it.
        await line.post(inform())
        reply = await line.post(envelope(calls["DUStateChangeComplete"]))
        assert reply.get("FaultCode") == "8000"


@pytest.mark.rule("S12")
async def test_the_version_is_agreed_on() -> None:
    """An ACS of 1.0 answers a newer CPE in cwmp-1-0; one of 1.4 names the version."""
    header = "<C:SupportedCWMPVersions>1.0,1.1,1.2,1.3,1.4</C:SupportedCWMPVersions>"
    newer = inform(namespace=V1_2, header=header)
    async with acs(cwmp="1.0") as (server, connect):
        line = await connect()
        reply = await line.post(newer)
        assert NAMESPACE in reply.text
        await line.post(envelope("<C:GetRPCMethods/>", namespace=V1_2))
        await line.post()
        assert kinds(server) == {"S12 another namespace than the InformResponse's": 1}
    async with acs() as (server, connect):
        reply = await (await connect()).post(newer)
        assert V1_2 in reply.text
        assert reply.get("UseCWMPVersion") == "1.4"
        assert kinds(server) == {}


async def test_what_a_cpe_must_not_do_is_found() -> None:
    """Wrong turns of a session, each under its own name."""
    async with acs(script="audit") as (server, connect):
        line = await connect()
        assert (await line.post()).status == 400
        assert (await line.post(envelope("<C:GetRPCMethods/>"))).status == 400
        await line.post(inform())
        call = await line.post()
        reply = await line.post(envelope("<C:GetRPCMethodsResponse/>", "other"))
        assert reply.method == "GetParameterNames"
        reply = await line.post(envelope("<C:RebootResponse/>", reply.get("ID")))
        assert reply.status == 204
        cookie = line.cookie
        line.cookie = ""
        await line.post(inform(), Cookie=cookie)
        line.cookie = ""
        await line.post(Content_Type="text/xml")
        await line.post()
        await line.post(inform(serial="2"))
        await line.post(envelope("<C:RebootResponse/>"))
        await line.post(envelope("<C:GetRPCMethods/>"))
        await line.post()
        await line.post(envelope("<C:GetRPCMethods/>"))
        await line.post(inform(serial="2"))
        assert call.method == "GetRPCMethods"
        assert kinds(server) == {
            "S1 an empty POST without a session": 1,
            "S1 no Inform first": 1,
            "S6 cwmp:ID not echoed": 1,
            "S6 another answer": 1,
            "H3 a cookie of an earlier session": 2,
            "H3 no cookie": 2,
            "S2 headers of an empty POST": 1,
            "S6 no answer": 1,
            "S14 an answer to nothing": 1,
            "S7 a request after the empty POST": 1,
            "S4 an Inform in a session": 1,
            "P9 a compulsory method is not listed": 1,
            "R2 RetryCount did not grow": 1,
        }


@pytest.mark.rule("S10")
async def test_two_sessions_of_one_cpe_are_found() -> None:
    """Both go on, and it is counted; a closed one is no second session."""
    async with acs() as (server, connect):
        first, second = await connect(), await connect()
        await first.post(inform())
        await second.post(inform())
        assert (await first.post()).status == 204
        assert (await second.post()).status == 204
        assert kinds(server) == {"S10 two sessions at once": 1}


@pytest.mark.parametrize("namespace", NAMESPACE_ORDER)
async def test_all_that_the_acs_sends_is_valid(judge: Judge, namespace: str) -> None:
    """Every envelope of a session with all words passes the standard's judge."""
    script = "audit,provision,credentials,schedule-inform,upgrade,reboot,factory-reset"
    header = "<C:SupportedCWMPVersions>1.0,1.4</C:SupportedCWMPVersions>"
    async with acs(script=script) as (server, connect):
        line = await connect()
        for _ in range(4):
            await line.session(
                "1 BOOT",
                answer=Model(),
                namespace=namespace,
                header=header if namespace == V1_2 else "",
            )
        await line.post(inform(namespace=namespace))
        for body in ("<C:GetRPCMethods/>", "<C:Dance/>", "<C:Kicked/>"):
            await line.post(envelope(body, namespace=namespace))
        judged = [(r.method, judge(r.body)) for r in line.replies if r.body]
        assert len({method for method, _ in judged}) >= 15
        assert [entry for entry in judged if entry[1]] == []
        assert server.stats()["bugs"]["count"] == 0
