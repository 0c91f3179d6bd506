"""What people type becomes the step that a timeline would hold."""

from __future__ import annotations

import shlex
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpesim.scenario.asked import MOST_LETTERS, VERBS, asked
from cpesim.scenario.deed import ACTIONS
from cpesim.scenario.shape import Shape
from cpesim.scenario.step import DeviceSet, Step

NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True)
PATHS = st.from_regex(r"Device(\.[A-Z][a-z]{1,6}){1,3}", fullmatch=True)
VALUES = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=12)


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("rate +10%", Step("rate", arguments={"load": "", "factor": 1.1})),
        ("rate -2.5%", Step("rate", arguments={"load": "", "factor": 0.975})),
        ("rate 500/s", Step("rate", arguments={"load": "", "to": 500.0})),
        ("rate 120/min load=a", Step("rate", arguments={"load": "a", "to": 2.0})),
        ("rate plan", Step("rate", arguments={"load": "", "factor": None})),
        ("pause", Step("pause", arguments={"load": ""})),
        ("resume load=x", Step("resume", arguments={"load": "x"})),
        ("fault wan active", Step("fault", arguments={"fault": "wan", "active": True})),
        ("fault wan off", Step("fault", arguments={"fault": "wan", "active": False})),
        ("limit in_flight 6k", Step("limit", arguments={"in_flight": 6_000})),
        ("mark here it  broke", Step("mark", arguments={"text": "here it broke"})),
        ("stop", Step("stop")),
        ("stop now", Step("stop", arguments={"now": True})),
        ("dump", Step("dump")),
        (
            "do power_cut group=homes pick=10% as=dark",
            Step(
                "power_cut",
                devices=DeviceSet(group="homes", share=0.1),
                name="dark",
                arguments={"restore_after": None},
            ),
        ),
        (
            "do power_restore devices=dark arrive=exponential:25s within=90s"
            " inform='1 BOOT,4 VALUE CHANGE' set Device.A.B={new.ipv4}",
            Step(
                "power_restore",
                devices=DeviceSet(name="dark"),
                arguments={
                    "arrive": Shape("exponential", 25.0, 0.0, 90.0),
                    "inform": ("1 BOOT", "4 VALUE CHANGE"),
                    "set": {"Device.A.B": "{new.ipv4}"},
                },
            ),
        ),
        (
            "do set pick=200 where Device.A='x y' set Device.B= Device.C=a=b",
            Step(
                "set",
                devices=DeviceSet(count=200, where={"Device.A": "x y"}),
                arguments={"set": {"Device.B": "", "Device.C": "a=b"}},
            ),
        ),
        (
            "do inform within=10s",
            Step(
                "inform",
                devices=DeviceSet(),
                arguments={
                    "arrive": Shape("uniform", 0.0, 10.0),
                    "events": (),
                    "params": (),
                },
            ),
        ),
        (
            "do watch group=homes as=back",
            Step("watch", devices=DeviceSet(group="homes"), name="back", arguments={}),
        ),
        (
            "do add group=homes count=5",
            Step("add", arguments={"group": "homes", "count": 5, "ramp": 0.0}),
        ),
        (
            "do add group=homes count=1k ramp=10s",
            Step("add", arguments={"group": "homes", "count": 1_000, "ramp": 10.0}),
        ),
        ("do reboot", Step("reboot", devices=DeviceSet())),
    ],
)
def test_words_become_steps(text: str, step: Step) -> None:
    """Each verb, and what its arguments mean."""
    assert asked(text) == step
    assert asked(shlex.split(text)) == step


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "expected rate, pause"),
        ("pauze", "did you mean pause?"),
        ("reboot", "did you mean do reboot?"),
        ("rate", "expected +10%"),
        ("rate fast", "not 'fast'"),
        ("rate 0", "say pause"),
        ("rate -100%", "say pause"),
        ("rate +1% load=", "expected one name"),
        ("pause now", "not 'now'"),
        ("fault wan", "NAME active"),
        ("limit memory 5", "in_flight N"),
        ("limit in_flight 0", "at least 1"),
        ("limit in_flight many", "expected a count"),
        ("mark", "expected a text"),
        ("stop it", "or now"),
        ("dump all", "nothing more"),
        ("do", "expected power_cut"),
        ("do rebot", "did you mean reboot?"),
        ("do pause", "say pause without do"),
        ("do hook", "timeline"),
        ("do reboot now", "expected KEY=VALUE"),
        ("do reboot grup=a", "did you mean group?"),
        ("do reboot group=a group=b", "twice"),
        ("do reboot group=", "expected a name"),
        ("do reboot group=a devices=b", "not both"),
        ("do reboot pick=0%", "more than 0%"),
        ("do reboot pick=0", "at least 1"),
        ("do reboot pick=120%", "at most 100%"),
        ("do reboot Device.A=1", "where or set"),
        ("do reboot set Device.A=1", "sets nothing"),
        ("do add group=a count=1 where Device.A=1", "chooses nobody"),
        ("do add group=a", "expected count="),
        ("do watch group=a", "expected as="),
        ("do add group=a count=0", "at least 1"),
        ("do value_change group=a", "set PATH=VALUE"),
        ("do inform arrive=soon", "expected a shape"),
        ("do inform arrive=uniform:9s:1s", "smaller"),
        ("do inform arrive=exponential:0s", "more than 0"),
        ("do inform arrive=lognormal:5s:99", "sigma"),
        ("do inform arrive=fixed:5s within=0", "more than 0"),
        ("do inform arrive=uniform:5s:9s within=5s", "nobody"),
        ("do inform events=,", "expected events"),
        ("do power_cut restore_after=3", "did you mean 3s"),
        ("limit in_flight " + "9" * 400, "smaller number"),
        ("rate 9" + "9" * 400, "at most 1,000,000/s"),
        ("rate +9999999%", "1,000 times"),
        ("mark 'open", "quotation"),
        ("mark " + "x " * 300, "at most 200 words"),
        ("x" * (MOST_LETTERS + 1), "letters"),
    ],
)
def test_what_is_wrong_is_said(text: str, told: str) -> None:
    """The error names what was expected."""
    with pytest.raises(ValueError, match=r".") as caught:
        asked(text)
    assert told.lower() in str(caught.value).lower()


@given(st.text(max_size=80))
def test_any_text_is_a_step_or_a_value_error(text: str) -> None:
    """Nothing that is typed makes anything else."""
    with suppress(ValueError):
        assert asked(text).do in {*VERBS, *ACTIONS}


WORDS = st.sampled_from(
    (
        *("do", "where", "set", "as=x", "pick=5%", "pick=7", "group=a", "=", "a="),
        *("Device.X=1", "plan", "active", "arrive=fixed:1s", "within=2s", "9" * 400),
        *VERBS,
        *ACTIONS,
    )
)


@given(st.lists(WORDS, max_size=8))
def test_any_words_are_a_step_or_a_value_error(words: list[str]) -> None:
    """Also those that nearly mean something."""
    with suppress(ValueError):
        assert asked(words).do in {*VERBS, *ACTIONS}


@given(NAMES, st.integers(1, 9_999), st.dictionaries(PATHS, VALUES, min_size=1))
def test_sets_come_back_whole(group: str, count: int, where: dict[str, str]) -> None:
    """Whatever the values are, quoted as a shell would."""
    paths = " ".join(shlex.quote(f"{path}={value}") for path, value in where.items())
    step = asked(f"do reboot pick={count} group={group} where {paths}")
    assert step.devices == DeviceSet(group=group, count=count, where=where)
