"""
What this machine lets one process do.

Rule: limits are raised as far as one may without rights, once, before workers start;
what is still too little is an error with its remedy, before the run.
"""

from __future__ import annotations

import resource

from cpesim.errors import MachineError
from cpesim.scenario.scenario import DEFAULT_IN_FLIGHT

# Files beside the sessions' own: pipes, libraries, listener, the ACS's connection
# requests that come in, and files being downloaded.
SPARE = 500
# What is left of it when somebody has chosen their own --in-flight.
LEAST_SPARE = 100


def raise_open_files() -> int:
    """Raise the open-file limit to the hard limit; what it is now comes back."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    wanted = 1 << 20 if hard == unlimited else hard
    if soft != unlimited and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return 1 << 20 if soft == unlimited else soft


def in_flight(wanted: int | None, files: int) -> int:
    """
    How many sessions at once: what was wanted, or the default as far as files reach.

    Raises MachineError when this machine cannot do what was wanted.
    """
    if wanted is None:
        found = min(DEFAULT_IN_FLIGHT, max(files - SPARE, files // 2))
        if found >= 1:
            return found
        wanted = 1
    if wanted + LEAST_SPARE > files:
        needed = wanted + LEAST_SPARE
        raise MachineError(
            f"{wanted:,} sessions at once need {needed:,} open files, and this"
            f" machine allows {files:,}: raise it (`ulimit -Hn {needed}` as root, or"
            f" LimitNOFILE= / nofile in limits.conf), or take --in-flight"
            f" {max(1, files - LEAST_SPARE)}"
        )
    return wanted
