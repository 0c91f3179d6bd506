"""Which devices belong to which worker."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpesim.scenario.shard import Shard


@given(st.integers(1, 9), st.integers(0, 50), st.integers(0, 60))
def test_shards_cut_a_group_without_rest(of: int, first: int, count: int) -> None:
    """Each number lives in exactly one shard, and numbers() agrees with mine()."""
    shards = [Shard(index, of) for index in range(of)]
    found = sorted(n for shard in shards for n in shard.numbers(first, count))
    assert found == list(range(first, first + count))
    for shard in shards:
        assert all(shard.mine(n) for n in shard.numbers(first, count))


def test_a_shard_beyond_the_last_is_an_error() -> None:
    """Shard 2 of 2 does not exist."""
    with pytest.raises(ValueError, match="2 of 2"):
        Shard(2, 2)
