"""When living values change, and addresses that are leased."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpesim.device.device import Device
from cpesim.device.language.source import parse_source
from cpesim.device.living import Flip, Lease, Presence, Present
from cpesim.device.model import Model
from cpesim.device.profile import Living
from cpesim.device.world import World
from cpesim.errors import ConfigError, Problem
from tests.device.notices.lives import ADDRESS, POOL, STATUS, make_profile_that_lives

PROFILE = make_profile_that_lives()
PATHS = ("Device.Hosts.Host.1.Active", STATUS, ADDRESS)


def where(message: str, offset: int) -> Problem:
    return Problem("file", 1, offset + 1, message)


@given(
    value=st.sampled_from(
        [
            Flip("a", "b", 0.5, 60.0),
            Flip("a", "b", 0.9, 7.5),
            Presence(0.3),
            Present("x", 0.7),
            Lease(POOL, 600.0),
        ]
    ),
    n=st.integers(0, 2**20),
    path=st.sampled_from(PATHS),
    now=st.floats(0, 1e7),
    part=st.floats(0, 0.999),
)
def test_nothing_changes_before_it_says_so(
    value: Living, n: int, path: str, now: float, part: float
) -> None:
    """A value is what it was until the moment it names, which is still to come."""
    model = Model(PROFILE, n, World(1))
    then = value.changes(model, path, now)
    # A moment on the edge may be named itself: who asks looks a second later at least.
    assert now - 1e-6 <= then < now + 1201.0
    within = now + (then - now) * part
    assert value(model, path, within) == value(model, path, now)
    assert value.changes(model, path, then + 0.001) > then


def leased(n: int, now: float, booted: float = 0.0, lease: Lease | None = None) -> str:
    model = Model(PROFILE, n, World(1))
    model.booted = booted
    return (lease or Lease(POOL, 3600.0))(model, ADDRESS, now)


def test_a_lease_is_another_after_its_time_and_after_a_boot() -> None:
    """Each from the pool; without a period it ends with a boot alone."""
    addresses = [leased(7, hour * 3600.0) for hour in range(50)]
    assert len(set(addresses)) == 50
    assert all(IPv4Address(a) in IPv4Network("100.64.0.0/10") for a in addresses)
    assert leased(7, 7000.0, booted=6000.0) != leased(7, 7000.0)

    forever = Lease(POOL)
    assert leased(7, 1e9, lease=forever) == leased(7, 0.0, lease=forever)
    assert leased(7, 1e9, 1e8, lease=forever) != leased(7, 1e9, lease=forever)
    assert forever.changes(Model(PROFILE, 7, World(1)), ADDRESS, 5.0) == inf


def test_a_fleet_s_leases_are_no_one_else_s() -> None:
    """Of 5,000 devices in the middle of their leases not two have one address."""
    assert len({leased(n, 36_000.0) for n in range(5000)}) == 5000


def test_leases_do_not_end_all_at_once() -> None:
    """Each device has its own point of the period."""
    ends = {
        Lease(POOL, 3600.0).changes(Model(PROFILE, n, World(1)), ADDRESS, 0.0)
        for n in range(20)
    }
    assert len(ends) == 20


def test_labelled_leases_read_the_same() -> None:
    """On two paths of one device, at any time."""
    lease = parse_source("lease 100.64.0.0/10 1h @wan", where)
    model = Device(PROFILE, 3, World(1)).model
    for now in (0.0, 5000.0, 9e6):
        assert lease(model, ADDRESS, now) == lease(model, STATUS, now)


def test_a_lease_is_read_from_a_profile() -> None:
    """POOL, POOL PERIOD, POOL @label, or all three."""
    assert parse_source("lease 100.64.0.0/10", where) == Lease(POOL)
    assert parse_source("lease 100.64.0.0/10 24h", where) == Lease(POOL, 86_400.0)
    found = parse_source("lease 100.64.0.0/10 @wan", where)
    assert isinstance(found, Lease)
    assert (found.pool.label, found.period) == ("@wan", inf)


@pytest.mark.parametrize(
    "wrong", ["", "here", "10.0.0.0/33", "10.0.0.0/8 soon", "10.0.0.0/8 0s", "a b c d"]
)
def test_a_wrong_lease_is_told(wrong: str) -> None:
    """With its place, as any other mistake in a profile."""
    with pytest.raises(ConfigError):
        parse_source(f"lease {wrong}", where)
