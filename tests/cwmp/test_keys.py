"""Keys that an ACS gave come back as they were (CHECKLIST P14)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from cpesim.cwmp import names, transfers, write

KEYS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("<>&\t\n\r\"'"),
    max_size=32,
).filter(lambda text: not set(text) & {"\ufffe", "\uffff"})


@pytest.mark.rule("P14", "T4")
@given(key=KEYS)
def test_a_command_key_goes_round(key: str) -> None:
    """In what tells a transfer or modules, in queues and in events."""
    time, namespace = names.UNKNOWN_TIME, names.NAMESPACES["1.2"]
    bodies = (
        write.transfer_complete(key, 0, time, time),
        write.du_state_change_complete(key, []),
        transfers.queued([(key, 1)]),
        write.inform("", "1", [("M Download", key)], time, 0, []),
    )
    for body in bodies:
        root = etree.fromstring(write.envelope(namespace, "1", body))
        (found,) = root.iter("CommandKey")
        assert (found.text or "") == key
