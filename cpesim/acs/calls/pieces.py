"""
Envelopes, header elements, the ACS's responses and faults, and what a request is.

Rule: nothing here knows of a single RPC of the ACS's.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    # Most ids and keys are plain: 0.1 µs instead of 1.4.
    return value if value.isalnum() else escape(value, {"\r": "&#13;"})


def use_version(version: str) -> str:
    """Header element UseCWMPVersion of an InformResponse (CWMP 1.4)."""
    return (
        '<cwmp:UseCWMPVersion soap-env:mustUnderstand="1">'
        f"{version}</cwmp:UseCWMPVersion>"
    )


# S5: without it, or with 0, nothing is held.
HOLD = '<cwmp:HoldRequests soap-env:mustUnderstand="1">1</cwmp:HoldRequests>'

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
    header: str = ""  # header elements beside cwmp:ID
    must: bool = False  # one of them has to be understood, and cannot be (S13)


def request(method: str, inside: str, key: str = "") -> Request:
    """A request with *inside* as the finished text of its element."""
    return Request(method, f"<cwmp:{method}>{inside}</cwmp:{method}>", key)


def strings(tag: str, listed: Sequence[str]) -> str:
    """An array of strings."""
    inside = "".join(f"<string>{text(entry)}</string>" for entry in listed)
    return f'<{tag} soap-enc:arrayType="xsd:string[{len(listed)}]">{inside}</{tag}>'


def fields(*pairs: tuple[str, str]) -> str:
    """Elements with a text each, in this order."""
    return "".join(f"<{tag}>{text(value)}</{tag}>" for tag, value in pairs)
