"""
`cpesim schema`: the JSON Schema of scenarios, for editors.

Rule: prints, and writes no file.
"""

from __future__ import annotations

import typer


def schema() -> None:
    """
    Print the JSON Schema of scenarios, by which an editor completes and checks them.

    A first line `# yaml-language-server: $schema=cpesim.schema.json` in a scenario
    tells most editors where it is.

    \b
    Examples:
      cpesim schema > cpesim.schema.json
    """
    from cpesim.scenario.schema import schema_text

    typer.echo(schema_text(), nl=False)
