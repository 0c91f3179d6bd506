"""
A fleet for tests that know nothing of trio: it lives in a thread of its own.

Rule: each call is one call of the async fleet, made in that thread; what it raises is
raised here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from types import TracebackType
from typing import Any, TypeVar

import trio

from cpesim.api.cpe import Cpe, Session
from cpesim.api.fleet import Fleet, fleet
from cpesim.measure.result import Result

Value = TypeVar("Value")


class BlockingCpe:
    """A Cpe whose calls block; see cpesim.api.cpe.Cpe."""

    def __init__(self, owner: BlockingFleet, cpe: Cpe) -> None:
        self._owner = owner
        self._cpe = cpe

    def __repr__(self) -> str:
        return repr(self._cpe)

    @property
    def serial(self) -> str:
        """Its SerialNumber."""
        return self._owner.call(lambda: self._cpe.serial)

    @property
    def connection_request_url(self) -> str:
        """Where it takes connection requests."""
        return self._owner.call(lambda: self._cpe.connection_request_url)

    def get(self, name: str) -> str:
        """A parameter's value now; raises KeyError. The root may be left out."""
        return self._owner.call(partial(self._cpe.get, name))

    def set(self, name: str, text: str) -> None:
        """Change a value as its user would."""
        self._owner.call(partial(self._cpe.set, name, text))

    def session(
        self, *events: str, timeout: float = 60.0, params: tuple[str, ...] = ()
    ) -> Session:
        """Have one session now and return what came of it."""
        return self._owner.wait(
            partial(self._cpe.session, *events, timeout=timeout, params=params)
        )

    def next(self, *, timeout: float = 60.0) -> Session:
        """The next session to end, or one that ended and nobody has taken yet."""
        return self._owner.wait(partial(self._cpe.next, timeout=timeout))

    def reboot(self, *, timeout: float = 60.0) -> Session:
        """Lose power and get it again: its session with `1 BOOT`."""
        return self._owner.wait(partial(self._cpe.reboot, timeout=timeout))


class BlockingFleet:
    """
    A fleet as a context manager; the arguments are those of cpesim.fleet.

    Raises what the async fleet raises.
    """

    def __init__(self, acs: Any, cpes: int = 1, **options: Any) -> None:
        self._open = partial(fleet, acs, cpes, **options)
        self._thread = threading.Thread(target=self._live, name="cpesim", daemon=True)
        self._ready = threading.Event()
        self._error: BaseException | None = None
        self._fleet: Fleet
        self._token: trio.lowlevel.TrioToken
        self._over: trio.Event

    def __enter__(self) -> BlockingFleet:
        self._thread.start()
        self._ready.wait()
        if self._error is not None:
            raise self._error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._thread.is_alive():
            trio.from_thread.run_sync(self._over.set, trio_token=self._token)
            self._thread.join()
        if self._error is not None and error is None:
            raise self._error

    @property
    def result(self) -> Result:
        """What was measured so far."""
        return self._fleet.result

    def __len__(self) -> int:
        return len(self._fleet)

    def __getitem__(self, n: int) -> BlockingCpe:
        return BlockingCpe(self, self._fleet[n])

    def __iter__(self) -> Iterator[BlockingCpe]:
        return (BlockingCpe(self, cpe) for cpe in self._fleet)

    def call(self, work: Callable[[], Value]) -> Value:
        """Do something in the fleet's thread."""
        return trio.from_thread.run_sync(work, trio_token=self._token)

    def wait(self, work: Callable[[], Coroutine[Any, Any, Value]]) -> Value:
        """Wait for something in the fleet's thread."""
        return trio.from_thread.run(work, trio_token=self._token)

    def _live(self) -> None:
        try:
            trio.run(self._until_over)
        except BaseException as error:
            self._error = error
        finally:
            self._ready.set()

    async def _until_over(self) -> None:
        self._token, self._over = trio.lowlevel.current_trio_token(), trio.Event()
        async with self._open() as self._fleet:
            self._ready.set()
            await self._over.wait()
