"""
Where shards run: in this process, or in worker processes on this machine.

Rule: the conductor sees one Placement and never asks which.
"""

from cpesim.engine.probe import Probe

# The parent watches its own loop with what the workers watch theirs with.
__all__ = ["Probe"]
