"""What the ACS's tests share: the standard's own judge."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest

Judge = Callable[[bytes], list[str]]


@pytest.fixture(scope="session")
def judge(shared: Path) -> Judge:
    """validate_cwmp.errors: what is wrong with an envelope."""
    path = shared / "standard" / "validate_cwmp.py"
    spec = importlib.util.spec_from_file_location("validate_cwmp", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    errors: Judge = module.errors
    return errors


@pytest.fixture(scope="session")
def xsd(shared: Path) -> str:
    """Folder of the official schemas."""
    return str(shared / "standard" / "xsd")
