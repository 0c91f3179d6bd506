"""
The file behind a Download or Upload: really moved, really counted, thrown away.

Rule: httpx lives here and nowhere else, and each transfer has its own client: a
shared one would share cookies among devices, and its pool is quadratic.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

import trio

from cpesim.device.transfer import CONFIGURATION, FIRMWARE, MOVING, Transfer
from cpesim.engine.datagram import Datagrams

if TYPE_CHECKING:
    import httpx

    from cpesim.device.profile import Firmware

    Body = tuple[int, httpx.AsyncByteStream]  # its length, and what it is read from

# The codes of T5 that a file can end with; of an upload only the second and third.
GENERAL, UPLOAD, AUTHENTICATION, NO_CONTACT = 9010, 9011, 9012, 9015
NO_ACCESS, BROKEN_OFF, CORRUPT = 9016, 9017, 9018
# Bytes that are taken before the bandwidth is looked at.
CHUNK = 65536
SILENCE = 60.0  # seconds without a byte
MOST_MOVES = 5  # redirects
# 303 to a PUT says where its result can be read: the file is there.
_MOVED = frozenset({301, 302, 307, 308})
MOVED = {"GET": _MOVED | {303}, "PUT": _MOVED, "POST": _MOVED}
# A server that never stops sending is given up; no image of a CPE is larger.
MOST_BYTES = 1 << 30
MOST_KEPT = 1 << 20  # of a configuration file, for the device to read


class Files:
    """
    Fetches files for the devices of one process.

    *resolve* and *source* are the wire's: names that stand for addresses, and the
    address that device n calls from.
    """

    def __init__(
        self,
        count: Callable[[str, int], None],
        record: Callable[[str, float], None],
        *,
        ca: str | None = None,
        insecure: bool = False,
        resolve: Mapping[str, str] | None = None,
        source: Callable[[int], str | None] = lambda n: None,
    ) -> None:
        self._count = count
        self._record = record
        self._ca = ca
        self._insecure = insecure
        self._resolve = dict(resolve or {})
        self._source = source
        self._context: ssl.SSLContext | None = None
        self.datagrams = Datagrams(count, self._resolve)

    def tls(self) -> ssl.SSLContext:
        """The TLS settings of all files."""
        # One for all: httpx would make its own for each client, 22 ms a time.
        if self._context is None:
            self._context = ssl.create_default_context(cafile=self._ca)
            if self._insecure:
                self._context.check_hostname = False
                self._context.verify_mode = ssl.CERT_NONE
        return self._context

    def way(self, host: str, n: int) -> tuple[str, str | None]:
        """Where a host of that name is, and the address that device *n* calls from."""
        return self._resolve.get(host, host), self._source(n)

    async def fetch(self, transfer: Transfer, firmware: Firmware, n: int) -> int:
        """Fetch one file, no faster than the profile's bandwidth: 0 or a code of T5."""
        moving = self._fetch(transfer, firmware, n)
        return await self._counted("transfers", "download", moving)

    async def send(
        self,
        transfer: Transfer,
        content: bytes,
        firmware: Firmware,
        n: int,
        method: str = "PUT",
    ) -> int:
        """Send one file, no faster than the profile's bandwidth: 0 or a code of T5."""
        moving = self._send(transfer, content, firmware, n, method)
        return await self._counted("uploads", "upload", moving)

    async def _counted(self, kind: str, series: str, moving: Awaitable[int]) -> int:
        began = trio.current_time()
        self._count(f"{kind}.started", 1)
        try:
            code = await moving
        except trio.Cancelled:
            self._count(f"{kind}.interrupted", 1)  # the run ends
            raise
        if code:
            self._count(f"{kind}.failed", 1)
            self._count(f"{kind}.failed.{code}", 1)
        else:
            self._count(f"{kind}.done", 1)
            self._record(series, trio.current_time() - began)
        return code

    @asynccontextmanager
    async def _answered(
        self, transfer: Transfer, n: int, method: str, body: Body | None = None
    ) -> AsyncIterator[httpx.Response]:
        """
        The file server's last word, its body unread.

        Redirects and 401 are followed here: httpx would read their bodies to the
        end, which a bad server never comes to, and go on by GET after a PUT.
        """
        import httpx

        url = httpx.URL(transfer.url)
        username = transfer.username
        for _ in range(MOST_MOVES + 1):
            async with self._client(url, n) as client:
                request = self._request(client, method, url, body)
                response = await client.send(request, stream=True)
                try:
                    if response.status_code == 401 and username:
                        again = proven(request, response, username, transfer.password)
                        if again is not None:
                            await _put_away(response)
                            response = await client.send(again, stream=True)
                    if response.status_code not in MOVED[method]:
                        yield response
                        return
                    onward = url.join(response.headers.get("location", ""))
                finally:
                    await response.aclose()
            if (onward.scheme, onward.netloc) != (url.scheme, url.netloc):
                username = ""  # another server is not told the password
            url = onward
        raise httpx.TooManyRedirects(f"more than {MOST_MOVES}")

    def _client(self, url: httpx.URL, n: int) -> httpx.AsyncClient:
        import httpx

        transport = httpx.AsyncHTTPTransport(
            verify=self.tls() if url.scheme == "https" else False,
            local_address=self._source(n),
        )
        timeout = httpx.Timeout(SILENCE, connect=30.0)
        return httpx.AsyncClient(transport=transport, trust_env=False, timeout=timeout)

    def _request(
        self, client: httpx.AsyncClient, method: str, url: httpx.URL, body: Body | None
    ) -> httpx.Request:
        headers, extensions = {}, {}
        if body is not None:
            headers["Content-Length"] = str(body[0])
            headers["Content-Type"] = "application/octet-stream"
        if url.host in self._resolve:
            headers["Host"] = url.netloc.decode("ascii")
            extensions["sni_hostname"] = url.host
            url = url.copy_with(host=self._resolve[url.host])
        request = client.build_request(
            method, url, headers=headers, extensions=extensions
        )
        if body is not None:
            request.stream = body[1]
        return request

    async def _fetch(self, transfer: Transfer, firmware: Firmware, n: int) -> int:
        import httpx

        try:
            async with self._answered(transfer, n, "GET") as response:
                code = status_code(response.status_code)
                if code:
                    return code
                received = await self._throttled(response, transfer, firmware)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol):
            return NO_CONTACT
        except httpx.TransportError:
            return BROKEN_OFF
        except Exception:
            # Whatever a file server does to httpx (KeyError at a Digest algorithm
            # that it does not know) is the end of this file and of nothing else.
            return GENERAL
        if transfer.state != MOVING or received > MOST_BYTES:
            return BROKEN_OFF
        transfer.moved = received
        self._count("transfers.bytes", received)
        # FileSize is a hint for the space; an image of another size is not whole.
        if transfer.file_type == FIRMWARE and (
            received < firmware.least or (transfer.size and received != transfer.size)
        ):
            return CORRUPT
        return 0

    async def _send(
        self,
        transfer: Transfer,
        content: bytes,
        firmware: Firmware,
        n: int,
        method: str,
    ) -> int:
        body = (len(content), paced(content, transfer, firmware.bandwidth))
        try:
            async with self._answered(transfer, n, method, body) as response:
                code = status_code(response.status_code)
        except Exception:
            return UPLOAD  # T5: one word for all that goes wrong on the way
        if code == AUTHENTICATION:
            return code
        if code or transfer.state != MOVING:
            return UPLOAD
        transfer.moved = len(content)
        self._count("uploads.bytes", len(content))
        return 0

    async def _throttled(
        self, response: httpx.Response, transfer: Transfer, firmware: Firmware
    ) -> int:
        """Take the body at the device's speed, while it has power; the bytes."""
        began, received, bandwidth = trio.current_time(), 0, firmware.bandwidth
        kept = MOST_KEPT if transfer.file_type == CONFIGURATION else 0
        transfer.content = b""
        async for chunk in response.aiter_raw(CHUNK):
            received += len(chunk)
            if transfer.state != MOVING or received > MOST_BYTES:
                # The next read fails, and so leaves none of httpx's generators behind.
                await response.aclose()
                continue
            if len(transfer.content) < kept:
                transfer.content += chunk
            ahead = began + received / bandwidth - trio.current_time()
            if ahead > 0:
                await trio.sleep(ahead)
        return received


