"""When phases and steps are due."""

from __future__ import annotations

from itertools import islice

from cpesim.conductor.steps.timeline import Entry, moments, timeline
from cpesim.scenario.step import Phase, Step


def told(entries: list[Entry]) -> list[tuple[float, str, int]]:
    """Each entry as (moment, name, turn): the turn is the end of a step's salt."""
    return [
        (e.at, e.what.name, 0)
        if isinstance(e.what, Phase)
        else (e.at, e.what.do, int(e.salt.rpartition("/")[2]))
        for e in entries
    ]


def test_phases_come_before_the_steps_of_their_moment() -> None:
    """And steps of one moment as they are written, whatever the order in the file."""
    phases = [Phase("storm", 600.0), Phase("warm-up", 0.0)]
    steps = [
        Step("power_restore", 600.0),
        Step("mark", 600.0),
        Step("power_cut", 420.0),
    ]
    assert told(list(timeline(phases, steps, 1, 900.0))) == [
        (0.0, "warm-up", 0),
        (420.0, "power_cut", 0),
        (600.0, "storm", 0),
        (600.0, "power_restore", 0),
        (600.0, "mark", 0),
    ]


def test_every_begins_after_one_interval_and_ends_with_the_run() -> None:
    """Turns are numbered, and each draws with a salt of its own."""
    entries = list(timeline([], [Step("reboot", every=100.0)], 1, 400.0))
    assert told(entries) == [
        (100.0, "reboot", 0),
        (200.0, "reboot", 1),
        (300.0, "reboot", 2),
    ]
    assert len({entry.salt for entry in entries}) == 3


def test_every_may_begin_later() -> None:
    """`at` beside `every` is where the first interval begins."""
    assert list(islice(moments(Step("reboot", 50.0, 100.0), "s", 1), 2)) == [150, 250]


def test_jitter_is_seeded_and_stays_within_its_bounds() -> None:
    """Each turn is moved by itself; the same seed moves it the same way."""
    step = Step("power_cut", every=100.0, jitter=20.0)
    first = list(islice(moments(step, "s", 7), 200))
    moved = [at - (turn + 1) * 100.0 for turn, at in enumerate(first)]
    assert all(-20.0 <= by <= 20.0 for by in moved)
    assert min(moved) < -15.0 < 15.0 < max(moved)
    assert abs(sum(moved) / len(moved)) < 3.0
    assert first == list(islice(moments(step, "s", 7), 200))
    assert first != list(islice(moments(step, "s", 8), 200))


def test_a_jitter_above_half_an_interval_keeps_the_order() -> None:
    """No turn overtakes the one before it."""
    step = Step("power_cut", every=10.0, jitter=60.0)
    found = list(islice(moments(step, "s", 3), 500))
    assert found == sorted(found)


def test_nothing_is_due_at_the_end() -> None:
    """What is due when the run ends is not begun; a jitter below 0 is due at once."""
    steps = [Step("mark", 100.0), Step("mark", 99.9), Step("mark", 0.0, jitter=5.0)]
    found = told(list(timeline([Phase("late", 100.0)], steps, 5, 100.0)))
    assert [name for _, name, _ in found] == ["mark", "mark"]
    assert found[0][0] >= 0.0
