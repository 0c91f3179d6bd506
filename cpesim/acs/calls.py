"""
What the ACS says, written: its requests, its responses, its faults.

Rule: written a second time, on purpose: templates of our own, and nothing from the
code that the CPEs use, so that an error of theirs is not ours as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

from cpesim.cwmp import names


def envelope(namespace: str, id: str, body: str, header: str = "") -> bytes:
    """A whole message; *header* comes after cwmp:ID."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<soap-env:Envelope xmlns:soap-env="{names.SOAP}" xmlns:soap-enc="{names.ENC}"'
        f' xmlns:xsd="{names.XSD}" xmlns:xsi="{names.XSI}" xmlns:cwmp="{namespace}">'
        f'<soap-env:Header><cwmp:ID soap-env:mustUnderstand="1">{text(id)}</cwmp:ID>'
        f"{header}</soap-env:Header>"
        f"<soap-env:Body>{body}</soap-env:Body></soap-env:Envelope>"
    ).encode()


def text(value: str) -> str:
    """*value* as the text of an element; it comes back unchanged (P14)."""
    return escape(value, {"\r": "&#13;"})


def use_version(version: str) -> str:
    """Header element UseCWMPVersion of an InformResponse (CWMP 1.4)."""
    return (
        '<cwmp:UseCWMPVersion soap-env:mustUnderstand="1">'
        f"{version}</cwmp:UseCWMPVersion>"
    )


INFORM_RESPONSE = (
    "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>"
)


def methods_response(methods: Sequence[str]) -> str:
    """GetRPCMethodsResponse."""
    listed = "".join(f"<string>{m}</string>" for m in methods)
    return (
        f'<cwmp:GetRPCMethodsResponse><MethodList soap-enc:arrayType="xsd:string'
        f'[{len(methods)}]">{listed}</MethodList></cwmp:GetRPCMethodsResponse>'
    )


def fault(code: int, message: str) -> str:
    """A SOAP fault of the ACS's."""
    side = "Client" if code == 8003 else "Server"
    return (
        f"<soap-env:Fault><faultcode>soap-env:{side}</faultcode>"
        "<faultstring>CWMP fault</faultstring><detail><cwmp:Fault>"
        f"<FaultCode>{code}</FaultCode><FaultString>{text(message)}</FaultString>"
        "</cwmp:Fault></detail></soap-env:Fault>"
    )


class Request(NamedTuple):
    """What the ACS asks: the method, and the element as text."""

    method: str
    body: str
    key: str = ""  # the ParameterKey that it sets


def _request(method: str, inside: str, key: str = "") -> Request:
    return Request(method, f"<cwmp:{method}>{inside}</cwmp:{method}>", key)


def _strings(tag: str, listed: Sequence[str]) -> str:
    inside = "".join(f"<string>{text(entry)}</string>" for entry in listed)
    return f'<{tag} soap-enc:arrayType="xsd:string[{len(listed)}]">{inside}</{tag}>'


def get_rpc_methods() -> Request:
    """GetRPCMethods."""
    return _request("GetRPCMethods", "")


def get_parameter_names(path: str, next_level: bool) -> Request:
    """GetParameterNames."""
    return _request(
        "GetParameterNames",
        f"<ParameterPath>{text(path)}</ParameterPath><NextLevel>{int(next_level)}</NextLevel>",
    )


def get_parameter_values(paths: Sequence[str]) -> Request:
    """GetParameterValues."""
    return _request("GetParameterValues", _strings("ParameterNames", paths))


def set_parameter_values(entries: Iterable[tuple[str, str, str]], key: str) -> Request:
    """SetParameterValues of (name, XSD type, text)."""
    structs = [
        f"<ParameterValueStruct><Name>{text(name)}</Name>"
        f'<Value xsi:type="xsd:{kind}">{text(value)}</Value></ParameterValueStruct>'
        for name, kind, value in entries
    ]
    return _request(
        "SetParameterValues",
        _structs("ParameterValueStruct", structs)
        + f"<ParameterKey>{text(key)}</ParameterKey>",
        key,
    )


def _structs(kind: str, structs: Sequence[str]) -> str:
    return (
        f'<ParameterList soap-enc:arrayType="cwmp:{kind}[{len(structs)}]">'
        f"{''.join(structs)}</ParameterList>"
    )


def get_parameter_attributes(paths: Sequence[str]) -> Request:
    """GetParameterAttributes."""
    return _request("GetParameterAttributes", _strings("ParameterNames", paths))


def set_parameter_attributes(entries: Iterable[tuple[str, int]]) -> Request:
    """SetParameterAttributes of (path, notification); access lists stay."""
    structs = [
        "<SetParameterAttributesStruct>"
        f"<Name>{text(path)}</Name><NotificationChange>1</NotificationChange>"
        f"<Notification>{notification}</Notification>"
        "<AccessListChange>0</AccessListChange>"
        '<AccessList soap-enc:arrayType="xsd:string[0]"/>'
        "</SetParameterAttributesStruct>"
        for path, notification in entries
    ]
    return _request(
        "SetParameterAttributes",
        _structs("SetParameterAttributesStruct", structs),
    )


def add_object(path: str, key: str) -> Request:
    """AddObject."""
    return _object("AddObject", path, key)


def delete_object(path: str, key: str) -> Request:
    """DeleteObject."""
    return _object("DeleteObject", path, key)


def _object(method: str, path: str, key: str) -> Request:
    return _request(
        method,
        f"<ObjectName>{text(path)}</ObjectName><ParameterKey>{text(key)}</ParameterKey>",
        key,
    )


def reboot(key: str) -> Request:
    """Reboot."""
    return _request("Reboot", f"<CommandKey>{text(key)}</CommandKey>")


def factory_reset() -> Request:
    """FactoryReset."""
    return _request("FactoryReset", "")


def schedule_inform(delay: int, key: str) -> Request:
    """ScheduleInform."""
    return _request(
        "ScheduleInform",
        f"<DelaySeconds>{delay}</DelaySeconds><CommandKey>{text(key)}</CommandKey>",
    )


def download(
    key: str, url: str, username: str, password: str, size: int, target: str
) -> Request:
    """Download of a firmware image, at once."""
    fields = (
        ("CommandKey", key),
        ("FileType", names.FILE_TYPES[0]),
        ("URL", url),
        ("Username", username),
        ("Password", password),
        ("FileSize", str(size)),
        ("TargetFileName", target),
        ("DelaySeconds", "0"),
        ("SuccessURL", ""),
        ("FailureURL", ""),
    )
    return _request("Download", "".join(f"<{t}>{text(v)}</{t}>" for t, v in fields))
