"""
The file behind a Download: really fetched, really counted, thrown away.

Rule: httpx lives here and nowhere else, and each transfer has its own client: a
shared one would share cookies among devices, and its pool is quadratic.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING

import trio

from cpesim.device.transfer import FIRMWARE, MOVING, Transfer

if TYPE_CHECKING:
    import httpx

    from cpesim.device.profile import Firmware

# The codes of T5 that a fetched file can end with.
GENERAL, AUTHENTICATION, NO_CONTACT = 9010, 9012, 9015
NO_ACCESS, BROKEN_OFF, CORRUPT = 9016, 9017, 9018
# Bytes that are taken before the bandwidth is looked at.
CHUNK = 65536
SILENCE = 60.0  # seconds without a byte


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

    def _tls(self) -> ssl.SSLContext:
        # One for all: httpx would make its own for each client, 22 ms a time.
        if self._context is None:
            self._context = ssl.create_default_context(cafile=self._ca)
            if self._insecure:
                self._context.check_hostname = False
                self._context.verify_mode = ssl.CERT_NONE
        return self._context

    def tls(self) -> ssl.SSLContext:
        """The TLS settings of all files."""
        return self._tls()

    def way(self, host: str, n: int) -> tuple[str, str | None]:
        """Where a host of that name is, and the address that device *n* calls from."""
        return self._resolve.get(host, host), self._source(n)

    async def fetch(self, transfer: Transfer, firmware: Firmware, n: int) -> int:
        """Fetch one file, no faster than the profile's bandwidth: 0 or a code of T5."""
        began = trio.current_time()
        self._count("transfers.started", 1)
        code = await self._fetch(transfer, firmware, n)
        if code:
            self._count("transfers.failed", 1)
            self._count(f"transfers.failed.{code}", 1)
        else:
            self._count("transfers.done", 1)
            self._record("download", trio.current_time() - began)
        return code

    async def _fetch(self, transfer: Transfer, firmware: Firmware, n: int) -> int:
        import httpx

        try:
            url = httpx.URL(transfer.url)
            headers = {}
            if url.host in self._resolve:
                headers["Host"] = url.netloc.decode("ascii")
                extensions = {"sni_hostname": url.host}
                url = url.copy_with(host=self._resolve[url.host])
            else:
                extensions = {}
            transport = httpx.AsyncHTTPTransport(
                verify=self._tls() if url.scheme == "https" else False,
                local_address=self._source(n),
            )
            async with (
                httpx.AsyncClient(
                    transport=transport,
                    trust_env=False,
                    follow_redirects=True,
                    max_redirects=5,
                    timeout=httpx.Timeout(SILENCE, connect=30.0),
                ) as client,
                client.stream(
                    "GET",
                    url,
                    headers=headers,
                    extensions=extensions,
                    auth=file_auth(transfer.username, transfer.password),
                ) as response,
            ):
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
        if transfer.state != MOVING:
            return BROKEN_OFF
        self._count("transfers.bytes", received)
        # FileSize is a hint for the space; an image of another size is not whole.
        if transfer.file_type == FIRMWARE and (
            received < firmware.least or (transfer.size and received != transfer.size)
        ):
            return CORRUPT
        return 0

    async def _throttled(
        self, response: httpx.Response, transfer: Transfer, firmware: Firmware
    ) -> int:
        """Take the body at the device's speed, while it has power; the bytes."""
        began, received, bandwidth = trio.current_time(), 0, firmware.bandwidth
        async for chunk in response.aiter_raw(CHUNK):
            received += len(chunk)
            if transfer.state != MOVING:
                break
            ahead = began + received / bandwidth - trio.current_time()
            if ahead > 0:
                await trio.sleep(ahead)
        return received


def status_code(status: int) -> int:
    """The code of T5 that an HTTP status means; 0 for a success."""
    if 200 <= status < 300:
        return 0
    if status in (401, 403, 407):
        return AUTHENTICATION
    return NO_ACCESS if 400 <= status < 500 else GENERAL


def file_auth(username: str, password: str) -> httpx.Auth | None:
    """Basic or Digest, whichever the file server asks for; None without a name."""
    import httpx

    if not username:
        return None

    class FileAuth(httpx.Auth):
        def auth_flow(
            self, request: httpx.Request
        ) -> Generator[httpx.Request, httpx.Response, None]:
            response = yield request
            if response.status_code != 401:
                return
            offered = response.headers.get("www-authenticate", "").lower()
            if "digest" in offered:
                flow = httpx.DigestAuth(username, password).auth_flow(request)
                next(flow)  # the first request is the one that was just refused
                try:
                    yield flow.send(response)
                except StopIteration:
                    return
            elif "basic" in offered:
                yield next(httpx.BasicAuth(username, password).auth_flow(request))

    return FileAuth()
