"""A terminal shows exactly the lines, and is left as it was found."""

from __future__ import annotations

import io

import pyte
import pytest
from rich.console import Console

from cpesim.live.keys import actions
from cpesim.live.screen import Screen, painted
from cpesim.live.views import dashboard
from tests.measure.populated import populated

RESULT = populated(seconds=30)


def terminal(width: int, height: int, **options: object) -> tuple[io.StringIO, Console]:
    """What is written, and a console that believes to be a terminal."""
    written = io.StringIO()
    console = Console(
        file=written,
        force_terminal=True,
        width=width,
        height=height,
        _environ={"TERM": "xterm-256color"},
        **options,  # type: ignore[arg-type]
    )
    return written, console


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 15)])
def test_the_terminal_shows_the_lines(size: tuple[int, int]) -> None:
    """Frame after frame, what stands on the screen is what the view gave."""
    written, console = terminal(*size)
    emulated = pyte.Screen(*size)
    lines = dashboard(RESULT, *size)
    with Screen(console) as screen:
        assert screen.size == size
        screen.draw(["x" * size[0]] * size[1])
        screen.draw(lines)
        shown = written.getvalue()
    # A terminal's driver sends a carriage return with each line feed.
    pyte.Stream(emulated).feed(shown.replace("\n", "\r\n"))
    assert [line.rstrip() for line in emulated.display] == [
        line.rstrip() for line in lines
    ]


def test_the_terminal_is_restored_whatever_happens() -> None:
    """The alternate screen is left and the cursor comes back, after an error too."""
    written, console = terminal(80, 24)
    screen = Screen(console)

    def show() -> None:
        with screen:
            screen.draw(["a"])
            assert "\x1b[?1049h" in written.getvalue()
            raise RuntimeError("boom")

    with pytest.raises(RuntimeError, match="boom"):
        show()
    assert written.getvalue().count("\x1b[?1049l") == 1
    assert written.getvalue().count("\x1b[?25h") == 1
    screen.close()
    assert written.getvalue().count("\x1b[?1049l") == 1


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR, or color=False, leaves no colour in the output."""
    written, console = terminal(80, 24, no_color=True)
    with Screen(console) as screen:
        screen.draw(dashboard(RESULT, 80, 24))
    assert "\x1b[3" not in written.getvalue().replace("\x1b[36;", "")
    monkeypatch.setenv("NO_COLOR", "1")
    assert Screen().console.no_color
    monkeypatch.delenv("NO_COLOR")
    assert Screen(color=False).console.no_color


def test_what_matters_is_painted() -> None:
    """States and verdicts get a style, the text stays the same."""
    lines = [" a RUNNING GENERATOR OK", "─ x ──", " generator: SUSPECT", " b ▁▂█│"]
    pieces = [piece for line in lines for piece in painted(line)]
    assert "".join(piece.text for piece in pieces) == "".join(lines)
    assert {str(piece.style) for piece in pieces if piece.style} == {
        "bold green",
        "dim",
        "bold yellow",
        "cyan",
    }


def test_a_strip_is_one_piece() -> None:
    """Blanks within cost no style of their own."""
    assert [piece.text for piece in painted("  1s  ▓▓ █  ░ ▒  x ▌··")] == [
        *("  1s  ", "▓▓ █  ░ ▒", "  x ", "▌", "··"),
    ]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (b"p", ["pause"]),
        (b"+-q", ["faster", "slower", "stop"]),
        (b"\x03", ["stop"]),
        (b"Q?", ["stop now", "help"]),
        (b"xyz\xff\xc3", []),
        (b"\x1b[A\x1b[1;5Bp\x1bOP\x1b", ["pause"]),
        (b"\x1bq+", ["faster"]),
        (b"\x1b", ["back"]),
        (b"\t3fldm", ["next", "3", "faults", "log", "dump", "mark"]),
    ],
)
def test_keys_mean_actions(typed: bytes, meant: list[str]) -> None:
    """Known keys in order; arrows and unknown keys are nothing."""
    assert actions(typed) == meant
