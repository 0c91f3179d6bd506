"""
Messages of ACSs, spoilt: the corpus that grows from what real ones sent.

Rule: the same seed gives the same case. Two thirds of the mutations go through the
tree, so that the result is an envelope still; the others change bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from random import Random

from lxml import etree

from cpesim.cwmp import names
from tests.play import MESSAGES, reply

Element = etree._Element
URL = "http://127.0.0.1:9/image.bin"
TEXTS = (
    "",
    " ",
    "0",
    "1",
    "-1",
    "true",
    "4294967295",
    "4294967296",
    "9" * 40,
    "1e9",
    "NaN",
    "Device.",
    "Device",
    ".",
    "..",
    "Device.DeviceInfo.UpTime",
    "Device.WiFi.SSID.1.SSID",
    "Device.WiFi.SSID.*.SSID",
    "Device.WiFi.SSID.[cpe-1].SSID",
    "Device.WiFi.SSID.[",
    "Device.Hosts.Host.99999999999.",
    "Device.ManagementServer.PeriodicInformInterval",
    "Device.ManagementServer.URL",
    "InternetGatewayDevice.",
    "InternetGatewayDevice.ManagementServer.PeriodicInformTime",
    "2026-11-25T00:00:00Z",
    "0001-01-01T00:00:00Z",
    "not a time",
    "Requested",
    "1 Firmware Upgrade Image",
    "3 Vendor Configuration File",
    URL,
    "file:///etc/passwd",
    "ftp://127.0.0.1/x",
    "http://",
    "http://[::1",
    "../../etc/passwd",
    "a" * 33,
    "ü" * 64,
    "x" * 5_000,
    "\u202e\u0000"[:1],
    "%s%n{0}{{}}",
    "]]>",
    "\t\n\r",
)
_TRACE = "InternetGatewayDevice.TraceRouteDiagnostics."
_PING = "Device.IP.Diagnostics.IPPing."
_UNIT = {"URL": URL, "UUID": "", "Username": "", "Password": "", "ExecutionEnvRef": ""}
# Further calls of an RPC that tests/play.py knows: what sets something off.
FURTHER: tuple[tuple[str, tuple[object, ...]], ...] = (
    ("Upload", (URL, "u", "2 Vendor Log File")),
    ("ScheduleDownload", (URL, [(9, 99, "3 When Idle", -1), (99, 200, "2 Immed", 0)])),
    (
        "SetParameterValues",
        (
            [
                (_PING + "Host", "string", "127.0.0.1"),
                (_PING + "NumberOfRepetitions", "unsignedInt", "3"),
                (_PING + "DiagnosticsState", "string", "Requested"),
            ],
        ),
    ),
    (
        "SetParameterValues",
        (
            [
                (
                    "InternetGatewayDevice.TraceRouteDiagnostics.Host",
                    "string",
                    "a.invalid",
                )
            ],
        ),
    ),
    ("AddObject", ("Device.ManagementServer.InformParameter.", "k")),
    ("AddObject", ("Device.NAT.PortMapping.[new].", "k")),
    ("GetParameterValues", ("Device.*.*.*.", "Device.WiFi.SSID.*.SSID")),
    (
        "SetParameterAttributes",
        ([("Device.Hosts.", 1, 2, ("Subscriber",)), ("Device.WiFi.", 1, 6, None)],),
    ),
)
ARGUMENTS: dict[str, tuple[object, ...]] = {
    "GetParameterValues": ("Device.DeviceInfo.", "Device.Hosts."),
    "GetParameterNames": ("Device.", 1),
    "GetParameterAttributes": ("Device.DeviceInfo.",),
    "SetParameterValues": (
        [
            ("Device.ManagementServer.PeriodicInformInterval", "unsignedInt", "60"),
            ("Device.DeviceInfo.ProvisioningCode", "string", "x"),
        ],
    ),
    "SetParameterAttributes": ([("Device.DeviceInfo.", 1, 1, None)],),
    "AddObject": ("Device.NAT.PortMapping.", "k"),
    "DeleteObject": ("Device.NAT.PortMapping.1.", "k"),
    "Reboot": ("k",),
    "ScheduleInform": (60, "k"),
    "Download": (URL,),
    "Fault": (8005,),
    "Upload": (URL,),
    "ScheduleDownload": (URL, [(1, 9, "1 At Any Time", 1)]),
    "CancelTransfer": ("dl",),
    "GetOptions": ("",),
    "SetVouchers": ("",),
    "ChangeDUState": ("k", ("Install", _UNIT), ("Uninstall", {"UUID": "x"})),
}


def seeds(captured: Sequence[bytes] = ()) -> list[bytes]:
    """Sound messages: one of each kind, and what real ACSs sent."""
    ours = [reply(method, *ARGUMENTS.get(method, ())) for method in MESSAGES]
    ours += [reply(method, *arguments) for method, arguments in FURTHER]
    # The newer ones are spoken by the newer profile only.
    ours = [body.replace(b"cwmp-1-0", b"cwmp-1-2") for body in ours]
    ours += [reply("GetRPCMethods", hold=True), reply("InformResponse", hold=True)]
    return [*ours, *captured]


def mutated(body: bytes, chance: Random) -> bytes:
    """The message, spoilt in one to three ways."""
    for _ in range(chance.choice((1, 1, 2, 3))):
        if chance.random() < 0.72:
            body = _in_tree(body, chance)
        else:
            body = chance.choice(BYTES)(body, chance)
    return body


def _in_tree(body: bytes, chance: Random) -> bytes:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return body  # spoilt already
    elements = [e for e in root.iter() if isinstance(e.tag, str)]
    # The envelope itself seldom: what is in it, mostly.
    at = chance.randrange(len(elements)) if chance.random() < 0.1 else -1
    inner = elements[3:] or elements
    element = elements[at] if at >= 0 else chance.choice(inner)
    try:
        chance.choice(TREE)(element, chance)
    except ValueError:
        return body  # lxml will not write such a text: bytes will
    return etree.tostring(root)


def _text(element: Element, chance: Random) -> None:
    element.text = chance.choice(TEXTS)


def _drop(element: Element, chance: Random) -> None:
    above = element.getparent()
    if above is not None:
        above.remove(element)


def _twice(element: Element, chance: Random) -> None:
    above = element.getparent()
    if above is not None:
        above.insert(chance.randrange(len(above) + 1), deepcopy(element))


def _many(element: Element, chance: Random) -> None:
    for _ in range(chance.choice((3, 40))):
        _twice(element, chance)


def _rename(element: Element, chance: Random) -> None:
    name = chance.choice((*names.RPCS, "InformResponse", "Fault", "Value", "x"))
    space = chance.choice((*names.NAMESPACE_ORDER, "urn:x", ""))
    element.tag = f"{{{space}}}{name}" if space else name


def _deep(element: Element, chance: Random) -> None:
    inner = element
    for _ in range(chance.choice((3, 60))):
        inner = etree.SubElement(inner, "x")


def _attribute(element: Element, chance: Random) -> None:
    name = chance.choice(
        (
            f"{{{names.SOAP}}}mustUnderstand",
            f"{{{names.ENC}}}arrayType",
            f"{{{names.XSI}}}type",
            f"{{{names.XSI}}}nil",
            "href",
        )
    )
    words = ("1", "", "xsd:int", "xsd:base64", "cwmp:X[99]", "string[2147483648]")
    element.set(name, chance.choice(words))


def _header(element: Element, chance: Random) -> None:
    root = element.getroottree().getroot()
    header = root.find(f"{{{names.SOAP}}}Header")
    if header is None:
        header = root
    space = chance.choice((names.NAMESPACES["1.0"], "urn:x"))
    word = chance.choice(("HoldRequests", "UseCWMPVersion", "ID", "Odd"))
    added = etree.SubElement(header, f"{{{space}}}{word}")
    added.text = chance.choice(("1", "0", "1.1", "9.9", "x" * 3_000))
    if chance.random() < 0.5:
        added.set(f"{{{names.SOAP}}}mustUnderstand", "1")


def _bare(element: Element, chance: Random) -> None:
    for child in list(element):
        element.remove(child)


TREE: tuple[Callable[[Element, Random], None], ...] = (
    *(_text,) * 4,
    _drop,
    _twice,
    _many,
    _rename,
    _deep,
    _attribute,
    _header,
    _bare,
)


def _cut(body: bytes, chance: Random) -> bytes:
    return body[: chance.randrange(len(body) + 1)]


def _flip(body: bytes, chance: Random) -> bytes:
    spoilt = bytearray(body)
    for _ in range(chance.choice((1, 1, 8))):
        if spoilt:
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
    return bytes(spoilt)


def _insert(body: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(body) + 1)
    words = (b"\x00", b"<", b"&e;", b"&#0;", b"<!--x-->", b"<?x?>", b"]]>", b"\xff\xfe")
    return body[:at] + chance.choice(words) + body[at:]


def _swap(body: bytes, chance: Random) -> bytes:
    parts = [(b"cwmp-1-2", b"cwmp-1-0"), (b"cwmp-1-2", b"cwmp-9-9"), (b"xsd:", b"y:")]
    parts += [(b"soap-env:mustUnderstand", b"soap:mustUnderstand"), (b"Body", b"Boby")]
    return body.replace(*chance.choice(parts))


def _doctype(body: bytes, chance: Random) -> bytes:
    entity = chance.choice(
        (
            b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
            b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>',
            b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY e "&a;&a;&a;&a;">]>',
        )
    )
    return entity + body.partition(b"?>\n")[2].replace(b">1<", b">&e;<")


def _encoding(body: bytes, chance: Random) -> bytes:
    text = body.decode("utf-8", "replace").replace("UTF-8", "utf-16")
    return chance.choice(
        (
            body.replace(b"UTF-8", b"cp037"),
            body.replace(b"UTF-8", b"iso-8859-1"),
            text.encode("utf-16"),
            b"\xef\xbb\xbf" + body,
            b"\r\n\r\n" + body,
        )
    )


def _junk(body: bytes, chance: Random) -> bytes:
    return chance.choice((b"", b" \n", b"<", b"{}", chance.randbytes(200), body + body))


BYTES: tuple[Callable[[bytes, Random], bytes], ...] = (
    _cut,
    _flip,
    _insert,
    _swap,
    _swap,
    _doctype,
    _encoding,
    _junk,
)
