"""What this machine lets one process do."""

from __future__ import annotations

import resource

import pytest

from cpesim.conductor import machine
from cpesim.errors import MachineError


def test_the_limit_is_raised_to_the_hard_one() -> None:
    """After it, soft is hard (or a million, where there is no limit)."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        now = machine.raise_open_files()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        assert now == soft
        assert hard in (soft, resource.RLIM_INFINITY)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize(
    ("wanted", "files", "found"),
    [
        (None, 1 << 20, 4_000),
        (None, 4_096, 3_596),
        (None, 1_024, 524),
        (None, 256, 128),
        (2_000, 4_096, 2_000),
        (50, 256, 50),
    ],
)
def test_the_default_fits_the_limit(wanted: int | None, files: int, found: int) -> None:
    """4,000 or what the open-file limit allows; a wish is a wish."""
    assert machine.in_flight(wanted, files) == found


@pytest.mark.parametrize(("wanted", "files"), [(4_000, 4_096), (None, 1)])
def test_too_few_files_say_what_to_do(wanted: int | None, files: int) -> None:
    """The error names the limit, the need and the remedy."""
    with pytest.raises(MachineError, match=r"open files.*ulimit.*--in-flight"):
        machine.in_flight(wanted, files)
