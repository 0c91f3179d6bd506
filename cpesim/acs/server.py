"""
The reference ACS: listens, answers CPEs, serves files and GET /stats.

Rule: this file waits and nothing else: what to answer a CPE is the desk's. Whatever
a client sends, the server lives: a bad request gets its status and is counted, an
exception of ours gets 500 and is kept.

Measured with floor_client on the two-core machine that this was written on: 3,200 to
3,900 sessions (a connection, an Inform, an empty POST) for each CPU second, h11 and
all checks of judge.py included; httptools was not needed. The floor is 2,000
(tests/acs/test_floor.py).
"""

from __future__ import annotations

import errno
import json
import random
import secrets
import socket
import ssl
import time
import traceback
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import trio

from cpesim.acs.cpe import Cpe
from cpesim.acs.desk import Desk
from cpesim.acs.files import PATH, Files
from cpesim.acs.http import MOST_BODY, BadRequest, Held, Link, Post, answer
from cpesim.acs.inflate import NotInflated, inflated
from cpesim.acs.knock import Knocker
from cpesim.acs.listen import listening
from cpesim.acs.north.campaigns import Campaigns
from cpesim.acs.north.door import Door
from cpesim.acs.north.outage import Outage
from cpesim.acs.record import Recorder
from cpesim.acs.settings import AcsSettings, Scheme
from cpesim.acs.tally import Tally
from cpesim.acs.tls import TlsLink, context_of
from cpesim.wire.auth import ServerAuth

IDLE = 60.0  # seconds until an idle connection is closed
_GARBAGE = b"<html><body>It works!</body></html>\n<soap:Env\x00\xff" * 3
_ABOUT = (
    b"The reference ACS of cpesim. CPEs POST here; GET /stats tells what they did,"
    b" GET /violations what was wrong with it.\n"
)
_JSON = "Content-Type: application/json\r\nCache-Control: no-store\r\n"

Answers = Callable[[Link, Post], Awaitable[bool]]


