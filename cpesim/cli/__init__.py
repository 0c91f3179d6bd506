"""
What a person types.

Rule: a file a command, a line a command in app.py; nothing heavy is imported before
the command runs.
"""
