"""
Where shards run: in this process, or in worker processes on this machine.

Rule: the conductor sees one Placement and never asks which.
"""
