"""
What has to fit over several blocks of a scenario: names, times, choices.

Rule: works on the tree, not on the forms, so that it finds what is wrong here though
something else is wrong there; a value that cannot be read is the forms' business.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches

from cpesim.errors import Problem
from cpesim.quantity import parse_duration, parse_share, show_duration
from cpesim.scenario.scenario import DEFAULT_DURATION
from cpesim.yamltext import Node

NOTHING = Node("", 0, 0)
_KINDLESS = ("name", "devices", "share", "during", "state")
Check = Callable[[Node], Iterator[Problem]]


def check(root: Node) -> list[Problem]:
    """What does not fit, all of it."""
    return [problem for each in CHECKS for problem in each(root)]


def _get(node: Node, *names: str) -> Node:
    for name in names:
        node = node.members.get(name, NOTHING)
    return node


def _items(root: Node, block: str) -> list[Node]:
    return [each for each in _get(root, block).items if each.members]


def _steps(root: Node) -> list[Node]:
    return [each for each in _items(root, "timeline") if "do" in each.members]


def _key(node: Node, name: str) -> Node:
    """Where a key stands; the mapping's place when it is not there."""
    return node.keys.get(name, node)


def _seconds(node: Node) -> float | None:
    try:
        return parse_duration(node.text) if node.text else None
    except ValueError:
        return None


def _known(
    node: Node, names: Iterable[str], what: str, also: str = ""
) -> Iterator[Problem]:
    """A problem when a text is none of the names."""
    found = list(names)
    if not node.text or node.text in found:
        return
    close = get_close_matches(node.text, found, n=1, cutoff=0.6)
    hint = f" (did you mean {close[0]}?)" if close else ""
    there = f"there are {', '.join(found)}" if found else "there is none"
    yield node.problem(f"no {what} is called {node.text!r}{hint}: {there}{also}")


def _groups_of(root: Node) -> dict[str, Node]:
    return _get(root, "fleet", "groups").members


def _phases_of(root: Node) -> list[Node]:
    return [e for e in _items(root, "timeline") if "phase" in e.members]


def _groups(root: Node) -> Iterator[Problem]:
    names = _groups_of(root)
    if not names:
        return
    for load in _items(root, "load"):
        for each in _get(load, "groups").items:
            yield from _known(each, names, "group")
    for step in _items(root, "timeline"):
        yield from _known(_get(step, "group"), names, "group")
        yield from _known(_get(step, "devices", "group"), names, "group")
    for fault in _items(root, "faults"):
        yield from _known(_get(fault, "devices", "group"), names, "group")


def _likes(root: Node) -> Iterator[Problem]:
    names = _groups_of(root)
    for name, group in names.items():
        like = _get(group, "like")
        yield from _known(like, [each for each in names if each != name], "other group")
        seen, at = {name}, like.text
        while at in names and at not in seen:
            seen.add(at)
            at = _get(names[at], "like").text
        if at == name and like.text != name:
            yield like.problem(f"{name} is like itself in the end")


def _ouis(root: Node) -> Iterator[Problem]:
    for group in (*_groups_of(root).values(), _get(root, "fleet", "defaults")):
        oui = _get(group, "oui")
        # A number without quotes is told by the form.
        text = oui.text if oui.kind == "str" or oui.style else ""
        if text and "{" not in text and not re.fullmatch("[0-9A-F]{6}", text):
            yield oui.problem(f"expected six digits 0-9 A-F in quotes, not {text!r}")


def _phases(root: Node) -> Iterator[Problem]:
    entries = _phases_of(root)
    yield from _twice((_get(each, "phase") for each in entries), "phase")
    begun: dict[float, Node] = {}
    for each in entries:
        at = _seconds(_get(each, "at"))
        if at is not None and begun.setdefault(at, each) is not each:
            yield _key(each, "at").problem(
                f"two phases begin at {_get(each, 'at').text}:"
                f" {_get(begun[at], 'phase').text} is the other"
            )
        if "do" in each.members:
            yield _key(each, "phase").problem(
                "a phase and a step are two entries: expected one of `phase:` and `do:`"
            )
    names = [_get(each, "phase").text for each in entries]
    for fault in _items(root, "faults"):
        yield from _known(_get(fault, "during"), names, "phase")


