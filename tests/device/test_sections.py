"""The sections of a profile that contradict themselves, and what is told of them."""

from __future__ import annotations

import pytest

from cpesim.device.catalog import compile_profile
from tests.device.profiletext import HEAD
from tests.device.test_problems import problems


@pytest.mark.parametrize(
    ("section", "told"),
    [
        (
            "quirks: {slow_answers: {least: 5s, most: 1s}}",
            "1:24: expected 'least' to be no longer than 'most'",
        ),
        (
            "quirks: {wrong_clock: {behind: 4d, ahead: 3d}}",
            "1:23: expected either 'behind' or 'ahead'",
        ),
        (
            "quirks: {wrong_clock: {share: 3%}}",
            "1:23: expected either 'behind' or 'ahead'",
        ),
        (
            "quirks: {prefixes: {names: {cwmp: a, soap-env: a}}}",
            "1:20: expected another prefix for each",
        ),
        (
            "quirks: {prefixes: {names: {cwmp: soap-env, soap-env: b}}}",
            "1:20: expected a prefix that is no other's, not 'soap-env'",
        ),
        (
            "quirks: {prefixes: {names: {cwmp: 1 x}}}",
            "1:35: expected a prefix of XML, as soapenv, of at most 32 signs,"
            " not '1 x'",
        ),
        (
            "quirks: {prefixes: {names: {cwmp: xmlns}}}",
            "1:35: expected a prefix of XML, as soapenv, of at most 32 signs,"
            " not 'xmlns'",
        ),
        (
            "quirks: {refuses_listed: {paths: []}}",
            "1:34: expected at least 1, not a list",
        ),
        (
            "modules: {environments: {x: a}}",
            "1:26: expected an instance number of ExecEnv, as 1, not 'x'",
        ),
        (
            "modules: {autonomous: {every: 1d, operation: Install}}",
            "1:23: expected a 'url' to Install from",
        ),
        (
            "standby: {every: 6h, for: 6h}",
            "1:10: expected 'for' to be shorter than 'every'",
        ),
        (
            "transfers: {autonomous: {url: ftp://x/}}",
            "1:31: expected http(s)://HOST[:PORT]/PATH without a name, not 'ftp://x/'",
        ),
        (
            "transfers: {autonomous: {url: http://u:p@x/}}",
            "1:31: expected http(s)://HOST[:PORT]/PATH without a name,"
            " not 'http://u:p@x/'",
        ),
        (
            "transfers: {request: {type: 4 Vendor Log File}}",
            "1:29: expected a type as '1 Firmware Upgrade Image' or"
            " 'X 00D09E My File', not '4 Vendor Log File'",
        ),
    ],
)
def test_a_section_that_cannot_be_is_told_with_its_place(section, told):
    """What was expected, in words of the profile's own, where the section stands."""
    head = HEAD.removesuffix("parameters:\n")
    assert problems(f"{section}\n", head) == [told]


def test_a_key_that_is_none_of_the_choices_is_told_itself():
    """Not the value that stands behind it."""
    head = HEAD.removesuffix("parameters:\n")
    (told,) = problems("quirks: {wrong_types: {types: {foo: string}}}\n", head)

    assert told.startswith("1:32: expected 'string', 'int'")
    assert told.endswith("not 'foo'")


@pytest.mark.parametrize(
    "section",
    [
        "quirks: {slow_answers: {least: 1s, most: 1s}, wrong_clock: {behind: 4d}}",
        "quirks: {prefixes: {names: {cwmp: cwmp, soap-env: s}}}",
        "quirks: {prefixes: {names: {}}}",
        "modules: {environments: {1: a, '12': b}}",
        "standby: {every: 6h, for: 5h}",
        "transfers: {request: {type: X 00D09E My File}}",
    ],
)
def test_a_section_that_can_be_is_taken(section):
    """The least and the most that the same sections allow."""
    assert compile_profile(
        HEAD.removesuffix("parameters:\n") + f"{section}\nparameters: {{A: string}}\n",
        "x.yaml",
    )
