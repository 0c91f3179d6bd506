"""
A scenario as it may be stored: what looks like a secret is masked.

Rule: pure. Names decide: of headers, of keys in a body, of a URL's query, of
parameters. Masked is one time too many rather than one too few.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from cpesim.measure.result import without_credentials
from cpesim.scenario.scenario import Acs, Scenario
from cpesim.scenario.step import Step

MASK = "***"
_SECRET = re.compile(r"auth|cookie|token|secret|passw|passphrase|key", re.IGNORECASE)


def masked(scenario: Scenario) -> Scenario:
    """The scenario without a secret."""
    steps = tuple(_step(step) for step in scenario.steps)
    return replace(scenario, acs=_acs(scenario.acs), steps=steps)


def _acs(acs: Acs) -> Acs:
    headers = tuple(
        (name, MASK if _SECRET.search(name) else written)
        for name, written in acs.headers
    )
    return replace(acs, url=without_credentials(acs.url), headers=headers)


def _step(step: Step) -> Step:
    arguments = dict(step.arguments)
    if http := arguments.get("http"):
        asked = {**http, "url": url(str(http.get("url") or ""))}
        for part in ("json", "headers"):
            if part in asked:
                asked[part] = _values(asked[part])
        arguments["http"] = asked
    if "set" in arguments:
        arguments["set"] = _values(arguments["set"])
    return replace(step, arguments=arguments)


def url(text: str) -> str:
    """A URL without user and password, and with the secrets of its query masked."""
    text = without_credentials(text)
    try:
        parts = urlsplit(text)
    except ValueError:
        return text
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    if not any(_SECRET.search(name) for name, _ in pairs):
        return text
    told = [(name, MASK if _SECRET.search(name) else value) for name, value in pairs]
    return parts._replace(query=urlencode(told, safe="*")).geturl()


def _values(tree: Any) -> Any:
    """A tree of values, those under the names of secrets masked."""
    if isinstance(tree, Mapping):
        return {
            name: MASK if _SECRET.search(str(name)) else _values(value)
            for name, value in tree.items()
        }
    if isinstance(tree, list | tuple):
        return [_values(value) for value in tree]
    return tree