class Acs:
    """One ACS: its settings, what it knows and what it counted."""

    def __init__(self, settings: AcsSettings, recorder: Recorder | None = None) -> None:
        self.settings = settings
        self.tally = Tally()
        secret = secrets.token_bytes(16)
        self.desk = Desk(settings, secret, self.tally)
        self.desk.register.recorder = recorder
        self.knocker = Knocker(settings, self.desk.register, self.tally)
        self._files = Files(
            settings, _auth(settings.files_auth, secret + b"f"), self.tally
        )
        self._auth = _auth(settings.auth, secret)
        self._chance = random.Random(settings.seed)
        self._tls = context_of(settings)
        self._links: set[Link] = set()
        self._northern: set[Link] = set()  # those of them that are no CPE's
        self._held = Held()
        self.outage = Outage(self._shut)
        self._campaigns = Campaigns(settings, self.desk.register, self.knocker)
        self._door = Door(
            self._campaigns, lambda: list(self.desk.register), self.outage
        )
        if settings.nbi is not None:
            self.desk.campaigns = self._campaigns
        self.nbi: tuple[str, int] | None = None  # where it listens, once it does
        self._open = trio.CancelScope()
        self._turn = 0.0  # when the next session is served
        self._first: float | None = None  # when the first POST came
        self._wanton = bool(settings.fail_503 or settings.drop or settings.garbage)

    def stats(self) -> dict[str, Any]:
        """What GET /stats tells."""
        desk = self.desk
        return self.tally.told(len(desk.register), len(desk.sessions), len(self._links))

    def cpe(self, key: str) -> Cpe | None:
        """The CPE of an OUI-ProductClass-SerialNumber, if it ever informed."""
        return next((cpe for cpe in self.desk.register if cpe.key == key), None)

    async def serve(
        self,
        *,
        task_status: trio.TaskStatus[tuple[str, int]] = trio.TASK_STATUS_IGNORED,
    ) -> None:
        """Serve until cancelled; tells (host, port) once it listens."""
        listener = listening(self.settings.host, self.settings.port)
        try:
            async with trio.open_nursery() as nursery:
                bound = listener.getsockname()[:2]
                nursery.start_soon(self._listen_on, listener, bound, nursery)
                nursery.start_soon(self._sweep)
                nursery.start_soon(self.knocker.run)
                if self.settings.nbi is not None:
                    north = listening(*self.settings.nbi)
                    self.nbi = north.getsockname()[:2]
                    nursery.start_soon(self._accept, north, nursery, self._north)
                    nursery.start_soon(self._campaigns.run)
                task_status.started(bound)
        finally:
            listener.close()
            for link in list(self._links):
                link.close()

    async def _listen_on(
        self, listener: socket.socket, bound: tuple[str, int], nursery: trio.Nursery
    ) -> None:
        """Take connections, but while an outage has closed the port."""
        while True:
            with trio.CancelScope() as self._open:
                await self._accept(listener, nursery, self._answer)
            for link in self._links - self._northern:
                link.close()
            await self.outage.over("refuse")
            listener = listening(*bound)

    def _shut(self) -> None:
        self._open.cancel()

    async def _accept(
        self, listener: socket.socket, nursery: trio.Nursery, answers: Answers
    ) -> None:
        """Take connections until cancelled, and close the port then."""
        tally = self.tally
        with listener:
            while True:
                try:
                    sock, _ = listener.accept()
                except BlockingIOError:
                    await trio.lowlevel.wait_readable(listener)
                except OSError as error:
                    if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOMEM):
                        tally.accept_refused += 1
                        await trio.sleep(0.05)  # until connections have closed
                    else:  # the client is gone already
                        await trio.lowlevel.checkpoint()
                else:
                    sock.setblocking(False)
                    tally.accepted += 1
                    nursery.start_soon(self._converse, sock, answers)

    async def _sweep(self) -> None:
        """Close what is idle: cheaper than a deadline for each read."""
        while True:
            await trio.sleep(min(5.0, IDLE / 4))
            now = trio.current_time()
            for link in [k for k in self._links if now - k.since > IDLE]:
                link.close()
            self.desk.sweep(now)

    async def _converse(self, sock: socket.socket, answers: Answers) -> None:
        """All requests of one connection."""
        now, sinks = trio.current_time(), self._files.sink
        link = (
            Link(sock, self._held, now, sinks)
            if self._tls is None or answers == self._north
            else TlsLink(sock, self._held, now, sinks, self._tls)
        )
        self._links.add(link)
        if answers == self._north:
            self._northern.add(link)
        try:
            if isinstance(link, TlsLink):
                await self._shake_hands(link)
            while True:
                post = await link.read()
                if post is None or not await answers(link, post):
                    return
                link.moved()
        except BadRequest as error:
            self.tally.bad += 1
            await link.refuse(error.status)
        except (OSError, trio.ClosedResourceError):
            pass  # the client is gone, or the sweep came
        except Exception:
            self.tally.bugs += 1
            self.tally.bug = self.tally.bug or traceback.format_exc()
            await link.refuse(500)
        finally:
            self._links.discard(link)
            self._northern.discard(link)
            link.close()

    async def _shake_hands(self, link: TlsLink) -> None:
        try:
            resumed = await link.start()
        except ssl.SSLError:
            self.tally.tls["failed"] += 1
            raise
        self.tally.tls["resumed" if resumed else "full"] += 1

    async def _north(self, link: Link, post: Post) -> bool:
        """Answer one request of the northbound interface."""
        await link.send(self._door.answer(post))
        return post.keep

    async def _answer(self, link: Link, post: Post) -> bool:
        """Answer one request; whether the connection may go on."""
        self.tally.requests += 1
        if post.sink is not None:
            return await self._files.serve(link, post)
        if post.method == "POST":
            return await self._post(link, post)
        path = post.target.partition("?")[0]
        if post.method not in ("GET", "HEAD"):
            reply = answer(405, keep=post.keep, headers="Allow: GET, HEAD, POST\r\n")
        elif path.startswith(PATH):
            return await self._files.serve(link, post)
        elif path == "/stats":
            text = json.dumps(self.stats(), indent=1).encode()
            reply = answer(200, text, keep=post.keep, headers=_JSON)
        elif path == "/violations":
            asked = parse_qs(post.target.partition("?")[2]).get("rule", [""])
            found = self.tally.violations.listed(asked[-1])
            text = json.dumps(found, indent=1).encode()
            reply = answer(200, text, keep=post.keep, headers=_JSON)
        elif path == "/":
            kind = "Content-Type: text/plain\r\n"
            reply = answer(200, _ABOUT, keep=post.keep, headers=kind)
        else:
            reply = answer(404, keep=post.keep)
        if post.method == "HEAD":
            reply = reply[: reply.index(b"\r\n\r\n") + 4]
        await link.send(reply)
        return post.keep

    async def _post(self, link: Link, post: Post) -> bool:
        tally, settings, keep = self.tally, self.settings, post.keep
        tally.posts += 1
        now = trio.current_time()
        if self._first is None:
            self._first = now
        if settings.stall is not None:
            after, lasting = settings.stall
            if after <= now - self._first < after + lasting:
                tally.injected["stall"] += 1
                link.since = self._first + after + lasting  # not idle: we are
                await trio.sleep_until(link.since)
        if how := self.outage.now():
            tally.injected["outage"] += 1
            if how == "503":
                await link.send(answer(503, keep=keep))
                return keep
            link.since = self.outage.until  # not idle: we are
            await self.outage.over(how)
        if settings.delay:
            link.since = trio.current_time() + settings.delay
            await trio.sleep_until(link.since)
        if self._wanton and (kind := self._fault()):
            tally.injected[kind] += 1
            if kind == "503":
                later = settings.retry_after
                line = "" if later is None else f"Retry-After: {later}\r\n"
                await link.send(answer(503, keep=keep, headers=line))
            elif kind == "garbage":
                await link.send(answer(200, _GARBAGE, keep=keep))
            return keep and kind != "drop"
        if self._auth is not None:
            given = post.headers.get(b"authorization", b"").decode("latin-1") or None
            verdict = self._auth.check(
                "POST", post.target, given, self._password, post.body
            )
            tally.auth[verdict] += 1
            if verdict != "ok":
                asked = self._auth.challenge(verdict == "stale")
                line = f"WWW-Authenticate: {asked}\r\n"
                await link.send(answer(401, keep=keep, headers=line))
                return keep
        if settings.capacity and self.desk.opens(post.headers, link):
            now = trio.current_time()
            self._turn = max(self._turn, now) + 1 / settings.capacity
            link.since = self._turn  # it waits for us
            await trio.sleep_until(self._turn)
        if coding := post.headers.get(b"content-encoding"):
            try:
                post.body = inflated(post.body, coding.decode("latin-1"), MOST_BODY)
            except NotInflated as error:
                tally.bad += 1
                await link.send(answer(error.status, keep=keep))
                return keep
        path = post.target.partition("?")[0]
        now = trio.current_time()
        said = self.desk.receive(post.headers, post.body, link, now, path)
        line = f"Set-Cookie: {said.cookie}\r\n" if said.cookie else ""
        if said.location:
            line += f"Location: {said.location}\r\n"
        await link.send(answer(said.status, said.body, keep=keep, headers=line))
        return keep

    def _fault(self) -> str:
        """The fault on demand that this POST gets, mostly none."""
        settings, point = self.settings, self._chance.random()
        for kind, share in (
            ("503", settings.fail_503),
            ("drop", settings.drop),
            ("garbage", settings.garbage),
        ):
            if point < share:
                return kind
            point -= share
        return ""

    def _password(self, username: str) -> str | None:
        settings = self.settings
        if settings.username and username != settings.username:
            return None
        return settings.password.replace("{username}", username)


async def serve(
    settings: AcsSettings,
    *,
    task_status: trio.TaskStatus[tuple[str, int]] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Run an ACS until cancelled; tells (host, port) once it listens."""
    await Acs(settings).serve(task_status=task_status)


def _auth(scheme: Scheme, secret: bytes) -> ServerAuth | None:
    if scheme == "none":
        return None
    return ServerAuth("cpesim", secret, time.monotonic, scheme=scheme)
