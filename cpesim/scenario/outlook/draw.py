"""
The outlook of a scenario as text: figures, phases, steps, and the load over time.

Rule: pure; plain ASCII, so that a log of CI shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cpesim.measure.facts import shown
from cpesim.quantity import (
    show_bytes,
    show_clock,
    show_count,
    show_duration,
    show_rate,
)
from cpesim.scenario.outlook.figures import Outlook
from cpesim.scenario.scenario import Load, Scenario
from cpesim.scenario.step import Step

HEIGHT = 8


def drawn(scenario: Scenario, outlook: Outlook, intervals: dict[str, float]) -> str:
    """The whole plan."""
    return "\n".join(_lines(scenario, outlook, intervals)) + "\n"


def _lines(
    scenario: Scenario, outlook: Outlook, intervals: dict[str, float]
) -> Iterator[str]:
    told = f"  {scenario.description}" if scenario.description else ""
    yield f"{scenario.name}{told}"
    yield ""
    start = "known" if scenario.start.known else "new"
    fleet = ", ".join(
        f"{group.name} {show_count(group.count)} x {group.profile}"
        f" each {show_duration(intervals[group.name])}"
        for group in scenario.groups
    )
    yield f"  fleet      {show_count(scenario.count)} {start} CPEs: {fleet}"
    for load in scenario.loads:
        yield f"  load       {_load(load)}"
    yield f"  duration   {show_duration(scenario.duration)}"
    yield f"  sessions   about {show_count(outlook.sessions)}"
    at = show_clock(outlook.peak_at)
    yield f"  peak       about {show_rate(outlook.peak)} at {at}"
    yield f"  sockets    {show_count(outlook.sockets)} at most"
    memory = show_bytes(outlook.memory)
    yield f"  memory     about {memory}, and that of sessions in flight"
    yield f"  limits     {len(scenario.thresholds)}"
    if scenario.timer_scale != 1.0:
        yield f"  timers     those of profiles times {scenario.timer_scale:.6g}"
    yield ""
    yield from chart(outlook, scenario)
    if scenario.phases or scenario.steps:
        yield ""
        yield from _timeline(scenario)
    for fault in scenario.injections:
        during = f" in {fault.phase}" if fault.phase else ""
        state = "" if fault.active else ", inactive"
        yield f"  fault      {fault.name}: {', '.join(fault.kinds)}{during}{state}"


def _load(load: Load) -> str:
    groups = f" of {', '.join(load.groups)}" if load.groups else ""
    if load.executor == "arrival-rate":
        rate = "plug-in" if load.rate is None else f"{load.rate:.3g}/s"
        ends = [f"{stage.to:.3g}/s" for stage in load.stages]
        return f"{load.name}: {' -> '.join([rate, *ends])}{groups}"
    if load.executor == "fleet":
        return f"{load.name}: the CPEs' own timers{groups}"
    number = "all" if load.number is None else show_count(load.number)
    return f"{load.name}: {load.executor} {number}{groups}"


def chart(outlook: Outlook, scenario: Scenario) -> Iterator[str]:
    """Sessions a second over time, as columns; `|` is where a phase begins."""
    top = max(outlook.peak, 1e-9)
    for row in range(HEIGHT, 0, -1):
        low = top * (row - 0.75) / HEIGHT
        label = show_rate(top * row / HEIGHT) if row in (HEIGHT, HEIGHT // 2) else ""
        bars = "".join("#" if rate >= low else " " for rate in outlook.curve)
        yield f"  {label:>9} {bars}".rstrip()
    width = len(outlook.curve)
    floor = ["-"] * width
    for phase in scenario.phases:
        place = int(phase.at / scenario.duration * width)
        if place < width:
            floor[place] = "|"
    yield f"  {'0':>9} {''.join(floor)}"
    end = show_clock(scenario.duration)
    yield f"  {'':>9} {'00:00':<{width - len(end)}}{end}"


def _timeline(scenario: Scenario) -> Iterator[str]:
    entries: list[tuple[float, int, str]] = [
        (phase.at, 0, f"{show_clock(phase.at):>11}  -- {phase.name}")
        for phase in scenario.phases
    ]
    for step in scenario.steps:
        at = step.at if step.every is None else 0.0
        entries.append((at, 1, f"{_when(step):>11}  {_step(step)}"))
    for _, _, line in sorted(entries, key=lambda entry: entry[:2]):
        yield line


def _when(step: Step) -> str:
    if step.every is None:
        return show_clock(step.at)
    return f"each {show_duration(step.every)}"


def _step(step: Step) -> str:
    words = [step.do]
    devices = step.devices
    if devices is not None:
        words += filter(None, (devices.name, devices.group))
        if devices.share is not None:
            words.append(f"{devices.share:.6%}".rstrip("0%").rstrip(".") + " %")
        if devices.count is not None:
            words.append(show_count(devices.count))
    for key in ("group", "count", "load", "fault", "that", "text"):
        if step.arguments.get(key):
            words.append(str(step.arguments[key]))
    if step.do == "hook":
        words.append(_hook(step))
    if step.name:
        words.append(f"as {step.name}")
    return " ".join(words)


def _hook(step: Step) -> str:
    if "http" in step.arguments:
        asked = step.arguments["http"]
        return f"{asked['method']} {shown(asked['url'])}"
    words: Iterable[str] = step.arguments["exec"]
    return next(iter(words))
