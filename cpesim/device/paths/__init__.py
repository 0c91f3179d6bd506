"""
What a device has by path beside its profile, and how an ACS may write a path.

Rule: the Model asks here; nothing here sends or reads a message.
"""
