"""
What is wrong with what a CPE sent: the ACS's own reading of the standard.

Rule: pure. Each check names the rule of the standard's checklist that it stands for,
and finds something to count; nothing here decides what is answered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from cpesim.acs.answers import (
    ARRAY,
    BODY,
    FAULT,
    HEADER,
    MUST,
    TYPE,
    Element,
    Inform,
    Message,
    Value,
    code_of,
    local,
)
from cpesim.acs.findings import Found
from cpesim.cwmp import names

_ARRAYS = ("Event", "ParameterList", "MethodList", "AccessList", "TransferList")
_ARRAY_TYPE = re.compile(r"\s*(?:([^\s:\[\]]+):)?([^\s:\[\]]+)\[(\d+)\]\s*")
_VENDOR_EVENT = re.compile(r"M X_\S+|X \S+ .+")
_M_EVENTS = {
    names.M_REBOOT,
    names.M_SCHEDULE_INFORM,
    names.M_DOWNLOAD,
    names.M_SCHEDULE_DOWNLOAD,
    names.M_UPLOAD,
    names.M_CHANGE_DU_STATE,
}
_SINGLE = frozenset(names.EVENTS)
# V1: how many of names.EVENTS a namespace has, and which M events.
_EVENTS_OF = {
    names.NAMESPACES["1.0"]: frozenset(names.EVENTS[:10]),
    names.NAMESPACES["1.1"]: frozenset(names.EVENTS[:11]),
    names.NAMESPACES["1.2"]: _SINGLE,
}
_M_LATER = {names.M_SCHEDULE_DOWNLOAD, names.M_CHANGE_DU_STATE}

# XML Schema has no type "base64", only SOAP has; written as XML Schema's it is
# base64Binary.
_TYPES = {(names.XSD, kind) for kind in names.XSD_TYPES if kind != "base64"}
_TYPES |= {(names.XSD, "base64Binary"), (names.ENC, "base64")}

_TIME = r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?"
_LEXICAL = {
    "boolean": re.compile("0|1|true|false"),
    "int": re.compile(r"[+-]?\d{1,10}"),
    "unsignedInt": re.compile(r"\+?\d{1,10}"),
    "long": re.compile(r"[+-]?\d{1,19}"),
    "unsignedLong": re.compile(r"\+?\d{1,20}"),
    "decimal": re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)"),
    "dateTime": re.compile(_TIME),
    "base64": re.compile(r"[A-Za-z0-9+/\s]*={0,2}\s*"),
    "hexBinary": re.compile(r"(?:[0-9a-fA-F]{2})*"),
}
ZONED = re.compile(_TIME.removesuffix("?"))

# I2; TR-098 also wants the WAN connection's ExternalIPAddress.
FORCED = {
    "InternetGatewayDevice.": (
        "DeviceSummary",
        "DeviceInfo.SpecVersion",
        "DeviceInfo.HardwareVersion",
        "DeviceInfo.SoftwareVersion",
        "DeviceInfo.ProvisioningCode",
        "ManagementServer.ConnectionRequestURL",
        "ManagementServer.ParameterKey",
    ),
    "Device.": (
        "RootDataModelVersion",
        "DeviceInfo.HardwareVersion",
        "DeviceInfo.SoftwareVersion",
        "DeviceInfo.ProvisioningCode",
        "ManagementServer.ConnectionRequestURL",
        "ManagementServer.ParameterKey",
    ),
}
_FORCED = {
    root: frozenset(root + name for name in listed) for root, listed in FORCED.items()
}
# P9, in the words of TR-069: what every CPE has, FactoryReset being optional there.
COMPULSORY = frozenset(names.RPCS[:10])
_TEXTS = frozenset().union(*_FORCED.values())
_EXTERNAL = re.compile(r".+\.WAN(?:IP|PPP)Connection\.\d+\.ExternalIPAddress")
_DEVICE_IDS = {
    root: tuple(
        (f"{root}DeviceInfo.{name}", place)
        for place, name in enumerate(
            ("Manufacturer", "ManufacturerOUI", "ProductClass", "SerialNumber")
        )
    )
    for root in FORCED
}


def judge_envelope(message: Message, found: Found) -> None:
    """Header, namespace and arrays of any message."""
    root, element = message.root, message.element
    if len(root) != 2 or root[0].tag != HEADER or root[1].tag != BODY:
        found.append(("S1 not a Header and a Body", " ".join(map(local, root))))
    ids = message.ids
    if len(ids) != 1:
        found.append(("S1 not one cwmp:ID", f"{len(ids)} in {message.method}"))
    elif ids[0].get(MUST) != "1":
        found.append(("S1 cwmp:ID without mustUnderstand 1", message.method))
    namespace = message.namespace
    if element.tag == FAULT:
        inner = element.find("detail/*")
        # One that refuses a header has no detail (S13).
        of = inner if inner is not None else ids[0] if ids else element
        namespace = of.tag.partition("}")[0][1:]
    if namespace not in names.NAMESPACE_ORDER:
        found.append(("S12 unknown namespace", f"{message.method} in {namespace!r}"))
    if ids and ids[0].tag != f"{{{namespace}}}ID":
        found.append(("S12 cwmp:ID in another namespace", str(ids[0].tag)))
    for header in message.headers:
        _judge_header(header, message, found)
    nsmap = root.nsmap
    for array in element.iter(*_ARRAYS):
        _judge_array(array, nsmap, found)


def _judge_header(header: Element, message: Message, found: Found) -> None:
    """S12, V1: SessionTimeout and SupportedCWMPVersions, in an Inform of 1.3 or 1.4."""
    name, text = local(header), (header.text or "").strip()
    if header.get(MUST) == "1" or message.method != "Inform":
        found.append(("S12 unexpected header", name))
    elif name not in ("SessionTimeout", "SupportedCWMPVersions"):
        return  # without mustUnderstand anything may stand there
    elif message.namespace != names.NAMESPACES["1.2"]:
        found.append(("V1 header of a later version", name))
    elif name == "SessionTimeout":
        if not (text.isdigit() and len(text) < 10 and int(text) >= 30):
            found.append(("S12 SessionTimeout", text))
    elif not text or not set(text.split(",")) <= names.NAMESPACES.keys():
        found.append(("S12 SupportedCWMPVersions", text))


def _judge_array(array: Element, nsmap: dict[Any, str], found: Found) -> None:
    said = array.get(ARRAY)
    match = _ARRAY_TYPE.fullmatch(said or "")
    if match is None:
        found.append(("I1 arrayType missing or malformed", f"{array.tag}: {said}"))
        return
    prefix, item, count = match.groups()
    if prefix not in nsmap and prefix not in array.nsmap:
        found.append(("I1 arrayType with an undeclared prefix", said or ""))
    if int(count) != len(array):
        found.append(
            ("I1 arrayType count", f"{array.tag}: {said}, {len(array)} are there")
        )
    elif len(array) and array[0].tag != item:
        found.append(("I1 arrayType of another type", f"{said} of {array[0].tag}"))


def judge_values(message: Message, listed: Iterable[Value], found: Found) -> None:
    """Names and types of a ParameterList of values."""
    seen: set[str] = set()
    known: dict[str | None, str] = {}
    for name, text, kind in listed:
        if name in seen:
            found.append(("I1 a name twice", name))
        seen.add(name)
        if kind not in known:
            known[kind] = _type_of(kind, message)
        what = known[kind]
        if not what:
            found.append(("X6 xsi:type missing or unknown", f"{name}: {kind}"))
        elif what in _LEXICAL and not _LEXICAL[what].fullmatch(text):
            found.append(("P4 value not of its type", f"{name}: {kind} {text[:80]!r}"))
        elif what != "string" and name in _TEXTS:
            found.append(("X6 type of a forced parameter", f"{name}: {kind}"))


def _type_of(kind: str | None, message: Message) -> str:
    """The type's local name, "" when it is none of CWMP's."""
    prefix, _, written = (kind or "").rpartition(":")
    space = message.root.nsmap.get(prefix)
    if space is None:  # declared further in
        wanted = (e for e in message.element.iter("Value") if e.get(TYPE) == kind)
        space = next(wanted, message.element).nsmap.get(prefix)
    if (space, written) not in _TYPES:
        return ""
    return "base64" if written == "base64Binary" else written


def judge_inform(message: Message, inform: Inform, found: Found) -> None:
    """Everything that an Inform has to be (E1, E2, I1, I2, V1)."""
    _judge_events(message.namespace, inform.events, found)
    plain = inform.plain
    if plain.get("MaxEnvelopes") != "1":
        found.append(("I1 MaxEnvelopes is not 1", plain.get("MaxEnvelopes", "none")))
    if not ZONED.fullmatch(plain.get("CurrentTime", "")):
        found.append(("I1 CurrentTime without zone", plain.get("CurrentTime", "none")))
    if not plain.get("RetryCount", "").isdigit():
        found.append(("I1 RetryCount", plain.get("RetryCount", "none")))
    if not (inform.manufacturer and inform.serial):
        found.append(("I1 DeviceId incomplete", inform.key))
    if not re.fullmatch("[0-9A-F]{6}", inform.oui):
        found.append(("I1 OUI is not six hexadecimal digits", inform.oui))
    judge_values(message, inform.listed, found)
    values = inform.values
    root = root_of(values)
    if not root:
        found.append(("I2 no root object", next(iter(values), "no parameter")))
        return
    missing = _FORCED[root] - values.keys()
    found += [("I2 forced parameter missing", name) for name in sorted(missing)]
    if root != "Device." and not any(map(_EXTERNAL.fullmatch, values)):
        found.append(("I2 forced parameter missing", "ExternalIPAddress"))
    judge_device_id(inform, root, values, found)


def _judge_events(namespace: str, events: list[tuple[str, str]], found: Found) -> None:
    if not 1 <= len(events) <= 64:
        found.append(("I1 not 1 to 64 events", str(len(events))))
    if len(set(events)) != len(events):
        found.append(("E2 an event twice", str(events)))
    for code, key in events:
        if code in _SINGLE:
            if key:
                found.append(("E2 CommandKey with a single event", f"{code} {key!r}"))
            if code not in _EVENTS_OF.get(namespace, _SINGLE):
                found.append(("V1 event of a later version", code))
        elif code in _M_EVENTS:
            if code in _M_LATER and namespace != names.NAMESPACES["1.2"]:
                found.append(("V1 event of a later version", code))
        elif not _VENDOR_EVENT.fullmatch(code):
            found.append(("E1 unknown event", repr(code)))


def root_of(values: Iterable[str]) -> str:
    """The root object of an Inform's parameters, "" when it is none that we know."""
    name = next(iter(values), "")
    for root in FORCED:
        if name.startswith(root):
            return root
    return ""


