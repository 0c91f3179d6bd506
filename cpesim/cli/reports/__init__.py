"""Stored runs: where reports go, `cpesim report` and `cpesim runs`."""
