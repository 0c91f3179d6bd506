"""The text of a limit: what it means, and what is wrong with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpesim.scenario.limits.criterion import OPERATORS, UNITS, Bound, Criterion
from cpesim.scenario.limits.grammar import PLAIN_AGGREGATES, Mistake, parse
from cpesim.scenario.limits.scale import scaled
from cpesim.scenario.step import Place
from cpesim.scenario.threshold import Threshold

WORD = st.from_regex(r"[a-z][a-z0-9-]{0,9}", fullmatch=True)
DURATION = st.integers(1, 10**12).map(lambda us: us / 1e6)
PERCENT = st.sampled_from([50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99])
AGGREGATE = st.one_of(
    st.sampled_from(PLAIN_AGGREGATES),
    PERCENT.map(lambda p: f"p{p:g}"),
    st.integers(1, 100).map(lambda t: f"t{t}"),
)


@st.composite
def criteria(draw: st.DrawFn) -> Criterion:
    """Any criterion that a text can mean."""
    drift = draw(st.booleans())
    unit = draw(st.sampled_from(UNITS))
    amount = (
        draw(DURATION)
        if unit == "s"
        else draw(st.integers(-(10**9), 10**12).map(lambda n: n / 1000))
    )
    per = draw(DURATION) if drift or draw(st.booleans()) else None
    names = draw(st.lists(WORD.map(lambda w: w.replace("-", "_")), unique=True))
    names = [name for name in names if name != "phase"]
    return Criterion(
        metric=draw(st.sampled_from(["session.time", "recovery", "fleet.at_version"])),
        aggregate=draw(AGGREGATE),
        operator=draw(st.sampled_from(sorted(OPERATORS))),
        bound=Bound(amount, unit, per),
        of=draw(st.sampled_from(["", "dark", "2.0.0"])),
        tags=tuple(sorted((name, draw(WORD)) for name in names)),
        over=None if drift else draw(st.none() | DURATION),
        drift=drift,
        phase=draw(st.just("") | WORD),
    )


@given(criteria())
def test_what_is_printed_reads_back_the_same(criterion: Criterion) -> None:
    """Every criterion has a text, and the text means it."""
    assert parse(str(criterion)) == criterion
    assert str(parse(str(criterion))) == str(criterion)


@given(st.text(alphabet="sesion.time(){}=<>% 0159/pt,drifoveqa-\u00b5", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing but a Mistake, whose column is in the text."""
    column = 0
    try:
        parse(text)
    except Mistake as mistake:
        column = mistake.column
    assert 0 <= column <= len(text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (
            "session.failed rate < 1%",
            Criterion("session.failed", "rate", "<", Bound(1, "%")),
        ),
        (
            "session.time{group=shops} p99 < 10s in storm",
            Criterion(
                "session.time",
                "p99",
                "<",
                Bound(10, "s"),
                tags=(("group", "shops"),),
                phase="storm",
            ),
        ),
        (
            "recovery(dark) t95 < 4m",
            Criterion("recovery", "t95", "<", Bound(240, "s"), of="dark"),
        ),
        (
            "session.failed rate over 10m < 0.5%",
            Criterion("session.failed", "rate", "<", Bound(0.5, "%"), over=600),
        ),
        (
            "session.time p95 drift < 5%/6h",
            Criterion("session.time", "p95", "<", Bound(5, "%", 21600), drift=True),
        ),
        (
            "generator.rss drift < 50MB/24h",
            Criterion(
                "generator.rss", "value", "<", Bound(50, "MB", 86400), drift=True
            ),
        ),
        (
            "fleet.at_version(2.0.0){group=canary} rate >= 90%",
            Criterion(
                "fleet.at_version",
                "rate",
                ">=",
                Bound(90, "%"),
                of="2.0.0",
                tags=(("group", "canary"),),
            ),
        ),
        (
            " session.started  rate>50/s ",
            Criterion("session.started", "rate", ">", Bound(50, "", 1.0)),
        ),
        (
            "session.done count >= 18k in warm-up",
            Criterion("session.done", "count", ">=", Bound(18000), phase="warm-up"),
        ),
        (
            "session.time{phase=storm} p95 <= 1m30s",
            Criterion("session.time", "p95", "<=", Bound(90, "s"), phase="storm"),
        ),
        (
            "session.failed{code=5xx,group=a} count == 0",
            Criterion(
                "session.failed",
                "count",
                "==",
                Bound(0),
                tags=(("code", "5xx"), ("group", "a")),
            ),
        ),
    ],
)
def test_what_a_text_means(text: str, meant: Criterion) -> None:
    """Each part of the grammar."""
    assert parse(text) == meant


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("", 0, "expected a metric"),
        ("session.time", 12, "expected an aggregate"),
        ("session.time p9 < 1s", 13, "unknown aggregate 'p9'"),
        ("session.time ragte < 1s", 13, "did you mean rate?"),
        ("session.time p99 1s", 17, "expected one of < <= > >= == !=, not '1s'"),
        ("session.time p99 = 1s", 17, "not '='"),
        ("session.time p99 <", 18, "expected a value"),
        ("session.time p99 < 1sec", 19, "not '1sec'"),
        ("session.time p99 < 1s on storm", 22, "not 'on'"),
        ("session.time p99 < 1s in", 24, "expected a phase"),
        ("session.time p99 over 10 < 1s", 22, "did you mean 10s?"),
        ("session.time p99 over 0s < 1s", 22, "expected more than 0"),
        ("session.time p99 drift < 5%", 25, "expected a drift per time, as 5%/6h"),
        ("session.time p99 drift < 5%/x", 28, "expected a time behind /"),
        ("session.time p99 over 1m drift < 5%/h", 13, "not both"),
        ("session.time{group} p99 < 1s", 13, "expected tag=value"),
        ("session.time{group=a,group=b} p99 < 1s", 21, "twice"),
        ("recovery(dark t95 < 1m", 8, "expected a )"),
        ("recovery() t95 < 1m", 8, "expected a name"),
        ("session.time t101 < 1m", 13, "unknown aggregate"),
    ],
)
def test_a_mistake_has_its_place(text: str, column: int, said: str) -> None:
    """What was expected, and where."""
    with pytest.raises(Mistake) as caught:
        parse(text)
    assert caught.value.column == column
    assert said in str(caught.value)


def test_a_scaled_run_has_scaled_times() -> None:
    """Windows, the time of a drift, and how long a recovery may take; no latency."""
    for text, meant in (
        ("session.failed rate over 10m < 1%", "session.failed rate over 1m < 1%"),
        ("session.time p95 drift < 5%/6h", "session.time p95 drift < 5%/36m"),
        ("recovery(dark) t95 < 4m", "recovery(dark) t95 < 24s"),
        ("session.time p95 < 4m", "session.time p95 < 4m"),
        ("session.started rate > 50/s", "session.started rate > 50/s"),
    ):
        assert str(parse(text).scaled(0.1)) == meant


def test_a_scaled_threshold_has_scaled_times_too() -> None:
    """`for` and `grace`, and the place where it is written."""
    place = Place("soak.yaml", 40, 5)
    written = Threshold(
        "session.time p95 over 10m < 1.5s",
        abort=True,
        grace=60.0,
        stays=1800.0,
        place=place,
    )
    found = scaled(written, 0.1)
    assert found.text == "session.time p95 over 1m < 1.5s"
    assert (found.grace, found.stays, found.abort) == (6.0, 180.0, True)
    assert found.place == place
