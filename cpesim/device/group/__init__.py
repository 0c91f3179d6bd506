"""
What a run sets over a kind of device for one group of CPEs.

Rule: data that all CPEs of the group share; a group that sets nothing has WAYS.
"""
