"""
The JSON Schema of a scenario, for editors that complete and check YAML.

Rule: made of the forms, so that it cannot say anything else; a variable may stand
wherever one value may.
"""

from __future__ import annotations

import json
from typing import Any

from cpesim.scenario.forms.scenario import ScenarioForm

DIALECT = "https://json-schema.org/draft/2020-12/schema"
VARIABLE = {"type": "string", "pattern": r"\$\{\w+\}"}
_SCALARS = ("integer", "number", "boolean")


def schema() -> dict[str, Any]:
    """The JSON Schema."""
    found = ScenarioForm.model_json_schema(by_alias=True)
    made = _varied(found)
    assert isinstance(made, dict)
    return {"$schema": DIALECT, **made, "title": "A scenario of cpesim"}


def schema_text() -> str:
    """The JSON Schema as a file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _varied(node: Any) -> Any:
    """The schema, with a variable allowed in place of each number, word or pattern."""
    if isinstance(node, list):
        return [_varied(each) for each in node]
    if not isinstance(node, dict):
        return node
    found = {key: _varied(each) for key, each in node.items()}
    scalar = found.get("type") in _SCALARS or isinstance(found.get("type"), list)
    if "const" in found or not (scalar or "enum" in found or "pattern" in found):
        return found
    told = {
        key: found.pop(key)
        for key in ("description", "default", "title")
        if key in found
    }
    return {**told, "anyOf": [found, VARIABLE]}
