"""Each kind of fault, as the ACS sees it on the wire."""

from __future__ import annotations

import re
import time
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing
from lxml import etree

from cpesim.engine.injection import kinds as acts
from cpesim.engine.injection.kinds import told as mapped
from cpesim.scenario import injection
from cpesim.scenario.shape import Shape
from tests.factory import HOSTS, WAN, make_profile
from tests.injection.bad import answered, bad, bare, told
from tests.play import reply
from tests.wire.authority import Authority
from tests.wire.tiny import DONE, Tiny, listening
from tests.wire.tiny import reply as http

INFORMED = told("InformResponse")
ID = re.compile(rb"<cwmp:ID[^>]*>([^<]*)</cwmp:ID>")
CODE = re.compile(rb"<FaultCode>(\d+)</FaultCode>")


def test_what_may_be_named_is_what_there_is() -> None:
    """The table for scenarios and the table of acts have the same names."""
    assert list(injection.KINDS) == list(acts.KINDS)


async def test_reset_before_response() -> None:
    """The whole Inform comes, and a reset; nothing of the answer is read."""
    async with (
        bare() as server,
        bad(server.url, {"tcp_reset_before_response": {}}) as cpe,
    ):
        ending = await cpe.session()
    assert ending.label == "tcp_reset_before_response"
    assert server.came[0].endswith(b"</soap-env:Envelope>")
    assert server.ends == ["reset"]


async def test_reset_in_the_middle_of_a_body() -> None:
    """Half of the Inform, and a reset."""
    async with bare() as server, bad(server.url, {"tcp_reset_mid_body": {}}) as cpe:
        ending = await cpe.session()
    assert ending.label == "tcp_reset_mid_body"
    head, _, body = server.came[0].partition(b"\r\n\r\n")
    length = int(re.findall(rb"Content-Length: (\d+)", head)[0])
    assert len(body) == length // 2
    assert server.ends == ["reset"]


@pytest.mark.parametrize("kind", ["tcp_reset_mid_body", "tcp_reset_before_response"])
async def test_a_reset_on_another_exchange(kind: str) -> None:
    """With `rpc`: the Inform goes well, the answer to that RPC does not."""
    asked = told("GetParameterValues", WAN + "Signal")
    async with (
        listening(INFORMED, asked, DONE) as acs,
        bad(acs.url, {kind: {"rpc": "GetParameterValues"}}) as cpe,
    ):
        ending = await cpe.session()
        assert ending.label == kind
        assert cpe.counters()["injected.shown{fault=bad}"] == 1
        assert len(acs.asked) == (3 if kind == "tcp_reset_before_response" else 2)


async def test_delay_response() -> None:
    """Each RPC is answered late, each time by a draw of its own; the Inform is not."""
    asked = told("GetParameterValues", WAN + "Signal")
    kinds = {"delay_response": {"by": Shape("uniform", 0.1, 0.3)}}
    times: list[float] = []

    def noted(answer: bytes) -> Any:
        return lambda _: times.append(time.perf_counter()) or answer

    answers = [noted(a) for a in (INFORMED, asked, asked, DONE)]
    async with listening(*answers) as acs, bad(acs.url, kinds) as cpe:
        assert (await cpe.session()).label == ""
    first, second, third = (b - a for a, b in pairwise(times))
    assert first < 0.1
    assert 0.1 <= second < 0.4
    assert 0.1 <= third < 0.4
    assert abs(second - third) > 0.001


async def test_slow_read() -> None:
    """The ACS cannot get rid of what it answers: the window is small from the SYN."""
    big = answered(
        reply("InformResponse").replace(b"<cwmp:ID", b" " * 6_000 + b"<cwmp:ID")
    )
    async with (
        listening(big, DONE) as acs,
        bad(acs.url, {"slow_read": {"rate": 20_000}}) as cpe,
    ):
        began = time.perf_counter()
        assert (await cpe.session()).label == ""
        assert time.perf_counter() - began > len(big) / 20_000 * 0.5


async def test_the_window_of_a_slow_reader_is_small() -> None:
    """What is not read stays with the ACS: some kilobytes at most are under way."""
    sent = 0

    async def pour(stream: trio.SocketStream) -> None:
        nonlocal sent
        stream.setsockopt(trio.socket.SOL_SOCKET, trio.socket.SO_SNDBUF, 4096)
        await stream.receive_some()
        await stream.send_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        with trio.move_on_after(0.3):
            while True:
                await stream.send_all(b" " * 1000)
                sent += 1000

    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, pour, listeners)
        url = f"http://127.0.0.1:{listeners[0].socket.getsockname()[1]}/"
        async with bad(url, {"slow_read": {"rate": 20_000}}) as cpe:
            assert (await cpe.session()).label in ("disconnected", "reset")
        nursery.cancel_scope.cancel()
    assert sent < 50_000


