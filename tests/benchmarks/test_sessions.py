"""What a session costs, in turn with the least that Python can spend on one."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

import pytest

from tests.benchmarks.conftest import Bench

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

SHORT, LONG = 4, 14  # seconds: subtracted, so that the start-up does not count


def ratio(bench: Bench, options: list[str], *rate: str) -> float:
    """Our sessions per CPU second over the floor's: the median of three pairs."""
    found = []
    for _ in range(3):
        with bench.sink() as port:
            short = bench.quick(port, "-n", "20k", "-d", f"{SHORT}s", *options)
            long = bench.quick(port, "-n", "20k", "-d", f"{LONG}s", *options)
            sessions = 40_000 if not rate else int(float(rate[0])) * 8
            floor = bench.floor(port, sessions, *rate)
        ours = (long.done - short.done) / (long.cpu - short.cpu)
        print(f"ours {ours:.0f} floor {floor:.0f} ratio {ours / floor:.3f}")
        found.append(ours / floor)
    return median(found)


def test_saturated(bench: Bench, figure: Callable[..., None]) -> None:
    """A hundred sessions always open, one worker, everything recorded."""
    share = ratio(bench, ["-r", "20000", "--in-flight", "100"])
    figure("sessions per CPU second, saturated, of the floor", share, least=0.33)


def test_paced(bench: Bench, figure: Callable[..., None]) -> None:
    """Two thousand sessions a second, against a floor that is paced alike."""
    share = ratio(bench, ["-r", "2000"], "2000")
    figure("sessions per CPU second at 2,000/s, of the floor", share, least=0.28)