def judge_device_id(
    inform: Inform, root: str, values: dict[str, str], found: Found
) -> None:
    """DeviceId equals DeviceInfo, as far as *values* hold it."""
    for name, place in _DEVICE_IDS[root]:
        value = values.get(name)
        if value is not None and value != inform[place]:
            found.append(
                (
                    "I1 DeviceId is not DeviceInfo",
                    f"{name[len(root) :]}: {value!r}, {inform[place]!r}",
                )
            )


def judge_methods(namespace: str, methods: list[str], found: Found) -> None:
    """What GetRPCMethodsResponse lists (P9, V1)."""
    if len(set(methods)) != len(methods):
        found.append(("P9 a method twice", str(methods)))
    lacking = names.RPCS_LACKING[namespace].intersection(methods)
    found += [("V1 method of a later version", name) for name in sorted(lacking)]
    missing = COMPULSORY.difference(methods)
    if missing:
        found.append(("P9 a compulsory method is not listed", str(sorted(missing))))


def judge_misunderstood(message: Message, found: Found) -> None:
    """A fault that refuses a header (S13)."""
    element = message.element
    code = (element.findtext("faultcode") or "").rpartition(":")[2]
    if code != "MustUnderstand":
        found.append(("S13 faultcode", code))
    if element.find("detail") is not None:
        found.append(("S13 a detail", code))


