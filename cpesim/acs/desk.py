"""
Where every message of every CPE arrives: sessions are found, opened and closed here.

Rule: pure but for the chance in the tokens. A POST goes in with the time, what to
answer comes out; faults on demand, authentication and sockets are the server's.
"""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, NamedTuple

from cpesim.acs.answers import BadEnvelope, Message, read, read_inform, read_values
from cpesim.acs.cpe import Cpe, Register
from cpesim.acs.history import compare, ended, judge_key
from cpesim.acs.judge import judge_envelope, judge_inform, judge_values, root_of
from cpesim.acs.schema import Schemas
from cpesim.acs.session import Line, Session
from cpesim.acs.settings import AcsSettings
from cpesim.acs.tally import Tally
from cpesim.acs.words import TURNS
from cpesim.cwmp import names

if TYPE_CHECKING:
    from cpesim.acs.north.campaigns import Campaigns

COOKIE = "cpesim"
_TOKEN = re.compile(rf'(?:^|[;,\s]){COOKIE}="?([0-9a-f.]+)')
_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d{1,5})?|\[[0-9a-fA-F:.]+\](:\d{1,5})?")
# Where the word redirect sends a CPE.
ELSEWHERE = "/elsewhere/"
# A session that says nothing for so long is over (seconds).
PATIENCE = 60.0
MOST_SESSIONS = 200_000


class Said(NamedTuple):
    """What goes back: a status, an envelope, a cookie to set, and where to go."""

    status: int
    body: bytes = b""
    cookie: str = ""
    location: str = ""