class Pieces:
    """A file in pieces at the device's speed, while it has power."""

    def __init__(self, content: bytes, transfer: Transfer, bandwidth: float) -> None:
        self._content = content
        self._transfer = transfer
        self._bandwidth = bandwidth
        self._began = trio.current_time()
        self._at = 0

    async def __anext__(self) -> bytes:
        """The next one, when its moment has come."""
        ahead = self._began + self._at / self._bandwidth - trio.current_time()
        if ahead > 0:
            await trio.sleep(ahead)
        if self._transfer.state != MOVING:
            raise ConnectionAbortedError("the device sends no more")
        piece = self._content[self._at : self._at + CHUNK]
        if not piece:
            raise StopAsyncIteration
        self._at += len(piece)
        return piece


def paced(
    content: bytes, transfer: Transfer, bandwidth: float
) -> httpx.AsyncByteStream:
    """A body that can be sent more than once, each time at the device's speed."""
    import httpx

    class PacedBody(httpx.AsyncByteStream):
        # No generator: httpcore leaves one behind when a server hangs up.
        def __aiter__(self) -> AsyncIterator[bytes]:
            return cast("AsyncIterator[bytes]", Pieces(content, transfer, bandwidth))

    return PacedBody()


def status_code(status: int) -> int:
    """The code of T5 that an HTTP status means; 0 for a success."""
    if 200 <= status < 300:
        return 0
    if status in (401, 403, 407):
        return AUTHENTICATION
    return NO_ACCESS if 400 <= status < 500 else GENERAL


def proven(
    request: httpx.Request, refusal: httpx.Response, username: str, password: str
) -> httpx.Request | None:
    """The request again, by Basic or Digest, whichever is asked for; None by none."""
    import httpx

    offered = refusal.headers.get("www-authenticate", "").lower()
    if "digest" in offered:
        flow = httpx.DigestAuth(username, password).auth_flow(request)
        next(flow)  # the first request is the one that was just refused
        return flow.send(refusal)
    if "basic" in offered:
        return next(httpx.BasicAuth(username, password).auth_flow(request))
    return None


async def _put_away(response: httpx.Response) -> None:
    """Keep the connection of a refusal, unless there is much left to read on it."""
    length = response.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length) <= CHUNK:
        await response.aread()
    await response.aclose()
