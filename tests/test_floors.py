"""
Who may import whom: the house's one direction, kept.

Rule: the table is the architecture. A forbidden import is a red test, not a remark.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "cpesim"
FLOOR_1 = {"measure", "chance", "quantity", "yamltext", "errors"}
# A package (or a file on the ground floor) -> what of ours it may import.
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "chance": set(),
    "quantity": set(),
    "yamltext": {"errors"},
    "measure": {"errors", "quantity"},
    "cwmp": {"errors"},
    "scenario": FLOOR_1,
    "wire": {"errors"},
    "report": FLOOR_1,
    "live": FLOOR_1,
    "device": {"cwmp"} | FLOOR_1,
    "acs": {"cwmp.names", "wire.auth", "errors"},
    "engine": {"device", "wire", "scenario", "cwmp"} | FLOOR_1,
    "placement": {"engine", "scenario"} | FLOOR_1,
    "api": {"conductor", "engine", "device", "scenario", "cwmp", "wire.terms"}
    | {"__version__"}
    | FLOOR_1,
    "conductor": {"placement", "scenario", "device", "report", "live"}
    | {"engine.order", "engine.probe"}
    | FLOOR_1,
}
# Third-party packages -> the only places that may import them.
ONLY_IN: dict[str, set[str]] = {
    "lxml": {"cwmp/read.py", "acs/", "cli/", "report/junit.py"},
    "jinja2": {"report/page/page.py"},
    "plotly": {"report/page/page.py"},
    "hdrh": {"measure/latency.py"},
    "pydantic": {"yamltext/", "scenario/forms/", "device/language/forms/"},
    "pydantic_core": {"yamltext/", "scenario/forms/"},
    "yaml": {"yamltext/"},
    "httptools": {"wire/http1.py"},
    # diagnose: TR-143 wants the bytes and moments of the wire, which httpx hides.
    "h11": {"acs/", "engine/diagnose.py"},
    # hook: a timeline's own requests, which are not those of CPEs.
    "httpx": {"engine/transfer.py", "conductor/steps/hook.py"},
    "faker": {"device/identity.py"},
    "prometheus_client": {"conductor/metrics.py"},
    "rich": {"live/screen.py", "cli/"},
    "typer": {"cli/"},
    "trio": {"wire/", "engine/", "acs/", "placement/", "conductor/", "cli/", "api/"},
}
PURE = ("cwmp", "scenario", "measure", "device", "chance", "quantity")
# What a pure file never touches; catalog and loaders may open files.
IMPURE = {"trio", "socket", "random", "secrets"}


def files() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports when it runs, in dots."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    hints = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if node in hints:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(path: Path) -> str:
    parts = path.relative_to(ROOT).parts
    return parts[0] if len(parts) > 1 else path.stem


@pytest.mark.parametrize("path", files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_no_arrow_runs_up(path: Path) -> None:
    """Each file imports what its floor may, and third parties where they belong."""
    here, name = room(path), str(path.relative_to(ROOT))
    allowed = MAY_IMPORT.get(here)
    for module in imports(path):
        top, _, rest = module.partition(".")
        if top == "cpesim":
            target = rest.partition(".")[0]
            fine = (
                allowed is None
                or target == here
                or target in allowed
                or any(rest == a or rest.startswith(a + ".") for a in allowed)
            )
            assert fine, f"{name} imports cpesim.{rest}"
        elif top in ONLY_IN:
            fine = any(name == p or name.startswith(p) for p in ONLY_IN[top])
            assert fine, f"{name} imports {module}"
        if here in PURE:
            assert top not in IMPURE, f"{name} imports {module}"


@pytest.mark.parametrize("path", files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_files_stay_small(path: Path) -> None:
    """No file above 350 lines; each opens by saying what it holds."""
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 350
    assert ast.get_docstring(ast.parse(text)), "no module docstring"


def test_folders_stay_small() -> None:
    """No folder above 20 files."""
    for folder in {path.parent for path in files()}:
        assert len(list(folder.glob("*.py"))) <= 20, folder


def test_everything_has_its_floor() -> None:
    """Nothing but the face and the command line stands outside of the table."""
    rooms = {room(path) for path in files()}
    assert rooms - set(MAY_IMPORT) <= {
        *("__init__", "__main__", "cli", "pytest_plugin")
    }
