"""Identity: a function of the device's number."""

from __future__ import annotations

import sys

from cpesim.device.identity import identity, pools
from tests.device.test_values import device


def test_an_identity_is_read_from_the_profile():
    """Fixed pieces and those made of the number and of each other."""
    who = identity(device(12))

    assert (who.manufacturer, who.oui, who.product_class) == ("Acme", "00D09E", "X")
    assert who.serial == "S000012"
    assert who.username == "00D09E-S000012"
    assert len(who.password) == 16


def test_the_same_seed_gives_the_same_fleet():
    """In whatever order, in whatever process."""
    fleet = [
        (identity(device(n)).serial, identity(device(n)).password) for n in range(99)
    ]
    again = [
        (identity(device(n)).serial, identity(device(n)).password)
        for n in reversed(range(99))
    ]

    assert fleet == again[::-1]
    assert len({password for _, password in fleet}) == 99
    assert identity(device(5, seed=2)).password != fleet[5][1]


def test_pools_are_made_only_when_asked_for():
    """A thousand texts each, the same ones every time."""
    assert pools(()) == {}
    found = pools(["name", "word", "company", "name"])

    assert {name: len(pool) for name, pool in found.items()} == {
        "company": 1_000,
        "name": 1_000,
        "word": 1_000,
    }
    assert pools(["name"])["name"] == found["name"]
    assert "faker" in sys.modules
