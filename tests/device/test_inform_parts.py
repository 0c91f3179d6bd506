"""An Inform with all that can stand in one, part by part (CHECKLIST I1, E2)."""

from __future__ import annotations

import pytest

from cpesim.cwmp import names
from cpesim.cwmp.session import State
from tests.factory import ROOT, make_device
from tests.play import Play

ARRAY, TYPE = f"{{{names.ENC}}}arrayType", f"{{{names.XSI}}}type"
VERSION = ROOT + "DeviceInfo.SoftwareVersion"


@pytest.mark.rule("I1", "R2", "E2")
def test_all_its_parts() -> None:
    """In the schema's order, with right counts, and no name twice."""
    device = make_device()
    for now in (10.0, 60.0):
        device.tell("3 SCHEDULED", "", now, "test")
        session = device.begin(now)
        session.state = State.FAILED
        device.end(session, now)
    for k in range(100):
        device.tell("M ScheduleInform", f"key {k}", 100.0, "test")
    device.changed(VERSION, 101.0)  # a forced one
    device.changed(ROOT + "WANDevice.1.ExternalIPAddress", 101.0)
    play = Play(device.begin(3723.0), 3723.0) >> "Inform"

    parts = {part.tag: part for part in play.sent}
    assert list(parts) == [
        "DeviceId",
        "Event",
        "MaxEnvelopes",
        "CurrentTime",
        "RetryCount",
        "ParameterList",
    ]
    assert [(e.tag, e.text) for e in parts["DeviceId"]] == [
        ("Manufacturer", "Maker & Sons"),
        ("OUI", "00D09E"),
        ("ProductClass", "TestBox"),
        ("SerialNumber", "T000001"),
    ]
    events = play.events()
    assert parts["Event"].get(ARRAY) == f"cwmp:EventStruct[{len(events)}]"
    assert len(events) == len(set(events)) == 64
    assert events[:2] == [("3 SCHEDULED", ""), ("4 VALUE CHANGE", "")]
    assert parts["MaxEnvelopes"].text == "1"
    assert parts["CurrentTime"].text == "2026-01-01T01:02:03Z"
    assert parts["RetryCount"].text == "2"
    structs = list(parts["ParameterList"])
    told = [struct.findtext("Name") for struct in structs]
    assert VERSION in told
    assert len(told) == len(set(told))
    count = f"cwmp:ParameterValueStruct[{len(told)}]"
    assert parts["ParameterList"].get(ARRAY) == count
    assert all(struct.find("Value").get(TYPE) for struct in structs)
    assert set(device.profile.inform) <= set(told)
