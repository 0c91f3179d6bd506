"""
A data model as the draft of a profile: chosen objects, instances, and first values.

Rule: types, limits and access are the model's; values are its defaults, but where a
device's value lives or tells who it is. What every ACS needs is there always.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from cpesim.device.check import check
from cpesim.device.draft.compiled import named
from cpesim.device.draft.draft import Draft, Entry, Shape
from cpesim.device.draft.secrets import is_secret
from cpesim.device.dumps.datamodel import DataModel, Fact, Kind, entries_of
from cpesim.device.dumps.needed import LIVING, NEEDED
from cpesim.device.language.line import Line, type_default
from cpesim.device.language.spell import spell_line, spell_value
from cpesim.device.language.template import suggest
from cpesim.device.language.tree import ANY, DEFAULT_GROWTH, MOST, generic
from cpesim.device.profile import Parameter
from cpesim.device.values import MACS
from cpesim.errors import ConfigError

_BASICS = ("DeviceInfo.", "ManagementServer.")
_DEVICE = {
    "manufacturer": "Acme",
    "oui": "00D09E",
    "product_class": "Model",
    "serial": "SN{n:08}",
    "username": "{device_id}",
    "password": "{hex:16}",
}
_KEY = "ManagementServer.ParameterKey"
_UPTIMES = ("UpTime", "Uptime", "LastChange")
_COUNTERS = (("Bytes", "~ counter 1Mbit"), ("Packets", "~ counter 100/s"))
_MAC = "MACAddress"


def draft_of_model(
    model: DataModel, objects: Sequence[str], instances: Mapping[str, int]
) -> Draft:
    """The draft of some objects of a model, or of all of them."""
    return _Choice(model, objects, instances).draft()


class _Choice:
    """What was chosen of a model, on its way to a draft."""

    def __init__(
        self, model: DataModel, objects: Sequence[str], instances: Mapping[str, int]
    ) -> None:
        self.model = model
        self.root = model.root
        self.entries = entries_of(model)
        problems: list[str] = []
        self.kinds = self._chosen(objects, problems)
        self.counts = self._counts(instances, problems)
        if problems:
            raise ConfigError(*problems)
        self.new = 0

    def _chosen(self, objects: Sequence[str], problems: list[str]) -> dict[str, Kind]:
        kinds = self.model.kinds
        wanted: set[str] = set() if objects else set(kinds)
        for text in objects:
            path = generic(text if text.endswith(".") else text + ".")
            found = {p for p in kinds if p.startswith(path)}
            if not found:
                hint = suggest(path, list(kinds)) or f": expected one of {self.root}…"
                problems.append(f"--object {text}: {self.model.name} has none{hint}")
            wanted |= found
        wanted |= {self.root + name for name in ("", *_BASICS)} & kinds.keys()
        return {path: kind for path, kind in kinds.items() if path in wanted}

    def _counts(
        self, instances: Mapping[str, int], problems: list[str]
    ) -> dict[str, int]:
        counts = {p: kind.least for p, kind in self.kinds.items() if kind.table}
        for text, count in instances.items():
            path = generic(text if text.endswith(".") else text + ".")
            path = path if path.endswith(ANY + ".") else path + ANY + "."
            kind = self.kinds.get(path)
            if kind is None:
                tables = [p for p, k in self.kinds.items() if k.table]
                hint = suggest(path, tables) or ": expected a table that is chosen"
                problems.append(f"--instances {text}: there is no such table{hint}")
            elif kind.most is not None and count > kind.most:
                problems.append(
                    f"--instances {text}={count}: the model allows {kind.most}"
                )
            else:
                counts[path] = count
        return counts

    def draft(self) -> Draft:
        model = self.model
        draft = Draft(
            model.name.partition(":")[0].lower() or "model",
            self.root,
            "1.2" if self.root == "Device." else "1.0",
            f"{model.name}, from its data model",
            device=dict(_DEVICE),
        )
        for path, kind in self.kinds.items():
            if kind.table:
                most = max(kind.most or DEFAULT_GROWTH, self.counts[path], 1)
                draft.tables[path] = Shape(kind.writable, min(most, 999_999))
        for kind in self.kinds.values():
            for place in self._places(kind):
                self._object(draft, kind, place)
                if len(draft.entries) > MOST:
                    raise ConfigError(
                        f"more than {MOST:,} parameters: expected fewer --instances"
                    )
        self._needed(draft)
        draft.lead = tuple(
            p for p, e in draft.entries.items() if " inform " in f" {e.head} "
        )
        draft.notes = self._notes(draft)
        return draft

    def _places(self, kind: Kind) -> Iterator[str]:
        """The paths of a kind's instances; {i} for one that is still to be made."""
        places = [""]
        parts = kind.path.split(ANY)
        for depth, part in enumerate(parts[:-1]):
            table = ANY.join(parts[: depth + 1]) + ANY + "."
            count = self.counts.get(table, 0)
            numbers = [str(n) for n in range(1, count + 1)] or [ANY]
            last = depth == len(parts) - 2 and parts[-1] == "."
            if count and last and self._apart(kind):
                numbers.insert(0, ANY)
            places = [
                f"{place}{part}{number}" for place in places for number in numbers
            ]
        yield from (place + parts[-1] for place in places)

    def _apart(self, kind: Kind) -> bool:
        """Whether a new instance has other values than its types' own."""
        return kind.writable and any(
            self._default(fact) for fact in kind.parameters.values()
        )

    def _object(self, draft: Draft, kind: Kind, place: str) -> None:
        if place != self.root:
            draft.objects[place] = None
        if kind.table:
            draft.objects.setdefault(place.rstrip(".").rpartition(".")[0] + ".")
        for name, fact in kind.parameters.items():
            table = self.entries.get(generic(kind.path + name))
            if table is not None and table not in self.kinds:
                continue
            source = self._source(place + name, fact, table)
            draft.entries[place + name] = _entry(fact.parameter, source)
        if kind.table and kind.entries:
            above = place.rstrip(".").rpartition(".")[0].rpartition(".")[0] + "."
            path = above + kind.entries
            if path not in draft.entries:
                source = self._source(path, Fact(Parameter("unsignedInt")), kind.path)
                draft.entries[path] = _entry(Parameter("unsignedInt"), source)

    def _default(self, fact: Fact) -> str:
        """The model's own value of a parameter, "" where it is the type's."""
        text, p = fact.default or "", fact.parameter
        if p.type == "boolean" and text in ("true", "false"):
            text = "1" if text == "true" else "0"
        if not text or text == type_default(p) or check(p, text):
            return ""
        return text

    def _source(self, path: str, fact: Fact, table: str | None) -> str:
        """The value of a parameter: what lives does so."""
        short, p = path.removeprefix(self.root), fact.parameter
        name = path.rpartition(".")[2]
        if short == _KEY:
            return "~ key"
        if short in LIVING:
            return spell_value(LIVING[short])
        if table is not None:
            return f"~ entries {table.removesuffix('.{i}.').rpartition('.')[2]}"
        needed = next((v for n, _, _, v in NEEDED if n == short and v), "")
        if needed and not check(p, needed):
            return f"= {needed}"
        if short == "RootDataModelVersion":
            return f"= {self.model.name.rpartition(':')[2]}"
        if short == "DeviceInfo.SpecVersion":
            return "= 1.0"
        if is_secret(path) and p.type == "string":
            return f"= {{hex:{min(p.length or 16, 16)}}}"
        if name in _UPTIMES and p.type in ("unsignedInt", "unsignedLong"):
            return "~ uptime"
        if fact.types & {"StatsCounter32", "StatsCounter64"}:
            return next((s for word, s in _COUNTERS if word in name), "= 0")
        # Its own, not what an ACS wrote or what it saw of others.
        own = not p.writable and not p.list and ("MAC" in name or "BSSID" in name)
        if _MAC in fact.types and own:
            last = path.rpartition(".")[0].rpartition(".")[2]
            offset = int(last) % MACS if last.isdecimal() else 0
            return f"= {{mac+{offset}}}" if offset else "= {mac}"
        if "Alias" in fact.types and ANY + "." in generic(path):
            return "= cpe-{i}"
        text = self._default(fact)
        return spell_value(text) if text else ""

    def _needed(self, draft: Draft) -> None:
        """What every ACS looks for, where the model or the choice has it not."""
        for name, type, writable, value in NEEDED:
            path = self.root + name
            if path in draft.entries:
                continue
            p = Parameter(
                type, writable=writable, hidden=name.endswith("rver.Password")
            )
            living = LIVING.get(name, value)
            source = "~ key" if name == _KEY else spell_value(living)
            draft.entries[path] = _entry(p, source)
            self.new += 1

    def _notes(self, draft: Draft) -> list[str]:
        tables = sum(1 for kind in self.kinds.values() if kind.table)
        notes = [
            f"From the data model {self.model.name}: {len(draft.entries):,} parameters,"
            f" {tables:,} tables.",
            "Who the device is, is made up: manufacturer, oui, product_class, serial.",
            "Values are the model's defaults, else 0, an empty text, or the first of",
            "the choices; uptimes, counters and NumberOfEntries live.",
        ]
        if self.new:
            notes.append(f"{self.new} parameters that an ACS needs were added.")
        notes += named(
            "Patterns that could not be read, and are left out:", self.model.dropped
        )
        return [
            *notes,
            "",
            "What each line means: docs/profiles.md. After a change:"
            " cpesim profile check FILE",
        ]


def _entry(parameter: Parameter, source: str) -> Entry:
    return Entry(spell_line(Line(replace(parameter, default=""))), source)
