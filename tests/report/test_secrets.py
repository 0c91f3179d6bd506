"""What a run keeps of its command line and its scenario has no secret in it."""

from __future__ import annotations

import pytest

from cpesim.conductor.plan import kept
from cpesim.report.manifest import masked
from cpesim.scenario.load import read_scenario
from cpesim.scenario.outlook.draw import drawn
from cpesim.scenario.outlook.figures import outlook

SCENARIO = """\
version: 1
name: x
acs: {url: "http://me:s3cret@127.0.0.1/", headers: {X-Api-Key: s3cret}}
fleet:
  groups:
    homes: {count: 1, set: {Device.A.Password: s3cret, Device.A.Name: seen}}
timeline:
- at: 1s
  do: hook
  http:
    url: "http://me:s3cret@127.0.0.1/x"
    headers: {Authorization: s3cret, Accept: seen}
    json: {token: s3cret, tag: seen, list: [{password: s3cret}]}
- {at: 2s, do: value_change, set: {Device.A.KeyPassphrase: s3cret, Device.A.N: seen}}
"""


def test_a_stored_scenario_has_no_secret() -> None:
    """Whatever is named as one is starred; all else stays, and it is a scenario."""
    text = kept(read_scenario(SCENARIO, "/x/y.yaml"))
    assert "s3cret" not in text
    assert text.count("seen") == 4
    assert text.count("***") == 6
    assert len(read_scenario(text, "/x/y.yaml").steps) == 2


HOOKS = """\
version: 1
name: x
vars: {TOKEN: s3cret}
acs: {url: "http://127.0.0.1/"}
fleet: {groups: {homes: {count: 1}}}
timeline:
- {at: 1s, do: hook, exec: [curl, -H, "Authorization: ${TOKEN}", "${TOKEN}"]}
- at: 2s
  do: hook
  http: {method: POST, url: "http://me:${TOKEN}@127.0.0.1/x?t=${TOKEN}#${TOKEN}",
    body: "token=${TOKEN}"}
"""


def test_a_hook_is_kept_without_what_was_filled_in() -> None:
    """A command's first word and a URL's path stay; it still is a scenario."""
    scenario = read_scenario(HOOKS, "/x/y.yaml")
    assert scenario.steps[0].arguments["exec"][-1] == "s3cret"
    text = kept(scenario)
    assert "s3cret" not in text
    command, request = (s.arguments for s in read_scenario(text, "/x/y.yaml").steps)
    assert command["exec"] == ["curl", "***", "***", "***"]
    assert request["http"]["url"] == "http://127.0.0.1/x"
    assert request["http"]["body"] == "***"


def test_the_plan_that_check_draws_tells_no_secret_of_a_hook() -> None:
    """Of a hook's URL it has neither user nor query."""
    scenario = read_scenario(HOOKS, "/x/y.yaml")
    text = drawn(scenario, outlook(scenario, {"homes": 300.0}), {"homes": 300.0})
    assert "POST http://127.0.0.1/x" in text
    assert "s3cret" not in text


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (["--var", "PASSWORD=s3cret"], ["--var", "PASSWORD=***"]),
        (["--var=API_TOKEN=s3cret"], ["--var=API_TOKEN=***"]),
        (["--var", "N=5"], ["--var", "N=5"]),
        (["--var", "URL=http://a:b@x/"], ["--var", "URL=http://x/"]),
    ],
)
def test_variables_of_the_command_line(words: list[str], kept: list[str]) -> None:
    """Those whose names speak of a secret, and names and passwords in URLs."""
    assert masked(words) == kept
