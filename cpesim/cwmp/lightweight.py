"""
A lightweight notification: one datagram that nobody answers.

Rule: pure; who sends it, and where to, is engine/datagram.py. The form is that of
TR-069 A5 annex M as IOPSYS' icwmp sends it: an HTTP POST in a datagram, an XML
Notification as its body, and the body's HMAC-SHA1 as its signature.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable

from cpesim.cwmp import names
from cpesim.cwmp.write import escape

NAMESPACE = "urn:broadband-forum-org:cwmp:lwnotif-1-0"
PORT = 7547  # where the data model has no UDPLightweightNotificationPort
# XML Schema has no type of this name.
_TYPES = {"base64": "base64Binary"}


def parameter(name: str, type: str, text: str) -> str:
    """One parameter of a notification."""
    return (
        f"<Param><Name>{escape(name)}</Name>"
        f'<Value xsi:type="xs:{_TYPES.get(type, type)}">{escape(text)}</Value></Param>'
    )


def notification(
    *,
    time: int,
    username: str,
    nonce: str,
    oui: str,
    product_class: str,
    serial: str,
    parameters: Iterable[str],
) -> bytes:
    """The body: who speaks, when (a Unix time), and what has changed."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Notification xmlns="{NAMESPACE}" xmlns:xs="{names.XSD}" '
        f'xmlns:xsi="{names.XSI}"><TS>{time}</TS><UN>{escape(username)}</UN>'
        f"<CN>{nonce}</CN><OUI>{escape(oui)}</OUI>"
        f"<ProductClass>{escape(product_class)}</ProductClass>"
        f"<SerialNumber>{escape(serial)}</SerialNumber>"
        f"{''.join(parameters)}</Notification>"
    ).encode()


def signature(body: bytes, password: str) -> str:
    """The HMAC-SHA1 of the body as 40 hexadecimal digits."""
    return hmac.digest(password.encode(), body, "sha1").hex().upper()


def datagram(host: str, port: int, body: bytes, password: str) -> bytes:
    """The body as a signed POST to *host*."""
    name = f"[{host}]" if ":" in host else host
    head = (
        f"POST / HTTP/1.1\r\nHost: {name}:{port}\r\n"
        "Content-Type: text/xml; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nSignature: {signature(body, password)}\r\n\r\n"
    )
    return head.encode() + body
