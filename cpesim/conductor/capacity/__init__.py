"""The search for how much an ACS takes."""
