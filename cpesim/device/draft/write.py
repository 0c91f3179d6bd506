"""
A draft as the YAML of a profile, with its comments.

Rule: pure, and the layout of it all: sections, indentation, what is said where. The
text is a profile that `device.language` reads.
"""

from __future__ import annotations

from collections.abc import Iterator

from cpesim.device.draft.branch import Branch, groups, grown, spans
from cpesim.device.draft.draft import Draft, Entry, Shape
from cpesim.device.draft.scalar import comment, scalar
from cpesim.device.language.tree import ANY, generic

# What is in the standard's larger objects, for whoever reads the file.
_WORDS = {
    "DeviceInfo": "what it is, and what runs on it",
    "ManagementServer": "how it talks to the ACS",
    "Time": "its clock",
    "WANDevice": "the line, and the connections over it",
    "LANDevice": "the home's side: ports, Wi-Fi, clients",
    "Layer3Forwarding": "routes, and which connection is the default",
    "WiFi": "radios, networks, access points and their clients",
    "Hosts": "who is in the home",
    "Ethernet": "ports and links",
    "IP": "interfaces and addresses",
    "DHCPv4": "leases that it gives, and takes",
    "DHCPv6": "leases that it gives, and takes",
    "NAT": "translation and port mappings",
    "Services": "voice, storage, set-top box",
    "Firewall": "what may pass",
}
_STEP = "  "


def write(draft: Draft) -> str:
    """The profile's text."""
    return "\n".join(_lines(draft)) + "\n"


def _lines(draft: Draft) -> Iterator[str]:
    for note in draft.notes:
        yield comment(note) if note else "#"
    yield "version: 1"
    yield f"name: {scalar(draft.name)}"
    if draft.description:
        yield f"description: {scalar(draft.description)}"
    yield f"root: {draft.root}"
    yield f'cwmp: "{draft.cwmp}"'
    if draft.device:
        yield "device:"
        for key, text in draft.device.items():
            yield f"{_STEP}{key}: {scalar(text)}"
    yield from draft.sections
    top = grown(draft)
    if not top.members:
        return
    yield "parameters:"
    for key, branch in _parts(top):
        if isinstance(branch, Entry):
            yield from _entry(key, branch, draft, top.path, 1)
            continue
        count = branch.count()
        word = _WORDS.get(key, "")
        told = f"{count:,} parameter{'' if count == 1 else 's'}"
        yield ""
        yield _STEP + comment(f"{key}: {word}; {told}" if word else f"{key}: {told}")
        yield from _member(key, branch, draft, 1)


def _parts(branch: Branch) -> list[tuple[str, Entry | Branch]]:
    """An object's own parameters, then the objects in it."""
    found = list(branch.members.items())
    return sorted(found, key=lambda item: isinstance(item[1], Branch))


def _entry(
    key: str, entry: Entry, draft: Draft, above: str, depth: int
) -> Iterator[str]:
    remark = draft.remarks.get(above + key.rpartition(".")[2])
    if remark:
        yield _STEP * depth + comment(remark)
    yield f"{_STEP * depth}{key}: {scalar(entry.line)}"


def _body(branch: Branch, draft: Draft, depth: int) -> Iterator[str]:
    for name, member in _parts(branch):
        if isinstance(member, Entry):
            yield from _entry(name, member, draft, branch.path, depth)
        else:
            yield from _member(name, member, draft, depth)


def _member(key: str, branch: Branch, draft: Draft, depth: int) -> Iterator[str]:
    """An object or a table below its key, which may have others before it."""
    if not branch.table:
        yield from _object(key, branch, draft, depth)
        return
    shape = draft.tables.get(generic(branch.path) + ANY + ".", Shape())
    for group in groups(branch):
        brackets = f"[{spans(group.numbers)}]"
        yield from _object(f"{key}{brackets}{shape.suffix}", group.base, draft, depth)
        for numbers, own in group.others:
            yield from _object(f"{key}[{spans(numbers)}]", own, draft, depth)


def _object(key: str, branch: Branch, draft: Draft, depth: int) -> Iterator[str]:
    if branch.odd:
        key += "!"
    if not branch.members:
        # A table's key may stand alone; an object without anything in it is {}.
        alone = "[" in key.rpartition(".")[2]
        yield f"{_STEP * depth}{key}:{'' if alone else ' {}'}"
        return
    if len(branch.members) == 1:
        ((name, only),) = branch.members.items()
        if isinstance(only, Entry):
            yield from _entry(f"{key}.{name}", only, draft, branch.path, depth)
            return
        if not only.table or len(list(groups(only))) == 1:
            yield from _member(f"{key}.{name}", only, draft, depth)
            return
    yield f"{_STEP * depth}{key}:"
    yield from _body(branch, draft, depth + 1)
