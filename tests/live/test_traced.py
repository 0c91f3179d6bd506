"""View 4 tells where a failed session is kept, and its exchange where there is room."""

from __future__ import annotations

from cpesim.live.looking import Looking
from cpesim.measure.snapshot import Snapshot
from cpesim.measure.tally import Kind, Trace
from tests.live.test_views import exact
from tests.measure.populated import populated


def test_the_errors_view_tells_one_that_failed() -> None:
    """Where it is kept and who got in later; its exchange, where there is room."""
    result = populated(seconds=30)
    result.feed("w0", Snapshot(30.0, 31.0, {"got_in.http 503@Inform": 12}))
    path = "traces/http-503-Inform-1.txt"
    text = "http 503 on Inform, CPE 7\n\n>> POST /\x1b[2J\n" + "<<   <x/>\n" * 99
    result.traces.add(Kind("http 503", "Inform", ""), Trace(path, text))
    for height in (24, 40):
        lines = exact(result, 80, height, Looking(3))
        shown = "\n".join(lines)
        assert f"           12 got in on a retry   {path}" in shown
        assert f"─ one that failed: {path} ─" in shown
        assert " http 503 on Inform, CPE 7 " in shown
        assert " >> POST /·[2J" in shown
        assert lines[-2].startswith(" <<   <x/>")
    for size in ((80, 24), (200, 50)):
        result.traces.last = None
        assert "one that failed" not in "\n".join(exact(result, *size, Looking(3)))
