"""
What a scenario is going to do, before it does it: figures, and a drawing of its load.

Rule: pure estimates of the plan alone; no CPE is made for them.
"""
