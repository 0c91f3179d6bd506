"""Fixtures for all: async tests run under trio, shared/ is found or skipped."""

from __future__ import annotations

import inspect
from functools import partial
from pathlib import Path

import pytest
import trio
import trio.testing

SHARED = Path(__file__).parent.parent.parent / "shared"


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run `async def` tests under trio, on the mock clock when they ask for it."""
    function = pyfuncitem.obj
    if not inspect.iscoroutinefunction(getattr(function, "__wrapped__", function)):
        return None
    arguments = {
        name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames
    }
    clock = arguments.get("mock_clock")
    trio.run(partial(function, **arguments), clock=clock)
    return True


@pytest.fixture
def mock_clock() -> trio.testing.MockClock:
    """A clock that jumps to the next deadline whenever all tasks wait."""
    return trio.testing.MockClock(autojump_threshold=0)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the standard's schemas, captures and dumps."""
    if not SHARED.is_dir():
        pytest.skip("shared/ does not stand beside the checkout")
    return SHARED
