"""
What a shard counts beyond its exchanges, and whom it tells.

Rule: what a run does not ask for costs it nothing: no group, no plug-in, no campaign.
"""
