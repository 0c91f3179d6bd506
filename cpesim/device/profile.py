"""
A kind of device, compiled: shared by all its devices and never changed.

Rule: nothing here knows one device. What differs from device to device is a
`Value` that is asked with the device's number, or stands in `Model.own`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from cpesim.cwmp.write import device_id, struct_start, value
from cpesim.device.diagnostics.habits import Habits
from cpesim.device.group.ways import WAYS, Ways
from cpesim.device.modules.kind import Modules
from cpesim.device.transfer import Transfers

if TYPE_CHECKING:
    from cpesim.cwmp.read import Call
    from cpesim.device.device import Device
    from cpesim.device.model import Model
    from cpesim.device.quirk import Quirk


BY_ALIAS = "InstanceAlias"
_MODE = "InstanceMode"
_TRUE = ("1", "true")


class Value(Protocol):
    """
    A default that differs by device or lives in time.

    A function of (model.world.seed, model.n, path, now) and of nothing else that
    changes; picklable, for it travels to the workers.
    """

    def __call__(self, model: Model, path: str, now: float) -> str: ...


@runtime_checkable
class Living(Value, Protocol):
    """A Value that changes by itself: *changes* says when next (-inf: all the time)."""

    def changes(self, model: Model, path: str, now: float) -> float: ...


@dataclass(frozen=True, slots=True)
class Parameter:
    """One leaf of the data model: what may be written and what is read."""

    type: str  # XsdType: "string", "unsignedInt" …; the true xsi:type (X6)
    writable: bool = False
    default: str | Value = ""
    # TR-069 A6 3.7.1.5: "" | "always" (forceEnabled) | "active" (forceDefaultEnabled)
    notify: str = ""
    deny: bool = False  # canDeny: active notification may be refused (P5)
    hidden: bool = False  # reads as empty (P1)
    inform: bool = False  # forcedInform (I2)
    length: int | None = None  # most characters (bytes for base64 and hexBinary)
    choices: tuple[str, ...] = ()
    # each (low, high), either end open; of the number, or of nothing for strings
    ranges: tuple[tuple[int | None, int | None], ...] = ()
    patterns: tuple[str, ...] = ()
    list: bool = False  # comma-separated; choices and ranges hold for each item


@dataclass(frozen=True, slots=True)
class Table:
    """
    A multi-instance object, by its path with every instance number as ``{i}``.

    *template* are a new instance's parameters, relative ("Enable",
    "Stats.BytesSent"); *objects* the objects beneath it, relative ("Stats.",
    "Host." for an empty table in it).
    """

    writable: bool = False  # AddObject and DeleteObject allowed
    most: int = 64  # instances (P6: at the limit 9004)
    template: Mapping[str, Parameter] = field(default_factory=dict)
    objects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Firmware:
    """How this kind of device takes a new image."""

    # a regex: its group 1 in TargetFileName or the URL's end is the version
    pattern: str = ""
    bandwidth: float = 2_500_000.0  # bytes a second
    flash: float = 30.0  # seconds in the dark, rebooting included
    least: int = 1  # an image of fewer bytes is corrupt (9018)


@dataclass(frozen=True, slots=True)
class Standby:
    """How this kind of device sleeps: *length* seconds, after *every* seconds awake."""

    every: float
    length: float


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One thing that a device can do, as three tables."""

    name: str
    rpcs: Mapping[str, Callable[[Device, Call, float], bytes]] = field(
        default_factory=dict
    )
    # by the end of a path, with {i} for its instances: "*.ExecEnv.{i}.Enable"
    writes: Mapping[str, Callable[[Device, str, str, float], None]] = field(
        default_factory=dict
    )
    alarms: Mapping[str, Callable[[Device, object, float], None]] = field(
        default_factory=dict
    )
    # what happens at every boot, before `1 BOOT` asks for its session
    starts: tuple[Callable[[Device, float], None], ...] = ()
    # what happens when the power goes
    stops: tuple[Callable[[Device, float], None], ...] = ()
    # a table below the root ("A.B.{i}.") that only some kinds of devices have
    needs: str = ""
    # what else a written value has to be: (device, name, given) -> 0 or a fault code
    checks: Mapping[str, Callable[[Device, str, str], int]] = field(
        default_factory=dict
    )
    # what follows from the values of a whole SetParameterValues, changed or not
    written: tuple[Callable[[Device, Mapping[str, str], float], None], ...] = ()

    def fits(self, root: str, tables: Mapping[str, Table]) -> bool:
        """Whether a device with these tables can do it."""
        return not self.needs or root + self.needs in tables


