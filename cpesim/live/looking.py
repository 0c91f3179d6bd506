"""
What somebody looks at: which view, and what lies over it.

Rule: pure. A key either turns what is looked at, or asks something of the run; which
of both is decided here and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

VIEWS = ("main", "latency", "fleet", "errors", "generator")
OVERLAYS = ("help", "faults", "log")


@dataclass(frozen=True, slots=True)
class Looking:
    """*view* is a place in VIEWS; *over* one of OVERLAYS, or nothing."""

    view: int = 0
    over: str = ""
    away: bool = False  # from another terminal: leaving it ends no run

    @classmethod
    def read(cls, told: object) -> Looking:
        """What a client says it looks at; ValueError for anything else."""
        match told:
            case {"view": int(view), "over": str(over)} if 0 <= view < len(
                VIEWS
            ) and over in ("", *OVERLAYS):
                return cls(int(view), over, away=True)
        raise ValueError(
            f"expected a view of 0 to {len(VIEWS) - 1}, and over: {', '.join(OVERLAYS)}"
        )


def turned(looking: Looking, action: str) -> tuple[Looking, str]:
    """What is looked at after the key's action, and what it asks of the run, if any."""
    if action.isdigit():
        number = int(action)
        if looking.over == "faults":
            return looking, f"fault {number}" if number else ""
        if 1 <= number <= len(VIEWS):
            return replace(looking, view=number - 1, over=""), ""
        return looking, ""
    if action == "next":
        return replace(looking, view=(looking.view + 1) % len(VIEWS), over=""), ""
    if action == "back":
        return replace(looking, over=""), ""
    if action in OVERLAYS:
        return replace(looking, over="" if looking.over == action else action), ""
    return looking, action
