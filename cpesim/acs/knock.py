"""
Connection requests: the ACS asks CPEs to call.

Rule: a knock is one short conversation over h11: GET, the Digest answer to the
challenge, a status. That the CPE then informs is for the desk to see.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import h11
import trio

from cpesim.acs.cpe import Cpe, Register
from cpesim.acs.settings import AcsSettings
from cpesim.acs.tally import Tally
from cpesim.errors import BadReply, ConnectFailed, Disconnected, Timeout, WireError
from cpesim.wire.auth import ClientAuth, Credentials

TIMEOUT = 10.0
AT_ONCE = 200
_MOST_REPLY = 65536


async def knock(url: str, credentials: Credentials, salt: str) -> int:
    """
    Send one connection request and return the last status.

    Raises a WireError when none comes within the timeout.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        raise BadReply(f"not a URL: {url[:100]}") from None
    if parts.scheme != "http" or not parts.hostname:
        raise BadReply(f"not an http URL: {url[:100]}")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    auth = ClientAuth(credentials, salt)
    stream: trio.SocketStream | None = None
    with trio.move_on_after(TIMEOUT):
        try:
            while True:
                if stream is None:
                    stream = await _connect(parts.hostname, parts.port or 80)
                authorization = auth.header("GET", target, b"")
                status, asked, keep = await _get(
                    stream, parts.netloc, target, authorization
                )
                if status != 401 or not auth.challenge(asked):
                    return status
                if not keep:
                    await trio.aclose_forcefully(stream)
                    stream = None
        except trio.BrokenResourceError as error:
            raise Disconnected(str(error)) from None
        except (h11.ProtocolError, ValueError) as error:
            raise BadReply(str(error)) from None
        finally:
            if stream is not None:
                await trio.aclose_forcefully(stream)
    raise Timeout(url)


async def _connect(host: str, port: int) -> trio.SocketStream:
    try:
        return await trio.open_tcp_stream(host, port)
    except OSError as error:
        # One cause for each address that was tried.
        causes = getattr(error.__cause__, "exceptions", (error.__cause__ or error,))
        refused = any(isinstance(cause, ConnectionRefusedError) for cause in causes)
        raise ConnectFailed("refused" if refused else "failed", str(error)) from None


async def _get(
    stream: trio.SocketStream, host: str, target: str, authorization: str | None
) -> tuple[int, list[str], bool]:
    """Status, challenges, and whether the connection goes on."""
    http = h11.Connection(h11.CLIENT)
    headers = [("Host", host), ("User-Agent", "cpesim-acs")]
    if authorization is not None:
        headers.append(("Authorization", authorization))
    request = h11.Request(method="GET", target=target, headers=headers)
    await stream.send_all(
        (http.send(request) or b"") + (http.send(h11.EndOfMessage()) or b"")
    )
    response: h11.Response | None = None
    received = 0
    data = b" "
    while True:
        try:
            event = http.next_event()
        except h11.RemoteProtocolError:
            if data:
                raise
            raise Disconnected("closed before the answer was whole") from None
        if event is h11.NEED_DATA:
            data = await stream.receive_some(4096)
            received += len(data)
            if received > _MOST_REPLY:
                raise BadReply("more than 64 KiB")
            http.receive_data(data)
        elif isinstance(event, h11.Response):
            response = event
        elif isinstance(event, h11.EndOfMessage):
            assert response is not None
            asked = [
                value.decode("latin-1")
                for name, value in response.headers
                if name == b"www-authenticate"
            ]
            return response.status_code, asked, http.our_state is h11.DONE


class Knocker:
    """Knocks at all CPEs in turn, each once in `knock_every` seconds."""

    def __init__(self, settings: AcsSettings, register: Register, tally: Tally) -> None:
        self._settings = settings
        self._register = register
        self._tally = tally
        self._free = trio.CapacityLimiter(AT_ONCE)
        self._count = 0

    async def run(self) -> None:
        """Knock for ever; returns at once when it is switched off."""
        settings = self._settings
        if not settings.knock_every:
            return
        async with trio.open_nursery() as nursery:
            due = trio.current_time()
            round_: Iterator[Cpe] = iter(())
            while True:
                # A late loop does not make up for what it missed.
                due = max(due, trio.current_time() - 1.0)
                rate = min(
                    len(self._register) / settings.knock_every, settings.knock_rate
                )
                due += 1 / rate if rate else 1.0
                await trio.sleep_until(due)
                cpe = next(round_, None)
                if cpe is None:
                    round_ = iter(self._register)
                    cpe = next(round_, None)
                if cpe is not None and cpe.url and self._credentials(cpe):
                    await self._free.acquire_on_behalf_of(cpe)
                    nursery.start_soon(self._one, cpe)

    def _credentials(self, cpe: Cpe) -> Credentials | None:
        if cpe.password is not None:
            return Credentials(cpe.username, cpe.password)
        if self._settings.knock_username:
            return Credentials(
                self._settings.knock_username, self._settings.knock_password
            )
        return None

    async def _one(self, cpe: Cpe) -> None:
        try:
            await self.knock(cpe)
        finally:
            self._free.release_on_behalf_of(cpe)

    async def knock(self, cpe: Cpe) -> int:
        """Knock at one CPE and count what comes of it; 0 when nothing answered."""
        tally = self._tally
        credentials = self._credentials(cpe) or Credentials("", "")
        self._count += 1
        tally.knocks["sent"] += 1
        # The Inform may be here before the answer is read (C2 says after it).
        before, cpe.knocked = cpe.knocked, True
        try:
            status = await knock(cpe.url, credentials, f"{self._count}")
        except WireError as error:
            tally.knock_failed[error.label] += 1
            return 0
        tally.knock_status[str(status)] += 1
        if status in (200, 204):
            tally.knocks["answered"] += 1
            cpe.knocks += 1
        else:
            cpe.knocked = before
        return status
