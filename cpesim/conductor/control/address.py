"""
Where a run's control socket is, and how to name it in an address.

Rule: nothing heavy is imported: `cpesim ctl` needs this and little else.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "control.sock"
# A Unix address has 108 bytes, the last of which is 0.
LONGEST = 107
# Bytes of one line, either way.
MOST_LINE = 64 * 1024
# Cells of a frame; a larger window has the rest of it empty.
MOST_WIDTH, MOST_HEIGHT = 500, 200


@contextmanager
def reachable(path: Path) -> Iterator[str]:
    """An address of the socket that is short enough, within the block."""
    if len(os.fsencode(path)) <= LONGEST:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
