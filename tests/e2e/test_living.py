"""Values that live, of a fleet that talks to the reference ACS."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.fleet import flawless, fleet, stats, stored
from tests.e2e.judging import judged_acs

# A gateway whose provider gives it another address each second.
RESTLESS = """\
version: 1
name: restless
description: the gateway of TR-098 on a line that never stays
extends: residential-gateway-tr098
parameters:
  WANDevice[1].WANConnectionDevice[1].WANIPConnection[1]:
    ExternalIPAddress: ~ lease 100.64.0.0/10 1s
"""


@pytest.mark.rule("I4", "I7")
def test_another_address_is_told_at_once(tmp_path: Path) -> None:
    """`4 VALUE CHANGE` alone opens a session, with the address of then."""
    profile = tmp_path / "restless.yaml"
    profile.write_text(RESTLESS, encoding="utf-8")
    with judged_acs(tmp_path, "--script", "greet") as url:
        found = fleet(
            tmp_path,
            url,
            *("-n", "3", "--ramp", "500ms", "-d", "4s", "--grace", "3s"),
            *("--profile", str(profile), "--trace-device", "1"),
        )
        told = stats(url)
    flawless(told)
    assert found["sessions"]["failed"] == 0, found["failures"]
    assert 6 <= told["events"]["4 VALUE CHANGE"] <= 12
    trace = stored(tmp_path, "trace-1.txt").read_text(encoding="utf-8")
    addresses = [
        part.partition("</Value>")[0].rpartition(">")[2]
        for part in trace.split("ExternalIPAddress</Name>")[1:]
    ]
    assert len(addresses) >= 3
    assert len(set(addresses)) == len(addresses)
