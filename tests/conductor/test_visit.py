"""A run is found by what people call it."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trio
import trio.testing

from cpesim.conductor.control.address import MOST_HEIGHT, MOST_WIDTH, NAME
from cpesim.conductor.control.attached import Attached
from cpesim.conductor.control.control import bound
from cpesim.conductor.control.visit import Ended, Visit, ask, find
from cpesim.errors import ConfigError

RUNS = (
    "20261123T180102-boot-storm-7f3a",
    "20261124T180102-boot-storm-7c01",
    "20261125T180102-quick-1a2b",
)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Three stored runs."""
    for name in RUNS:
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text("{}")
    return tmp_path


@contextmanager
def going(path: Path) -> Iterator[socket.socket]:
    """Something that listens."""
    with bound(path) as listener:
        yield listener
    path.unlink()


@pytest.mark.parametrize(
    ("run", "at"),
    [
        ("7f3a", 0),
        ("7f", 0),
        ("1", 2),
        ("20261124", 1),
        (RUNS[1], 1),
        ("quick", 2),
        ("last", 2),
    ],
)
def test_an_id_its_beginning_or_a_name(run: str, at: int, out: Path) -> None:
    """Whatever is the shortest to type."""
    assert find(run, out).folder == out / RUNS[at]


def test_a_folder_or_a_socket(out: Path, tmp_path: Path) -> None:
    """Wherever it is."""
    assert find(str(out / RUNS[0]), Path("elsewhere")).folder == out / RUNS[0]
    with going(tmp_path / "s"):
        assert find(str(tmp_path / "s"), Path("elsewhere")) == Visit(tmp_path / "s")


def test_what_is_going_on_is_meant_first(out: Path) -> None:
    """Of several runs; and it may have its socket elsewhere."""
    with pytest.raises(ConfigError, match="several are meant by that"):
        find("boot-storm", out)
    with going(out / RUNS[0] / NAME):
        assert find("boot-storm", out).folder == out / RUNS[0]
        assert find("last", out).folder == out / RUNS[0]
    manifest = json.dumps({"control": str(out / "mine")})
    (out / RUNS[1] / "manifest.json").write_text(manifest)
    with going(out / "mine"):
        assert find("boot-storm", out) == Visit(out / "mine", out / RUNS[1])


def test_the_last_one_is_found_without_the_others(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many are stored: from the newest on, to the first that goes on."""
    read: list[str] = []
    text_of = Path.read_text

    def noted(path: Path, *how: str, **named: str) -> str:
        read.append(path.parent.name)
        return text_of(path, *how, **named)

    monkeypatch.setattr(Path, "read_text", noted)
    with going(out / RUNS[1] / NAME):
        assert find("last", out).folder == out / RUNS[1]
    assert read == [RUNS[2], RUNS[1]]


def test_no_such_run(out: Path, tmp_path: Path) -> None:
    """What there is is told."""
    with pytest.raises(ConfigError, match=f"no such run .* newest are {RUNS[2]}"):
        find("beef", out)
    with pytest.raises(ConfigError, match="no run is stored"):
        find("last", tmp_path / "none")
    (out / RUNS[0] / "manifest.json").write_text("not JSON")
    assert find("7f3a", out).path == out / RUNS[0] / NAME


def test_a_run_that_has_ended(out: Path) -> None:
    """Whether it tidied up or was killed."""
    visit = find("last", out)
    with pytest.raises(Ended, match=f"{RUNS[2]} has ended"):
        ask(visit, ["stop"])
    bound(visit.path).close()
    with pytest.raises(Ended, match="has ended"):
        ask(visit, ["stop"])


@pytest.mark.parametrize("answer", [b"", b"nonsense\n", b"[]\n", b'{"ok": true}\n'])
def test_a_run_that_ends_before_its_answer(answer: bytes, tmp_path: Path) -> None:
    """No answer is no success."""
    with going(tmp_path / "s") as listener:

        def play() -> None:
            taken, _ = listener.accept()
            with taken:
                taken.recv(1_000)
                taken.sendall(answer)

        other = threading.Thread(target=play)
        other.start()
        with pytest.raises(Ended, match="ended before it answered"):
            ask(Visit(tmp_path / "s"), ["stop"])
        other.join()


class Window:
    """A screen of a size, on which lines are drawn."""

    def __init__(self, width: int, height: int) -> None:
        self.size = (width, height)
        self.drawn: list[list[str]] = []

    def draw(self, lines: list[str]) -> None:
        self.drawn.append(lines)


async def test_a_window_may_be_larger_than_a_frame() -> None:
    """The run is asked for the largest that it draws, and that is shown."""
    ours, theirs = trio.testing.memory_stream_pair()
    window = Window(600, 40)
    attached = Attached(Visit(Path("x")), ours, window)  # type: ignore[arg-type]
    with trio.fail_after(5):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(attached._watch_size)
            told = json.loads(await theirs.receive_some(1000))
            assert told["watch"]["width"] == MOST_WIDTH
            assert told["watch"]["height"] == 40
            window.size = (600, 300)
            told = json.loads(await theirs.receive_some(1000))
            assert told["watch"]["height"] == MOST_HEIGHT
            nursery.start_soon(attached._frames, nursery.cancel_scope)
            frame = {"frame": ["x"] * MOST_HEIGHT}
            await theirs.send_all(json.dumps(frame).encode() + b"\n")
            await theirs.aclose()
    assert window.drawn == [["x"] * MOST_HEIGHT]


async def test_a_run_that_refuses_is_told_as_such() -> None:
    """And not as one that has ended."""
    ours, theirs = trio.testing.memory_stream_pair()
    attached = Attached(Visit(Path("x")), ours, None)  # type: ignore[arg-type]
    async with theirs:
        await theirs.send_all(b'{"ok": false, "error": "too many are connected"}\n')
        with trio.CancelScope() as scope:
            await attached._frames(scope)
    assert attached.why == "the run refused: too many are connected"