def _twice(nodes: Iterable[Node], what: str) -> Iterator[Problem]:
    seen: dict[str, Node] = {}
    for node in nodes:
        if node.text and seen.setdefault(node.text, node) is not node:
            first = seen[node.text]
            yield node.problem(
                f"a second {what} {node.text!r}: the first is in line {first.line}"
            )


def _names(root: Node) -> Iterator[Problem]:
    yield from _twice((_get(e, "name") for e in _items(root, "load")), "load")
    yield from _twice((_get(e, "name") for e in _items(root, "faults")), "fault")
    yield from _twice((_get(e, "as") for e in _steps(root)), "set")
    limits = _get(root, "thresholds").items
    yield from _twice((_get(e, "name") for e in limits), "threshold")
    yield from _twice(
        (
            _get(e, "expr") if e.members else e
            for e in limits
            if not _get(e, "name").text
        ),
        "threshold",
    )


def _sets(root: Node) -> Iterator[Problem]:
    steps = _steps(root)
    named = {_get(s, "as").text: s for s in steps if _get(s, "as").text}
    places = {id(step): place for place, step in enumerate(steps)}
    groups = _groups_of(root)
    for user in (*steps, *_items(root, "faults")):
        devices = _get(user, "devices")
        used = devices if devices.text else _get(devices, "set")
        if used.text in groups and used.text not in named:
            yield used.problem(
                f"{used.text} is a group: write {{group: {used.text}}}; a text alone"
                " is a set that a step names by `as:`"
            )
            continue
        yield from _known(used, named, "set of devices", " (a step names one by `as:`)")
        if "do" not in user.members or used.text not in named:
            continue
        maker = named[used.text]
        made, wanted = _first(maker), _first(user)
        if maker is user:
            yield used.problem(f"{used.text!r} is named by this step itself")
        elif made is None or wanted is None:
            continue
        elif wanted < made:
            yield used.problem(
                f"{used.text!r} is named at {show_duration(made)}, which is later"
            )
        elif wanted == made and places[id(user)] < places[id(maker)]:
            yield used.problem(
                f"{used.text!r} is named in the same moment, but in line"
                f" {maker.line}: expected that step before this one"
            )


def _first(step: Node) -> float | None:
    """When a step is due for the first time; None when that cannot be read."""
    return _seconds(_get(step, "every" if "every" in step.members else "at"))


def _times(root: Node) -> Iterator[Problem]:
    end = _end(root)
    for entry in _items(root, "timeline"):
        at, what = _seconds(_get(entry, "at")), "phase" if _is_phase(entry) else "step"
        if at is not None and end is not None and at > end:
            yield _get(entry, "at").problem(
                f"this {what} is after the end of the run, {show_duration(end)}"
            )
        if _is_phase(entry):
            continue
        if ("at" in entry.members) == ("every" in entry.members):
            yield _key(entry, "every").problem(
                "expected one of `at:` and `every:`, when the step is due"
            )
        elif _get(entry, "do").text == "stop" and "every" in entry.members:
            yield _key(entry, "every").problem("the run ends once: expected `at:`")
        every, jitter = _seconds(_get(entry, "every")), _seconds(_get(entry, "jitter"))
        if "jitter" in entry.members and "every" not in entry.members:
            yield _key(entry, "jitter").problem("`jitter:` belongs to `every:`")
        elif every is not None and jitter is not None and jitter > every / 2:
            yield _get(entry, "jitter").problem(
                "expected at most half of `every:`, so that the order stays"
            )
    for load in _items(root, "load"):
        at = _seconds(_get(load, "at"))
        if at is not None and end is not None and at > end:
            yield _get(load, "at").problem(
                f"this load is after the end of the run, {show_duration(end)}"
            )


def _is_phase(entry: Node) -> bool:
    return "do" not in entry.members


