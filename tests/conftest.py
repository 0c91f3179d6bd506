"""
Fixtures for all: async tests run under trio, shared/ is found or skipped.

Rule: in CI (CI=true) only what a bare machine may lack is a reason to skip.
"""

from __future__ import annotations

import inspect
import os
from functools import partial
from pathlib import Path

import pytest
import trio
import trio.testing

pytest_plugins = ["pytester"]
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


# What a machine that runs CI may lack: anything else that is skipped is a failure.
MAY_LACK = ("shared/", "root", "network namespaces")


def _reason(report: pytest.TestReport) -> str:
    found = report.longrepr
    return str(found[2]) if isinstance(found, tuple) else str(found)


class _Skips:
    """Sees what was skipped, and why."""

    def __init__(self) -> None:
        self.wrong: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            reason = _reason(report)
            if not any(word in reason for word in MAY_LACK):
                self.wrong.append(f"{report.nodeid}: {reason}")

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.wrong and not session.exitstatus:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter
    ) -> None:
        for line in self.wrong:
            terminalreporter.write_line(
                f"skipped in CI without leave: {line}", red=True
            )


def pytest_configure(config: pytest.Config) -> None:
    """Where CI runs, a skip needs a reason that is allowed."""
    if os.environ.get("CI") == "true":
        config.pluginmanager.register(_Skips())
