"""
Ways to an ACS other than the plain one: spoilt by plan, or looked at more closely.

Rule: a run that asks for neither makes nothing of what is in here.
"""
