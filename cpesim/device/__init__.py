"""
The virtual CPE: a state machine that is told the time and never waits.

Rule: pure; only the catalog opens files.
"""
