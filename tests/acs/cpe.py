"""
A CPE for the ACS's tests, written by hand: nothing of it comes from cpesim.

Rule: envelopes are plain text here, so that a test can break each of them.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import trio

from cpesim.acs import Acs, AcsSettings

NAMESPACE = "urn:dslforum-org:cwmp-1-0"
IGD = "InternetGatewayDevice."
WAN = "WANDevice.1.WANConnectionDevice.1.WANIPConnection.1."
PARAMETERS = {
    "DeviceSummary": "InternetGatewayDevice:1.4[](Baseline:1)",
    "DeviceInfo.SpecVersion": "1.0",
    "DeviceInfo.HardwareVersion": "H1",
    "DeviceInfo.SoftwareVersion": "1.4.2",
    "DeviceInfo.ProvisioningCode": "",
    "ManagementServer.ConnectionRequestURL": "http://127.0.0.1:9/x",
    "ManagementServer.ParameterKey": "",
    WAN + "ExternalIPAddress": "100.64.0.1",
}
TR181 = {
    "RootDataModelVersion": "2.17",
    "DeviceInfo.HardwareVersion": "H1",
    "DeviceInfo.SoftwareVersion": "1.4.2",
    "DeviceInfo.ProvisioningCode": "",
    "ManagementServer.ConnectionRequestURL": "http://127.0.0.1:9/x",
    "ManagementServer.ParameterKey": "",
}
XML = "text/xml; charset=utf-8"


def envelope(
    body: str, id: str = "1", namespace: str = NAMESPACE, header: str = ""
) -> str:
    """A whole envelope."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><S:Envelope'
        ' xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"'
        ' xmlns:E="http://schemas.xmlsoap.org/soap/encoding/"'
        ' xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        f' xmlns:C="{namespace}"><S:Header>'
        f'<C:ID S:mustUnderstand="1">{id}</C:ID>{header}</S:Header>'
        f"<S:Body>{body}</S:Body></S:Envelope>"
    )


def values(parameters: dict[str, str]) -> str:
    """A ParameterList of strings."""
    structs = "".join(
        f"<ParameterValueStruct><Name>{name}</Name>"
        f'<Value xsi:type="xsd:string">{text}</Value></ParameterValueStruct>'
        for name, text in parameters.items()
    )
    count = len(parameters)
    return (
        f'<ParameterList E:arrayType="C:ParameterValueStruct[{count}]">'
        f"{structs}</ParameterList>"
    )


def inform(
    *events: str | tuple[str, str],
    serial: str = "000001",
    root: str = IGD,
    parameters: dict[str, str] | None = None,
    retries: int = 0,
    **more: str,
) -> str:
    """An Inform that is all right."""
    listed = [e if isinstance(e, tuple) else (e, "") for e in events or ("2 PERIODIC",)]
    told = "".join(
        f"<EventStruct><EventCode>{code}</EventCode><CommandKey>{key}</CommandKey>"
        "</EventStruct>"
        for code, key in listed
    )
    own = parameters or (PARAMETERS if root == IGD else TR181)
    return envelope(
        "<C:Inform><DeviceId><Manufacturer>Acme</Manufacturer><OUI>00D09E</OUI>"
        f"<ProductClass>HG800</ProductClass><SerialNumber>{serial}</SerialNumber>"
        f'</DeviceId><Event E:arrayType="C:EventStruct[{len(listed)}]">{told}</Event>'
        "<MaxEnvelopes>1</MaxEnvelopes><CurrentTime>2026-01-01T12:00:00+01:00"
        f"</CurrentTime><RetryCount>{retries}</RetryCount>"
        f"{values({root + name: text for name, text in own.items()})}</C:Inform>",
        **more,
    )


def fault(code: int, id: str, detail: str = "", namespace: str = NAMESPACE) -> str:
    """A CPE's fault."""
    side = "Client" if code in (9003, 9005, 9006, 9007, 9008) else "Server"
    return envelope(
        f"<S:Fault><faultcode>{side}</faultcode><faultstring>CWMP fault</faultstring>"
        f"<detail><C:Fault><FaultCode>{code}</FaultCode><FaultString>no</FaultString>"
        f"{detail}</C:Fault></detail></S:Fault>",
        id,
        namespace,
    )


