"""
What the ACS said: bytes -> Call.

Rule: what comes is hostile until it is read. No entity is resolved, no DTD is
accepted, no network is touched; libxml2 bounds the depth (256) and each text (10 MB),
MOST_TAGS their number. Names are compared without their prefix, for the prefix is the
ACS's own choice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from cpesim.cwmp import names
from cpesim.cwmp.fault import invalid_arguments
from cpesim.errors import AcsProtocolError

Element = etree._Element
MOST_NUMBER = 4_294_967_295
# A SetParameterValues of the largest model (12,000 parameters) has 100,000; 16 MB of
# "<a/>" would be 4 million elements and half a gigabyte.
MOST_TAGS = 200_000
# Encodings in which "<" is the byte that is counted.
ENCODINGS = frozenset(
    {"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "iso-8859-15", "windows-1252"}
    | {"utf-16", "utf-16le", "utf-16be"}
)
# How most bodies begin: a tenth of the price of the pattern.
_PLAIN = (
    b'<?xml version="1.0" encoding="UTF-8"',
    b'<?xml version="1.0" encoding="utf-8"',
)
_DECLARED = re.compile(rb"""[^>]{0,80}?encoding\s*=\s*["']([A-Za-z0-9._-]{0,40})["']""")
# Headers that CWMP has or had; NoMoreRequests is in no schema and is ignored (S5).
_HEADERS = frozenset(
    {"SessionTimeout", "SupportedCWMPVersions", "UseCWMPVersion", "NoMoreRequests"}
)
_MUST, _ACTOR = f"{{{names.SOAP}}}mustUnderstand", f"{{{names.SOAP}}}actor"
_NEXT = "http://schemas.xmlsoap.org/soap/actor/next"


def _parser(recover: bool) -> etree.XMLParser:
    return etree.XMLParser(
        recover=recover,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


_STRICT = _parser(recover=False)
_NAMESPACE = etree.ErrorDomains.NAMESPACE


class Call:
    """
    One message of the ACS.

    *method* is the local name in the body ("GetParameterValues", "InformResponse",
    "Fault"), *code* the CWMP fault code of a Fault, else 0. *id* is the text of
    cwmp:ID as it came, *marked* whether it is mustUnderstand; *hold* HoldRequests,
    *version* UseCWMPVersion, *strange* a header that must be understood and is not
    (S13). *mended* names what had to be overlooked to read it (X4).
    """

    __slots__ = (
        "code",
        "element",
        "hold",
        "id",
        "marked",
        "mended",
        "method",
        "namespace",
        "strange",
        "version",
    )

    def __init__(
        self,
        method: str,
        id: str,
        element: Element,
        namespace: str = "",
        hold: bool = False,
        code: int = 0,
        mended: tuple[str, ...] = (),
    ) -> None:
        self.method = method
        self.id = id
        self.element = element
        self.namespace = namespace
        self.hold = hold
        self.code = code
        self.mended = mended
        self.marked = False
        self.version = ""
        self.strange = ""

    def __repr__(self) -> str:
        return f"<Call {self.method} id={self.id!r}>"


# An InformResponse says the same in almost every session (its ID is our own "1"): to
# know it again costs a twentieth of reading it. What an ACS asks bears new IDs.
_KNOWN: dict[bytes, Call] = {}
_SHORT, _MOST_KNOWN = 4096, 64


def local(element: Element) -> str:
    """The name of an element without its namespace or undeclared prefix."""
    tag = element.tag
    if tag[0] == "{":
        return str(tag[tag.index("}") + 1 :])
    return str(tag.rpartition(":")[2]) if ":" in tag else str(tag)


def _tree(body: bytes) -> tuple[Element, tuple[str, ...]]:
    """The root element, and what had to be mended."""
    mended: tuple[str, ...] = ()
    if body[:1] != b"<":
        stripped = body.lstrip(b" \t\r\n")
        if stripped != body:
            mended = ("white space before the envelope",)
            body = stripped
    if len(body) > MOST_TAGS and body.count(b"<") > MOST_TAGS:
        raise AcsProtocolError("not XML", f"more than {MOST_TAGS} tags")
    if not body.startswith(_PLAIN) and (declared := _DECLARED.match(body)):
        encoding = declared[1].decode("ascii")
        if encoding.lower() not in ENCODINGS:
            raise AcsProtocolError("not XML", f"encoding {encoding}")
    try:
        root = etree.fromstring(body, _STRICT)
    except etree.XMLSyntaxError as error:
        root = _mended_tree(body)
        if root is None:
            raise AcsProtocolError("not XML", str(error)[:200]) from None
        mended += ("undeclared prefix",)
    except ValueError as error:
        raise AcsProtocolError("not XML", str(error)[:200]) from None
    if root is None:
        raise AcsProtocolError("not XML", "no element")
    # Any DTD is refused (SOAP 1.1 section 3); most bodies do not even hold the word.
    if (
        b"<!DOCTYPE" in body or not body.isascii()
    ) and root.getroottree().docinfo.internalDTD is not None:
        raise AcsProtocolError("not SOAP", "a document type declaration")
    return root, mended


def _mended_tree(body: bytes) -> Element | None:
    """The root of a body whose only errors are prefixes; None for any other."""
    # Perl-CWMP writes soap:mustUnderstand and declares SOAP-ENV: such a tree is sound
    # without namespaces. The parser is new, for an old one's log is never emptied.
    lenient = _parser(recover=True)
    try:
        root = etree.fromstring(body, lenient)
    except etree.XMLSyntaxError:
        return None
    log = lenient.error_log
    return root if len(log) == len(log.filter_domains(_NAMESPACE)) else None


def read(body: bytes) -> Call:
    """
    Take an HTTP body that is not empty and return the message in it.

    Nobody changes a Call: one may come again, of the same bytes. Raises
    AcsProtocolError, labelled "not XML" or "not SOAP" (S8).
    """
    call = _KNOWN.get(body) if len(body) <= _SHORT else None
    if call is None:
        call = _read(body)
        if len(body) <= _SHORT and call.method.endswith("Response"):
            if len(_KNOWN) >= _MOST_KNOWN:
                _KNOWN.clear()
            _KNOWN[body] = call
    return call


def _read(body: bytes) -> Call:
    root, mended = _tree(body)
    if local(root) != "Envelope":
        raise AcsProtocolError("not SOAP", f"the root is {local(root)[:40]}")
    call = Call("", "", root, mended=mended)
    payload: Element | None = None
    for part in root:
        name = local(part)
        if name == "Header":
            for entry in part:
                word = local(entry)
                if word == "ID":
                    call.id = entry.text or ""
                    call.marked = entry.get(_MUST) == "1" or _must(entry)
                else:
                    _header(word, entry, call)
        elif name == "Body":
            payload = next(iter(part), None)
            break
    if payload is None:
        raise AcsProtocolError("not SOAP", "no message in a Body")
    call.element = payload
    call.method = method = local(payload)
    if method == "Fault":
        call.code = _fault_code(payload)
    else:
        tag = payload.tag
        call.namespace = tag[1 : tag.index("}")] if tag[0] == "{" else ""
    return call


def _header(word: str, entry: Element, call: Call) -> None:
    """What one header element beside the ID says."""
    if word == "HoldRequests":
        call.hold = (entry.text or "").strip() in ("1", "true")
    elif word == "UseCWMPVersion":
        call.version = (entry.text or "").strip()
    elif word not in _HEADERS and _must(entry) and _for_us(entry):
        call.strange = word[:80]


def _must(entry: Element) -> bool:
    """Whether a header is marked mustUnderstand, by whatever prefix (X4)."""
    found = entry.get(_MUST)
    if found is None:
        given = ((str(k), str(v)) for k, v in entry.items())
        found = next((v for k, v in given if k.endswith(":mustUnderstand")), "")
    return found in ("1", "true")


def _for_us(entry: Element) -> bool:
    """Whether a header is for whom it reaches: SOAP 1.1 section 4.2.2."""
    return (entry.get(_ACTOR) or _NEXT) == _NEXT


def _fault_code(fault: Element) -> int:
    """The CWMP code in a SOAP fault, or 0; the faultcode is ignored."""
    for element in fault.iter():
        if local(element) == "FaultCode":
            text = (element.text or "").strip()
            sound = text.isascii() and text.isdigit() and len(text) <= 4
            return int(text) if sound else 0
    return 0


def child(element: Element, name: str) -> Element | None:
    """The first child of that local name."""
    for entry in element:
        if local(entry) == name:
            return entry
    return None


def text(element: Element, name: str, default: str | None = None) -> str:
    """The text of a child, as it came; without the child *default*, or fault 9003."""
    found = child(element, name)
    if found is not None:
        return found.text or ""
    if default is None:
        raise invalid_arguments(f"{name} is missing")
    return default


def number(element: Element, name: str, default: int | None = None) -> int:
    """A child's unsigned number; fault 9003 where it is none."""
    found = text(element, name, None if default is None else str(default)).strip()
    sound = found.isascii() and found.isdigit() and len(found) <= 10
    if not sound or int(found) > MOST_NUMBER:
        raise invalid_arguments(f"{name} is not an unsigned number")
    return int(found)


def boolean(element: Element, name: str, default: bool | None = None) -> bool:
    """A child's boolean; fault 9003 where it is none."""
    found = text(
        element, name, None if default is None else str(default).lower()
    ).strip()
    if found not in ("0", "1", "true", "false"):
        raise invalid_arguments(f"{name} is not a boolean")
    return found in ("1", "true")


def items(element: Element, name: str) -> Iterator[Element]:
    """The entries of an array argument; fault 9003 where the argument is missing."""
    found = child(element, name)
    if found is None:
        raise invalid_arguments(f"{name} is missing")
    return iter(found)


def strings(element: Element, name: str) -> list[str]:
    """The texts of an array of strings."""
    return [entry.text or "" for entry in items(element, name)]


def xsi_type(element: Element) -> str:
    """The local name in xsi:type; "" where there is none."""
    found = str(element.get(f"{{{names.XSI}}}type") or "")
    if not found:  # the prefix may be declared nowhere (X4)
        given = ((str(k), str(v)) for k, v in element.items())
        found = next((v for k, v in given if k.endswith(":type")), "")
    return found.strip().rpartition(":")[2]
