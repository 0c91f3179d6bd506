"""
What the ACS recorded of a CPE, as a profile.

Rule: it joins the two rooms that know nothing of each other, and says what was done.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from cpesim.acs.record import Recorder, Recording
    from cpesim.device.draft.draft import Draft

_SUBSCRIBER = ("Subscriber",)


def recorded(recorder: Recorder, out: str) -> None:
    """Write a recording, whole or cut short, and say what was done."""
    from cpesim.cli.profile.imported import store

    found = recorder.recording
    if not found.values:
        typer.echo("no CPE told anything: nothing is written", err=True)
        return
    typer.echo(
        f"{recorder.key}: {found.requests:,} requests in {found.sessions}"
        f" {'session' if found.sessions == 1 else 'sessions'}, {found.faults:,} faults;"
        f" {len(found.values):,} values, {len(found.attributes):,} attributes,"
        f" {len(found.unread):,} not read"
        + ("" if recorder.finished else "; cut short")
    )
    draft = draft_of_recording(found, Path(out).name, whole=recorder.finished)
    draft.name = Path(out).stem or "recorded"
    store(draft, out)


def draft_of_recording(found: Recording, name: str, *, whole: bool = True) -> Draft:
    """The draft of what one CPE told."""
    from cpesim.device.draft.compiled import named
    from cpesim.device.draft.sources import dumped
    from cpesim.device.dumps.text import Dump, Entry

    entries = [
        Entry(path.rstrip("."), True, writable)
        for path, writable in found.names.items()
        if path.endswith(".")
    ]
    for path, (text, kind) in found.values.items():
        notification, _ = found.attributes.get(path, (None, ()))
        if path + "." not in found.names:
            entries.append(
                Entry(
                    path,
                    False,
                    found.names[path],
                    text,
                    kind,
                    notification=notification,
                )
            )
    dump = Dump(name, entries, dict(found.identity), True, found.forced, found.cwmp)
    passive = [
        f"{path}: {notification}"
        for path, (notification, _) in found.attributes.items()
        if notification not in (0, 2)
    ]
    others = [
        f"{path}: {', '.join(access) or 'nobody'}"
        for path, (_, access) in found.attributes.items()
        if access != _SUBSCRIBER
    ]
    notes = [
        f"CWMP {found.cwmp}. Events: {', '.join(found.events) or 'none'}.",
        f"RPCs: {', '.join(found.methods) or 'not told'}.",
        f"Its Inform tells {len(found.forced)} parameters, which are marked inform.",
    ]
    if not whole:
        notes.append("The recording was cut short: there is more in this CPE.")
    notes += named(
        "Not read, and left out:",
        [f"{path}: {why}" for path, why in found.unread.items()],
    )
    notes += named("Notification of an ACS's, left out:", passive)
    notes += named("AccessList of an ACS's, left out:", others)
    return dumped(dump, "Recorded from a CPE by cpesim acs --record.", notes)
