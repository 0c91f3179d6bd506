"""Measuring: what the hot path writes to, and what every report reads."""
