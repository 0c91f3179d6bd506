"""
How the pieces of a scenario are spelled as YAML.

Rule: whatever is spelled here, the forms read as exactly the same value.
"""
