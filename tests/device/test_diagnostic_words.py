"""NSLookup, neighbouring Wi-Fi, and the words of all results (CHECKLIST B3, B5)."""

from __future__ import annotations

import ipaddress
import re

import pytest

from cpesim.device.diagnostics.kinds import KINDS, OTHER, kind_of, word
from tests.device.diagnosed import (
    LOOKUP,
    STATE,
    TR098,
    TR181,
    WIFI,
    Desk,
    profile_of,
    sound,
)

OLD_LOOKUP = "InternetGatewayDevice.NSLookupDiagnostics."


@pytest.mark.rule("B3")
@pytest.mark.parametrize(("name", "path"), [(TR181, LOOKUP), (TR098, OLD_LOOKUP)])
def test_a_name_is_looked_up(name: str, path: str) -> None:
    """A row for each repetition, with the address and the server that told it."""
    desk = Desk(name, loss=0.0)
    read = desk.done(
        path, HostName="a.example", DNSServer="192.0.2.7", NumberOfRepetitions="3"
    )
    assert (read[STATE], read["SuccessCount"]) == ("Complete", "3")
    assert read["ResultNumberOfEntries"] == "3"
    for k in (1, 2, 3):
        row = {n[9:]: text for n, text in read.items() if n.startswith(f"Result.{k}.")}
        assert row["Status"] == "Success"
        assert row["AnswerType"] == "NonAuthoritative"
        assert row["HostNameReturned"] == "a.example"
        assert ipaddress.ip_address(row["IPAddresses"])
        assert row["DNSServerIP"] == "192.0.2.7"
        assert 10 <= int(row["ResponseTime"]) <= 31
    sound(desk, path)


@pytest.mark.rule("B3")
@pytest.mark.parametrize(
    ("inputs", "state", "status"),
    [
        ({"HostName": "x.invalid"}, "Complete", "Error_HostNameNotResolved"),
        ({"HostName": "a.example", "Timeout": "1"}, "Complete", "Error_Timeout"),
        (
            {"HostName": "a.example", "DNSServer": "10.9.9.9"},
            "Complete",
            "Error_DNSServerNotAvailable",
        ),
        (
            {"HostName": "a.example", "DNSServer": "ns.invalid"},
            "Error_DNSServerNotResolved",
            "",
        ),
    ],
)
def test_a_name_that_is_not_told(
    inputs: dict[str, str], state: str, status: str
) -> None:
    """The rows say why; only a server without address is an error of the whole."""
    desk = Desk(loss=0.0, unreachable=("10.9.*",))
    read = desk.done(LOOKUP, NumberOfRepetitions="2", **inputs)
    assert (read[STATE], read["SuccessCount"]) == (state, "0")
    assert read.get("Result.2.Status", "") == status


@pytest.mark.rule("B3")
def test_more_repetitions_than_rows() -> None:
    """A table holds 64 rows, whatever an ACS asks for."""
    read = Desk().done(LOOKUP, HostName="a.example", NumberOfRepetitions="4294967295")
    assert read["ResultNumberOfEntries"] == "64"


@pytest.mark.rule("B3")
def test_the_neighbours_wi_fi() -> None:
    """The same networks each time, heard a little differently, on radios that are."""
    desk = Desk(neighbours=20)
    read = desk.done(WIFI)
    count = int(read["ResultNumberOfEntries"])
    assert 14 <= count <= 20
    radios = set()
    for k in range(1, count + 1):
        row = {
            n[8 + len(str(k)) :]: v
            for n, v in read.items()
            if n.startswith(f"Result.{k}.")
        }
        assert re.fullmatch(r"(?:[0-9A-F]{2}:){5}[0-9A-F]{2}", row["BSSID"])
        assert -100 <= int(row["SignalStrength"]) <= -40
        assert all(row.values()), row
        radios.add((row["Radio"], row["OperatingFrequencyBand"]))
        assert desk.device.model.has_object(row["Radio"] + ".")
        assert (int(row["Channel"]) <= 13) is (
            row["OperatingFrequencyBand"] == "2.4GHz"
        )
    assert len(radios) == 2
    sound(desk, WIFI)

    again = desk.done(WIFI, 100.0)
    mine = {v for n, v in read.items() if n.endswith("BSSID")}
    later = {v for n, v in again.items() if n.endswith("BSSID")}
    assert len(mine & later) >= count - 6
    assert read != again
    other = Desk(n=1, neighbours=20).done(WIFI)
    assert not mine & {v for n, v in other.items() if n.endswith("BSSID")}


@pytest.mark.rule("B5")
def test_a_diagnostic_that_is_not_in_the_table() -> None:
    """A voice line's own test ends too, with what stands in the profile."""
    desk = Desk("voip-gateway")
    path = next(
        n.removesuffix(STATE)
        for n in desk.device.profile.names
        if n.endswith("DiagTests." + STATE)
    )
    read = desk.done(path, TestSelector="REN")
    assert read[STATE] == "Complete"
    assert desk.device.events == (("8 DIAGNOSTICS COMPLETE", ""),)


@pytest.mark.rule("B5")
def test_the_words_are_the_models() -> None:
    """Completed where the model lists it alone, else Complete; an error it has."""
    for root, kinds in KINDS.items():
        profile = profile_of(TR181 if root == "Device." else TR098)
        for path, kind in kinds.items():
            listed = profile.parameters[root + path + STATE].choices
            said = word(kind, "Complete", listed)
            assert said in listed
            assert said == ("Completed" if "Complete" not in listed else "Complete")
            for error in ("Error_CannotResolveHostName", "Error_Timeout", "Error_Odd"):
                assert word(kind, error, listed) in listed
    old = KINDS["InternetGatewayDevice."]
    assert word(old["DownloadDiagnostics."], "Complete", ()) == "Completed"
    assert word(old["IPPingDiagnostics."], "Complete", ()) == "Complete"
    listed = ("None", "Requested", "Completed", "Error_InitConnectionFailed")
    unresolved = word(
        old["DownloadDiagnostics."], "Error_CannotResolveHostName", listed
    )
    assert unresolved == "Error_InitConnectionFailed"
    assert kind_of("Device.", "Device.SelfTestDiagnostics.") is OTHER
