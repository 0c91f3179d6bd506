"""Addresses as people write them."""

from __future__ import annotations

import pytest

from cpesim.scenario.addresses import is_public, spread


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (["127.0.0.5"], ("127.0.0.5",)),
        (["127.0.0.5", " ::1"], ("127.0.0.5", "::1")),
        (
            ["127.0.0.254-127.0.1.1"],
            ("127.0.0.254", "127.0.0.255", "127.0.1.0", "127.0.1.1"),
        ),
        (["127.1.0.0/30"], ("127.1.0.1", "127.1.0.2")),
    ],
)
def test_each_way_to_write_them(written: list[str], found: tuple[str, ...]) -> None:
    """An address, a range and a network are read."""
    assert spread(written) == found


def test_a_whole_16_is_taken() -> None:
    """127.1.0.0/16 is 65,534 hosts."""
    assert len(spread(["127.1.0.0/16"])) == 65_534


@pytest.mark.parametrize(
    "written",
    ["127.0.0", "10.0.0.0/8", "127.0.0.9-127.0.0.1", "1.2.3.4-::1", "0.0.0.0-9.0.0.0"],
)
def test_what_is_none_says_what_was_expected(written: str) -> None:
    """Wrong, backwards, mixed or far too many: one sentence."""
    with pytest.raises(ValueError, match="expected an address, FIRST-LAST or NETWORK"):
        spread([written])


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("::ffff:8.8.8.8", True),
        ("127.0.0.1", False),
        ("::1", False),
        ("10.1.2.3", False),
        ("192.168.1.1", False),
        ("172.20.0.1", False),
        ("169.254.1.1", False),
        ("fe80::1%eth0", False),
        ("fd00::7", False),
        ("100.64.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("0.0.0.0", False),
    ],
)
def test_public_is_what_may_be_somebody_elses(address: str, public: bool) -> None:
    """Private, loopback and link-local addresses are not public."""
    assert is_public(address) is public
