"""
The plan of a run: who, against whom, how fast, how long.

Rule: plain values and pure functions; only `load.py` reads a file.
"""
