"""
The language of profiles: lines, templates, living sources, the tree of parameters.

Rule: pure, and only for the parent: workers get what `compile.py` made of it.
"""
