"""The northbound side of the reference ACS: what an operator's systems tell it."""
