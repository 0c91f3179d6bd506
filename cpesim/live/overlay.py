"""
What lies over a view: help, the faults to turn on and off, the whole log of events.

Rule: pure and exact, at every size; the same key that brought it takes it away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cpesim.live import panels
from cpesim.live.cells import clean, filled, fit, rule
from cpesim.live.looking import Looking
from cpesim.measure.result import Result
from cpesim.quantity import show_clock

HELP = (
    "1 main   2 latency   3 fleet   4 errors   5 generator   Tab the next view",
    "l the log of all events   ? this   Esc back",
    "",
    "+ -    the rate, by 1 % of the plan up or down",
    "* /    by 10 %",
    "=      back to the plan",
    "p      pause arrivals, or go on; the CPEs' own timers are not held",
    "f      faults of the scenario: a number turns one on or off",
    "m      a mark in the events, and in the charts of the report",
    "d      dump: write summary.json now, as if the run ended here",
    "q      graceful stop: no new sessions; again: break off what is in flight",
    "Q      stop now, and break off what is in flight",
    "Ctrl-C in the run's own terminal as q; attached: leave, and the run goes on",
    "",
    "Everything else from another terminal, answered when it is applied:",
    "  cpesim ctl RUN rate 500/s",
    "  cpesim ctl RUN do reboot group=NAME pick=5%",
    "  cpesim ctl RUN limit in_flight 6000",
    "Every change is an event, and makes the run a manual one.",
)


def over(result: Result, width: int, height: int, looking: Looking) -> list[str]:
    """The overlay that is looked at: exactly *height* lines of *width* cells."""
    title, content = OVER[looking.over]
    body = [rule(width, title), *content(result, width, max(0, height - 2))]
    lines = filled(body, width, max(0, height - 1))
    keys = fit(f" Esc back   {_clock(result)}", width)
    return filled([*lines, keys], width, height)


def _clock(result: Result) -> str:
    return f"{clean(result.facts.name)}  {result.state}  {show_clock(result.now)}"


def _help(result: Result, width: int, height: int) -> list[str]:
    return [fit(f" {line}", width) for line in HELP]


def _faults(result: Result, width: int, height: int) -> list[str]:
    if not result.faults:
        return [fit(" this scenario has no faults", width)]
    lines = []
    for number, (name, active) in enumerate(result.faults.items(), 1):
        key = str(number) if number < 10 else " "
        lines.append(f" {key}  {'ON ' if active else 'off'}  {clean(name)}")
    lines += [
        "",
        " a number turns one on or off; more by cpesim ctl RUN fault NAME ...",
    ]
    return [fit(line, width) for line in lines]


def _log(result: Result, width: int, height: int) -> list[str]:
    if not result.events:
        return [fit(" nothing has happened yet", width)]
    return panels.events(result, width, height)


OVER: Mapping[str, tuple[str, Callable[[Result, int, int], list[str]]]] = {
    "help": ("keys", _help),
    "faults": ("faults", _faults),
    "log": ("events, the newest first", _log),
}
