"""What a run shows, and how it leaves the terminal."""

from __future__ import annotations

import io
import os
import termios
from contextlib import aclosing, suppress

import pytest
import trio

from cpesim.conductor.face import Full, Nothing, Plain, cbreak, face_for, pressed
from cpesim.measure.result import Result, RunFacts


class Terminal(io.StringIO):
    """Text that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_auto_is_what_can_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The dashboard on a terminal that can; lines otherwise."""
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(face_for("auto", Terminal()), Plain)
    monkeypatch.setenv("TERM", "xterm")
    assert isinstance(face_for("auto", io.StringIO()), Plain)
    assert isinstance(face_for("none", Terminal()), Nothing)
    face = face_for("auto", Terminal())
    face.close()
    assert isinstance(face, Full)


def test_plain_is_a_line_a_time() -> None:
    """One line for each drawing."""
    out = io.StringIO()
    face = face_for("plain", out)
    result = Result(RunFacts("x", "1f", "http://127.0.0.1/", 10))
    face.draw(result)
    face.draw(result)
    face.close()
    assert out.getvalue().count("\n") == 2


def test_the_terminal_is_left_as_it_was() -> None:
    """Also when the block ends by an error."""
    parent, child = os.openpty()
    try:
        before = termios.tcgetattr(child)
        with suppress(RuntimeError), cbreak(child):
            assert termios.tcgetattr(child) != before
            raise RuntimeError
        assert termios.tcgetattr(child) == before
    finally:
        os.close(parent)
        os.close(child)


async def test_keys_end_with_the_terminal() -> None:
    """Actions come one by one; a terminal that hangs up is no error."""
    parent, child = os.openpty()
    try:
        found = []
        with cbreak(child), trio.fail_after(5):
            os.write(parent, b"p+x")
            async with aclosing(pressed(child)) as keys:
                async for action in keys:
                    found.append(action)
                    if len(found) == 2:
                        os.close(parent)
        assert found == ["pause", "faster"]
    finally:
        os.close(child)