def judge_fault(message: Message, code: int, found: Found) -> None:
    """A fault that answers one of our requests (F, V1)."""
    element = message.element
    if element.findtext("faultstring") != "CWMP fault":
        found.append(("F faultstring", element.findtext("faultstring") or "none"))
    if not (9000 <= code <= 9032 or 9800 <= code <= 9899):
        found.append(("F fault code", str(code)))
    inner = element.find("detail/*")
    if inner is None or local(inner) != "Fault":
        found.append(("F no cwmp:Fault in the detail", ""))
        return
    namespace = inner.tag.partition("}")[0][1:]
    if names.FAULTS_UP_TO.get(namespace, 9999) < code < 9800:
        found.append(("V1 fault code of a later version", str(code)))
    side = "Client" if code in (9003, 9005, 9006, 9007, 9008, 9021) else "Server"
    if (element.findtext("faultcode") or "").rpartition(":")[2] != side:
        found.append(("F faultcode", f"{element.findtext('faultcode')} for {code}"))


def judge_entries(entries: list[tuple[str, str]], found: Found) -> None:
    """P3: which entries of SetParameterValues were bad, with one of these codes."""
    if not entries:
        found.append(("P3 9003 without a SetParameterValuesFault", ""))
    for name, code in entries:
        if code_of(code) not in (9001, 9002, 9003, 9005, 9006, 9007, 9008):
            found.append(("P3 code of a SetParameterValuesFault", f"{name} {code}"))
