"""
Fixtures for an ACS's own tests: virtual CPEs, and a reference ACS to try them on.

Rule: nothing heavy is imported before a fixture is used.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from cpesim.api.blocking import BlockingFleet


class ReferenceAcs:
    """The reference ACS, in a process of its own."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __repr__(self) -> str:
        return f"<ReferenceAcs {self.url}>"

    def stats(self) -> dict[str, Any]:
        """What it counted: GET /stats."""
        told: dict[str, Any] = self._get("stats")
        return told

    def violations(self) -> list[dict[str, Any]]:
        """What was wrong with the CPEs: GET /violations."""
        found: list[dict[str, Any]] = self._get("violations")
        return found

    def _get(self, what: str) -> Any:
        from urllib.request import urlopen

        with urlopen(self.url + what, timeout=10) as answer:
            return json.load(answer)


@pytest.fixture
def cpesim_fleet() -> Iterator[Callable[..., BlockingFleet]]:
    """
    Makes fleets that end with the test: ``fleet = cpesim_fleet(acs_url, 3)``.

    The arguments are those of cpesim.fleet; ``fleet[0].session()`` blocks.
    """
    from cpesim.api.blocking import BlockingFleet

    with ExitStack() as stack:

        def make(acs: Any, cpes: int = 1, **options: Any) -> BlockingFleet:
            return stack.enter_context(BlockingFleet(acs, cpes, **options))

        yield make


@pytest.fixture
def cpesim_acs() -> Iterator[Callable[..., ReferenceAcs]]:
    """
    Makes reference ACSs that end with the test: ``cpesim_acs("--script", "audit")``.

    The arguments are options of `cpesim acs`; each takes a free port of 127.0.0.1.
    """
    from cpesim.cli.acs.child import acs_child

    with ExitStack() as stack:

        def make(*options: str) -> ReferenceAcs:
            return ReferenceAcs(stack.enter_context(acs_child(*options)))

        yield make
