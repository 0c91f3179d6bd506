"""Sessions that the ACS turns: held, refused, downgraded, sent elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from cpesim.cwmp.names import NAMESPACE_ORDER
from tests.acs.conftest import Judge
from tests.acs.cpe import NAMESPACE, XML, Line, Reply, acs, envelope, inform, kinds
from tests.acs.gateway import Gateway
from tests.acs.reports import transfer_complete

V1_2 = NAMESPACE_ORDER[2]
TOLD = ("7 TRANSFER COMPLETE", ("M Download", "k"))


async def sent(line: Line, target: str, body: str) -> Reply:
    """A POST to another path than /."""
    fields = {"Host": "127.0.0.1", "Content-Length": str(len(body.encode()))}
    if body:
        fields |= {"Content-Type": XML, "SOAPAction": ""}
    if line.cookie:
        fields["Cookie"] = line.cookie
    reply = await line.request("POST", target, body.encode(), fields)
    if "set-cookie" in reply.headers:
        line.cookie = reply.headers["set-cookie"].partition(";")[0]
    return reply


@pytest.mark.rule("S5")
@pytest.mark.parametrize("settings", [{"script": "hold"}, {"hold": 1.0}])
async def test_a_hold_lasts_until_it_is_lifted(
    judge: Judge, settings: dict[str, Any]
) -> None:
    """InformResponse and the first request hold; then the CPE's own are answered."""
    model = Gateway()
    async with acs(**settings) as (server, connect):
        line = await connect()
        held = "<cwmp:HoldRequests"
        reply = await line.post(inform(*TOLD))
        assert held in reply.text
        first = await line.post()
        assert (first.method, held in first.text) == ("GetParameterValues", True)
        model.root = "InternetGatewayDevice."
        model.own = {"InternetGatewayDevice.ManagementServer.ParameterKey": ""}
        second = await line.post(envelope(model(first), first.get("ID")))
        assert (second.method, held in second.text) == ("GetParameterValues", False)
        reply = await line.post(envelope(model(second), second.get("ID")))
        assert (reply.status, reply.body) == (204, b"")
        assert server.stats()["open_sessions"] == 1
        reply = await line.post(envelope(transfer_complete("k")))
        assert reply.method == "TransferCompleteResponse"
        assert (await line.post()).status == 204
        assert kinds(server) == {}
        assert server.stats()["sessions"] == 1
        assert server.stats()["injected"] == {"hold": 1}
        assert [judge(r.body) for r in line.replies if r.body] == [[]] * 4


async def test_a_request_while_held_is_found() -> None:
    """It is answered, with the hold, and counted."""
    async with acs(script="hold") as (server, connect):
        line = await connect()
        await line.post(inform(*TOLD))
        reply = await line.post(envelope(transfer_complete("k")))
        assert reply.method == "TransferCompleteResponse"
        assert "<cwmp:HoldRequests" in reply.text
        assert kinds(server) == {"S5 a request while held": 1}


@pytest.mark.rule("S9")
@pytest.mark.parametrize("settings", [{"script": "retry-request"}, {}])
async def test_8005_is_said_so_often_for_each_message(
    judge: Judge, settings: dict[str, Any]
) -> None:
    """Inform and TransferComplete come again, and are answered at last."""
    share = {} if settings else {"retry_request": 1.0}
    async with acs(retry_times=2, **settings, **share) as (server, connect):
        line = await connect()
        for body, method in (
            (inform(*TOLD), "InformResponse"),
            (envelope(transfer_complete("k")), "TransferCompleteResponse"),
        ):
            for _ in range(2):
                reply = await line.post(body)
                assert (reply.method, reply.get("FaultCode")) == ("Fault", "8005")
            assert (await line.post(body)).method == method
        assert (await line.post()).status == 204
        assert kinds(server) == {}
        stats = server.stats()
        assert stats["injected"] == {"8005": 4}
        assert (stats["informs"], stats["sessions"]) == (1, 1)
        assert stats["transfer_completes"]["count"] == 1
        assert [judge(r.body) for r in line.replies if r.body] == [[]] * 6
        if settings:  # by word: for one session
            line.cookie = ""
            assert (await line.post(inform())).method == "InformResponse"


