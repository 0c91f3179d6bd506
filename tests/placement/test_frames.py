"""Messages on a pipe."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpesim.placement.frames import BrokenFrame, Frames, pack

MESSAGES = st.lists(
    st.tuples(st.text(), st.one_of(st.binary(), st.integers(), st.none())), max_size=8
)


@given(MESSAGES, st.integers(1, 40))
def test_any_cut_gives_the_same_messages(
    messages: list[tuple[str, object]], size: int
) -> None:
    """However the pipe cuts the stream, each message comes out once, in order."""
    stream = b"".join(pack(message) for message in messages)
    frames, found = Frames(), []
    for start in range(0, len(stream), size):
        found += frames.feed(stream[start : start + size])
    assert found == messages
    assert frames.clean


def test_a_half_frame_waits() -> None:
    """What is not whole is kept."""
    frames = Frames()
    stream = pack(("snapshot", b"x" * 100))
    assert frames.feed(stream[:50]) == []
    assert not frames.clean
    assert frames.feed(stream[50:]) == [("snapshot", b"x" * 100)]


def test_nonsense_is_an_error_and_no_allocation() -> None:
    """A length beyond belief is refused before anything is read for it."""
    with pytest.raises(BrokenFrame, match="a frame of"):
        Frames().feed(b"Traceback (most recent call last)")


def test_a_frame_without_a_pickle_is_an_error() -> None:
    """A right length with wrong bytes is refused too."""
    with pytest.raises(BrokenFrame, match="not a pickle"):
        Frames().feed(struct.pack(">I", 3) + b"abc")
