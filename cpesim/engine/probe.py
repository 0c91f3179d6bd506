"""
The generator's own health: how late its loop is, what of a core it uses.

Rule: it measures this process only; the verdict is measure/health.py's.
"""

from __future__ import annotations

import os
import resource
from pathlib import Path
from time import perf_counter

import trio

# 100 naps a second: enough for a p99, 0.3 % of a core.
NAP = 0.01
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Probe:
    """Collects the loop's lag between two looks at it."""

    def __init__(self) -> None:
        self._lags: list[float] = []
        self._cpu = _cpu()
        self._at = perf_counter()

    async def run(self) -> None:
        """Nap, and see how late the awakening is."""
        while True:
            wanted = trio.current_time() + NAP
            await trio.sleep_until(wanted)
            self._lags.append(trio.current_time() - wanted)

    def gauges(self) -> dict[str, float]:
        """What the process was like since the last look."""
        lags, self._lags = sorted(self._lags), []
        now, cpu = perf_counter(), _cpu()
        share = (cpu - self._cpu) / max(now - self._at, 1e-6)
        self._at, self._cpu = now, cpu
        found = {"cpu": share, "rss": _rss(), "fds": _fds()}
        if lags:
            last = len(lags) - 1
            found["lag_p50"] = lags[last // 2]
            found["lag_p99"] = lags[int(last * 0.99)]
            found["lag_max"] = lags[last]
        return found


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _rss() -> float:
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    except OSError:  # not a file left: the run must survive that
        return 0.0
    return float(int(pages) * _PAGE)


def _fds() -> float:
    # Since Linux 6.2 the size of the folder is the count; else it is listed.
    size = os.stat("/proc/self/fd").st_size
    try:
        return float(size or len(os.listdir("/proc/self/fd")))
    except OSError:
        return 0.0
