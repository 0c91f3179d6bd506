"""The timeline of a run: what is due when, and how it is done."""
