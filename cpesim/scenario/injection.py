"""
Misbehaviour by plan: which kinds of fault there are, and what may be said of each.

Rule: pure, and the only list of kinds that a scenario may name; what each does stands
under the same name in engine/injection/kinds.py. An argument's *form* says what value
it has in an Injection, already read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cpesim.scenario.scenario import Scenario

# Forms of arguments: a share 0 to 1, a Shape of seconds, seconds (may be negative),
# bytes, bytes a second, a CWMP fault code, an RPC's name, one of MESSAGES.
SHARE, SHAPE, SECONDS, SIZE, SPEED, CODE, RPC, MESSAGE = (
    "share",
    "shape",
    "seconds",
    "size",
    "speed",
    "code",
    "rpc",
    "message",
)
# Which messages a fault of `message` spoils: the CPE's Inform, or its answers to RPCs.
INFORM, ANSWER = "inform", "answer"
MESSAGES = (INFORM, ANSWER)


@dataclass(frozen=True, slots=True)
class Argument:
    """What may be said of a kind of fault; without a *default* it must be."""

    form: str
    words: str
    default: Any = None

    @property
    def required(self) -> bool:
        """Whether a scenario must give it."""
        return self.default is None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault: what it does, in words, and its arguments."""

    words: str
    arguments: Mapping[str, Argument] = field(default_factory=dict)


# Every kind has this one as well.
P = Argument(SHARE, "how likely a session has the fault, drawn once a session", 1.0)
_RPC_ON = Argument(
    RPC, "the exchange that it shows on: Inform, or the RPC that is answered", "Inform"
)
_MESSAGE = Argument(
    MESSAGE, "which message is spoilt: the inform, or each answer to an RPC", INFORM
)
KINDS: Mapping[str, Kind] = {
    "tcp_reset_before_response": Kind(
        "the CPE resets the connection once its message is sent, and reads no answer",
        {"rpc": _RPC_ON},
    ),
    "tcp_reset_mid_body": Kind(
        "the CPE resets the connection in the middle of the body that it sends",
        {"rpc": _RPC_ON},
    ),
    "delay_response": Kind(
        "the CPE answers each RPC late",
        {"by": Argument(SHAPE, "how late, drawn for each answer")},
    ),
    "slow_read": Kind(
        "the CPE reads what the ACS answers slowly, through a small window",
        {"rate": Argument(SPEED, "bytes a second")},
    ),
    "connect_drop": Kind(
        "the CPE connects by TCP, sends nothing and closes",
    ),
    "tls_fail": Kind(
        "the CPE says its ClientHello and breaks the handshake off with a fatal alert;"
        " towards an http:// ACS these are bytes that are no HTTP",
    ),
    "no_cookie": Kind("the CPE sends no cookie back"),
    "duplicate_inform": Kind(
        "the CPE sends its Inform a second time once that was answered"
    ),
    "cwmp_fault": Kind(
        "the CPE answers an RPC with a fault, and does not do what it says",
        {
            "code": Argument(
                CODE, "the fault; where the CPE's CWMP lacks it, the nearest it has"
            ),
            "rpc": Argument(RPC, "the RPC; empty: each of them", ""),
        },
    ),
    "wrong_id": Kind("the CPE answers RPCs under another cwmp:ID than was asked with"),
    "malformed_xml": Kind(
        "the message breaks off in the middle of an element", {"message": _MESSAGE}
    ),
    "oversize": Kind(
        "the message is blown up by white space at its end, still valid XML",
        {
            "size": Argument(SIZE, "bytes of the message"),
            "message": _MESSAGE,
        },
    ),
    "clock_skew": Kind(
        "the CurrentTime of the Inform is off",
        {"by": Argument(SECONDS, "how far; negative: in the past")},
    ),
    "dns": Kind("the CPE does not find the ACS's address, and sends nothing"),
}


def arguments(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """All arguments of a kind, those not given at their defaults."""
    known = KINDS[kind].arguments
    return {"p": P.default} | {n: a.default for n, a in known.items()} | dict(given)


def wrong(kind: str, given: Mapping[str, Any]) -> list[str]:
    """What is wrong with a kind and the names of its arguments, one line each."""
    if kind not in KINDS:
        return [f"{kind}: expected one of {', '.join(KINDS)}"]
    known = {"p": P, **KINDS[kind].arguments}
    return [
        f"{kind}: {name}: expected one of {', '.join(known)}"
        for name in given
        if name not in known
    ] + [
        f"{kind}: {name} is missing: {argument.words}"
        for name, argument in known.items()
        if argument.required and name not in given
    ]


def check(scenario: Scenario) -> list[str]:
    """What is wrong with the scenario's faults."""
    groups = [group.name for group in scenario.groups]
    names = [fault.name for fault in scenario.injections]
    phases = [phase.name for phase in scenario.phases]
    sets = [step.name for step in scenario.steps if step.name]
    found: list[str] = []
    for fault in scenario.injections:
        where = f"{fault.place}: " if str(fault.place) else ""
        where += f"faults: {fault.name}: "
        if names.count(fault.name) > 1:
            found.append(f"{where}there are two of this name")
        if fault.devices.group not in ("", *groups):
            known = ", ".join(groups)
            found.append(f"{where}no group {fault.devices.group}: expected {known}")
        if fault.devices.name not in ("", *sets):
            known = ", ".join(sets) or "none"
            found.append(
                f"{where}no step names a set {fault.devices.name}: expected {known}"
            )
        if fault.phase not in ("", *phases):
            known = ", ".join(phases) or "none"
            found.append(f"{where}no phase {fault.phase}: expected {known}")
        for kind, how in fault.kinds.items():
            found += [where + problem for problem in wrong(kind, how)]
    return list(dict.fromkeys(found))