async def test_connect_drop() -> None:
    """A connection, not a byte, and its end."""
    async with bare() as server, bad(server.url, {"connect_drop": {}}) as cpe:
        ending = await cpe.session()
    assert ending.label == "connect_drop"
    assert (server.came, server.ends) == ([b""], ["closed"])


@pytest.mark.filterwarnings("ignore::ResourceWarning")
async def test_tls_fail(tmp_path: Path) -> None:
    """A real server answers the hello, gets an alert, and has no connection."""
    authority = Authority(tmp_path)
    context = authority.server("127.0.0.1")
    failed: list[str] = []
    over = trio.Event()

    async def take(peer: trio.SocketStream) -> None:
        stream = trio.SSLStream(peer, context, server_side=True)
        try:
            await stream.do_handshake()
        except trio.BrokenResourceError as error:
            failed.append(str(error.__cause__).upper())
            over.set()

    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, take, listeners)
        url = f"https://127.0.0.1:{listeners[0].socket.getsockname()[1]}/"
        async with bad(url, {"tls_fail": {}}, ca=authority.file) as cpe:
            assert (await cpe.session()).label == "tls_fail"
        with trio.fail_after(5):
            await over.wait()
        nursery.cancel_scope.cancel()
    assert "ALERT" in failed[0]


async def test_tls_fail_towards_plain_http() -> None:
    """A ClientHello and an alert, where HTTP is spoken."""
    async with (
        bare(lambda came: b"HTTP/1.1 400 Bad Request\r\n\r\n") as server,
        bad(server.url, {"tls_fail": {}}) as cpe,
    ):
        assert (await cpe.session()).label == "tls_fail"
    assert server.came[0].startswith(b"\x16\x03\x01")
    assert server.came[0].endswith(b"\x15\x03\x03\x00\x02\x02\x28")


async def test_no_cookie() -> None:
    """The ACS gives one, and never sees it again."""
    cookie = answered(reply("InformResponse"), "Set-Cookie: s=1")
    async with listening(cookie, DONE) as acs, bad(acs.url, {"no_cookie": {}}) as cpe:
        await cpe.session()
        assert [asked.header("Cookie") for asked in acs.asked] == [None, None]
        assert cpe.counters()["injected.shown{fault=bad}"] == 1
    async with (
        listening(cookie, DONE) as acs,
        bad(acs.url, {"clock_skew": {"by": 1}}) as cpe,
    ):
        await cpe.session()
        assert [asked.header("Cookie") for asked in acs.asked] == [None, "s=1"]


async def test_duplicate_inform() -> None:
    """The same Inform twice in one session, on one connection."""
    async with (
        listening(INFORMED, INFORMED, DONE) as acs,
        bad(acs.url, {"duplicate_inform": {}}) as cpe,
    ):
        assert (await cpe.session()).label == ""
        assert acs.asked[0].body == acs.asked[1].body != b""
        assert acs.asked[2].body == b""
        assert acs.links == 1


@pytest.mark.parametrize(
    ("code", "version", "seen"),
    [
        (9002, "1.0", 9002),
        (9018, "1.0", 9010),
        (9018, "1.2", 9018),
        (9027, "1.1", 9002),
    ],
)
async def test_cwmp_fault(code: int, version: str, seen: int) -> None:
    """That RPC alone is refused and not done, in a word that the version has (V1)."""
    asked = told("GetParameterNames", WAN, 1, version=version)
    refused = told(
        "AddObject",
        HOSTS,
        "key",
        version=version,
    )
    kinds = {"cwmp_fault": {"code": code, "rpc": "AddObject"}}
    async with (
        listening(told("InformResponse", version=version), asked, refused, DONE) as acs,
        bad(acs.url, kinds, make_profile(cwmp=version)) as cpe,
    ):
        assert (await cpe.session()).label == ""
        _, _, names, fault = (asked.body for asked in acs.asked)
        assert b"GetParameterNamesResponse" in names
        assert CODE.findall(fault) == [b"%d" % seen]
        assert cpe.device.model.grown is None
        assert cpe.counters()[f"injected.fault.sent.{seen}"] == 1


async def test_cwmp_fault_of_a_parameter() -> None:
    """P3: SetParameterValues tells it of a parameter, under a 9003."""
    asked = told("SetParameterValues", [(WAN + "Signal", "int", "-5")])
    kinds = {"cwmp_fault": {"code": 9007}}
    async with listening(INFORMED, asked, DONE) as acs, bad(acs.url, kinds) as cpe:
        await cpe.session()
        fault = acs.asked[2].body
        assert CODE.findall(fault) == [b"9003", b"9007"]
        assert (WAN + "Signal").encode() in fault
        assert cpe.device.model.get(WAN + "Signal", 0.0) == "-60"


