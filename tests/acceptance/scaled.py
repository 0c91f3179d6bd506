"""Scenarios run scaled down against the reference ACS, several at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cli.program import both, ran

AT_ONCE = 4
# Where an example that has no variable for it looks for the northbound interface.
NORTH = "http://127.0.0.1:7557"
SMALL = ("--scale", "0.02", "--time-scale", "0.1")


@dataclass(frozen=True)
class Ran:
    """What came of one run."""

    code: int
    out: str
    folder: Path
    summary: Mapping[str, Any]

    def limit(self, text: str) -> Any:
        """The limit that begins so."""
        (found,) = (
            x for x in self.summary["limits"] if x["threshold"].startswith(text)
        )
        return found


def scaled(
    where: Path,
    scenario: str,
    acs: tuple[str, ...] = (),
    options: tuple[str, ...] = SMALL,
) -> Ran:
    """Run it in a folder of its own, against an ACS of its own."""
    where.mkdir(parents=True)
    with both(where, *acs) as (south, north):
        text = _text(scenario)
        if "NBI_URL" not in text and NORTH in text:
            scenario = str(where / Path(scenario).name)
            Path(scenario).write_text(text.replace(NORTH, north), encoding="utf-8")
        done = ran(
            *("run", scenario, "--acs", south, "--ui", "none", "--out", str(where)),
            *(("--var", f"NBI_URL={north}") if "NBI_URL" in text else ()),
            *options,
            where=where,
            timeout=560.0,
        )
    (folder,) = (path.parent for path in where.glob("*/summary.json"))
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return Ran(done.returncode, done.stdout + done.stderr, folder, summary)


def _text(scenario: str) -> str:
    from cpesim.scenario.shipped import shipped

    return shipped().get(scenario, Path(scenario)).read_text(encoding="utf-8")


class Together:
    """Runs that were begun at once; each is waited for by who needs it."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._runs: dict[str, Future[Ran]] = {}

    def begin(self, where: Path, name: str, *rest: tuple[str, ...]) -> None:
        """Run this scenario when there is a place."""
        self._runs[name] = self._pool.submit(
            scaled, where / Path(name).stem, name, *rest
        )

    def of(self, name: str) -> Ran:
        """What came of it."""
        return self._runs[name].result()


@contextmanager
def together() -> Iterator[Together]:
    """A few at a time."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield Together(pool)
