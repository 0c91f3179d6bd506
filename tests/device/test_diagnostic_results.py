"""What diagnostics that touch no network find (CHECKLIST B3)."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.device.diagnosed import (
    LOOKUP,
    PING,
    STATE,
    TR098,
    TR181,
    TRACE,
    WIFI,
    Desk,
    sound,
)

OLD_PING = "InternetGatewayDevice.IPPingDiagnostics."
OLD_TRACE = "InternetGatewayDevice.TraceRouteDiagnostics."


def lasted(desk: Desk, path: str, **inputs: str) -> float:
    """How long a run takes."""
    desk.request(path, 10.0, **inputs)
    return desk.finish(path) - 10.0


@pytest.mark.rule("B3")
@pytest.mark.parametrize(("name", "path"), [(TR181, PING), (TR098, OLD_PING)])
def test_the_counts_of_a_ping_add_up(name: str, path: str) -> None:
    """Successes and failures are the repetitions, and the times stand in order."""
    failures = 0
    for n in range(30):
        desk = Desk(name, n, loss=0.2)
        read = desk.done(path, Host="a.example", NumberOfRepetitions="20")
        assert int(read["SuccessCount"]) + int(read["FailureCount"]) == 20
        failures += int(read["FailureCount"])
        times = [
            int(read[f"{w}ResponseTime"]) for w in ("Minimum", "Average", "Maximum")
        ]
        assert 1 <= times[0] <= times[1] <= times[2] <= 60
        sound(desk, path)
    assert 60 < failures < 180  # a fifth of 600


@pytest.mark.rule("B3")
def test_the_times_of_a_ping_are_the_profile_s() -> None:
    """They lie around its way, and the microseconds agree with the milliseconds."""
    desk = Desk(rtt=0.1, jitter=0.01, loss=0.0)
    read = desk.done(PING, Host="a.example", NumberOfRepetitions="50")
    for what in ("Minimum", "Average", "Maximum"):
        micro = int(read[f"{what}ResponseTimeDetailed"])
        assert 40_000 <= micro <= 165_000
        assert 0 <= int(read[f"{what}ResponseTime"]) * 1000 - micro < 1001
    spread = int(read["MaximumResponseTime"]) - int(read["MinimumResponseTime"])
    assert 10 <= spread <= 21
    address = desk.read("Device.IP.Interface.1.IPv4Address.1.")["IPAddress"]
    assert ipaddress.ip_address(address)
    assert read["IPAddressUsed"] == address


@pytest.mark.rule("B3")
def test_a_big_packet_takes_longer() -> None:
    """DataBlockSize has to go over the line, both ways."""
    small, big = (
        Desk(TR098, jitter=0.0, loss=0.0).done(
            OLD_PING, Host="a.example", DataBlockSize=size, Timeout="9000"
        )
        for size in ("64", "65535")
    )
    gained = int(big["AverageResponseTime"]) - int(small["AverageResponseTime"])
    assert 40 < gained < 70  # 131 kB at 20 Mbit


@pytest.mark.rule("B3")
def test_a_host_that_never_answers() -> None:
    """The ping is complete, all of it failed; each try takes the Timeout."""
    desk = Desk(unreachable=("10.9.*", "*.dark.example"))
    took = lasted(
        desk, PING, Host="x.DARK.example", NumberOfRepetitions="4", Timeout="2500"
    )
    read = desk.read(PING)
    assert took == pytest.approx(10.0)
    assert (read["SuccessCount"], read["FailureCount"]) == ("0", "4")
    assert read["AverageResponseTime"] == read["MaximumResponseTime"] == "0"
    assert read[STATE] == "Complete"


@pytest.mark.rule("B3")
def test_an_answer_after_the_timeout_is_none() -> None:
    """A road of 100 ms against a Timeout of 20 ms."""
    desk = Desk(rtt=0.1, jitter=0.0)
    assert desk.done(PING, Host="a.example", Timeout="20")["SuccessCount"] == "0"


@pytest.mark.rule("B3")
def test_a_ping_lasts_as_long_as_its_repetitions() -> None:
    """One a second by default, four thousand million of them for a century."""
    assert lasted(Desk(loss=0.0), PING, Host="a", NumberOfRepetitions="5") == 5.0
    desk = Desk(loss=0.0, interval=0.2)
    assert lasted(desk, PING, Host="a", NumberOfRepetitions="5") == pytest.approx(1.0)
    assert lasted(Desk(), PING, Host="a", NumberOfRepetitions="4294967295") > 4e9


@pytest.mark.parametrize("host", ["x.invalid", "X.INVALID.", "", "two words", "q.nx"])
@pytest.mark.rule("B3")
@pytest.mark.parametrize(
    ("name", "path"),
    [(TR181, PING), (TR181, TRACE), (TR098, OLD_PING), (TR098, OLD_TRACE)],
)
def test_names_that_nobody_knows(name: str, path: str, host: str) -> None:
    """.invalid (RFC 6761), what the profile says, and what is no name."""
    desk = Desk(name, unresolvable=("*.nx",))
    assert desk.done(path, Host=host)[STATE] == "Error_CannotResolveHostName"


@pytest.mark.rule("B3")
@pytest.mark.parametrize(
    ("name", "path", "hop"), [(TR181, TRACE, ""), (TR098, OLD_TRACE, "Hop")]
)
def test_the_hops_of_a_route(name: str, path: str, hop: str) -> None:
    """In order from 1, each with its tries; the last is the host."""
    desk = Desk(name, hops=6, loss=0.0, jitter=0.0, rtt=0.06)
    read = desk.done(path, Host="a.example", NumberOfTries="2")
    assert read[STATE] == "Complete"
    assert read["RouteHopsNumberOfEntries"] == "6"
    firsts = []
    for k in range(1, 7):
        row = f"RouteHops.{k}.{hop}"
        times = [int(t) for t in read[f"{row}RTTimes"].split(",")]
        assert len(times) == 2
        assert ipaddress.ip_address(read[f"{row}HostAddress"])
        assert read[f"{row}ErrorCode"] == "0"
        firsts.append(times[0])
    assert firsts == sorted(firsts) == [11, 21, 31, 41, 51, 61]  # rounded up
    assert read[f"RouteHops.6.{hop}Host"] == "a.example"
    assert read["ResponseTime"] == "61"
    sound(desk, path)


@pytest.mark.rule("B5")
def test_each_run_numbers_its_hops_anew() -> None:
    """An ACS finds the first hop at RouteHops.1. every time."""
    desk = Desk(hops=4)
    desk.done(TRACE, Host="a.example")
    read = desk.done(TRACE, 300.0, Host="b.example")
    assert sorted(n for n in read if n.endswith(".Host")) == [
        f"RouteHops.{k}.Host" for k in (1, 2, 3, 4)
    ]


@pytest.mark.rule("B3")
@pytest.mark.parametrize(("name", "path"), [(TR181, TRACE), (TR098, OLD_TRACE)])
def test_a_route_that_is_too_long(name: str, path: str) -> None:
    """The hops up to MaxHopCount, and the error; the ACS is told of it."""
    desk = Desk(name, hops=9)
    read = desk.done(path, Host="a.example", MaxHopCount="5")
    assert read[STATE] == "Error_MaxHopCountExceeded"
    assert read["RouteHopsNumberOfEntries"] == "5"
    assert desk.device.events == (("8 DIAGNOSTICS COMPLETE", ""),)


@pytest.mark.rule("B3")
def test_a_route_to_a_host_that_never_answers() -> None:
    """What lies before it answers; then silence up to MaxHopCount, by the Timeout."""
    desk = Desk(hops=3, loss=0.0, unreachable=("dark.example",))
    took = lasted(
        desk,
        TRACE,
        Host="dark.example",
        MaxHopCount="8",
        NumberOfTries="2",
        Timeout="1000",
    )
    read = desk.read(TRACE)
    assert read[STATE] == "Error_MaxHopCountExceeded"
    assert read["RouteHopsNumberOfEntries"] == "8"
    assert read["RouteHops.2.HostAddress"] != ""
    assert read["RouteHops.3.HostAddress"] == read["RouteHops.8.Host"] == ""
    assert read["RouteHops.8.RTTimes"] == "0,0"
    assert 12.0 <= took < 12.2


@pytest.mark.rule("B3")
@pytest.mark.parametrize("path", [PING, TRACE, LOOKUP, WIFI])
def test_a_run_repeats(path: str) -> None:
    """The same seed and device give the same results; another device others."""
    host = {PING: "Host", TRACE: "Host", LOOKUP: "HostName"}
    inputs = {host[path]: "a.example"} if path in host else {}
    first, same, other = (
        Desk(n=n, jitter=0.006).done(path, **inputs) for n in (0, 0, 1)
    )
    assert first == same
    assert first != other


@pytest.mark.rule("B3")
def test_two_runs_are_not_the_same() -> None:
    """Each draws its own luck."""
    desk = Desk(jitter=0.006)
    first = desk.done(PING, Host="a.example")
    assert first != desk.done(PING, 100.0)


@pytest.mark.rule("B3")
@given(
    host=st.text(max_size=256),
    repetitions=st.integers(1, 2**32 - 1),
    tries=st.integers(1, 3),
    timeout=st.integers(1, 2**32 - 1),
    hops=st.integers(1, 64),
)
@settings(max_examples=60, deadline=None)
def test_whatever_an_acs_asks_has_sound_results(
    host: str, repetitions: int, tries: int, timeout: int, hops: int
) -> None:
    """Every value fits its parameter, and nothing is raised."""
    desk = Desk()
    model = desk.device.model
    for path, inputs in (
        (PING, {"Host": host, "NumberOfRepetitions": repetitions, "Timeout": timeout}),
        (TRACE, {"Host": host, "NumberOfTries": tries, "MaxHopCount": hops}),
        (LOOKUP, {"HostName": host, "NumberOfRepetitions": repetitions}),
    ):
        for name, value in inputs.items():
            model.set(path + name, str(value))
        desk.request(path)
        desk.finish(path)
        assert desk.state(path) not in ("None", "Requested")
        sound(desk, path)
