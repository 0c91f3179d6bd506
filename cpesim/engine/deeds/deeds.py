"""
A step that has come due, done to the CPEs of this shard.

Rule: all shards get the same steps in the same order, so that they agree on the sets
and the numbers without a word. A step that cannot be done is told, and is survived.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import trio

from cpesim.device.device import Device
from cpesim.device.profile import Profile
from cpesim.engine.deeds.sets import Sets, having
from cpesim.engine.deeds.table import DEEDS, Turn
from cpesim.engine.deeds.words import Words
from cpesim.engine.fleet import Fleet
from cpesim.errors import ConfigError
from cpesim.scenario.shard import Shard
from cpesim.scenario.step import EVERYONE, DeviceSet, clock_begins

# CPEs that something is done to before the loop turns: 1 ms or so, as for starts.
AT_A_TIME = 32

Grow = Callable[[str, Sequence[int], float], None]


class Deeds:
    """
    The sets and the deeds of a shard.

    *grow* makes more devices: (group, numbers of this shard, seconds of their ramp).
    """

    def __init__(
        self,
        fleet: Fleet,
        sets: Sets,
        *,
        seed: int,
        shard: Shard,
        profiles: Sequence[Profile],
        grow: Grow,
    ) -> None:
        self._fleet = fleet
        self._sets = sets
        self._seed = seed
        self._shard = shard
        self._profiles = profiles
        self._grow = grow
        self._count = 0

    async def do(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """
        Do a step: *asked* has its action, devices, name (`as:`), arguments and salt.

        What came of it comes back: how many CPEs it was done to, and for what reasons
        others were passed over; or what is wrong with the step.
        """
        self._count += 1
        action = str(asked["action"])
        salt = str(asked.get("salt") or f"by hand/{self._count}")
        told: dict[str, Any] = {"salt": salt, "done": 0, "passed": {}, "problem": ""}
        arguments: Mapping[str, Any] = asked.get("arguments") or {}
        name = str(asked.get("name") or "")
        try:
            if action == "add":
                told["done"] = self._add(name, arguments)
                return told
            wanted = asked.get("devices") or EVERYONE
            turn = await self._turn(action, wanted, name, arguments, salt)
        except ConfigError as error:
            told["problem"] = "; ".join(str(error).splitlines())
            return told
        told["done"], told["passed"] = turn.done, dict(turn.passed)
        return told

    async def _turn(
        self,
        action: str,
        wanted: DeviceSet,
        name: str,
        arguments: Mapping[str, Any],
        salt: str,
    ) -> Turn:
        deed = DEEDS.get(action)
        if deed is None:
            raise ConfigError(f"{action!r} is no action: expected {', '.join(DEEDS)}")
        fleet, sets, meter = self._fleet, self._sets, self._fleet.meter
        values = arguments.get("set") or {}
        words = Words(values, self._profiles, salt, meter.count)
        numbers = await self._chosen(wanted, salt)
        if name:
            sets.name(name, numbers, wanted)
        mine = [n for n in numbers if self._shard.mine(n)]
        begins = clock_begins(action, arguments, fleet.clock())
        waited = name or wanted.name
        if begins is not None and waited:
            fleet.recovery.begin(waited)
        elif action == "watch":
            raise ConfigError("watch: expected a set with a name, or one by `as:`")
        turn = Turn(fleet, arguments, salt, self._seed, words)
        if action == "remove":
            fleet.loads.leave({self._device(n) for n in mine})
        for at in range(0, len(mine), AT_A_TIME):
            part = [self._device(n) for n in mine[at : at + AT_A_TIME]]
            deed(turn, part, fleet.clock())
            done = turn.taken()
            if begins is not None and waited:
                fleet.recovery.wait(waited, done, begins)
            await trio.lowlevel.checkpoint()
        # Once: what waits may be as many as the fleet.
        if turn.waited:
            fleet.withdraw()
        if action == "remove":
            sets.remove(numbers)
        return turn

    async def _chosen(self, wanted: DeviceSet, salt: str) -> list[int]:
        sets = self._sets
        if sets.slow(wanted):
            return await trio.to_thread.run_sync(sets.choose, wanted, salt, self._looks)
        return sets.choose(wanted, salt, self._looks)

    def _looks(self, n: int, values: Mapping[str, str]) -> bool:
        return having(self._device(n), values, self._fleet.clock())

    def _device(self, n: int) -> Device:
        return self._fleet.devices[n // self._shard.of]

    def _add(self, name: str, arguments: Mapping[str, Any]) -> int:
        count = max(int(arguments.get("count", 1)), 1)
        group = str(arguments.get("group") or self._sets.groups[0])
        numbers = self._sets.add(group, count)
        mine = self._shard.numbers(numbers.start, count)
        self._grow(group, mine, float(arguments.get("ramp", 0.0)))
        if name:
            self._sets.remember(name, list(numbers))
        return len(mine)
