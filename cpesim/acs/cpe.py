"""
What the ACS knows of a CPE, and the register of all.

Rule: one record for each OUI-ProductClass-SerialNumber, bounded in number; a CPE that
does nothing but inform costs some hundred bytes.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from typing import TYPE_CHECKING

from cpesim.acs.answers import Inform

if TYPE_CHECKING:
    from cpesim.acs.record import Recorder
    from cpesim.acs.session import Session

MOST = 500_000

_NONE: dict[tuple[str, str], str] = {}


class Cpe:
    """One CPE, by what it said and by what it was told."""

    __slots__ = (
        "boots",
        "commands",
        "fresh",
        "informs",
        "key",
        "knocked",
        "knocks",
        "owed",
        "parameter_key",
        "password",
        "periodics",
        "root",
        "session",
        "software",
        "url",
        "username",
    )

    def __init__(self, key: str, owed: tuple[str, ...]) -> None:
        self.key = key
        self.owed = owed  # words of the script that are still to be done
        self.root = ""
        self.url = ""  # ConnectionRequestURL
        self.software = ""  # SoftwareVersion of its last Inform
        self.username = ""  # for connection requests; password None: not set by us
        self.password: str | None = None
        self.parameter_key: str | None = None  # what it should tell; None: unknown
        # (event, CommandKey) that will come, and the SoftwareVersion at that time.
        self.commands: dict[tuple[str, str], str] = _NONE
        self.session: Session | None = None
        self.informs = self.boots = self.periodics = 0
        self.knocks = 0  # connection requests that it answered
        self.knocked = False  # and no Inform came since
        self.fresh = False  # asked to reset: 0 BOOTSTRAP is due

    def expect(self, event: str, command_key: str) -> None:
        """An event with this CommandKey will come, for we asked for it."""
        self.commands = {**self.commands, (event, command_key): self.software}

    def forget(self, told: list[tuple[str, str]]) -> None:
        """These events were told and answered."""
        if self.commands and not self.commands.keys().isdisjoint(told):
            self.commands = {k: v for k, v in self.commands.items() if k not in told}

    def reset(self) -> None:
        """It starts anew (0 BOOTSTRAP): what it was told before is gone."""
        self.commands = _NONE
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
        self._tables: dict[str, tuple[str, ...]] = {}

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

    def tables(self, inform: Inform) -> tuple[str, ...] | None:
        """Tables that CPEs of this kind let us add to; None: not asked yet."""
        return self._tables.get(_kind(inform))

    def learn_tables(self, inform: Inform, tables: tuple[str, ...]) -> None:
        """Keep what GetParameterNames told of this kind of CPE."""
        if len(self._tables) < 1000:
            self._tables[_kind(inform)] = tables


def _kind(inform: Inform) -> str:
    return f"{inform.oui}-{inform.product_class}"
