"""
What a CPE said and was told before, held against the Inform of now.

Rule: pure, and only what can be told apart from a device that was switched off, or
from a fleet that begins anew: a doubt is no violation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cpesim.acs.cpe import Cpe, Told
from cpesim.acs.reports import (
    TRANSFER_EVENTS,
    WANTING,
    judge_ended,
    undelivered,
)
from cpesim.acs.words.scene import ALIASES
from cpesim.cwmp import names

if TYPE_CHECKING:
    from cpesim.acs.session import Session

# No device restarts, and no failed attempt is waited out (R1: 1 s at least), in less.
AT_ONCE = 0.25
# A periodic Inform is late after so many intervals and seconds (I3).
_INTERVALS, _SPARE = 3, 60.0
_ASKED_FOR = {
    names.M_REBOOT,
    names.M_SCHEDULE_INFORM,
    names.M_CHANGE_DU_STATE,
} | TRANSFER_EVENTS
# Events that must not come twice when their session was whole. Those of a CPE's own
# accord may: there is another one to tell of.
_ONCE = _ASKED_FOR | {names.DIAGNOSTICS_COMPLETE, names.DU_STATE_CHANGE_COMPLETE}


def compare(session: Session, cpe: Cpe, codes: Sequence[str], now: float) -> None:
    """Judge an Inform by what is known of its CPE; before 0 BOOTSTRAP resets that."""
    inform, found = session.inform, session.found
    bootstrap, boot = names.BOOTSTRAP in codes, names.BOOT in codes
    if cpe.informs > 1:
        soon = not cpe.broken and now - cpe.ended < AT_ONCE
        if bootstrap and not boot:
            found.append(("E3 0 BOOTSTRAP again without 1 BOOT", str(codes)))
        if soon and boot and (names.BOOT, "") in cpe.delivered:
            found.append(("E5 1 BOOT again at once", str(codes)))
        _judge_retries(session, cpe, bootstrap, soon)
        if not bootstrap:
            _judge_events(session, cpe)
            _judge_periodic(session, cpe, codes, now)
    if cpe.fresh and boot and not bootstrap:
        found.append(("B2 no 0 BOOTSTRAP after FactoryReset", str(codes)))
    if cpe.commands and not bootstrap:
        _judge_due(session, cpe, boot, now)
    kind = session.register.kind(inform)
    aliases = kind is not None and ALIASES in kind.has
    if aliases and cpe.root + ALIASES not in inform.values:
        found.append(("I2 forced parameter missing", ALIASES))


def judge_key(session: Session, cpe: Cpe) -> None:
    """P10: the ParameterKey is the last one that was taken."""
    key = session.inform.values.get(cpe.root + "ManagementServer.ParameterKey")
    if key is not None and cpe.parameter_key not in (None, key):
        session.found.append(
            ("P10 ParameterKey", f"{key!r}, not {cpe.parameter_key!r}")
        )


def _judge_retries(session: Session, cpe: Cpe, bootstrap: bool, soon: bool) -> None:
    """R2: RetryCount grows with each failed session, and ends with a good one."""
    told = session.retries
    if cpe.broken:
        if told <= cpe.retries and not bootstrap:
            text = f"{told} after a failed session with {cpe.retries}"
            session.found.append(("R2 RetryCount did not grow", text))
    # An Inform that we answered with 503 never came here, and counts all the same.
    elif soon and told >= cpe.retries > 0 and not session.tally.injected:
        text = f"{told} after a good session with {cpe.retries}"
        session.found.append(("R2 RetryCount was not reset", text))


def _judge_events(session: Session, cpe: Cpe) -> None:
    found, events = session.found, session.inform.events
    changed = any(
        told[0] == names.M_CHANGE_DU_STATE
        and (told in cpe.commands or told[1] in cpe.doubts)
        for told in events
    )
    for told in cpe.undelivered:
        if told not in events:
            found.append(("E5 an event lost", " ".join(told)))
    for told in events:
        if told in cpe.commands:
            continue
        code, key = told
        if changed and code == names.DU_STATE_CHANGE_COMPLETE:
            continue  # of another ChangeDUState
        # With a RetryCount, it may be that the response never arrived.
        if told in cpe.delivered and code in _ONCE and not session.retries:
            found.append(("E5 an event again after its response", f"{code} {key!r}"))
        elif key in cpe.doubts:
            continue
        elif code in _ASKED_FOR and told not in (*cpe.undelivered, *cpe.delivered):
            found.append(("E2 an event nobody asked for", f"{code} {key!r}"))


def _judge_due(session: Session, cpe: Cpe, boot: bool, now: float) -> None:
    """What we asked for: whether it stands beside 1 BOOT, and whether it is late."""
    found, events = session.found, session.inform.events
    late: list[Told] = []
    for told, due in cpe.commands.items():
        if told in events:
            continue
        event, key = told
        if event == names.M_REBOOT and boot:
            found.append(("E4 1 BOOT without M Reboot", key))
            late.append(told)
        elif event == names.DIAGNOSTICS_COMPLETE and boot:
            late.append(told)  # E7: a reboot ends it
        elif now > due.until:
            found.append(("E5 an event that never came", f"{event} {key!r}"))
            late.append(told)
    cpe.forget(late)


def _judge_periodic(
    session: Session, cpe: Cpe, codes: Sequence[str], now: float
) -> None:
    """I3, within what a busy network may cost; early ones are for a fleet's load."""
    if not cpe.interval:
        return
    waited = now - cpe.periodic_at
    if waited > _INTERVALS * cpe.interval + _SPARE and not session.retries:
        text = f"{waited:.0f} s with an interval of {cpe.interval} s"
        session.found.append(("I3 no periodic Inform", text))
        cpe.periodic_at = now
    if names.PERIODIC in codes or names.BOOT in codes:
        cpe.periodic_at = now


def ended(session: Session, cpe: Cpe, now: float, *, done: bool) -> None:
    """Keep of a session what the next Inform is held against."""
    events = session.inform.events
    cpe.retries = session.retries
    cpe.broken = not done
    # Most sessions tell of nothing that has to be reported.
    wanting = [event for event, _ in events if event in WANTING]
    left = undelivered(session) if wanting else ()
    cpe.undelivered = left[:64]
    if done:
        cpe.ended = now
        if wanting:
            judge_ended(session)
        gone = [told for told in events if told not in left]
        kept = [t for t in gone if t[0] in _ONCE or t[0] == names.BOOT]
        cpe.delivered = tuple(kept[:64])
        cpe.forget([told for told in gone if told[1]])
    else:
        cpe.delivered = ()
        if session.last_key:
            # It may have been heard, though the answer never came.
            cpe.doubt(session.last_key)
