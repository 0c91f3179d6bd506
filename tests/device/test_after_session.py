"""What an RPC asks for is begun when its session is over (CHECKLIST B1, B3, B4)."""

from __future__ import annotations

import pytest

from tests.device.diagnosed import PING, STATE, Desk
from tests.factory import make_device
from tests.modular import NEW, UNIT, URL, modular_device
from tests.play import EMPTY, OVER, Play, reply


@pytest.mark.rule("B3", "B5")
def test_a_diagnostic_begins_after_its_session() -> None:
    """However long the session lasts: its seconds are none of the test's."""
    desk = Desk(loss=0.0)
    device = desk.device
    play = desk.begin(10.0) << reply("InformResponse")
    asked = desk.set((PING + "Host", "a.example"), (PING + STATE, "Requested"))
    play = play << asked >> "SetParameterValuesResponse"
    assert desk.counters["diagnostics.started"] == 0
    desk.end(play, 100.0)
    assert desk.counters["diagnostics.started"] == 1
    assert device.model.get(PING + STATE, 100.0) == "Requested"
    assert device.events == ()
    assert device.due() > 100.0


@pytest.mark.rule("B4", "B7")
def test_a_change_of_modules_begins_after_its_session() -> None:
    """The ACS that asked for it sees the old modules until the session ends."""
    install = ("Install", {"URL": URL, "UUID": NEW})
    device = modular_device()
    play = Play(device.begin(100.0), 100.0) << reply("InformResponse", version="1.2")
    play = play << reply("ChangeDUState", "k", install, version="1.2")
    play = play >> "ChangeDUStateResponse"
    assert device.model.instances(UNIT) == [1]
    assert device.errands == ()
    play = play << EMPTY >> OVER
    device.end(play.session, 130.0)
    device.wake(130.0)
    assert device.model.instances(UNIT) == [1, 2]
    assert len(device.errands) == 1


@pytest.mark.rule("B1", "B2")
@pytest.mark.parametrize("method", ["Reboot", "FactoryReset"])
def test_the_power_goes_after_its_session(method: str) -> None:
    """What the ACS asks for after it is still answered."""
    device = make_device()
    play = Play(device.begin(10.0), 10.0) << reply("InformResponse")
    play = play << reply(method, *(["k"] if method == "Reboot" else []))
    play = play >> f"{method}Response" << reply("GetRPCMethods")
    play = play >> "GetRPCMethodsResponse" << EMPTY >> OVER
    assert device.life == "up"
    device.end(play.session, 20.0)
    device.wake(20.0)
    assert device.life == "off"
    assert device.due() == 20.0 + device.profile.reboot
