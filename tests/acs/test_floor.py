"""How many sessions the ACS serves for each CPU second."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FLOOR = 2000
SESSIONS = 8000
SERVER = """
import trio
from cpesim.acs import Acs, AcsSettings

async def main():
    acs = Acs(AcsSettings(port=0))
    async with trio.open_nursery() as nursery:
        _, port = await nursery.start(lambda **kw: acs.serve(**kw))
        print(port, flush=True)
        await trio.to_thread.run_sync(input)
        stats = acs.stats()
        print(stats["sessions"], stats["cpu"], flush=True)
        nursery.cancel_scope.cancel()

trio.run(main)
"""


@pytest.mark.bench
def test_two_thousand_sessions_for_each_cpu_second(shared: Path) -> None:
    """Inform and empty POST, parsed, judged and registered; start-up not counted."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        client = shared / "bench" / "floor_client.py"
        subprocess.run([sys.executable, client, port, str(SESSIONS)], check=True)
        server.stdin.write("\n")
        server.stdin.flush()
        sessions, cpu = server.stdout.readline().split()
    figure = int(sessions) / float(cpu)
    print(f"reference ACS: {figure:.0f} sessions/cpu-s (floor {FLOOR})")
    assert int(sessions) == SESSIONS
    assert figure >= FLOOR
