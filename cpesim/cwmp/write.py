"""
What a CPE says: text templates -> bytes.

Rule: everything that came from outside passes `escape` once, here. The pieces are
measured: an f-string and one encode cost a twentieth of building a tree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from cpesim.cwmp import names
from cpesim.cwmp.fault import CLIENT_FAULTS, FAULTS, Fault

_HEADS = {
    namespace: (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<soap-env:Envelope xmlns:soap-env="{names.SOAP}" '
        f'xmlns:soap-enc="{names.ENC}" xmlns:xsd="{names.XSD}" '
        f'xmlns:xsi="{names.XSI}" xmlns:cwmp="{namespace}">'
        '<soap-env:Header><cwmp:ID soap-env:mustUnderstand="1">'
    ).encode()
    for namespace in names.NAMESPACE_ORDER
}
_ID_END, _BODY = b"</cwmp:ID>", b"</soap-env:Header><soap-env:Body>"
_END = b"</soap-env:Body></soap-env:Envelope>"


LEAST_TIMEOUT = 30  # seconds (S12)
# XML Schema has no type of this name: the data models' base64 is SOAP's.
_QUALIFIED = {"base64": "soap-enc:base64"}


def escape(text: str) -> str:
    """Text as XML content; a carriage return would else come back as a line feed."""
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    if "\r" in text:
        text = text.replace("\r", "&#13;")
    return text


def envelope(namespace: str, id: str, body: bytes, header: bytes = b"") -> bytes:
    """
    One SOAP envelope with cwmp:ID *id* (as the ACS wrote it, S6) around *body*.

    *header* stands behind the ID.
    """
    return b"".join(
        (_HEADS[namespace], escape(id).encode(), _ID_END, header, _BODY, body, _END)
    )


@cache
def inform_header(version: str, timeout: int) -> bytes:
    """What an Inform's header holds beside the ID, from CWMP 1.3 on (S12)."""
    if version < "1.3":
        return b""
    told = (
        '<cwmp:SessionTimeout soap-env:mustUnderstand="0">'
        f"{max(timeout, LEAST_TIMEOUT)}</cwmp:SessionTimeout>"
    )
    if version >= "1.4":
        told += (
            '<cwmp:SupportedCWMPVersions soap-env:mustUnderstand="0">'
            f"{names.VERSIONS_SUPPORTED}</cwmp:SupportedCWMPVersions>"
        )
    return told.encode()


def struct_start(name: str, type: str) -> str:
    """A ParameterValueStruct up to its text; xsi:type is the true type (X6)."""
    qualified = _QUALIFIED.get(type) or f"xsd:{type}"
    return f'<ParameterValueStruct><Name>{name}</Name><Value xsi:type="{qualified}">'


STRUCT_END = "</Value></ParameterValueStruct>"


def value(name: str, type: str, text: str) -> str:
    """One ParameterValueStruct."""
    return f"{struct_start(name, type)}{escape(text)}{STRUCT_END}"


def values(structs: Sequence[bytes]) -> bytes:
    """A ParameterList of finished ParameterValueStructs."""
    return b"".join(
        (
            b'<ParameterList soap-enc:arrayType="cwmp:ParameterValueStruct[%d]">'
            % len(structs),
            *structs,
            b"</ParameterList>",
        )
    )


def device_id(manufacturer: str, oui: str, product_class: str) -> str:
    """A DeviceId up to its SerialNumber."""
    return (
        f"<Manufacturer>{escape(manufacturer)}</Manufacturer><OUI>{escape(oui)}</OUI>"
        f"<ProductClass>{escape(product_class)}</ProductClass>"
    )


def inform(
    maker: str,
    serial: str,
    events: Sequence[tuple[str, str]],
    time: str,
    retries: int,
    structs: Sequence[bytes],
) -> bytes:
    """An Inform; *maker* is the DeviceId up to its SerialNumber."""
    told = "".join(
        [
            f"<EventStruct><EventCode>{code}</EventCode>"
            f"<CommandKey>{escape(key) if key else ''}</CommandKey></EventStruct>"
            for code, key in events
        ]
    )
    start = (
        f"<cwmp:Inform><DeviceId>{maker}"
        f"<SerialNumber>{escape(serial)}</SerialNumber></DeviceId>"
        f'<Event soap-enc:arrayType="cwmp:EventStruct[{len(events)}]">{told}</Event>'
        f"<MaxEnvelopes>1</MaxEnvelopes><CurrentTime>{time}</CurrentTime>"
        f"<RetryCount>{retries}</RetryCount>"
    )
    return b"".join((start.encode(), values(structs), b"</cwmp:Inform>"))


