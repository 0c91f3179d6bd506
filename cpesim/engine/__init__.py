"""
Who waits, for whom, how long: one shard of the fleet on trio.

Rule: all waiting of devices is here; what they do in between is pure (device/).
"""
