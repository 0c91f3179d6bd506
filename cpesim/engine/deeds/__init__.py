"""
What a timeline does to the CPEs of a shard: which ones, what, and how they come back.

Rule: one function a deed, one line in table.DEEDS; nothing here knows a moment.
"""
