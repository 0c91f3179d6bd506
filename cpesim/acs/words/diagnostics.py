"""
Words for diagnostics: set, `Requested`, 8 DIAGNOSTICS COMPLETE, results.

Rule: a probe is a line in PROBES; its results are judged for what cannot be, not for
how fast a network is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from cpesim.acs import calls
from cpesim.acs.words.scene import (
    FETCH,
    LOOKUP,
    NEIGHBOURS,
    PING,
    PUT,
    TRACE,
    Paths,
    Scene,
    Script,
    due,
    known,
)
from cpesim.cwmp import names

TIMES = 3  # repetitions that are asked for
UPLOADED = 100_000  # bytes of an upload diagnostics
# Below our files, and without credentials: the models have no place for them.
OPEN = "open/"
_MAC = re.compile(r"(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}")
_ERRORS = re.compile(r"Error(_[A-Za-z]{1,40})?")

# The type of TestFileLength is not the same in the two families of models.
_LENGTHS = {"Device.": "unsignedLong", "InternetGatewayDevice.": "unsignedInt"}

Results = dict[str, str]  # values by their names after the object's path
Settings = list[tuple[str, str, str]]


class Probe(NamedTuple):
    """One kind of diagnostics: where, with what, and what cannot be in its results."""

    paths: Paths
    settings: Callable[[Scene], Settings]
    judge: Callable[[Results, Scene], list[str]]
    completed: frozenset[str] = frozenset()  # roots whose word is Completed (B5)


def _target(scene: Scene) -> str:
    return urlsplit(scene.files).hostname or "127.0.0.1"


def _ping(scene: Scene) -> Settings:
    return [
        ("Host", "string", _target(scene)),
        ("NumberOfRepetitions", "unsignedInt", str(TIMES)),
        ("Timeout", "unsignedInt", "1000"),
        ("DataBlockSize", "unsignedInt", "64"),
    ]


def _pinged(told: Results, scene: Scene) -> list[str]:
    wrong = []
    good, bad = _number(told, "SuccessCount"), _number(told, "FailureCount")
    if good + bad != TIMES:
        wrong.append(f"{good} and {bad} of {TIMES} pings")
    least, mean, most = (
        _number(told, f"{kind}ResponseTime")
        for kind in ("Minimum", "Average", "Maximum")
    )
    if good and not least <= mean <= most:
        wrong.append(f"response times {least}, {mean}, {most}")
    return wrong


def _trace(scene: Scene) -> Settings:
    return [
        ("Host", "string", _target(scene)),
        ("NumberOfTries", "unsignedInt", str(TIMES)),
        ("Timeout", "unsignedInt", "1000"),
        ("DataBlockSize", "unsignedInt", "64"),
        ("MaxHopCount", "unsignedInt", "16"),
    ]


def _traced(told: Results, scene: Scene) -> list[str]:
    wrong = _counted(told, "RouteHops", "RouteHopsNumberOfEntries")
    hops = _number(told, "RouteHopsNumberOfEntries")
    if not 1 <= hops <= 16:
        wrong.append(f"{hops} hops")
    return wrong


def _lookup(scene: Scene) -> Settings:
    return [
        ("HostName", "string", "localhost"),
        ("Timeout", "unsignedInt", "1000"),
        ("NumberOfRepetitions", "unsignedInt", str(TIMES)),
    ]


def _looked_up(told: Results, scene: Scene) -> list[str]:
    wrong = _counted(told, "Result", "ResultNumberOfEntries")
    good, entries = (
        _number(told, "SuccessCount"),
        _number(told, "ResultNumberOfEntries"),
    )
    if not good <= entries <= TIMES:
        wrong.append(f"{good} good ones, {entries} results of {TIMES}")
    return wrong


def _fetch(scene: Scene) -> Settings:
    return [("DownloadURL", "string", f"{scene.files}/files/{OPEN}diagnostics.bin")]


def _fetched(told: Results, scene: Scene) -> list[str]:
    tested, size = _number(told, "TestBytesReceived"), scene.settings.firmware_size
    wrong = _timed(told)
    # TR-143: with the headers.
    if not size <= tested <= _number(told, "TotalBytesReceived"):
        total = told.get("TotalBytesReceived")
        wrong.append(f"{tested} tested and {total} in all of {size} bytes")
    return wrong


def _put(scene: Scene) -> Settings:
    return [
        ("UploadURL", "string", f"{scene.files}/files/{OPEN}diagnostics"),
        ("TestFileLength", _LENGTHS[scene.cpe.root], str(UPLOADED)),
    ]


def _sent(told: Results, scene: Scene) -> list[str]:
    total = _number(told, "TotalBytesSent")
    return _timed(told) + [f"{total} of {UPLOADED} bytes"] * (total < UPLOADED)


def _neighbours(told: Results, scene: Scene) -> list[str]:
    wrong = _counted(told, "Result", "ResultNumberOfEntries")
    odd = [
        text
        for name, text in told.items()
        if name.endswith(".BSSID") and not _MAC.fullmatch(text)
    ]
    return wrong + [f"BSSID {text!r}" for text in odd[:1]]


def _counted(told: Results, table: str, count: str) -> list[str]:
    """The instances of a table, and the number that is told."""
    there = {n.split(".")[1] for n in told if n.startswith(f"{table}.")}
    number = _number(told, count)
    return [f"{count} {number}, {len(there)} there"] * (number != len(there))


def _timed(told: Results) -> list[str]:
    """ROM, BOM, EOM: asked, begun, ended."""
    times = [told.get(f"{moment}Time", "") for moment in ("ROM", "BOM", "EOM")]
    unknown = [text for text in times if not text or text.startswith("0001")]
    # Times of one device in one form are in the order of their texts.
    return [f"times {times}"] * bool(unknown or times != sorted(times))


def _number(told: Results, name: str) -> int:
    text = told.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else -1


def _nothing(scene: Scene) -> Settings:
    return []


_BOTH = frozenset({"InternetGatewayDevice."})
PROBES: Mapping[str, Probe] = {
    "ping": Probe(PING, _ping, _pinged),
    "traceroute": Probe(TRACE, _trace, _traced),
    "nslookup": Probe(LOOKUP, _lookup, _looked_up),
    "download-diagnostics": Probe(FETCH, _fetch, _fetched, _BOTH),
    "upload-diagnostics": Probe(PUT, _put, _sent, _BOTH),
    "neighbours": Probe(NEIGHBOURS, _nothing, _neighbours),
}


def results(word: str) -> str:
    """The word that reads what this word set off; nobody can type it."""
    return f"{word} results"


def probing(word: str) -> Callable[[Scene], Script]:
    """The word that sets a probe off."""
    probe = PROBES[word]

    def ask(scene: Scene) -> Script:
        path = probe.paths[scene.cpe.root]
        if path not in (yield from known(scene)).has:
            return
        path = scene.cpe.root + path
        entries = [
            (path + name, type, text)
            for name, type, text in (
                *probe.settings(scene),
                ("DiagnosticsState", "string", "Requested"),
            )
        ]
        answer = yield calls.set_parameter_values(entries, scene.key())
        if not answer.fault:
            wait = due(scene, then=results(word), away=True)
            scene.cpe.expect(names.DIAGNOSTICS_COMPLETE, "", wait)

    return ask


def reading(word: str) -> Callable[[Scene], Script]:
    """The word that reads a probe's results."""
    probe = PROBES[word]

    def read(scene: Scene) -> Script:
        root = scene.cpe.root
        path = root + probe.paths[root]
        answer = yield calls.get_parameter_values([path])
        if answer.fault:
            return
        told = {n.removeprefix(path): text for n, text in answer.values().items()}
        state = told.get("DiagnosticsState", "")
        good = ("Completed",) if root in probe.completed else ("Complete",)
        ended = "complete" if state in good else "error"
        scene.tally.diagnostics[f"{word} {ended}"] += 1
        if state in good:
            for text in probe.judge(told, scene)[:3]:
                scene.found.append(("B3 results that cannot be", f"{word}: {text}"))
        elif not _ERRORS.fullmatch(state):
            scene.found.append(("B5 DiagnosticsState", f"{word}: {state!r}"))

    return read