def _end(root: Node) -> float | None:
    """When the run ends; None when that cannot be read."""
    ends = [_get(s, "at") for s in _steps(root) if _get(s, "do").text == "stop"]
    if "duration" in root.members:
        ends.append(_get(root, "duration"))
    if not ends:
        return DEFAULT_DURATION
    found = [_seconds(end) for end in ends]
    return min((at for at in found if at is not None), default=None)


def _loads(root: Node) -> Iterator[Problem]:
    for load in _items(root, "load"):
        if _get(load, "executor").text != "arrival-rate":
            continue
        if "plugin" not in load.members:
            if "rate" not in load.members:
                yield load.problem("'rate' is missing: expected it here, as 50/s")
            continue
        for key in ("rate", "stages"):
            if key in load.members:
                yield _key(load, key).problem(
                    f"the plug-in says the rate: expected no `{key}:` beside it"
                )


def _references(root: Node) -> Iterator[Problem]:
    faults = [_get(each, "name").text for each in _items(root, "faults")]
    loads = {_get(e, "name").text: e for e in _items(root, "load")}
    for step in _steps(root):
        do = _get(step, "do").text
        if do == "fault":
            yield from _known(_get(step, "fault"), faults, "fault")
        if do not in ("rate", "pause", "resume"):
            continue
        name = _get(step, "load")
        yield from _known(name, [n for n in loads if n], "load")
        executor = _get(loads.get(name.text, NOTHING), "executor").text
        if do == "rate" and name.text and executor not in ("", "arrival-rate"):
            yield name.problem(f"{name.text} has no rate: its executor is {executor}")
        if do == "rate" and ("to" in step.members) == ("factor" in step.members):
            yield _key(step, "factor").problem("expected one of `to:` and `factor:`")


def _hooks(root: Node) -> Iterator[Problem]:
    for step in _steps(root):
        if _get(step, "do").text != "hook":
            continue
        http, command = "http" in step.members, "exec" in step.members
        if http == command:
            yield _key(step, "exec").problem("expected one of `http:` and `exec:`")
            continue
        asked = _get(step, "http")
        if "json" in asked.members and "body" in asked.members:
            yield _key(asked, "body").problem("expected one of `json:` and `body:`")
        url = _get(asked, "url")
        if url.text and not re.match(r"https?://[^/\s]", url.text):
            yield url.problem(f"expected http(s)://HOST[:PORT]/PATH, not {url.text!r}")
        expect, odd = _get(step, "expect"), "exit" if http else "status"
        if odd in expect.members:
            yield _key(expect, odd).problem(
                f"{odd!r} is for {'exec' if http else 'http'}: this hook has none"
            )


def _faults(root: Node) -> Iterator[Problem]:
    for fault in _items(root, "faults"):
        if not set(fault.members) - set(_KINDLESS):
            yield fault.problem("expected a kind of fault, as `connect_drop: 5%`")
        if "share" in fault.members and "pick" in _get(fault, "devices").members:
            yield _key(fault, "share").problem(
                "expected one of `share:` and `pick:` in the devices"
            )


def _outcomes(root: Node) -> Iterator[Problem]:
    places = [_get(root, "behaviour"), _get(root, "fleet", "defaults", "behaviour")]
    places += [_get(group, "behaviour") for group in _groups_of(root).values()]
    for place in places:
        told = _get(place, "download", "outcomes")
        total = 0.0
        for each in told.items:
            try:
                total += parse_share(_get(each, "share").text)
            except ValueError:
                continue
            if not {"fault", "silent", "keep_version"} & set(each.members):
                yield each.problem("expected `fault:`, `silent:` or `keep_version:`")
        if total > 1 + 1e-9:
            yield told.problem(
                f"the shares make {total * 100:.6g}%: expected 100% at most"
            )


CHECKS: tuple[Check, ...] = (
    _groups,
    _likes,
    _ouis,
    _phases,
    _names,
    _sets,
    _times,
    _loads,
    _references,
    _hooks,
    _faults,
    _outcomes,
)