class Desk:
    """All sessions, all CPEs, and what was wrong with them."""

    def __init__(self, settings: AcsSettings, secret: bytes, tally: Tally) -> None:
        self.register = Register(settings.plan.once, secret)
        self.sessions: dict[str, Session] = {}
        self._settings = settings
        self._tally = tally
        # Faults on demand that are the session's: one chance for each share.
        self._chance = random.Random(settings.seed)
        self._schemas = Schemas(settings.strict) if settings.strict else None
        self._count = 0
        self.campaigns: Campaigns | None = None  # where there are any

    def receive(
        self,
        headers: dict[bytes, bytes],
        body: bytes,
        line: Line,
        now: float,
        path: str = "/",
    ) -> Said:
        """Take a POST's headers and body, and say what to answer."""
        session, found = self._session(headers, line), self._tally.violations
        if not body:
            if session is None:
                found.note("", "S1 an empty POST without a session")
                return Said(400)
            if b"content-type" in headers or b"soapaction" in headers:
                found.note(session.cpe.key, "S2 headers of an empty POST")
            self._stays(session, path)
            return self._finish(session, session.receive(None), now)
        who = session.cpe.key if session else ""
        # S2: no value, no quotes.
        if headers.get(b"soapaction") != b"":
            found.note(who, "S2 SOAPAction", repr(headers.get(b"soapaction")))
        if not headers.get(b"content-type", b"").lower().startswith(b"text/xml"):
            found.note(who, "S2 Content-Type", repr(headers.get(b"content-type")))
        try:
            message = read(body)
        except BadEnvelope as error:
            found.note(who, "S8 bad envelope", str(error))
            self._tally.bad += 1
            return Said(400)
        if message.method == "Inform":
            if session is not None and session.waiting == "Inform":
                return self._again(session, message, now)
            return self._open(message, headers, line, session, now, path)
        if session is None:
            found.note("", "S1 no Inform first", message.method)
            return Said(400)
        self._judge(session, message)
        self._stays(session, path)
        if self._settings.retry_request and not session.waiting:
            self._perhaps_refuse(session)
        return self._finish(session, session.receive(message), now)

    def _stays(self, session: Session, path: str) -> None:
        """H4: where a session was sent to, it goes on."""
        if session.path and session.path != path:
            session.found.append(("H4 a session left its redirected URL", path))

    def _perhaps_refuse(self, session: Session) -> None:
        """Refuse the next message of the CPE's own, by chance."""
        lucky = self._chance.random() >= self._settings.retry_request
        session.refusing = 0 if lucky else self._settings.retry_times

    def _again(self, session: Session, message: Message, now: float) -> Said:
        """An Inform that was refused and comes again, in the same session."""
        session.touched = now
        self._judge(session, message)
        answer = session.refuse(message)
        self._note(session)
        return Said(200, session.greet(message) if answer is None else answer)

    def sweep(self, now: float) -> None:
        """Close the sessions that fell silent."""
        for session in [
            s for s in self.sessions.values() if now - s.touched > PATIENCE
        ]:
            self._close(session, now, done=False)

    def opens(self, headers: dict[bytes, bytes], line: Line) -> bool:
        """Whether what comes with these headers begins a session."""
        return line.session is None and self._named(headers) is None

    def _named(self, headers: dict[bytes, bytes]) -> Session | None:
        """The session whose cookie is among these headers."""
        match = _TOKEN.search(headers.get(b"cookie", b"").decode("latin-1"))
        return self.sessions.get(match[1]) if match else None

    def _session(self, headers: dict[bytes, bytes], line: Line) -> Session | None:
        session = self._named(headers)
        if session is not None:
            if session.link is not line:  # S3: the CPE had to reconnect
                session.link, line.session = line, session
            return session
        if line.session is not None and b"cookie" not in headers:
            self._tally.violations.note(line.session.cpe.key, "H3 no cookie")
        return line.session

    def _open(
        self,
        message: Message,
        headers: dict[bytes, bytes],
        line: Line,
        old: Session | None,
        now: float,
        path: str,
    ) -> Said:
        tally = self._tally
        inform = read_inform(message.element)
        cpe = self.register.get(inform.key)
        if cpe is None or len(self.sessions) >= MOST_SESSIONS:
            return Said(503)
        if old is not None:
            tally.violations.note(cpe.key, "S4 an Inform in a session")
            self._close(old, now, done=False)
        elif cpe.session is not None:
            other = cpe.session.link
            if other is not None and other is not line and other.alive():
                tally.violations.note(cpe.key, "S10 two sessions at once")
            else:
                self._close(cpe.session, now, done=False)
        if (cpe.owed and cpe.owed[0] == "redirect") or cpe.redirected:
            sent = self._redirect(cpe, path, headers, line)
            if sent is not None:
                return sent
        self._count += 1
        token = f"{self._count:x}.{random.getrandbits(64):016x}"
        session = Session(
            token, cpe, message, inform, self._settings, self.register, tally
        )
        self.sessions[token] = cpe.session = line.session = session
        session.link = line
        session.touched = now
        if path != "/" and path.startswith(ELSEWHERE):
            if path == cpe.redirected:
                session.path = path
            else:
                session.found.append(("H4 a redirected URL was kept", path))
        cpe.redirected = ""
        if not session.files:
            session.files = self._here(headers, line)
        if _TOKEN.search(headers.get(b"cookie", b"").decode("latin-1")):
            session.found.append(("H3 a cookie of an earlier session", ""))
        tally.started += 1
        self._learn(session, cpe, now)
        judge_inform(message, inform, session.found)
        self._judge(session, message)
        self._turn(session, cpe)
        answer = session.refuse(message) if session.refusing else None
        if answer is None:
            answer = session.greet(message)
        self._note(session)
        return Said(200, answer, f"{COOKIE}={token}; Path=/")

    def _here(self, headers: dict[bytes, bytes], line: Line) -> str:
        """Our URL as this CPE reaches us."""
        host = headers.get(b"host", b"").decode("latin-1")
        scheme = "https" if self._settings.tls_cert else "http"
        return f"{scheme}://{host if _HOST.fullmatch(host) else line.local}"

    def _redirect(
        self, cpe: Cpe, path: str, headers: dict[bytes, bytes], line: Line
    ) -> Said | None:
        """Send an Inform elsewhere, so often in a row as is set (H4)."""
        followed = path == cpe.redirected
        if cpe.redirected and not followed:
            self._tally.violations.note(cpe.key, "H4 a redirect was not followed", path)
        been = int(path.rpartition("/")[2]) if cpe.redirected and followed else 0
        if cpe.redirected and (not followed or been >= self._settings.redirects):
            cpe.done("redirect")
            return None
        if path.startswith(ELSEWHERE) and not been:
            return None  # judged with the Inform
        cpe.redirected = f"{ELSEWHERE}{random.getrandbits(32):08x}/{been + 1}"
        self._tally.injected["redirect"] += 1
        where = self._here(headers, line) + cpe.redirected
        return Said(self._settings.redirect_status, location=where)

    def _turn(self, session: Session, cpe: Cpe) -> None:
        """What this session's InformResponse has in it, by its script or by chance."""
        settings = self._settings
        if cpe.owed and cpe.owed[0] in TURNS:
            session.turned(cpe.owed[0])
        elif settings.hold and self._chance.random() < settings.hold:
            session.turned("hold")
        if session.hold:
            self._tally.injected["hold"] += 1
        if settings.retry_request:
            self._perhaps_refuse(session)

    def _learn(self, session: Session, cpe: Cpe, now: float) -> None:
        """Take from an Inform what is new about its CPE, and what it owes now."""
        tally, inform, settings = self._tally, session.inform, self._settings
        values, found = inform.values, session.found
        codes = [code for code, _ in inform.events]
        tally.informs += 1
        cpe.informs += 1
        for code in codes:
            tally.event(code)
        cpe.root = root_of(values) or cpe.root or "Device."
        url = values.get(cpe.root + "ManagementServer.ConnectionRequestURL")
        if url is not None:
            # C8: empty while it takes no connection requests.
            usable = len(url) <= 256 and (not url or url.startswith("http://"))
            if not usable:
                found.append(("C9 ConnectionRequestURL", url))
            cpe.url = url if usable else ""
        version = values.get(cpe.root + "DeviceInfo.SoftwareVersion")
        cpe.software = cpe.software if version is None else version[:64]
        cpe.tag = values.get(cpe.root + "DeviceInfo.ProvisioningCode", cpe.tag)[:64]
        compare(session, cpe, codes, now)
        if names.BOOTSTRAP in codes:
            cpe.reset(again=session.retries > 0)
        judge_key(session, cpe)
        if names.BOOT in codes:
            tally.with_boot += not cpe.boots
            cpe.boots += 1
        if names.PERIODIC in codes:
            tally.with_periodic += not cpe.periodics
            cpe.periodics += 1
        if names.CONNECTION_REQUEST in codes:
            if cpe.knocked:
                tally.knocks["informed"] += 1
            elif not cpe.knocks:
                found.append(("E6 6 CONNECTION REQUEST without one", cpe.url))
            cpe.knocked = False
        if cpe.commands:
            # Those without a key may be asked for anew in this very session.
            here = [t for t in inform.events if t in cpe.commands and not t[1]]
            cpe.owe([w for t in here if (w := cpe.commands[t].then)], first=True)
            cpe.forget(here)
        for code in codes:
            cpe.owe(settings.plan.on.get(code, ()))
        if self.campaigns is not None:
            self.campaigns.seen(cpe)
        if (
            (settings.knock_every or settings.nbi is not None)
            and not settings.knock_username
            and cpe.password is None
            and not {"provision", "credentials"} & set(cpe.owed)
        ):
            cpe.owed = ("credentials", *cpe.owed)

    def _judge(self, session: Session, message: Message) -> None:
        found = session.found
        judge_envelope(message, found)
        if message.method == "GetParameterValuesResponse":
            listed = message.element.find("ParameterList")
            judge_values(message, read_values(listed), found)
        if self._schemas is not None:
            self._schemas.judge(message, found)

    def _finish(self, session: Session, answer: bytes | None, now: float) -> Said:
        session.touched = now
        self._note(session)
        if answer is not None:
            return Said(200, answer)
        if session.offered:  # S7: before its empty POST no session is over
            self._close(session, now, done=True)
        return Said(204)

    def _note(self, session: Session) -> None:
        for what, detail in session.found:
            self._tally.violations.note(session.cpe.key, what, detail)
        session.found.clear()

    def _close(self, session: Session, now: float, *, done: bool) -> None:
        ended(session, session.cpe, now, done=done)
        self._note(session)
        if done:
            self._tally.done += 1
        else:
            self._tally.broken += 1
        session.close()
        self.sessions.pop(session.token, None)
        line = session.link
        if line is not None and line.session is session:
            line.session = None
        session.link = None
