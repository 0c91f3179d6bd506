"""
What the ACS knows of a CPE, and the register of all.

Rule: one record for each OUI-ProductClass-SerialNumber, bounded in number; a CPE that
does nothing but inform costs some hundred bytes.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from cpesim.acs.answers import Inform

if TYPE_CHECKING:
    from cpesim.acs.record import Recorder
    from cpesim.acs.session import Session

MOST = 500_000
MOST_DOUBTS = 16

Told = tuple[str, str]  # an event and its CommandKey


class Due(NamedTuple):
    """What is known of an event that will come, for we asked for it."""

    until: float  # later than this is never
    software: str  # SoftwareVersion when we asked
    then: str = ""  # the word that is owed when it comes
    away: bool = False  # until then the CPE is not to be disturbed
    operations: tuple[str, ...] = ()  # of a ChangeDUState: their kinds


class Kind(NamedTuple):
    """What GetParameterNames told of a kind of CPE."""

    tables: tuple[str, ...] = ()  # that take AddObject
    has: frozenset[str] = frozenset()  # of the names that the words ask for
    alias: str = ""  # the full path of an Alias of an instance


_NONE: dict[Told, Due] = {}


class Cpe:
    """One CPE, by what it said and by what it was told."""

    __slots__ = (
        "boots",
        "broken",
        "commands",
        "delivered",
        "doubts",
        "ended",
        "fresh",
        "informs",
        "interval",
        "key",
        "knocked",
        "knocks",
        "owed",
        "parameter_key",
        "password",
        "periodic_at",
        "periodics",
        "redirected",
        "retries",
        "root",
        "session",
        "software",
        "tag",
        "target",
        "undelivered",
        "url",
        "username",
    )

    def __init__(self, key: str, owed: tuple[str, ...]) -> None:
        self.key = key
        self.owed = owed  # words of the script that are still to be done
        self.root = ""
        self.url = ""  # ConnectionRequestURL
        self.software = ""  # SoftwareVersion of its last Inform
        self.tag = ""  # ProvisioningCode of its last Inform
        self.target = ""  # version that a campaign brings it to; empty: the next
        self.username = ""  # for connection requests; password None: not set by us
        self.password: str | None = None
        self.parameter_key: str | None = None  # what it should tell; None: unknown
        self.commands: dict[Told, Due] = _NONE  # what will come
        # CommandKeys of which it is not known whether the CPE heard them.
        self.doubts: tuple[str, ...] = ()
        # Of its last session: what has to come again, and what must not.
        self.undelivered: tuple[Told, ...] = ()
        self.delivered: tuple[Told, ...] = ()
        self.ended = 0.0  # when its last whole session ended
        self.broken = False  # its last session broke off
        self.retries = 0  # the last RetryCount
        self.interval = 0  # PeriodicInformInterval that we set; 0: unknown
        self.periodic_at = 0.0  # since when it waits
        self.redirected = ""  # path that it was sent to
        self.session: Session | None = None
        self.informs = self.boots = self.periodics = 0
        self.knocks = 0  # connection requests that it answered
        self.knocked = False  # and no Inform told of it since
        self.fresh = False  # asked to reset: 0 BOOTSTRAP is due

    def expect(self, event: str, command_key: str, due: Due) -> None:
        """An event with this CommandKey will come, for we asked for it."""
        self.commands = {**self.commands, (event, command_key): due}

    def forget(self, told: Collection[Told]) -> None:
        """These events are not waited for any longer."""
        if self.commands and not self.commands.keys().isdisjoint(told):
            self.commands = {k: v for k, v in self.commands.items() if k not in told}

    def owe(self, words: Iterable[str], *, first: bool = False) -> None:
        """These words are to be done, once each."""
        new = tuple(word for word in words if word not in self.owed)
        self.owed = new + self.owed if first else self.owed + new

    def done(self, word: str) -> None:
        """This word is no longer owed."""
        self.owed = tuple(w for w in self.owed if w != word)

    def doubt(self, *keys: str) -> None:
        """What bears one of these CommandKeys may come or not."""
        self.doubts = (*self.doubts, *keys)[-MOST_DOUBTS:]

    def reset(self, *, again: bool) -> None:
        """
        It starts anew (0 BOOTSTRAP): what it was told before is gone.

        *again*: it tells so once more after a failed session, in which we may have
        asked for something.
        """
        if again:
            self.doubt(*(key for _, key in self.commands if key))
        else:
            self.doubts = ()
        self.commands = _NONE
        self.undelivered = self.delivered = ()
        self.interval = 0
        self.password = None
        self.parameter_key = "" if self.fresh else None
        self.fresh = False


class Register:
    """All CPEs that ever informed."""

    def __init__(self, owed: tuple[str, ...], secret: bytes) -> None:
        self.recorder: Recorder | None = None  # who walks through a CPE, if anyone
        self._owed = owed
        self._secret = secret
        self._cpes: dict[str, Cpe] = {}
        self._kinds: dict[str, Kind] = {}

    def __len__(self) -> int:
        return len(self._cpes)

    def __iter__(self) -> Iterator[Cpe]:
        """Those of now; CPEs may come meanwhile."""
        return iter(list(self._cpes.values()))

    def get(self, key: str) -> Cpe | None:
        """The CPE of that key, registered now if it is new; None when all is full."""
        cpe = self._cpes.get(key)
        if cpe is None and len(self._cpes) < MOST and len(key) <= 256:
            cpe = self._cpes[key] = Cpe(key, self._owed)
        return cpe

    def password_for(self, key: str) -> str:
        """The connection request password that this CPE is to have."""
        return hmac.digest(self._secret, key.encode(), "sha256")[:8].hex()

    def kind(self, inform: Inform) -> Kind | None:
        """What CPEs of this kind have; None: not asked yet."""
        return self._kinds.get(_kind(inform))

    def learn(self, inform: Inform, kind: Kind) -> None:
        """Keep what GetParameterNames told of this kind of CPE."""
        if len(self._kinds) < 1000:
            self._kinds[_kind(inform)] = kind


def _kind(inform: Inform) -> str:
    return f"{inform.oui}-{inform.product_class}"