def test_codes_of_a_later_version() -> None:
    """V1: the nearest; a vendor's code stays, as no version lacks it."""
    old = "urn:dslforum-org:cwmp-1-0"
    assert [mapped(c, old) for c in (9013, 9014, 9020, 9021, 9032, 9801)] == [
        9013, 9010, 9010, 9002, 9002, 9801,
    ]  # fmt: skip


async def test_wrong_id() -> None:
    """An answer to something that was not asked."""
    asked = told("GetParameterNames", WAN, 1, id="abc")
    async with (
        listening(INFORMED, asked, DONE) as acs,
        bad(acs.url, {"wrong_id": {}}) as cpe,
    ):
        await cpe.session()
        assert [ID.findall(a.body) for a in acs.asked] == [[b"1"], [], [b"abc-not"]]


@pytest.mark.parametrize("which", ["inform", "answer"])
async def test_malformed_xml(which: str) -> None:
    """No XML at all, and a length that fits."""
    asked = told("GetParameterNames", WAN, 1)
    kinds = {"malformed_xml": {"message": which}}
    async with listening(INFORMED, asked, DONE) as acs, bad(acs.url, kinds) as cpe:
        await cpe.session()
        bodies = {"inform": acs.asked[0].body, "answer": acs.asked[2].body}
        for name, body in bodies.items():
            if name == which:
                with pytest.raises(etree.XMLSyntaxError):
                    etree.fromstring(body)
            else:
                etree.fromstring(body)


@pytest.mark.parametrize("which", ["inform", "answer"])
async def test_oversize(which: str) -> None:
    """As many bytes as asked for, and still XML; the other message is as ever."""
    asked = told("GetParameterNames", WAN, 1)
    kinds = {"oversize": {"size": 100_000, "message": which}}
    async with listening(INFORMED, asked, DONE) as acs, bad(acs.url, kinds) as cpe:
        assert (await cpe.session()).label == ""
        sizes = {"inform": acs.asked[0].body, "answer": acs.asked[2].body}
        for name, body in sizes.items():
            assert (len(body) == 100_000) is (name == which)
            etree.fromstring(body)


async def test_clock_skew() -> None:
    """The CPE lives a day in the past."""
    async with (
        listening(INFORMED, DONE) as acs,
        bad(acs.url, {"clock_skew": {"by": -86_400}}) as cpe,
    ):
        await cpe.session()
        (text,) = re.findall(rb"<CurrentTime>([^<]*)Z<", acs.asked[0].body)
        assert datetime.fromisoformat(text.decode() + "+00:00").timestamp() == (
            pytest.approx(1.8e9 - 86_400, abs=2)
        )


async def test_dns() -> None:
    """Nobody is even connected to."""
    async with bare(called=False) as server, bad(server.url, {"dns": {}}) as cpe:
        assert (await cpe.session()).label == "connect dns"
        assert cpe.counters()["injected.shown{fault=bad}"] == 1
    assert server.came == []


async def test_several_at_once() -> None:
    """A session may have more than one."""
    kinds: dict[str, dict[str, Any]] = {
        "duplicate_inform": {},
        "clock_skew": {"by": 7},
        "oversize": {"size": 9_000},
    }
    async with listening(INFORMED, INFORMED, DONE) as acs, bad(acs.url, kinds) as cpe:
        assert (await cpe.session()).label == ""
        assert [len(asked.body) for asked in acs.asked] == [9_000, 9_000, 0]


async def test_a_refused_session_is_tried_again(tmp_path: Path) -> None:
    """What the ACS answers is the failure's label, and R1's retry follows."""
    acs: Tiny
    async with listening(http(400)) as acs, bad(acs.url, {"malformed_xml": {}}) as cpe:
        assert (await cpe.session()).label == "http 400"
        assert cpe.device.cause == "retry"
        assert cpe.device.retries == 1


@pytest.mark.parametrize(
    "kinds",
    [
        {"slow_read": {"rate": 10}},
        {"delay_response": {"by": Shape("fixed", 0.3)}},
        {"tcp_reset_before_response": {"rpc": "GetParameterNames"}},
    ],
)
async def test_a_session_is_broken_off_whatever_it_does(kinds: dict[str, Any]) -> None:
    """A power cut or the run's end: under its own label, at the next moment."""
    asked = told("GetParameterNames", WAN, 1)

    async with listening(INFORMED, asked, DONE) as acs, bad(acs.url, kinds) as cpe:
        label = ""

        async def hold() -> None:
            nonlocal label
            label = (await cpe.session()).label

        async with trio.open_nursery() as nursery:
            nursery.start_soon(hold)
            with trio.fail_after(5):
                while len(acs.asked) < (1 if "slow_read" in kinds else 2):
                    await trio.testing.wait_all_tasks_blocked()
                    await trio.sleep(0.001)
            await trio.testing.wait_all_tasks_blocked(0.005)
            cpe.connection.reset("power cut")
    assert label == "power cut"
