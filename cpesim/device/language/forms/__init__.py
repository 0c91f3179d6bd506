"""
The form of a profile as it is written, section by section.

Rule: pydantic models and nothing else; what they mean is in sections.py.
"""
