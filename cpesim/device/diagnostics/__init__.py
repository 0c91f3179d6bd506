"""
What a diagnostic measures: by the profile's habits, or by moving bytes outside.

Rule: results and nothing else; when a diagnostic starts, stops and ends is
behaviour/diagnostics.py.
"""
