"""
Limits that a run has to keep: their grammar, their metrics, their verdict.

Rule: pure. `grammar` reads, `metrics` is the table of what can be limited, `check`
finds before the run what cannot be judged, `judge` tells from a Result what holds.
"""
