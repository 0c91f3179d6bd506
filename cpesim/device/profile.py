"""
A kind of device, compiled: shared by all its devices and never changed.

Rule: nothing here knows one device. What differs from device to device is a
`Value` that is asked with the device's number, or stands in `Model.own`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from cpesim.cwmp.write import device_id, struct_start, value

if TYPE_CHECKING:
    from cpesim.cwmp.read import Call
    from cpesim.device.device import Device
    from cpesim.device.model import Model


class Value(Protocol):
    """
    A default that differs by device or lives in time.

    A function of (model.world.seed, model.n, path, now) and of nothing else that
    changes; picklable, for it travels to the workers.
    """

    def __call__(self, model: Model, path: str, now: float) -> str: ...


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
class Behaviour:
    """One thing that a device can do, as three tables."""

    name: str
    rpcs: Mapping[str, Callable[[Device, Call, float], bytes]] = field(
        default_factory=dict
    )
    writes: Mapping[str, Callable[[Device, str, str, float], None]] = field(
        default_factory=dict
    )
    alarms: Mapping[str, Callable[[Device, object, float], None]] = field(
        default_factory=dict
    )
    # what happens at every boot, before `1 BOOT` asks for its session
    starts: tuple[Callable[[Device, float], None], ...] = ()


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
    exchanges: int = 1000  # most exchanges a session (X8)
    firmware: Firmware = field(default_factory=Firmware)
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
    username: str | Value = ""  # towards the ACS
    password: str | Value = ""
    identities: Identities | None = None  # a user's own devices
    # Made from *objects*: their sorted names, and the instances of each table.
    levels: tuple[str, ...] = field(init=False)
    instances: Mapping[str, tuple[int, ...]] = field(init=False)
    # Made from *parameters*: what lives and shows, as (start of its struct, value).
    living: Mapping[str, tuple[str, Value]] = field(init=False)
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
        who = (self.manufacturer, self.oui, self.product_class)
        texts = [part for part in who if isinstance(part, str)]
        maker = device_id(*texts) if len(texts) == len(who) else None
        object.__setattr__(self, "living", living)
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
