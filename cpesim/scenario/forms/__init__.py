"""
The forms of a scenario's YAML, a file for each block, and the values they make.

Rule: a form says what may stand in the file, with a sentence for each key; what goes
over several blocks (names, times) is in forms/checks.py.
"""
