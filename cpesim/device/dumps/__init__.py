"""
Dumps of real devices as profiles.

Rule: pure; the catalog reads the files.
"""
