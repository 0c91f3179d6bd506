"""
The protocol: its words, its envelopes, its conversation.

Rule: no clock, no socket, no device.
"""
