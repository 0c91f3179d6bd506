"""What is wrong with a limit is found before the run."""

from __future__ import annotations

import pytest

from cpesim.measure.outline import _SHORT
from cpesim.scenario.limits.check import check, checked_by_steps
from cpesim.scenario.limits.grammar import parse
from cpesim.scenario.limits.metrics import METRICS, RPCS
from cpesim.scenario.limits.sources import Cpes, sources
from cpesim.scenario.scenario import Acs, Group, Scenario
from cpesim.scenario.step import Injection, Phase, Place, Step
from cpesim.scenario.threshold import Threshold

SCENARIO = Scenario(
    name="storm",
    acs=Acs("http://127.0.0.1/"),
    groups=(Group("homes", 18, "gw"), Group("shops", 2, "ont", first=18)),
    phases=(Phase("baseline", 0.0), Phase("storm", 10.0), Phase("after", 20.0)),
    steps=(
        Step("power_cut", 7.0, name="dark"),
        Step(
            "check",
            9.0,
            arguments={"that": "fleet.at_version(2){group=homes} rate >= 90%"},
        ),
    ),
    injections=(Injection("flaky-wan", {}),),
)
# The thresholds of the examples in the design, as they stand there.
EXAMPLES = (
    "session.failed rate < 1%",
    "session.time p99 < 5s in baseline",
    "session.time p99 < 60s in storm",
    "recovery(dark) t95 < 4m",
    "recovery(dark) t100 < 10m",
    "inform.time p95 < 2s in after",
    "session.failed rate over 30s < 25%",
    "session.time{group=shops} p99 < 10s in storm",
    "campaign(2.0.0) done >= 95%",
    "campaign(2.0.0) t95 < 40m",
    "conn_request.answered rate > 99%",
    "conn_request.to_inform p95 < 3s",
    "transfer.time p95 < 3m",
    "session.failed{rpc=Download} rate < 0.5%",
    "session.failed rate over 10m < 0.5%",
    "session.time p95 over 10m < 1.5s",
    "session.time p95 drift < 5%/6h",
    "acs.connections_refused count == 0",
    "generator.rss drift < 50MB/24h",
)
OTHERS = (
    "session.started rate > 50/s",
    "session.done rate >= 99%",
    "session.done{group=homes} count >= 18",
    "session.time{profile=ont} p50 < 1s",
    "session.time{fault=flaky-wan} p50 < 1s",
    "session.failed{code=5xx} count == 0",
    "session.failed{kind=response timeout} count < 18k",
    "session.failed rate < 0.01",
    "session.time{phase=storm} avg <= 1s",
    "rpc.time{rpc=GetParameterValues} p99.9 < 1s",
    "rpc.time{rpc=X_00D09E_Ping} max < 1s",
    "bytes.in count < 5GB",
    "bytes.out rate < 10MB/s",
    "acs.status{code=503} rate < 1%",
    "generator.cpu max < 85%",
    "generator.lag avg < 20ms",
    "generator.fds max < 900",
    "generator.late rate < 1%",
    "fleet.ok{group=shops} rate >= 90% in after",
    "fleet.off value == 0",
    "transfer.time{kind=download} min > 1s",
    "transfer.failed{code=9010} count < 10",
    "generator.rss drift < 5%/1h",
)


def problems(text: str, **more: object) -> list[str]:
    """What is said of one limit, each with its place."""
    place = Place("mine.yaml", 60, 5)
    threshold = Threshold(text, place=place, **more)  # type: ignore[arg-type]
    return [str(problem) for problem in check([threshold], SCENARIO)]


@pytest.mark.parametrize("text", [*EXAMPLES, *OTHERS])
def test_what_can_be_judged_is_let_through(text: str) -> None:
    """The examples of the design, and each kind of metric, tag and value."""
    assert problems(text) == []


