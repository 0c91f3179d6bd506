"""A small profile, for programs that start in a moment."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.program import PROFILE


@pytest.fixture
def profile(tmp_path: Path) -> str:
    """The path of a profile with the parameters that an Inform needs."""
    path = tmp_path / "least.yaml"
    path.write_text(PROFILE)
    return str(path)
