"""
A scenario as YAML: what `--print-scenario` prints, and what a run keeps of itself.

Rule: what is written here, `load.py` reads back as the same scenario.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from cpesim.quantity import spell_duration
from cpesim.scenario.scenario import Acs, Scenario


def write_scenario(scenario: Scenario) -> str:
    """The scenario as a file for `cpesim run`."""
    return "\n".join(_lines(scenario)) + "\n"


def _lines(scenario: Scenario) -> Iterator[str]:
    yield "version: 1"
    yield f"name: {_quoted(scenario.name)}"
    if scenario.description:
        yield f"description: {_quoted(scenario.description)}"
    yield f"seed: {scenario.seed}"
    yield f"duration: {spell_duration(scenario.duration)}"
    yield from ("", "acs:")
    yield from _acs(scenario)
    yield from ("", "fleet:")
    if scenario.start.ramp is not None:
        yield f"  start: {{ramp: {spell_duration(scenario.start.ramp)}}}"
    yield "  groups:"
    for group in scenario.groups:
        yield f"    {_quoted(group.name)}:"
        yield f"      count: {group.count}"
        yield f"      profile: {_quoted(group.profile)}"
        for key in ("identities", "oui", "serial"):
            written = getattr(group, key)
            if written is not None:
                yield f"      {key}: {_quoted(written)}"
        if group.interval is not None:
            yield f"      inform: {{interval: {spell_duration(group.interval)}}}"
    rate = scenario.rate
    yield from ("", "load:")
    if rate is None:
        yield "  - {name: timers, executor: fleet}"
    else:
        yield f"  - {{name: {_quoted(scenario.loads[0].name)}, executor: arrival-rate,"
        yield f"     rate: {rate:.10g}/s}}"
    if scenario.in_flight is not None:
        yield from ("", "limits:", f"  in_flight: {scenario.in_flight}")
    yield f"grace: {spell_duration(scenario.grace)}"


def _acs(scenario: Scenario) -> Iterator[str]:
    acs = scenario.acs
    yield f"  url: {_quoted(acs.url)}"
    if acs.username is not None or acs.password_env is not None:
        yield "  auth:"
        if acs.username is not None:
            yield f"    username: {_quoted(acs.username)}"
        if acs.password_env is not None:
            yield f"    password_env: {_quoted(acs.password_env)}"
    yield (
        f"  timeout: {{connect: {spell_duration(acs.connect_timeout)},"
        f" response: {spell_duration(acs.response_timeout)},"
        f" session: {spell_duration(acs.session_timeout)}}}"
    )
    if acs.ca is not None:
        yield f"  ca: {_quoted(acs.ca)}"
    if acs.insecure:
        yield "  insecure: true"
    yield from _tls(acs)
    for key, pairs in (("headers", dict(acs.headers)), ("resolve", acs.resolve)):
        if pairs:
            yield f"  {key}:"
            for name, written in pairs.items():
                yield f"    {_quoted(name)}: {_quoted(written)}"
    if acs.source_addresses:
        yield f"  source_addresses: {json.dumps(list(acs.source_addresses))}"
    for key in ("listen", "advertise"):
        written = getattr(acs, key)
        if written is not None:
            yield f"  {key}: {_quoted(written)}"


def _tls(acs: Acs) -> Iterator[str]:
    """What differs from the defaults."""
    default = Acs("")
    written = {
        "least": f'"{acs.tls_least}"' if acs.tls_least != default.tls_least else "",
        "most": f'"{acs.tls_most}"' if acs.tls_most != default.tls_most else "",
        "resume": "true" if acs.tls_resume else "",
        "client_certs": _quoted(acs.client_certs) if acs.client_certs else "",
    }
    if any(written.values()):
        yield "  tls:"
        for key, text in written.items():
            if text:
                yield f"    {key}: {text}"


def _quoted(text: str) -> str:
    # JSON's strings are YAML's; plain words stay as people write them.
    plain = text.replace("-", "").replace("_", "").isalpha() and text.isascii()
    reserved = {"yes", "no", "on", "off", "true", "false", "null", "y", "n"}
    if plain and text.lower() not in reserved and text[0].isalpha():
        return text
    return json.dumps(text, ensure_ascii=False)
