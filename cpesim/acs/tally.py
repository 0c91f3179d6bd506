"""
What the ACS counts, and how GET /stats tells it.

Rule: every key of a counter comes from a fixed set or is bounded in number: no CPE
can make the tally grow.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from typing import Any

from cpesim.acs.findings import Violations
from cpesim.cwmp import names

MOST_ARRIVED = 10_000
_EVENTS = frozenset(
    (
        *names.EVENTS,
        names.M_REBOOT,
        names.M_SCHEDULE_INFORM,
        names.M_DOWNLOAD,
        names.M_SCHEDULE_DOWNLOAD,
        names.M_UPLOAD,
        names.M_CHANGE_DU_STATE,
    )
)


class Tally:
    """Plain numbers; whoever sees a thing happen adds it here."""

    def __init__(self) -> None:
        self.requests = 0  # HTTP requests of any kind
        self.posts = 0  # of those: POSTs of CPEs
        self.bad = 0  # answered with 400 or the like
        self.started = self.done = self.broken = 0  # sessions
        self.informs = 0
        self.events: Counter[str] = Counter()
        self.with_boot = self.with_periodic = 0  # CPEs that told of it at least once
        self.asked: Counter[str] = Counter()  # our RPCs
        self.answered: Counter[str] = Counter()
        self.called: Counter[str] = Counter()  # RPCs of CPEs, Informs aside
        self.faults: Counter[str] = Counter()  # from CPEs, by code
        self.transfers: Counter[str] = Counter()  # TransferCompletes, by fault code
        self.downloads: Counter[str] = Counter()  # served, broken, refused, bytes
        self.uploads: Counter[str] = Counter()  # received, broken, refused, bytes
        self.last_uploads: deque[dict[str, Any]] = deque(maxlen=20)
        self._arrived: dict[str, None] = {}  # names, the oldest first
        self._forgotten = False  # some of them
        self.diagnostics: Counter[str] = Counter()  # by word: complete, error
        self.knocks: Counter[str] = Counter()  # sent, answered, informed
        self.knock_status: Counter[str] = Counter()
        self.knock_failed: Counter[str] = Counter()
        self.auth: Counter[str] = Counter()  # verdicts of CPEs' POSTs
        self.tls: Counter[str] = Counter()  # handshakes: full, resumed, failed
        self.injected: Counter[str] = Counter()  # faults on demand
        self.accepted = 0  # TCP connections
        self.accept_refused = 0  # for lack of open files
        self.bugs = 0  # exceptions of ours
        self.bug = ""  # the first one's traceback
        self.violations = Violations()
        self._born = time.monotonic()
        self._cpu = time.process_time()

    def upload(self, name: str, size: int, digest: str) -> None:
        """Count a file that was sent to us whole."""
        self.uploads["received"] += 1
        self.last_uploads.append({"name": name[:200], "bytes": size, "sha256": digest})
        if len(name) <= 64:
            self._arrived[name] = None
        if len(self._arrived) > MOST_ARRIVED:
            del self._arrived[next(iter(self._arrived))]
            self._forgotten = True

    def arrived(self, name: str) -> bool:
        """Whether a file of this name was sent, as far as it is still known."""
        return name in self._arrived or self._forgotten

    def event(self, code: str) -> None:
        """Count an event of an Inform."""
        self.events[code if code in _EVENTS else "other"] += 1

    def told(self, cpes: int, sessions: int, connections: int) -> dict[str, Any]:
        """The whole of GET /stats; *sessions* and *connections* are those open now."""
        return {
            "requests": self.requests,
            "posts": self.posts,
            "bad_requests": self.bad,
            "sessions": self.done,
            "sessions_started": self.started,
            "sessions_broken": self.broken,
            "open_sessions": sessions,
            "connections": self.accepted,
            "connections_refused": self.accept_refused,
            "open_connections": connections,
            "informs": self.informs,
            "events": dict(self.events),
            "cpes": cpes,
            "cpes_with_boot": self.with_boot,
            "cpes_with_periodic": self.with_periodic,
            "rpcs": dict(self.asked),
            "rpcs_answered": dict(self.answered),
            "cpe_requests": dict(self.called),
            "faults": dict(self.faults),
            "transfer_completes": {
                "count": self.transfers.total(),
                "faults": dict(self.transfers),
            },
            "downloads": {"served": 0, "bytes": 0, **self.downloads},
            "uploads": {
                "received": 0,
                "bytes": 0,
                **self.uploads,
                "last": list(self.last_uploads),
            },
            "diagnostics": dict(self.diagnostics),
            "knocks": {
                "sent": 0,
                "answered": 0,
                "informed": 0,
                **self.knocks,
                "status": dict(self.knock_status),
                "failed": dict(self.knock_failed),
            },
            "auth": dict(self.auth),
            "tls": dict(self.tls),
            "injected": dict(self.injected),
            "violations": self.violations.told(),
            "bugs": {"count": self.bugs, "first": self.bug},
            "seconds": round(time.monotonic() - self._born, 3),
            "cpu": round(time.process_time() - self._cpu, 3),
        }
