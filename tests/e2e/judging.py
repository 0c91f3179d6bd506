"""
An ACS whose every word is overheard, and that of its CPEs.

Rule: what passes without an error was accepted by validate_cwmp.py, as far as shared/
stands beside the checkout.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from threading import Thread

import trio

from tests.cli.program import acs
from tests.e2e.fleet import STRICT
from tests.e2e.front import Front, front
from tests.e2e.overheard import faults
from tests.play import judge


@contextmanager
def overhearing(url: str) -> Iterator[Front]:
    """A front of the ACS at *url*, in a thread of its own."""
    ready: Queue[tuple[Front, trio.lowlevel.TrioToken, trio.CancelScope]] = Queue()

    async def stand() -> None:
        with trio.CancelScope() as scope:
            async with front(url) as known:
                ready.put((known, trio.lowlevel.current_trio_token(), scope))
                await trio.sleep_forever()

    thread = Thread(target=trio.run, args=(stand,))
    thread.start()
    known, token, scope = ready.get(timeout=10)
    try:
        yield known
    finally:
        token.run_sync_soon(scope.cancel)
        thread.join(10)


@contextmanager
def judged_acs(where: Path, *options: str, erring: bool = False) -> Iterator[str]:
    """The URL of an ACS; at its end all envelopes are judged, but an erring ACS's."""
    with acs(where, *STRICT, *options) as url, overhearing(url) as known:
        yield f"http://127.0.0.1:{known.port}/"
    if judge() is None:
        return
    wrong, looked = faults(known.links, of_acs=not erring)
    assert wrong == []
    assert looked > 0
