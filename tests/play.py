"""
The Playbook: a session as an expression.

``>>`` leaves the device, ``<<`` comes from the ACS. Every envelope that leaves is
judged by the standard's schemas where shared/ stands beside the checkout.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from typing import Any

from lxml import etree

from cpesim.cwmp import names
from cpesim.cwmp.session import Session
from cpesim.cwmp.write import escape
from tests.conftest import SHARED

EMPTY = b""
OVER = None
_ENVELOPE = (
    '<soap-env:Envelope xmlns:soap-env="{soap}" xmlns:soap-enc="{enc}" '
    'xmlns:xsd="{xsd}" xmlns:xsi="{xsi}" xmlns:cwmp="{cwmp}"><soap-env:Header>'
    '<cwmp:ID soap-env:mustUnderstand="1">{id}</cwmp:ID>{hold}</soap-env:Header>'
    "<soap-env:Body>{body}</soap-env:Body></soap-env:Envelope>"
)


@cache
def judge() -> Any:
    """validate_cwmp.py, the judge of envelopes; None without shared/."""
    path = SHARED / "standard" / "validate_cwmp.py"
    if not path.is_file():
        return None
    spec = importlib.util.spec_from_file_location("validate_cwmp", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def judged(envelope: bytes) -> bytes:
    """The envelope itself, once the schemas have nothing against it."""
    known = judge()
    if known is not None:
        assert known.errors(envelope) == []
    return envelope


def envelope(
    body: str, *, id: str = "1", hold: bool | None = None, version: str = "1.0"
) -> bytes:
    """What an ACS would send around *body*."""
    held = ""
    if hold is not None:
        held = (
            '<cwmp:HoldRequests soap-env:mustUnderstand="1">'
            f"{int(hold)}</cwmp:HoldRequests>"
        )
    return _ENVELOPE.format(
        soap=names.SOAP,
        enc=names.ENC,
        xsd=names.XSD,
        xsi=names.XSI,
        cwmp=names.NAMESPACES[version],
        id=id,
        hold=held,
        body=body,
    ).encode()


def reply(method: str, *arguments: object, **options: Any) -> bytes:
    """An ACS's message; the arguments are those of the RPC, in the schema's order."""
    return envelope(MESSAGES[method](*arguments), **options)


def _strings(values: Any, name: str = "ParameterNames") -> str:
    items = "".join(f"<string>{escape(v)}</string>" for v in values)
    return f'<{name} soap-enc:arrayType="xsd:string[{len(values)}]">{items}</{name}>'


def _values(pairs: Any, key: str = "key") -> str:
    items = "".join(
        f"<ParameterValueStruct><Name>{escape(n)}</Name>"
        f'<Value xsi:type="xsd:{t}">{escape(v)}</Value></ParameterValueStruct>'
        for n, t, v in pairs
    )
    return (
        "<cwmp:SetParameterValues><ParameterList "
        f'soap-enc:arrayType="cwmp:ParameterValueStruct[{len(pairs)}]">{items}'
        f"</ParameterList><ParameterKey>{escape(key)}</ParameterKey>"
        "</cwmp:SetParameterValues>"
    )


def _attributes(entries: Any) -> str:
    items = "".join(
        f"<SetParameterAttributesStruct><Name>{n}</Name>"
        f"<NotificationChange>{int(change)}</NotificationChange>"
        f"<Notification>{level}</Notification>"
        f"<AccessListChange>{int(access is not None)}</AccessListChange>"
        f"{_strings(access or (), 'AccessList')}</SetParameterAttributesStruct>"
        for n, change, level, access in entries
    )
    return (
        "<cwmp:SetParameterAttributes><ParameterList soap-enc:arrayType="
        f'"cwmp:SetParameterAttributesStruct[{len(entries)}]">{items}</ParameterList>'
        "</cwmp:SetParameterAttributes>"
    )


def _download(
    url: str,
    key: str = "dl",
    file_type: str = "1 Firmware Upgrade Image",
    delay: int = 0,
    size: int = 0,
    target: str = "",
) -> str:
    return (
        f"<cwmp:Download><CommandKey>{key}</CommandKey><FileType>{file_type}</FileType>"
        f"<URL>{escape(url)}</URL><Username></Username><Password></Password>"
        f"<FileSize>{size}</FileSize><TargetFileName>{target}</TargetFileName>"
        f"<DelaySeconds>{delay}</DelaySeconds><SuccessURL></SuccessURL>"
        "<FailureURL></FailureURL></cwmp:Download>"
    )


def _upload(
    url: str,
    key: str = "up",
    file_type: str = "1 Vendor Configuration File",
    delay: int = 0,
) -> str:
    return (
        f"<cwmp:Upload><CommandKey>{key}</CommandKey><FileType>{file_type}</FileType>"
        f"<URL>{escape(url)}</URL><Username></Username><Password></Password>"
        f"<DelaySeconds>{delay}</DelaySeconds></cwmp:Upload>"
    )


def _schedule_download(
    url: str,
    windows: Any,
    key: str = "sd",
    file_type: str = "1 Firmware Upgrade Image",
) -> str:
    items = "".join(
        f"<TimeWindowStruct><WindowStart>{start}</WindowStart>"
        f"<WindowEnd>{end}</WindowEnd><WindowMode>{mode}</WindowMode>"
        f"<UserMessage></UserMessage><MaxRetries>{retries}</MaxRetries>"
        "</TimeWindowStruct>"
        for start, end, mode, retries in windows
    )
    return (
        f"<cwmp:ScheduleDownload><CommandKey>{key}</CommandKey>"
        f"<FileType>{file_type}</FileType><URL>{escape(url)}</URL>"
        "<Username></Username><Password></Password><FileSize>0</FileSize>"
        "<TargetFileName></TargetFileName><TimeWindowList soap-enc:arrayType="
        f'"cwmp:TimeWindowStruct[{len(windows)}]">{items}</TimeWindowList>'
        "</cwmp:ScheduleDownload>"
    )


def _fault(code: int) -> str:
    return (
        "<soap-env:Fault><faultcode>soap-env:Server</faultcode>"
        "<faultstring>CWMP fault</faultstring><detail><cwmp:Fault>"
        f"<FaultCode>{code}</FaultCode><FaultString>x</FaultString></cwmp:Fault>"
        "</detail></soap-env:Fault>"
    )


def _simple(method: str, *fields: str) -> Any:
    def make(*arguments: object) -> str:
        inner = "".join(
            f"<{f}>{escape(str(a))}</{f}>"
            for f, a in zip(fields, arguments, strict=True)
        )
        return f"<cwmp:{method}>{inner}</cwmp:{method}>"

    return make


def _change_du_state(key: str | None, *operations: tuple[str, dict[str, str]]) -> str:
    """Operations as (their xsi:type without "OpStruct", their elements in order)."""
    said = "".join(
        "<Operations"
        + (f' xsi:type="cwmp:{kind}OpStruct"' if kind else "")
        + ">"
        + "".join(f"<{name}>{escape(v)}</{name}>" for name, v in elements.items())
        + "</Operations>"
        for kind, elements in operations
    )
    told = "" if key is None else f"<CommandKey>{escape(key)}</CommandKey>"
    return f"<cwmp:ChangeDUState>{said}{told}</cwmp:ChangeDUState>"


MESSAGES: dict[str, Any] = {
    "InformResponse": lambda: (
        "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>"
    ),
    "TransferCompleteResponse": _simple("TransferCompleteResponse"),
    "GetRPCMethods": _simple("GetRPCMethods"),
    "GetParameterValues": lambda *names: (
        f"<cwmp:GetParameterValues>{_strings(names)}</cwmp:GetParameterValues>"
    ),
    "GetParameterNames": _simple("GetParameterNames", "ParameterPath", "NextLevel"),
    "GetParameterAttributes": lambda *names: (
        f"<cwmp:GetParameterAttributes>{_strings(names)}</cwmp:GetParameterAttributes>"
    ),
    "SetParameterValues": _values,
    "SetParameterAttributes": _attributes,
    "AddObject": _simple("AddObject", "ObjectName", "ParameterKey"),
    "DeleteObject": _simple("DeleteObject", "ObjectName", "ParameterKey"),
    "Reboot": _simple("Reboot", "CommandKey"),
    "FactoryReset": _simple("FactoryReset"),
    "ScheduleInform": _simple("ScheduleInform", "DelaySeconds", "CommandKey"),
    "Download": _download,
    "Upload": _upload,
    "ScheduleDownload": _schedule_download,
    "CancelTransfer": _simple("CancelTransfer", "CommandKey"),
    "GetQueuedTransfers": _simple("GetQueuedTransfers"),
    "GetAllQueuedTransfers": _simple("GetAllQueuedTransfers"),
    "AutonomousTransferCompleteResponse": _simple("AutonomousTransferCompleteResponse"),
    "RequestDownloadResponse": _simple("RequestDownloadResponse"),
    "GetOptions": _simple("GetOptions", "OptionName"),
    "ChangeDUState": _change_du_state,
    "DUStateChangeCompleteResponse": _simple("DUStateChangeCompleteResponse"),
    "AutonomousDUStateChangeCompleteResponse": _simple(
        "AutonomousDUStateChangeCompleteResponse"
    ),
    "SetVouchers": _simple("SetVouchers", "VoucherList"),
    "Fault": _fault,
    "NoSuchThing": _simple("NoSuchThing"),
}


class Play:
    """
    One session of a device, played.

    Truth is that every message came as written; `sent` is the last that left,
    parsed, and `over` whether the session has ended.
    """

    def __init__(self, session: Session, now: float = 0.0) -> None:
        self.session = session
        self.now = now
        self.body: bytes | None = session.start()

    def __rshift__(self, expected: str | bytes | None) -> Play:
        """The device sends this: a method's name, EMPTY, or OVER."""
        if expected is None or expected == b"":
            assert self.body == expected, self.body
        else:
            assert self.body, f"{expected} expected, {self.body!r} sent"
            judged(self.body)
            assert self.method == expected
        return self

    def __lshift__(self, body: bytes) -> Play:
        """The ACS answers this."""
        assert self.body is not None, "the session is over"
        self.body = self.session.receive(body, self.now)
        return self

    @property
    def sent(self) -> Any:
        """The message in the envelope that was sent last."""
        root = etree.fromstring(self.body)
        return root.find(f"{{{names.SOAP}}}Body")[0]

    @property
    def id(self) -> str:
        """Its cwmp:ID."""
        root = etree.fromstring(self.body)
        return str(root.findtext(f"{{{names.SOAP}}}Header/{{*}}ID") or "")

    @property
    def method(self) -> str:
        """Its name."""
        return str(etree.QName(self.sent).localname)

    @property
    def fault(self) -> int:
        """The CWMP code, if a Fault was sent."""
        return int(self.sent.findtext(".//FaultCode") or 0)

    def events(self) -> list[tuple[str, str]]:
        """The events of an Inform that was sent."""
        return [
            (e.findtext("EventCode") or "", e.findtext("CommandKey") or "")
            for e in self.sent.iter("EventStruct")
        ]

    def values(self) -> dict[str, str]:
        """The values in a message that was sent."""
        return {
            p.findtext("Name") or "": p.findtext("Value") or ""
            for p in self.sent.iter("ParameterValueStruct")
        }

    def names(self) -> dict[str, bool]:
        """The names in a GetParameterNamesResponse, with their Writable."""
        return {
            p.findtext("Name") or "": p.findtext("Writable") == "1"
            for p in self.sent.iter("ParameterInfoStruct")
        }