def fault(fault: Fault) -> bytes:
    """A CWMP fault as a SOAP 1.1 fault (CHECKLIST F)."""
    side = "Client" if fault.code in CLIENT_FAULTS else "Server"
    details = "".join(
        f"<SetParameterValuesFault><ParameterName>{escape(name)}</ParameterName>"
        f"<FaultCode>{code}</FaultCode><FaultString>{escape(text)}</FaultString>"
        "</SetParameterValuesFault>"
        for name, code, text in fault.details
    )
    return (
        f"<soap-env:Fault><faultcode>soap-env:{side}</faultcode>"
        "<faultstring>CWMP fault</faultstring><detail><cwmp:Fault>"
        f"<FaultCode>{fault.code}</FaultCode>"
        f"<FaultString>{escape(fault.text)}</FaultString>{details}"
        "</cwmp:Fault></detail></soap-env:Fault>"
    ).encode()


# S13: a SOAP fault without a detail, for CWMP has no code for it.
NOT_UNDERSTOOD = (
    b"<soap-env:Fault><faultcode>soap-env:MustUnderstand</faultcode>"
    b"<faultstring>A header is not understood</faultstring></soap-env:Fault>"
)


def parameter_names(entries: Iterable[tuple[str, bool]]) -> bytes:
    """A GetParameterNamesResponse of (name, writable)."""
    structs = [
        f"<ParameterInfoStruct><Name>{name}</Name>"
        f"<Writable>{'1' if writable else '0'}</Writable></ParameterInfoStruct>"
        for name, writable in entries
    ]
    return (
        "<cwmp:GetParameterNamesResponse><ParameterList "
        f'soap-enc:arrayType="cwmp:ParameterInfoStruct[{len(structs)}]">'
        f"{''.join(structs)}</ParameterList></cwmp:GetParameterNamesResponse>"
    ).encode()


def attributes(entries: Iterable[tuple[str, int, Sequence[str]]]) -> bytes:
    """A GetParameterAttributesResponse of (name, notification, access list)."""
    structs = [
        f"<ParameterAttributeStruct><Name>{name}</Name>"
        f"<Notification>{notification}</Notification>"
        f'<AccessList soap-enc:arrayType="xsd:string[{len(access)}]">'
        + "".join(f"<string>{escape(entry)}</string>" for entry in access)
        + "</AccessList></ParameterAttributeStruct>"
        for name, notification, access in entries
    ]
    return (
        "<cwmp:GetParameterAttributesResponse><ParameterList "
        f'soap-enc:arrayType="cwmp:ParameterAttributeStruct[{len(structs)}]">'
        f"{''.join(structs)}</ParameterList></cwmp:GetParameterAttributesResponse>"
    ).encode()


def rpc_methods(methods: Sequence[str]) -> bytes:
    """A GetRPCMethodsResponse."""
    return (
        "<cwmp:GetRPCMethodsResponse><MethodList "
        f'soap-enc:arrayType="xsd:string[{len(methods)}]">'
        + "".join(f"<string>{method}</string>" for method in methods)
        + "</MethodList></cwmp:GetRPCMethodsResponse>"
    ).encode()


def transfer_complete(key: str, code: int, started: str, completed: str) -> bytes:
    """A TransferComplete request; *code* 0 is success (T4)."""
    words = escape(FAULTS[code]) if code else ""
    return (
        f"<cwmp:TransferComplete><CommandKey>{escape(key)}</CommandKey>"
        f"<FaultStruct><FaultCode>{code}</FaultCode><FaultString>{words}</FaultString>"
        f"</FaultStruct><StartTime>{started}</StartTime>"
        f"<CompleteTime>{completed}</CompleteTime></cwmp:TransferComplete>"
    ).encode()


def du_result(
    told: Sequence[tuple[str, str]], code: int, started: str, completed: str
) -> bytes:
    """
    A Results entry of DUStateChangeComplete; *code* 0 is success.

    *told* are its elements up to the StartTime.
    """
    inner = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in told)
    words = escape(FAULTS[code]) if code else ""
    return (
        f"{inner}<StartTime>{started}</StartTime>"
        f"<CompleteTime>{completed}</CompleteTime><Fault><FaultCode>{code}</FaultCode>"
        f"<FaultString>{words}</FaultString></Fault>"
    ).encode()


def du_state_change_complete(key: str, results: Sequence[bytes]) -> bytes:
    """A DUStateChangeComplete request."""
    return b"".join(
        (
            b"<cwmp:DUStateChangeComplete>",
            *(b"<Results>%b</Results>" % result for result in results),
            f"<CommandKey>{escape(key)}</CommandKey>".encode(),
            b"</cwmp:DUStateChangeComplete>",
        )
    )


def autonomous_du_state_change_complete(results: Sequence[tuple[str, bytes]]) -> bytes:
    """An AutonomousDUStateChangeComplete request of (operation, result)."""
    return b"".join(
        (
            b"<cwmp:AutonomousDUStateChangeComplete>",
            *(
                b"<Results>%b<OperationPerformed>%b</OperationPerformed></Results>"
                % (result, operation.encode())
                for operation, result in results
            ),
            b"</cwmp:AutonomousDUStateChangeComplete>",
        )
    )
