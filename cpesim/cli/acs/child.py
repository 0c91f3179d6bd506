"""
The reference ACS as a child process, for the demo.

Rule: it lives no longer than the block, or than this process.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from cpesim.errors import MachineError


@contextmanager
def acs_child(*options: str) -> Iterator[str]:
    """The URL of a reference ACS on a free port of 127.0.0.1."""
    process = subprocess.Popen(
        # Its own session: Ctrl-C is for the run, and the ACS stays for its drain.
        [sys.executable, "-m", "cpesim.cli.acs.process", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        if found is None:
            _, words = process.communicate(timeout=5)
            raise MachineError(f"the reference ACS did not start: {words.strip()}")
        yield found[0]
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            process.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