async def test_what_does_not_come_again_after_8005_is_found() -> None:
    """Another message, or the same one changed; the clock may go on."""
    async with acs(script="retry-request") as (server, connect):
        line = await connect()
        await line.post(inform(*TOLD))
        later = inform(*TOLD).replace("T12:00:00", "T12:00:01")
        assert (await line.post(later)).method == "InformResponse"
        assert kinds(server) == {}
        await line.post(envelope(transfer_complete("k")))
        await line.post(envelope(transfer_complete("k", 9010)))
        await line.post(envelope("<C:GetRPCMethods/>"))
        await line.post()
        assert kinds(server) == {
            "S9 another message after 8005": 1,
            "S9 not sent again after 8005": 1,
        }


@pytest.mark.rule("S12", "X10")
async def test_an_acs_may_insist_on_the_first_version() -> None:
    """cwmp-1-0 without UseCWMPVersion; what the CPE then lists is held against it."""
    header = "<C:SupportedCWMPVersions>1.0,1.1,1.2,1.3,1.4</C:SupportedCWMPVersions>"
    model = Gateway()
    model.methods = ("GetRPCMethods", "CancelTransfer", *model.methods[1:9])
    async with acs(script="versions") as (server, connect):
        line = await connect()
        reply = await line.post(
            inform(namespace=V1_2, header=header, root="Device.", serial="9")
        )
        assert NAMESPACE in reply.text
        assert "UseCWMPVersion" not in reply.text
        call = await line.post()
        assert (call.method, NAMESPACE in call.text) == ("GetRPCMethods", True)
        answer = envelope(model(call), call.get("ID"))
        assert (await line.post(answer)).status == 204
        assert kinds(server) == {
            "V1 method of a later version": 1,
            "P9 a compulsory method is not listed": 1,
        }


@pytest.mark.rule("H4")
@pytest.mark.parametrize(("status", "times"), [(302, 1), (307, 2)])
async def test_a_redirect_leads_to_a_session(status: int, times: int) -> None:
    """So often in a row; the session is held at the new URL, the next at the old."""
    settings = {"redirect_status": status, "redirects": times}
    async with acs(script="redirect,audit", **settings) as (server, connect):
        line = await connect()
        target = "/"
        for _ in range(times):
            reply = await sent(line, target, inform())
            assert reply.status == status
            target = reply.headers["location"].removeprefix("http://127.0.0.1")
        assert (await sent(line, target, inform())).method == "InformResponse"
        assert (await sent(line, target, "")).method == "GetRPCMethods"
        assert kinds(server) == {}
        assert server.stats()["injected"] == {"redirect": times}
        assert server.stats()["informs"] == 1


async def test_a_cpe_that_minds_no_redirect_is_found() -> None:
    """Not followed, left in the session, or kept for the next one."""
    async with acs(script="redirect") as (server, connect):
        line = await connect()
        assert (await sent(line, "/", inform())).status == 307
        assert (await sent(line, "/", inform())).status == 200
        assert (await sent(line, "/", "")).status == 204
        assert kinds(server) == {"H4 a redirect was not followed": 1}
        line.cookie = ""
        reply = await sent(line, "/", inform(serial="2"))
        target = reply.headers["location"].removeprefix("http://127.0.0.1")
        await sent(line, target, inform(serial="2"))
        await sent(line, "/", "")
        line.cookie = ""
        await sent(line, target, inform(serial="2"))
        assert kinds(server) == {
            "H4 a redirect was not followed": 1,
            "H4 a session left its redirected URL": 1,
            "H4 a redirected URL was kept": 1,
        }


@pytest.mark.rule("S13")
async def test_an_unknown_header_has_to_be_minded() -> None:
    """A CPE that answers as if it had not seen it, or refuses it wrongly."""
    async with acs(script="must-understand") as (server, connect):
        model = Gateway()
        model.own = {"InternetGatewayDevice.ManagementServer.ParameterKey": ""}
        line = await connect()
        await line.session(answer=model.GetParameterValues)
        assert kinds(server) == {"S13 mustUnderstand was not minded": 1}
        await line.session(serial="2", answer=lambda call: model.refuse(call, 9003))
        assert kinds(server) == {
            "S13 mustUnderstand was not minded": 1,
            "S13 faultcode": 1,
            "S13 a detail": 1,
            "S13 a header to be ignored was not": 1,
        }
