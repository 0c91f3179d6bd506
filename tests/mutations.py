"""
The places where rules are broken: one line each.

Rule: plain values; `python tests/mutants.py` tries them.
"""

from __future__ import annotations

from typing import NamedTuple


class Mutant(NamedTuple):
    """A rule, what is done to it, and where: *old* stands once in *file*."""

    rule: str
    what: str
    file: str
    old: str
    new: str


_SESSION = "cpesim/cwmp/session.py"
_TURNS = "cpesim/cwmp/transitions.py"
_READ = "cpesim/cwmp/read.py"
_WRITE = "cpesim/cwmp/write.py"
_EVENTS = "cpesim/device/events.py"
_RETRY = "cpesim/device/retry.py"
_HTTP = "cpesim/wire/http1.py"

MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "S1",
        "cpesim's ID is not marked mustUnderstand",
        _WRITE,
        '<cwmp:ID soap-env:mustUnderstand="1">\'',
        "<cwmp:ID>'",
    ),
    Mutant(
        "S4",
        "the empty POST comes before the requests",
        _SESSION,
        "while self._left < len(self.pending):",
        "while self.offered and self._left < len(self.pending):",
    ),
    Mutant(
        "S5",
        "HoldRequests is ignored",
        _READ,
        'in ("1", "true")\n    elif',
        'in ("2",)\n    elif',
    ),
    Mutant(
        "S6",
        "answers bear an ID of their own",
        _TURNS,
        "    return write.envelope(session.namespace, call.id, body)",
        '    return write.envelope(session.namespace, "7", body)',
    ),
    Mutant(
        "S7",
        "the first empty answer ends the session",
        _TURNS,
        "    if session.offered:\n        session.state = State.DONE",
        "    if session:\n        session.state = State.DONE",
    ),
    Mutant(
        "S8",
        "a fault to the Inform is lived with",
        _TURNS,
        'raise session.failed(f"fault {call.code} to the Inform")',
        "return session.go_on()",
    ),
    Mutant(
        "S9",
        "a sixth 8005 is obeyed",
        _SESSION,
        "MOST_RESENDS = 5",
        "MOST_RESENDS = 6",
    ),
    Mutant(
        "S11",
        "an unknown RPC gets 9001",
        "cpesim/device/device.py",
        "raise Fault(9000)",
        "raise Fault(9001)",
    ),
    Mutant(
        "S12",
        "the namespace is not followed down",
        _SESSION,
        "if spoken is not None and spoken < self.version:",
        "if spoken is not None and spoken > self.version:",
    ),
    Mutant(
        "S13",
        "unknown headers are never insisted on",
        _READ,
        "word not in _HEADERS and _must(entry)",
        "word not in _HEADERS and not _must(entry)",
    ),
    Mutant(
        "S14",
        "a fault is answered by a fault",
        _TURNS,
        "    session.saying = EMPTY_POST\n    return b",
        "    session.saying = EMPTY_POST\n    return write.fault(Fault(9002)) or b",
    ),
    Mutant(
        "X2",
        "an empty answer to the Inform fails each session",
        _TURNS,
        "if not session.empty_inform:",
        "if session.empty_inform:",
    ),
    Mutant(
        "X3",
        "a foreign ID fails the session",
        _SESSION,
        "            self.flaw(flaws.WRONG_ID, said)",
        '            raise self.failed("ID", said)',
    ),
    Mutant(
        "X8",
        "an ACS may go on for ever",
        _SESSION,
        "self._exchanges >= self.most",
        "False",
    ),
    Mutant(
        "R1",
        "the wait does not grow",
        _RETRY,
        "** (min(count, _TENTH) - 1)",
        "** 0",
    ),
    Mutant(
        "E7",
        "2 PERIODIC does not outlive a reboot",
        _EVENTS,
        "names.PERIODIC: ALWAYS",
        "names.PERIODIC: UNTIL_REBOOT",
    ),
    Mutant(
        "E2",
        "events stand in the order of their coming",
        _EVENTS,
        "_ORDER.get(e[0], len(_ORDER))",
        "0",
    ),
)
