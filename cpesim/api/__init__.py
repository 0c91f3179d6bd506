"""cpesim for programs: a fleet in your own process, and whole runs."""
