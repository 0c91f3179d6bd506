"""
One session over one connection.

Rule: that is the whole engine as a reader needs it. Errors leave `talk` and are
caught in one place, the worker (fleet.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cpesim.cwmp.session import Session

if TYPE_CHECKING:
    from cpesim.wire.connection import Connection


async def talk(
    session: Session, connection: Connection, clock: Callable[[], float]
) -> None:
    """Hold one session, from the Inform to the ACS's last empty answer."""
    body: bytes | None = session.start()
    while body is not None:
        reply = await connection.post(body, session.saying)
        body = session.receive(reply.body, clock())
