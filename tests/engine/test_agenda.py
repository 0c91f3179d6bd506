"""The heap of due moments: nothing is missed, and it does not grow with time."""

from __future__ import annotations

from math import inf

from cpesim.device.device import Device
from cpesim.device.world import World
from cpesim.engine.agenda import SPARE, Agenda
from tests.factory import make_profile


def test_what_was_outlived_does_not_pile_up() -> None:
    """A CPE that is woken each minute before its daily moment stays one entry."""
    devices = [Device(make_profile(), n, World(1)) for n in range(10)]
    agenda = Agenda(devices)
    for minute in range(1_440):
        now = minute * 60.0
        for device in devices:
            agenda.put(device, now + 30.0 + device.n)
        rung = [d.n for _, d in agenda.due(now + 45.0)]
        assert rung == list(range(10))
        for device in devices:
            agenda.put(device, 86_400.0)
        assert len(agenda) <= 2 * len(devices) + SPARE + 1
    assert agenda.next() == 86_400.0
    assert sorted(d.n for _, d in agenda.due(86_400.0)) == list(range(10))
    assert agenda.next() == inf


def test_tidying_amid_what_is_due_misses_nothing() -> None:
    """Each that is due is given once, also where the heap is made anew meanwhile."""
    devices = [Device(make_profile(), n, World(1)) for n in range(3 * SPARE)]
    agenda = Agenda(devices)
    for moment in (7.0, 5.0, 3.0):  # two of three are outlived
        for device in devices:
            agenda.put(device, moment)
    given: list[int] = []
    for _, device in agenda.due(4.0):
        given.append(device.n)
        for when in (9.0, 8.0):
            agenda.put(device, when)
    assert sorted(given) == list(range(3 * SPARE))
    assert sorted(d.n for _, d in agenda.due(8.0)) == sorted(given)
