"""
`cpesim acs --port 0` that ends when whoever started it is gone.

Rule: its stdin is a pipe that nobody writes to; its end is the parent's.
"""

from __future__ import annotations

import os
import sys
import threading


def main() -> None:
    """Serve until told, or until the pipe closes."""
    threading.Thread(target=_watch, daemon=True).start()
    from cpesim.cli.app import main as cpesim

    sys.argv[1:1] = ["acs", "--port", "0"]
    cpesim()


def _watch() -> None:
    while os.read(0, 1024):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
