"""
The scenarios that come with cpesim.

Rule: a file in scenarios/ is one of them; there is no other list.
"""

from __future__ import annotations

from pathlib import Path


def shipped() -> dict[str, Path]:
    """The scenarios that come with cpesim, by name."""
    package = Path(__file__).resolve().parent.parent
    # In the wheel they stand inside the package, in a checkout beside it.
    for folder in (package / "scenarios", package.parent / "scenarios"):
        if folder.is_dir():
            return {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    return {}
