"""Telling meanwhile: a Result as lines, a terminal that shows them, and its keys."""
