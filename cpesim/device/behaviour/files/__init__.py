"""
Files that come and go: orders, time windows, what a device moves by itself.

Rule: a face and nothing else; who moves the bytes is engine/transfer.py.
"""
