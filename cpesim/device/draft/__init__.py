"""
Profiles as they are written: from a compiled one, or a data model, to commented YAML.

Rule: pure. What is written here, `device.language` reads back as the same profile.
"""
