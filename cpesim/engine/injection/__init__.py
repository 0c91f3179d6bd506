"""
Misbehaviour by plan: sessions in which the CPE does what it should not.

Rule: a run without `faults:` uses nothing in here but an empty Injections.
"""
