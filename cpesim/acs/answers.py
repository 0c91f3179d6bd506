"""
What CPEs send, read by the ACS: bytes -> Message, and the pieces within.

Rule: written a second time, on purpose; nothing here comes from the code that the
CPEs use. What comes in is hostile: no entity, no DTD, no network, bounded depth and
number of elements. How right it is, is for judge.py to say.
"""

from __future__ import annotations

from typing import NamedTuple

from lxml import etree

from cpesim.cwmp import names
from cpesim.errors import CpesimError

Element = etree._Element

ENVELOPE = f"{{{names.SOAP}}}Envelope"
HEADER = f"{{{names.SOAP}}}Header"
BODY = f"{{{names.SOAP}}}Body"
FAULT = f"{{{names.SOAP}}}Fault"
MUST = f"{{{names.SOAP}}}mustUnderstand"
ARRAY = f"{{{names.ENC}}}arrayType"
TYPE = f"{{{names.XSI}}}type"

# The largest data models have some 10,000 parameters, eight tags each. 16 MB of
# "<a/>" would be 4 million elements and half a gigabyte.
MOST_TAGS = 400_000

# huge_tree off: libxml2 bounds the depth (256) and each text (10 MB).
_PARSER = etree.XMLParser(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
)


class BadEnvelope(CpesimError):
    """What a CPE sent is no SOAP envelope with one message in it."""

    label = "bad envelope"


class Message:
    """
    One message of a CPE.

    *method* is the local name of what the body holds ("Inform", "Fault"), *ids* the
    cwmp:ID elements of the header (there should be one), *headers* all the others.
    """

    __slots__ = ("element", "headers", "ids", "method", "namespace", "root")

    def __init__(
        self,
        method: str,
        namespace: str,
        element: Element,
        root: Element,
        ids: list[Element],
        headers: list[Element],
    ) -> None:
        self.method = method
        self.namespace = namespace
        self.element = element
        self.root = root
        self.ids = ids
        self.headers = headers

    @property
    def id(self) -> str:
        """Text of cwmp:ID, empty where there is none."""
        return (self.ids[0].text or "") if self.ids else ""


def read(body: bytes) -> Message:
    """Read an envelope; raises BadEnvelope with the reason."""
    if body.count(b"<") > MOST_TAGS:
        raise BadEnvelope(f"more than {MOST_TAGS} tags")
    try:
        root = etree.fromstring(body, _PARSER)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadEnvelope(f"not well-formed: {error}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise BadEnvelope("a document type declaration")
    if root.tag != ENVELOPE:
        raise BadEnvelope(f"the root is {str(root.tag)[:100]}, not a SOAP 1.1 Envelope")
    payload: list[Element] | None = None
    ids: list[Element] = []
    headers: list[Element] = []
    for part in root:
        if part.tag == BODY:
            if payload is not None:
                raise BadEnvelope("two Bodies")
            payload = list(part)
        elif part.tag == HEADER:
            for entry in part:
                (ids if local(entry) == "ID" else headers).append(entry)
    if payload is None or len(payload) != 1:
        raise BadEnvelope("not one element in one Body")
    element = payload[0]
    if element.tag == FAULT:
        return Message("Fault", "", element, root, ids, headers)
    namespace, _, method = element.tag.rpartition("}")
    return Message(method, namespace[1:], element, root, ids, headers)


def local(element: Element) -> str:
    """Name of an element without its namespace."""
    tag = element.tag
    return tag[tag.find("}") + 1 :]


Value = tuple[str, str, str | None]  # name, text, xsi:type


class Inform(NamedTuple):
    """What an Inform says; a missing text is empty."""

    manufacturer: str
    oui: str
    product_class: str
    serial: str
    events: list[tuple[str, str]]
    listed: list[Value]
    values: dict[str, str]
    plain: dict[str, str]  # MaxEnvelopes, CurrentTime, RetryCount

    @property
    def key(self) -> str:
        """OUI-ProductClass-SerialNumber: who it is."""
        return f"{self.oui}-{self.product_class}-{self.serial}"


def read_inform(element: Element) -> Inform:
    """Read an Inform, however incomplete."""
    device: dict[str, str] = {}
    events: list[tuple[str, str]] = []
    listed: list[Value] = []
    plain: dict[str, str] = {}
    for part in element:
        match part.tag:
            case "DeviceId":
                device = texts(part)
            case "Event":
                for event in part:
                    told = texts(event)
                    events.append(
                        (told.get("EventCode", ""), told.get("CommandKey", ""))
                    )
            case "ParameterList":
                listed = read_values(part)
            case tag:
                plain[str(tag)] = part.text or ""
    return Inform(
        device.get("Manufacturer", ""),
        device.get("OUI", ""),
        device.get("ProductClass", ""),
        device.get("SerialNumber", ""),
        events,
        listed,
        {name: text for name, text, _ in listed},
        plain,
    )


def texts(element: Element) -> dict[str, str]:
    """The children's texts by name."""
    return {child.tag: child.text or "" for child in element}


def read_values(listed: Element | None) -> list[Value]:
    """Each ParameterValueStruct in a ParameterList."""
    found: list[Value] = []
    if listed is None:
        return found
    for struct in listed:
        name = text = ""
        kind: str | None = None
        for child in struct:
            if child.tag == "Name":
                name = child.text or ""
            elif child.tag == "Value":
                text = child.text or ""
                kind = child.get(TYPE)
        found.append((name, text, kind))
    return found


def read_names(element: Element) -> list[tuple[str, str]]:
    """(name, Writable) of each entry of a GetParameterNamesResponse."""
    listed = element.find("ParameterList")
    if listed is None:
        return []
    entries = map(texts, listed)
    return [(e.get("Name", ""), e.get("Writable", "")) for e in entries]


class CpeFault(NamedTuple):
    """A CPE's fault: the code, its text, and the faults of single parameters."""

    code: int
    text: str
    parameters: list[tuple[str, str]]


def read_fault(element: Element) -> CpeFault:
    """Read a SOAP fault; a code that is no number is 0."""
    inner = next(
        (e for e in element.iter() if local(e) == "Fault" and e != element), None
    )
    if inner is None:
        return CpeFault(0, element.findtext("faultstring") or "", [])
    told = texts(inner)
    parameters = [
        (entry.get("ParameterName", ""), entry.get("FaultCode", ""))
        for entry in map(texts, inner.findall("SetParameterValuesFault"))
    ]
    return CpeFault(
        code_of(told.get("FaultCode", "")), told.get("FaultString", ""), parameters
    )


def code_of(text: str) -> int:
    """A fault code as a number; 0 when it is none."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