@pytest.mark.parametrize("name", METRICS)
def test_each_metric_is_in_a_limit_that_is_let_through(name: str) -> None:
    """The table has no row that cannot be used."""
    metric = METRICS[name]
    text = name
    text += {"": "", "set": "(dark)", "version": "(2)"}[metric.takes]
    if metric.needs:
        text += "{" + f"{metric.needs}={'Inform' if metric.needs == 'rpc' else 503}}}"
    text += {
        "times": " p95 < 1s",
        "counts": " count < 18" + ("MB" if metric.unit == "B" else ""),
        "gauge": " max < " + {"s": "1s", "%": "5%", "B": "1GB", "": "9"}[metric.unit],
        "states": " rate < 10%",
        "reached": " t50 < 1m",
    }[metric.kind]
    assert problems(text) == []
    assert sources(parse(text), [Cpes("homes", "gw", 18)]) is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("session.tme p99 < 5s", "60:5: unknown metric 'session.tme' (did you mean"),
        ("nothing count < 5", "unknown metric 'nothing': expected one of session.time"),
        ("session.time p99 < 5s in strom", "60:30: unknown phase 'strom' (did you"),
        ("session.time p99 < 5s in x", "expected one of baseline, storm, after"),
        ("session.time{group=hoems} p99 < 5s", "60:24: unknown group 'hoems' (did you"),
        (
            "session.time{gruop=homes} p99 < 5s",
            "60:18: session.time has no tag 'gruop'",
        ),
        ("inform.time{group=homes} p99 < 5s", "no tag 'group': expected none"),
        ("session.time{serial=A1} p99 < 5s", "has no tag 'serial'"),
        ("session.time{fault=flaky} p99 < 5s", "unknown fault 'flaky' (did you mean"),
        ("rpc.time{rpc=GetParamValues} p99 < 5s", "did you mean GetParameterValues?"),
        ("rpc.time p99 < 5s", "60:13: rpc.time needs a tag: {rpc=…}"),
        ("acs.status{code=oops} count < 5", "expected a code, as 503 or 5xx"),
        ("session.failed{code=503,group=homes} count < 5", "at once"),
        ("recovery(drak) t95 < 4m", "60:14: unknown set 'drak' (did you mean dark?)"),
        ("recovery t95 < 4m", "60:13: recovery needs a set in parentheses"),
        ("session.time(dark) p95 < 4m", "takes no parentheses"),
        ("recovery(dark) t95 over 1m < 4m", "it takes no `over`"),
        ("recovery(dark) t95 < 4m in storm", "60:29: recovery is of the whole run"),
        ("session.time rate < 5%", "expected how often, as 50/s"),
        ("session.time p99 < 5%", "60:24: session.time p99 is a time"),
        ("session.time p99 < 5", "is a time, as 500ms or 4m, not 5"),
        ("session.time p99 < 5s/1m", "and nothing behind it"),
        ("session.failed rate < 1", "(did you mean 1%?)"),
        ("session.failed p99 < 1s", "60:20: session.failed has no p99: expected count"),
        ("session.time drift < 5%/6h", "session.time has no value"),
        ("session.time t95 < 5s", "session.time has no t95"),
        ("recovery(dark) p95 < 5s", "recovery has no p95: expected t1 to t100, done"),
        ("generator.rss drift < 5s/6h", "a drift of generator.rss is a share"),
        ("fleet.ok rate < 5/s", "a share of all CPEs"),
        ("bytes.in rate < 5%", "expected how often, as 5MB/s"),
        ("session.time p99 <> 5s", "60:22: expected one of"),
    ],
)
def test_what_cannot_be_judged_is_told_with_its_place(text: str, said: str) -> None:
    """File, line, column inside the text, and what was expected."""
    (problem, *_) = problems(text)
    assert problem.startswith("mine.yaml:60:")
    assert said in problem


def test_all_mistakes_of_a_limit_are_told_at_once() -> None:
    """Set, tag and phase."""
    found = problems("recovery(drak){group=x} t95 < 4m in strom")
    assert len(found) == 4


def test_how_strictly_a_limit_is_meant_is_checked_too() -> None:
    """Severity is one of two words, and a warning cannot end the run."""
    assert (
        "expected fail or warn"
        in problems("session.time p9"[:-2] + "max < 1s", severity="bad")[0]
    )
    assert (
        "only warns"
        in problems("session.time max < 1s", severity="warn", abort=True)[0]
    )


def test_an_option_is_named_with_its_text() -> None:
    """There is no file whose line could be told."""
    given = Threshold("session.tme p99 < 5s", place=Place("--threshold"))
    (problem,) = check([given], SCENARIO)
    assert str(problem).startswith("--threshold 'session.tme p99 < 5s':1:1: unknown")


def test_what_steps_ask_is_a_limit_too() -> None:
    """A `check` of the timeline."""
    (asked,) = checked_by_steps(SCENARIO)
    assert check([asked], SCENARIO) == []


def test_where_the_figures_come_from() -> None:
    """Tags lead to the names that are counted by; one group alone has none."""
    two = [Cpes("homes", "gw", 18), Cpes("shops", "ont", 2)]
    by_group = parse("session.failed{group=homes} rate < 1%")
    found = sources(by_group, two)
    assert found.counters == ("sessions.failed{group=homes}",)
    assert found.of == ("sessions.done{group=homes}", "sessions.failed{group=homes}")
    assert sources(by_group, two[:1]).counters == ("sessions.failed",)
    assert sources(parse("session.time{profile=ont} p95 < 1s"), two).series == (
        "session{group=shops}",
    )
    rpc = sources(parse("session.failed{rpc=Download} rate < 1%"), two)
    assert (rpc.counters, rpc.of, rpc.of_series) == (
        ("failed_on.*@Download",),
        (),
        ("Download",),
    )
    code = sources(parse("session.failed{code=5xx} rate < 1%"), two)
    assert code.counters == ("failed.http 5*",)
    fault = sources(parse("session.failed{fault=flaky-wan} rate < 1%"), two)
    assert fault.of == (
        "injected.done{fault=flaky-wan}",
        "injected.failed{fault=flaky-wan}",
    )
    fleet = sources(parse("fleet.at_version(2.0.0) rate >= 90%"), two)
    assert fleet.gauges == (
        "at_version{group=homes,version=2.0.0}",
        "at_version{group=shops,version=2.0.0}",
    )
    assert fleet.cpes == 20


def test_every_exchange_that_tables_know_can_be_limited() -> None:
    """The names of latency tables are names of RPCs."""
    others = {"session.service", "tls", "knock", "download", "upload"}
    assert set(_SHORT) - others <= set(RPCS)
