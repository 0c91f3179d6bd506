"""
A run from outside: found by its name, asked over its control socket.

Rule: it needs the run's folder and nothing else; a run that has ended is an error of
its own, for there is nothing left to ask.
"""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from pathlib import Path

from cpesim.conductor.control.address import MOST_LINE, NAME, reachable
from cpesim.errors import ConfigError, CpesimError

LAST = "last"
# The workers of a busy run take a moment; one that takes longer hangs.
PATIENCE = 30.0


class Ended(CpesimError):
    """The run is there no more."""

    label = "unreachable"


@dataclass(frozen=True, slots=True)
class Visit:
    """Where to ask a run: its control socket's path, and its folder if known."""

    path: Path
    folder: Path | None = None

    @property
    def name(self) -> str:
        """What the run is called in errors."""
        return self.folder.name if self.folder else str(self.path)

    @property
    def going(self) -> bool:
        """Whether its socket is there; only asking tells whether somebody listens."""
        return self.path.is_socket()

    def connect(self, patience: float = PATIENCE) -> socket.socket:
        """A connection to the run; raises Ended, or ConfigError for no right to."""
        opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        opened.settimeout(patience)
        try:
            with reachable(self.path) as address:
                opened.connect(address)
        except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
            opened.close()
            raise Ended(f"run {self.name} has ended") from None
        except OSError as error:
            opened.close()
            raise ConfigError(f"{self.path}: {error.strerror or error}") from None
        return opened


def find(run: str, out: Path) -> Visit:
    """
    The run that is meant: an id or its beginning, a scenario's name, a folder, a
    socket, or ``last``. Raises ConfigError when there is none, or more than one.
    """
    path = Path(run)
    if path.is_socket():
        return Visit(path)
    if (path / "manifest.json").is_file():
        return _visit(path)
    stored = sorted(found.parent for found in out.glob("*/manifest.json"))
    if not stored:
        raise ConfigError(f"run {run}: no run is stored in {out}/ (see --out)")
    if run == LAST:
        # One after the other, until one goes on: of most runs nothing is read.
        those = (visit for visit in map(_visit, reversed(stored)) if visit.going)
        return next(those, None) or _visit(stored[-1])
    visits = [_visit(folder) for folder in stored if _meant(run, folder.name)]
    if not visits:
        newest = ", ".join(folder.name for folder in stored[:-4:-1])
        raise ConfigError(f"run {run}: no such run in {out}/; the newest are {newest}")
    going = [visit for visit in visits if visit.going]
    if len(going) == 1 or len(visits) == 1:
        return (going or visits)[0]
    several = ", ".join(visit.name for visit in (going or visits)[:5])
    raise ConfigError(f"run {run}: several are meant by that: {several}")


def _meant(run: str, name: str) -> bool:
    _, _, rest = name.partition("-")
    scenario, _, run_id = rest.rpartition("-")
    return run == scenario or run_id.startswith(run) or name.startswith(run)


def _visit(folder: Path) -> Visit:
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        chosen = manifest.get("control")
    except (OSError, ValueError, AttributeError):
        chosen = None
    where = Path(chosen) if isinstance(chosen, str) else folder / NAME
    return Visit(where, folder)


def ask(visit: Visit, words: list[str]) -> list[str]:
    """
    Ask the run for something; the workers that have applied it come back.

    Raises ConfigError for what it refuses, and Ended.
    """
    request = json.dumps({"do": words}) + "\n"
    with visit.connect() as opened:
        try:
            opened.sendall(request.encode())
            line = opened.makefile("rb").readline(MOST_LINE)
        except TimeoutError:
            raise Ended(
                f"run {visit.name} has not answered within {PATIENCE:.0f} s"
            ) from None
        except OSError:
            line = b""
    try:
        answer = json.loads(line)
        if answer["ok"]:
            return [str(who) for who in answer["applied"]]
        raise ConfigError(str(answer["error"]))
    except (ValueError, KeyError, TypeError):
        raise Ended(f"run {visit.name} ended before it answered") from None
