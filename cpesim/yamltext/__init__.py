"""
YAML text with places: every problem of a text at once, each with line and column.

Rule: a face and nothing else. `read.py` knows PyYAML and pydantic, `node.py` where
each sign stands, `error.py` how pydantic's errors are told.
"""

from cpesim.yamltext.node import Node
from cpesim.yamltext.read import build, load, parse

__all__ = ["Node", "build", "load", "parse"]