@dataclass(frozen=True, slots=True)
class Identities:
    """A user's own devices: row k is that of device *first* + k."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    first: int = 0

    def row(self, n: int) -> tuple[str, ...]:
        """The cells of device *n*; none for a device beyond the file's end."""
        at = n - self.first
        return self.rows[at] if 0 <= at < len(self.rows) else ()


@dataclass(frozen=True, slots=True)
class Profile:
    """
    A kind of device.

    *names* holds the parameters of a device as it leaves the factory, sorted, so
    that a partial path is a slice; *objects* every object of it ("Device.WiFi."),
    sorted, with whether AddObject (a table) or DeleteObject (an instance) may be
    called on it.
    """

    name: str
    root: str  # "Device." or "InternetGatewayDevice."
    manufacturer: str | Value
    oui: str | Value
    product_class: str | Value
    serial: str | Value
    names: tuple[str, ...]
    parameters: Mapping[str, Parameter]
    objects: Mapping[str, bool]
    tables: Mapping[str, Table]  # by path with {i}: "Device.WiFi.SSID.{i}."
    rendered: Mapping[str, bytes]  # fixed defaults as finished <ParameterValueStruct>
    inform: tuple[str, ...]  # forced parameters, in the order of the Inform
    cwmp: str = "1.0"  # 1.0 … 1.4
    interval: float = 300.0  # PeriodicInformInterval when the profile's model has none
    deny_active: bool = False  # 9009 to active notification where it may (P5)
    knock_rate: int = 10  # connection requests a minute that are taken (C3)
    knock_in_session: bool = True  # False: 503 while a session runs (C3)
    empty_inform: bool = True  # X2: an empty 200 to the Inform goes on
    set_status: int = 0  # Status of SetParameterValuesResponse (P3)
    reboot: float = 45.0  # seconds in the dark
    retry_scale: float = 1.0  # what session retry waits are multiplied by
    exchanges: int = 1000  # most exchanges a session (X8)
    # seconds after which a user sets EnableCWMP true again (I9); None: nobody does
    enable_after: float | None = None
    standby: Standby | None = None
    client_certs: str = ""  # where client certificates stand, as of --client-certs
    firmware: Firmware = field(default_factory=Firmware)
    transfers: Transfers = field(default_factory=Transfers)
    modules: Modules = field(default_factory=Modules)
    diagnostics: Habits = field(default_factory=Habits)
    pools: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # made names
    rpcs: Mapping[str, Callable[[Device, Call, float], bytes]] = field(
        default_factory=dict
    )
    writes: Mapping[str, Callable[[Device, str, str, float], None]] = field(
        default_factory=dict
    )
    alarms: Mapping[str, Callable[[Device, object, float], None]] = field(
        default_factory=dict
    )
    starts: tuple[Callable[[Device, float], None], ...] = ()
    written: tuple[Callable[[Device, Mapping[str, str], float], None], ...] = ()
    quirks: tuple[Quirk, ...] = ()  # what its devices do that no standard foresaw
    stops: tuple[Callable[[Device, float], None], ...] = ()
    checks: Mapping[str, Callable[[Device, str, str], int]] = field(
        default_factory=dict
    )
    username: str | Value = ""  # towards the ACS
    password: str | Value = ""
    identities: Identities | None = None  # a user's own devices
    ways: Ways = WAYS  # what a run sets for one group of them
    # Made from *objects*: their sorted names, and the instances of each table.
    levels: tuple[str, ...] = field(init=False)
    instances: Mapping[str, tuple[int, ...]] = field(init=False)
    # Made from *parameters*: what lives and shows, as (start of its struct, value).
    living: Mapping[str, tuple[str, Value]] = field(init=False)
    # Made of ManagementServer's: how paths may be written, and are read (P8, P12).
    aliases: bool = field(init=False)
    wildcards: bool = field(init=False)
    instance_mode: str = field(init=False)
    by_alias: bool = field(init=False)
    # Those of them that change by themselves, sorted.
    restless: tuple[str, ...] = field(init=False)
    restless_notified: tuple[str, ...] = field(init=False)  # by the profile itself
    informing: bool = field(init=False)  # InformParameter has instances (I8)
    # Which WAN connection is the default one, where the model says so (I2).
    service: str = field(init=False)
    # The DeviceId up to its SerialNumber, where all devices share it.
    maker: str | None = field(init=False)

    def __post_init__(self) -> None:
        levels = tuple(sorted(self.objects))
        instances: dict[str, list[int]] = {}
        for path in levels:
            table, _, number = path[:-1].rpartition(".")
            if number.isdecimal():
                instances.setdefault(table + ".", []).append(int(number))
        living = {
            name: (struct_start(name, parameter.type), parameter.default)
            for name, parameter in self.parameters.items()
            if not isinstance(parameter.default, str) and not parameter.hidden
        }
        restless = sorted(n for n, v in living.items() if isinstance(v[1], Living))
        who = (self.manufacturer, self.oui, self.product_class)
        texts = [part for part in who if isinstance(part, str)]
        maker = device_id(*texts) if len(texts) == len(who) else None
        server = self.root + "ManagementServer."
        texts_of = {
            word: known.default
            for word in ("AliasBasedAddressing", "InstanceWildcardsSupported", _MODE)
            if (known := self.parameters.get(server + word)) is not None
        }
        aliases = texts_of.get("AliasBasedAddressing") in _TRUE
        wildcards = texts_of.get("InstanceWildcardsSupported") in _TRUE
        object.__setattr__(self, "aliases", aliases)
        object.__setattr__(self, "wildcards", wildcards)
        object.__setattr__(self, "instance_mode", server + _MODE if aliases else "")
        by_alias = aliases and texts_of.get(_MODE) == BY_ALIAS
        object.__setattr__(self, "by_alias", by_alias)
        object.__setattr__(self, "living", living)
        object.__setattr__(self, "restless", tuple(restless))
        table = self.root + "ManagementServer.InformParameter."
        object.__setattr__(self, "informing", table in instances)
        service = self.root + "Layer3Forwarding.DefaultConnectionService"
        there = service in self.parameters
        object.__setattr__(self, "service", service if there else "")
        notified = tuple(n for n in restless if self.parameters[n].notify)
        object.__setattr__(self, "restless_notified", notified)
        object.__setattr__(self, "maker", maker)
        object.__setattr__(self, "levels", levels)
        object.__setattr__(
            self, "instances", {t: tuple(sorted(i)) for t, i in instances.items()}
        )

    def with_defaults(self, defaults: Mapping[str, str | Value]) -> Profile:
        """The same kind of device with other defaults; unknown paths are left out."""
        parameters, rendered = dict(self.parameters), dict(self.rendered)
        for name, default in defaults.items():
            old = parameters.get(name)
            if old is None:
                continue
            parameters[name] = replace(old, default=default)
            rendered.pop(name, None)
            if isinstance(default, str):
                text = "" if old.hidden else default
                rendered[name] = value(name, old.type, text).encode()
        return replace(self, parameters=parameters, rendered=rendered)

    def beneath(self, path: str) -> tuple[str, ...]:
        """The parameters under a partial path (which ends in a dot), sorted."""
        return _beneath(self.names, path)

    def objects_beneath(self, path: str) -> tuple[str, ...]:
        """The object of that path and all objects under it, sorted."""
        return _beneath(self.levels, path)


def _beneath(names: tuple[str, ...], path: str) -> tuple[str, ...]:
    low = bisect_left(names, path)
    # "/" is the character after ".": nothing under the path sorts behind it.
    return names[low : bisect_left(names, path[:-1] + "/", low)]
