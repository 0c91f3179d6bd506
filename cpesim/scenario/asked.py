"""
What a person asks of a run, in words: `rate +10%`, `do reboot group=homes pick=5%`.

Rule: pure; words in, a Step out, the same that a timeline would hold. What is wrong is
a ValueError that says what was expected. What `do` takes is in deed.py.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping, Sequence

from cpesim.quantity import parse_count, parse_rate
from cpesim.scenario.deed import ACTIONS, deed, near, one_of
from cpesim.scenario.step import Step

# Nobody types more; a request may come from anything that can write to a socket.
MOST_WORDS = 200
MOST_LETTERS = 16_000
MOST_RATE = 1e6
MOST_FACTOR = 1_000
_CHANGE = re.compile(r"([+-])([0-9]+(?:\.[0-9]+)?|\.[0-9]+)%")
Words = Sequence[str]


def asked(text: str | Words) -> Step:
    """The Step that the words ask for; ValueError says what was expected."""
    if isinstance(text, str):
        if len(text) > MOST_LETTERS:
            raise ValueError(f"expected at most {MOST_LETTERS:,} letters")
        words = shlex.split(text)
    else:
        words = list(text)
    if len(words) > MOST_WORDS:
        raise ValueError(f"expected at most {MOST_WORDS} words")
    if not words:
        raise ValueError(f"expected {one_of(VERBS)}")
    verb, *rest = words
    read = VERBS.get(verb)
    if read is None:
        close = f" (did you mean do {verb}?)" if verb in ACTIONS else near(verb, VERBS)
        raise ValueError(f"{verb}: expected {one_of(VERBS)}{close}")
    try:
        return read(rest)
    except OverflowError:
        raise ValueError(f"{verb}: expected a smaller number") from None


def _rate(words: Words) -> Step:
    load, (*change,) = _load(words)
    expected = "rate: expected +10%, -10%, 500/s or plan, and load=NAME perhaps"
    if len(change) != 1:
        raise ValueError(expected)
    (word,) = change
    if word == "plan":
        return Step("rate", arguments={"load": load, "factor": None})
    if found := _CHANGE.fullmatch(word):
        share = float(found[2]) / 100
        factor = 1 + share if found[1] == "+" else 1 - share
        if factor > MOST_FACTOR:
            raise ValueError(f"rate {word}: expected at most {MOST_FACTOR:,} times")
        if factor <= 0:
            raise ValueError(f"rate {word}: nothing is left; say pause for that")
        return Step("rate", arguments={"load": load, "factor": factor})
    try:
        to = parse_rate(word)
    except ValueError:
        raise ValueError(f"{expected}, not {word!r}") from None
    if to <= 0:
        raise ValueError("rate 0: say pause for that")
    if to > MOST_RATE:
        raise ValueError(f"rate: expected at most {MOST_RATE:,.0f}/s")
    return Step("rate", arguments={"load": load, "to": to})


def _load(words: Words) -> tuple[str, list[str]]:
    rest = [word for word in words if not word.startswith("load=")]
    loads = [word.removeprefix("load=") for word in words if word.startswith("load=")]
    if len(loads) > 1 or "" in loads:
        raise ValueError("load=NAME: expected one name")
    return (loads[0] if loads else ""), rest


def _resting(verb: str) -> Callable[[Words], Step]:
    def read(words: Words) -> Step:
        load, rest = _load(words)
        if rest:
            raise ValueError(f"{verb}: expected load=NAME or nothing, not {rest[0]!r}")
        return Step(verb, arguments={"load": load})

    return read


def _fault(words: Words) -> Step:
    if len(words) != 2 or words[1] not in ("active", "inactive", "on", "off"):
        raise ValueError("fault: expected NAME active, or NAME inactive")
    name, state = words
    active = state in ("active", "on")
    return Step("fault", arguments={"fault": name, "active": active})


def _limit(words: Words) -> Step:
    if len(words) != 2 or words[0] != "in_flight":
        raise ValueError("limit: expected in_flight N, as limit in_flight 6000")
    count = parse_count(words[1])
    if count < 1:
        raise ValueError("limit in_flight: expected at least 1")
    return Step("limit", arguments={"in_flight": count})


def _mark(words: Words) -> Step:
    text = " ".join(" ".join(words).split())
    if not text:
        raise ValueError("mark: expected a text")
    return Step("mark", arguments={"text": text[:200]})


def _stop(words: Words) -> Step:
    if list(words) not in ([], ["now"]):
        raise ValueError("stop: expected nothing more, or now")
    return Step("stop", arguments={"now": True} if words else {})


def _dump(words: Words) -> Step:
    if words:
        raise ValueError("dump: expected nothing more")
    return Step("dump")


def _do(words: Words) -> Step:
    if words and words[0] in VERBS:
        raise ValueError(f"do {words[0]}: say {words[0]} without do")
    return deed(words)


VERBS: Mapping[str, Callable[[Words], Step]] = {
    "rate": _rate,
    "pause": _resting("pause"),
    "resume": _resting("resume"),
    "fault": _fault,
    "do": _do,
    "limit": _limit,
    "mark": _mark,
    "dump": _dump,
    "stop": _stop,
}
