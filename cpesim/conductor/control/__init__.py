"""The control socket of a run: who listens, who calls, and what both say."""
