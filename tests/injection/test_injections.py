"""Which faults are on, for whom, and what is drawn of them."""

from __future__ import annotations

import threading
from collections.abc import Container
from itertools import chain
from typing import Any

import pytest

from cpesim.cwmp.session import Session
from cpesim.device.device import Device
from cpesim.device.world import World
from cpesim.engine.injection.injections import Injections
from cpesim.errors import ConfigError
from cpesim.measure.meter import Meter
from cpesim.scenario.shard import Shard
from cpesim.scenario.step import DeviceSet, Injection
from cpesim.wire.connection import Connection
from cpesim.wire.wire import Wire
from tests.factory import make_profile
from tests.injection.bad import members as own

WORLD, PROFILE = World(1), make_profile()
DEVICES = [Device(PROFILE, n, WORLD) for n in range(100)]


def injections(
    *faults: Injection, members: Any = None, seed: int = 1, **more: Any
) -> Injections:
    """Those of a shard that has nothing but them."""
    meter = Meter()

    def over(device: Device, wire: Wire) -> Connection:
        raise AssertionError("nothing is sent")

    return Injections(
        faults,
        members or own(seed),
        seed=seed,
        meter=meter,
        wire=Wire(meter),
        over=over,
        **more,
    )


def having(found: Injections) -> list[int]:
    """The CPEs whose next session has a fault."""
    return [device.n for device in DEVICES if found.plot(device) is not None]


def test_p_is_drawn_once_a_session_by_the_seed() -> None:
    """A share of the sessions, other CPEs each time, the same ones in each run."""
    fault = Injection("bad", {"dns": {"p": 0.2}})
    first, again = injections(fault), injections(fault)
    rounds = [having(first) for _ in range(20)]
    assert rounds == [having(again) for _ in range(20)]
    assert rounds[0] != rounds[1]
    assert 300 <= sum(map(len, rounds)) <= 500
    assert rounds != [having(injections(fault, seed=2)) for _ in range(20)]


def test_a_share_is_the_same_cpes_each_time() -> None:
    """Exactly that many of the group, whoever asks."""
    fault = Injection("bad", {"dns": {}}, DeviceSet(group="homes", share=0.1))
    found = injections(fault)
    chosen = having(found)
    assert len(chosen) == 6
    assert max(chosen) < 60
    assert chosen == having(found) == having(injections(fault))


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (DeviceSet(), 100),
        (DeviceSet(group="shops"), 40),
        (DeviceSet(count=7), 7),
        (DeviceSet(share=0.001), 1),
        (DeviceSet(group="shops", count=70), 40),
        (DeviceSet(where={"A.B": "1"}), 3),
    ],
)
def test_members(wanted: DeviceSet, count: int) -> None:
    """By group, share, count and values."""
    chosen: Container[int] = own()(wanted)
    assert sum(n in chosen for n in range(100)) == count


def test_each_shard_holds_its_own() -> None:
    """Together they are the pick of the whole fleet."""
    wanted = DeviceSet(group="homes", share=0.5)
    whole = own()(wanted)
    parts = [own(shard=Shard(index, 3))(wanted) for index in range(3)]
    found = [[n for n in range(100) if n in part] for part in parts]
    assert sorted(chain(*found)) == [n for n in range(100) if n in whole]
    assert [{n % 3 for n in part} for part in found] == [{0}, {1}, {2}]


async def test_a_long_choice_holds_up_no_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Those of a large fleet are ranked in a thread, and what was found counts."""
    where: list[threading.Thread] = []
    choose = own()

    def members(wanted: DeviceSet) -> Container[int]:
        where.append(threading.current_thread())
        return choose(DeviceSet(count=wanted.count))

    found = injections(
        Injection("bad", {"dns": {}}, DeviceSet(name="dark", count=7), active=False),
        Injection("all", {"dns": {}}, active=False),
        members=members,
        slow=lambda wanted: wanted.count is not None,
    )
    assert await found.turn("bad", True)
    assert len(having(found)) == 7
    await found.renewed("dark")
    await found.renewed("other")
    assert await found.turn("all", True)
    assert not await found.turn("none", True)
    assert await found.turn("all", False)
    here = threading.current_thread()
    assert [thread is here for thread in where] == [False, False, True]
    assert len(having(found)) == 7


def test_what_is_on_at_the_start() -> None:
    """All but those of a phase and those that wait for `fault on`."""
    found = injections(
        Injection("always", {"dns": {}}),
        Injection("storm", {"dns": {}}, phase="storm"),
        Injection("off", {"dns": {}}, active=False),
    )
    assert found.names == ("always", "storm", "off")
    assert found.on == ("always",)
    assert found.switch("storm", True)
    assert found.switch("always", False)
    assert found.on == ("storm",)
    assert not found.switch("other", True)


def test_nothing_is_drawn_while_all_are_off() -> None:
    """No session has a fault."""
    found = injections(Injection("off", {"dns": {}}, active=False))
    assert having(found) == []
    found.switch("off", True)
    assert len(having(found)) == 100


def test_a_set_that_a_step_names_later() -> None:
    """It is nobody until then, and others once it is named anew."""
    named: dict[str, range] = {}

    def members(wanted: DeviceSet) -> Container[int]:
        if wanted.name not in named:
            raise ConfigError(f"no set {wanted.name}")
        return named[wanted.name]

    found = injections(
        Injection("bad", {"dns": {}}, DeviceSet(name="dark")), members=members
    )
    assert having(found) == []
    for wanted in (range(5), range(20, 23)):
        named["dark"] = wanted
        found.renew("dark")
        assert having(found) == list(wanted)


def test_a_group_that_there_is_not() -> None:
    """It is told, and not taken for nobody."""
    with pytest.raises(ConfigError, match="no group is called 'home'"):
        injections(Injection("bad", {"dns": {}}, DeviceSet(group="home")))


@pytest.mark.parametrize(
    ("kinds", "words"),
    [
        ({"tpc_reset": {}}, "tpc_reset: expected one of tcp_reset_before_response"),
        ({"dns": {"q": 1}}, "dns: q: expected one of p"),
        ({"slow_read": {}}, "slow_read: rate is missing: bytes a second"),
    ],
)
def test_what_cannot_be(kinds: dict[str, Any], words: str) -> None:
    """Kinds and arguments are those of the table."""
    with pytest.raises(ConfigError, match=words):
        injections(Injection("bad", kinds))


def test_a_healthy_session_is_the_plain_one() -> None:
    """In a run with faults, too: the very class where nothing was drawn."""
    found = injections(Injection("bad", {"dns": {}}, DeviceSet(group="shops")))
    assert found.plot(DEVICES[0]) is None
    assert type(DEVICES[0].begin(0.0)) is Session
