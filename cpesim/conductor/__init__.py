"""
The one driver of a run, for one worker or many hosts.

Rule: it commands, merges, judges and tells; it runs no CPE itself.
"""
