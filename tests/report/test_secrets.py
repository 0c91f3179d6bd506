"""What a run keeps of its command line and its scenario has no secret in it."""

from __future__ import annotations

import pytest

from cpesim.conductor.plan import kept
from cpesim.report.manifest import masked
from cpesim.scenario.load import read_scenario

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
