"""
What users have -> the draft of a profile: a dump, a data model, a recorded session.

Rule: pure. The kind of a source is seen from its text; what is wrong with it is told
with its line and column.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath

from cpesim.device.draft.compiled import draft_of, named
from cpesim.device.draft.draft import Draft
from cpesim.device.draft.modelled import draft_of_model
from cpesim.device.dumps.datamodel import parse_model
from cpesim.device.dumps.dump import compile_dump
from cpesim.device.dumps.session import parse_session
from cpesim.device.dumps.text import Dump, parse_csv, parse_json
from cpesim.errors import ConfigError, Problem

_MODEL = re.compile(r"<(?:[\w.-]+:)?document\b")
_ENVELOPE = re.compile(r"<(?:[\w.-]+:)?Envelope\b")
_HEAD = 20_000


def draft_from(
    text: str,
    file: str,
    *,
    objects: Sequence[str] = (),
    instances: Mapping[str, int] | None = None,
) -> Draft:
    """The draft of a source; *objects* and *instances* are for a data model."""
    name = PurePath(file).name
    start = text.lstrip()[:1]
    chosen = bool(objects or instances)
    if start == "<" and _MODEL.search(text, 0, _HEAD):
        return draft_of_model(parse_model(text, file), objects, instances or {})
    if chosen:
        told = "--object and --instances are for a data model's XML"
        raise ConfigError(Problem(file, 1, 1, f"{told}, which this is not"))
    if _ENVELOPE.search(text):
        session = parse_session(text, file)
        notes = [*session.notes, *named("Not read, and left out:", session.unread)]
        return dumped(session.dump, f"From {name}: a recorded session.", notes)
    if start == "<" or text.startswith("version:"):
        told = "a profile already" if start != "<" else "XML, but of neither kind"
        expected = "expected an export, a data model, or SOAP envelopes"
        raise ConfigError(Problem(file, 1, 1, f"{told}: {expected}"))
    if start in ("{", "["):
        return dumped(
            parse_json(text, file), f"From {name}: an export of GenieACS, JSON."
        )
    return dumped(parse_csv(text, file), f"From {name}: an export of GenieACS, CSV.")


def dumped(dump: Dump, origin: str, notes: Sequence[str] = ()) -> Draft:
    """The draft of one device's tree; *origin* says where it is from."""
    profile = compile_dump(dump)
    draft = draft_of(profile)
    who = [
        dump.identity.get("manufacturer") or profile.manufacturer,
        dump.identity.get("product_class") or profile.product_class,
    ]
    told = " ".join(text for text in who if isinstance(text, str) and text)
    draft.description = f"{told or 'A device'}, as it was seen"[:200]
    draft.notes = [
        origin,
        f"{told}: {len(profile.names):,} parameters, {len(profile.objects):,} objects,"
        f" {len(profile.tables):,} tables.",
        "Serial number, MAC and WAN addresses are new ones for each CPE of a fleet.",
        *notes,
        *draft.notes,
        "",
        "What each line means: docs/profiles.md. After a change:"
        " cpesim profile check FILE",
    ]
    return draft
