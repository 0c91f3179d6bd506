"""
Software modules: deployment units, the environments they run in, what changes them.

Rule: plain state and the model's tables; what an ACS asks for and what is told to it
is behaviour/modules.py.
"""
