"""
What a device tells unasked: values that change, and what else its Informs hold.

Rule: a face and nothing else.
"""