class Reply:
    """What came back."""

    def __init__(self, head: bytes, body: bytes) -> None:
        line, *fields = head.decode("latin-1").split("\r\n")
        self.status = int(line.split()[1])
        self.headers = {
            name.lower(): text.strip()
            for name, _, text in (field.partition(":") for field in fields)
        }
        self.body = body
        self.text = body.decode("utf-8", "replace")

    @property
    def method(self) -> str:
        """What the body holds; "" where it is empty."""
        found = re.search(r"Body><[\w-]+:(\w+)", self.text)
        return found[1] if found else ""

    def get(self, tag: str) -> str:
        """Text of the first element of that name."""
        found = re.search(rf"<(?:[\w-]+:)?{tag}(?: [^>]*)?>([^<]*)<", self.text)
        assert found is not None, f"no {tag} in {self.text}"
        return found[1]


class Line:
    """A connection to the ACS: POSTs with the session's cookie."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self.stream = stream
        self.cookie = ""
        self.replies: list[Reply] = []
        self._rest = b""

    async def post(self, body: str | bytes = "", **headers: str) -> Reply:
        """POST as S2 wants it; *headers* (with _ for -) replace or add."""
        content = body.encode() if isinstance(body, str) else body
        fields = {"Host": "127.0.0.1", "Content-Length": str(len(content))}
        if content:
            fields |= {"Content-Type": XML, "SOAPAction": ""}
        if self.cookie:
            fields["Cookie"] = self.cookie
        fields |= {name.replace("_", "-"): text for name, text in headers.items()}
        reply = await self.request("POST", "/", content, fields)
        if "set-cookie" in reply.headers:
            self.cookie = reply.headers["set-cookie"].partition(";")[0]
        return reply

    async def get(self, target: str, **headers: str) -> Reply:
        """GET a path."""
        fields = {"Host": "127.0.0.1"}
        fields |= {name.replace("_", "-"): text for name, text in headers.items()}
        return await self.request("GET", target, b"", fields)

    async def request(
        self, method: str, target: str, body: bytes, fields: dict[str, str]
    ) -> Reply:
        """Any request."""
        head = "".join(f"{name}: {text}\r\n" for name, text in fields.items())
        start = f"{method} {target} HTTP/1.1\r\n{head}\r\n"
        await self.stream.send_all(start.encode() + body)
        return await self.read()

    async def read(self) -> Reply:
        """The next answer; EOFError when the ACS closes before it."""
        while b"\r\n\r\n" not in self._rest:
            await self._more()
        head, _, self._rest = self._rest.partition(b"\r\n\r\n")
        reply = Reply(head, b"")
        length = int(reply.headers.get("content-length", "0"))
        while len(self._rest) < length:
            await self._more()
        reply = Reply(head, self._rest[:length])
        self._rest = self._rest[length:]
        self.replies.append(reply)
        return reply

    async def _more(self) -> None:
        data = await self.stream.receive_some(65536)
        if not data:
            raise EOFError
        self._rest += data

    async def session(
        self, *events: str | tuple[str, str], answer: Answer | None = None, **more: Any
    ) -> list[str]:
        """A whole session; the methods that the ACS asked for."""
        reply = await self.post(inform(*events, **more))
        assert reply.status == 200, reply.text
        namespace = re.search(r"urn:dslforum-org:cwmp-1-\d", reply.text)
        assert namespace is not None
        asked = []
        reply = await self.post()
        while reply.status == 200:
            asked.append(reply.method)
            assert answer is not None
            body = answer(reply)
            if not body.startswith("<?xml"):
                body = envelope(body, reply.get("ID"), namespace[0])
            reply = await self.post(body)
        assert reply.status == 204
        self.cookie = ""
        return asked


Answer = Callable[[Reply], str]


@asynccontextmanager
async def acs(**settings: Any) -> AsyncIterator[tuple[Acs, Callable[[], Any]]]:
    """A running ACS, and how to connect to it."""
    server = Acs(AcsSettings(**{"port": 0, **settings}))
    async with trio.open_nursery() as nursery:
        host, port = await nursery.start(lambda **kw: server.serve(**kw))
        lines: list[Line] = []

        async def connect() -> Line:
            lines.append(Line(await trio.open_tcp_stream(host, port)))
            return lines[-1]

        try:
            yield server, connect
        finally:
            for line in lines:
                await trio.aclose_forcefully(line.stream)
            nursery.cancel_scope.cancel()


def kinds(server: Acs) -> dict[str, int]:
    """What was found wrong, by kind."""
    found: dict[str, int] = server.stats()["violations"]["kinds"]
    return found
