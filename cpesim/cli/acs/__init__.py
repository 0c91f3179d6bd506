"""`cpesim acs`: the reference ACS, and what runs it as a process."""
