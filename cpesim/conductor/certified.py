"""
Whether each CPE that needs a client certificate has one, before any of them starts.

Rule: all CPEs are looked at; what is told is one line a group, with the first of those
that lack theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cpesim.device.identity import pieces
from cpesim.device.model import Model
from cpesim.device.profile import Profile
from cpesim.device.world import World
from cpesim.quantity import show_count
from cpesim.scenario.certificates import Certificates
from cpesim.scenario.scenario import Group, Scenario


def uncertified(
    groups: Iterable[tuple[Profile, Group]], scenario: Scenario, only: int | None
) -> list[str]:
    """
    What is wrong with the client certificates, a line for each group.

    *only* is the number of the CPE that is to run, where it is not all of them.
    """
    return list(_lacks(groups, scenario, only))


def _lacks(
    groups: Iterable[tuple[Profile, Group]], scenario: Scenario, only: int | None
) -> Iterator[str]:
    world = World(scenario.seed)
    for profile, group in groups:
        where = scenario.acs.client_certs or profile.client_certs
        if not where:
            continue
        certificates = Certificates(where)
        numbers = range(group.first, group.first + group.count)
        if only is not None:
            numbers = range(max(only, group.first), min(only + 1, numbers.stop))
        elif certificates.shared:
            numbers = numbers[:1]
        first, lacking = None, 0
        for n in numbers:
            who = pieces(Model(profile, n, world))
            if certificates.of(who) is None:
                lacking += 1
                first = who if first is None else first
        if first is not None:
            wanted = " or ".join(certificates.wanted(first))
            told = (
                f"--client-certs {where}: no {wanted} with its key for CPE {first['n']}"
            )
            if lacking > 1:
                count = f"{show_count(lacking)} of {show_count(len(numbers))}"
                told += f", nor for others of group {group.name}: {count} CPEs lack one"
            yield told
