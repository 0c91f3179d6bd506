"""
The options of how a run is shown and held, and what they mean.

Rule: as in options.py: texts in, one line that names the option for what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cpesim.cli.options import read
from cpesim.errors import ConfigError

if TYPE_CHECKING:
    from cpesim.conductor.face import Face, Ui

Fps = Annotated[
    str,
    typer.Option("--fps", metavar="N", help="Frames a second of the dashboard."),
]
PlainEvery = Annotated[
    str,
    typer.Option("--plain-every", metavar="TIME", help="How often plain adds a line."),
]
NoColor = Annotated[
    bool,
    typer.Option("--no-color", help="The dashboard without colours, as by NO_COLOR."),
]
Paused = Annotated[
    bool,
    typer.Option(
        "--paused", help="Prepare everything, and begin when told to resume (p, ctl)."
    ),
]
Control = Annotated[
    str | None,
    typer.Option(
        "--control",
        metavar="PATH",
        help="Where to make the control socket. Default: in the run's folder.",
    ),
]


def face_of(ui: Ui, given: Mapping[str, Any]) -> Callable[[], Face]:
    """What makes the face that the options describe; raises ConfigError."""
    from cpesim.conductor.face import face_for
    from cpesim.quantity import parse_duration

    every = read("--plain-every", given.get("plain_every", "10s"), parse_duration)
    if every < 0.1:
        raise ConfigError("--plain-every: expected at least 100ms")
    return partial(
        face_for,
        ui,
        fps=fps_of(given),
        plain_every=every,
        color=not given.get("no_color", False),
    )


def fps_of(given: Mapping[str, Any]) -> float:
    """Frames a second; raises ConfigError."""
    try:
        fps = float(given.get("fps", "4"))
    except ValueError:
        fps = 0.0
    if not 0.1 <= fps <= 30:
        raise ConfigError(f"--fps {given['fps']}: expected 0.1 to 30")
    return fps


def control_of(given: Mapping[str, Any]) -> Path | None:
    """Where the control socket was wanted, if anywhere."""
    return Path(given["control"]) if given.get("control") else None
