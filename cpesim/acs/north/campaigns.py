"""
Campaigns: CPEs of a tag are brought to a version, woken by connection requests.

Rule: who belongs to a campaign is looked at when a CPE informs; how far it has come is
read from the register when somebody asks, and kept nowhere.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any, NamedTuple

import trio

from cpesim.acs.cpe import Cpe, Register
from cpesim.acs.knock import AT_ONCE, Knocker
from cpesim.acs.settings import AcsSettings
from cpesim.cwmp import names

MOST = 1_000
# A CPE that did not answer its connection request gets another, so often in all; what
# does not hear then learns of the campaign when it informs by itself.
TRIES = 3
AGAIN = 15.0


@dataclass(slots=True)
class Campaign:
    """One: which CPEs, to which version."""

    id: int
    tag: str
    version: str
    members: dict[str, Cpe] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """How far it has come."""
        states = Counter(self.state(cpe) for cpe in self.members.values())
        return {
            "id": self.id,
            "tag": self.tag,
            "version": self.version,
            "cpes": len(self.members),
            **{state: states[state] for state in ("waiting", "told", "done", "failed")},
        }

    def state(self, cpe: Cpe) -> str:
        """Where a CPE is: waiting, told (its Download is under way), done, failed."""
        if cpe.software == self.version:
            return "done"
        if "upgrade" in cpe.owed and cpe.target == self.version:
            return "waiting"
        if any(event == names.M_DOWNLOAD for event, _ in cpe.commands):
            return "told"
        return "failed"


class Call(NamedTuple):
    """A connection request that is to be sent."""

    cpe: Cpe
    campaign: Campaign | None = None
    not_before: float = 0.0
    turn: int = 1


class Campaigns:
    """All campaigns, and the connection requests that they need."""

    def __init__(
        self, settings: AcsSettings, register: Register, knocker: Knocker
    ) -> None:
        self.all: dict[int, Campaign] = {}
        self._of: dict[str, Campaign] = {}  # the newest of each tag
        self._rate = settings.knock_rate
        self._register = register
        self._knocker = knocker
        self._calls: deque[Call] = deque()
        self._again: deque[Call] = deque()  # those of later turns, by their moment
        self._more = trio.Event()

    def begin(self, tag: str, version: str) -> Campaign:
        """Bring the CPEs of *tag* to *version*: those known, and those to come."""
        campaign = Campaign(len(self.all) + 1, tag, version)
        self.all[campaign.id] = self._of[tag] = campaign
        found = self.tagged(tag)
        self.wake([c for c in found if self._enrol(campaign, c)], campaign)
        return campaign

    def tagged(self, tag: str) -> list[Cpe]:
        """The CPEs whose ProvisioningCode is *tag*."""
        return [cpe for cpe in self._register if cpe.tag == tag]

    def seen(self, cpe: Cpe) -> None:
        """A CPE informs: it may belong to a campaign that began before it was known."""
        campaign = self._of.get(cpe.tag)
        if campaign is not None and cpe.key not in campaign.members:
            self._enrol(campaign, cpe)

    def wake(self, cpes: Sequence[Cpe], campaign: Campaign | None = None) -> int:
        """
        Send each a connection request, in order and at the ACS's rate; how many.

        Who has heard of *campaign* in the meantime is not called for it.
        """
        self._calls.extend(Call(cpe, campaign) for cpe in cpes)
        self._more.set()
        return len(cpes)

    def _enrol(self, campaign: Campaign, cpe: Cpe) -> bool:
        """Whether it has something to do."""
        campaign.members[cpe.key] = cpe
        if cpe.software == campaign.version:
            return False
        cpe.target = campaign.version
        cpe.owe(("upgrade",))
        return True

    async def run(self) -> None:
        """Send the connection requests for ever."""
        free = trio.CapacityLimiter(AT_ONCE)
        async with trio.open_nursery() as nursery:
            due = 0.0
            while True:
                call = await self._next()
                if call.campaign and call.campaign.state(call.cpe) != "waiting":
                    continue
                # A late loop does not make up for what it missed.
                due = max(due + 1 / self._rate, trio.current_time())
                await trio.sleep_until(due)
                token = object()
                await free.acquire_on_behalf_of(token)
                nursery.start_soon(self._call, call, free, token)

    async def _next(self) -> Call:
        """The next that may be sent; one whose moment has not come holds up no other"""
        while True:
            again = self._again[0].not_before if self._again else inf
            if again <= trio.current_time():
                return self._again.popleft()
            if self._calls:
                return self._calls.popleft()
            self._more = trio.Event()
            with trio.move_on_at(again):
                await self._more.wait()

    async def _call(
        self, call: Call, free: trio.CapacityLimiter, token: object
    ) -> None:
        try:
            status = await self._knocker.knock(call.cpe) if call.cpe.url else 0
        finally:
            free.release_on_behalf_of(token)
        if status not in (200, 204) and call.turn < TRIES:
            later = trio.current_time() + AGAIN
            again = call._replace(not_before=later, turn=call.turn + 1)
            self._again.append(again)
            self._more.set()
