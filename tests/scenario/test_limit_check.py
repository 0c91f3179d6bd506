"""What is wrong with a limit is found before the run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cpesim.cwmp import names
from cpesim.measure.outline import _SHORT
from cpesim.scenario.limits.check import check, checked_by_steps
from cpesim.scenario.limits.events import EVENTS, event_of
from cpesim.scenario.limits.extra import Extra, extra_of
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
    "http.ttfb p99 over 10s < 1s in storm",
    "session.time{event=1 BOOT} p95 < 2s",
    "session.time{event=boot,phase=storm} p95 < 2s",
    'session.service{event="2 PERIODIC"} p95 < 2s',
    "session.failed{event=4_value_change} rate < 1% in storm",
    "session.done{event=14} rate >= 99%",
    "session.done{event=M Reboot} count > 1",
    "session.done{event=X 00D09E Ping} count > 1",
    "generator.lag{worker=0} max < 20ms",
    "generator.rss{worker=worker-3} drift < 50MB/24h",
    "generator.cpu{worker=parent} avg < 85%",
    "generator.late{worker=11} rate < 1%",
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
        (
            "session.time{event=1 BOOTS} p95 < 2s",
            "60:24: unknown event '1 BOOTS' (did you mean 1 BOOT?)",
        ),
        ("session.time{event=bot} p95 < 2s", "event 'bot' (did you mean 1 BOOT?)"),
        ("session.done{event=15} count > 2", "unknown event '15': expected an event"),
        ("session.done{event=?} count > 2", "expected an event of an Inform, as 1"),
        ("session.started{event=1} count > 2", "has no tag 'event': expected none"),
        ("session.time{evnt=1} max < 2s", "no tag 'evnt' (did you mean event?)"),
        ("session.time{event=1,group=homes} max < 2s", "by event and group at once"),
        ("generator.lag{worker=x} max < 2s", "expected its number, from 0 on, or par"),
        ("generator.lag{worker=-1} max < 2s", "unknown worker '-1'"),
        ("generator.lag{worker=01} max < 2s", "unknown worker '01'"),
        ("generator.lag{worker=parnt} max < 2s", "(did you mean parent?)"),
        ("generator.late{worker=parent} count < 2", "60:27: unknown worker 'parent'"),
        ("session.time{worker=0} max < 2s", "no tag 'worker': expected group"),
        ("generator.cpu{host=a} max < 5%", "60:19: a run has one host: all is counted"),
        ("session.time{host=a} max < 2s", "60:18: a run has one host: all is counted"),
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


def test_a_worker_has_to_be_there() -> None:
    """Once it is known how many there are."""
    limits = [Threshold(f"generator.lag{{worker={n}}} max < 1s") for n in (0, 2)]
    assert check(limits, SCENARIO, 3) == []
    assert check(limits, SCENARIO) == []
    (two,) = check(limits, SCENARIO, 2)
    assert str(two).endswith("unknown worker '2': the run has 2, expected 0 to 1")
    (one,) = check(limits, SCENARIO, 1)
    assert str(one).endswith("unknown worker '2': the run has one, expected 0")


def test_an_event_is_known_however_it_is_written() -> None:
    """By its code, its number or its words; all of the standard, and a vendor's own."""
    assert (*names.EVENTS, *names.M_EVENTS) == EVENTS
    for code in EVENTS:
        number, _, words = code.partition(" ")
        for written in (code, code.lower(), words, words.upper(), f'"{code}"'):
            assert event_of(written) == code
            assert event_of(written.replace(" ", "_")) == code
        if number != "M":
            assert event_of(number) == code
    assert event_of("X 00D09E Odd One") == "X 00D09E Odd One"
    assert event_of("") is event_of("M") is event_of("15") is event_of("x") is None
    two = [Cpes("homes", "gw", 18), Cpes("shops", "ont", 2)]
    found = sources(parse("session.failed{event=boot} rate < 1%"), two)
    assert found.counters == ("sessions.failed{event=1 BOOT}",)
    assert found.of == ("sessions.done{event=1 BOOT}", "sessions.failed{event=1 BOOT}")
    worker = sources(parse("generator.lag{worker=worker-1} max < 1s"), two)
    assert worker.gauges == ("lag_p99{worker=1}",)


def test_what_is_measured_besides_is_what_limits_and_checks_name() -> None:
    """A run that names nothing of it measures nothing of it."""
    assert extra_of(SCENARIO) == Extra()
    asked = Step("check", 1.0, arguments={"that": "http.ttfb p95 < 1s"})
    assert extra_of(replace(SCENARIO, steps=(asked,))) == Extra(first_byte=True)
    limits = (
        "session.time{event=boot} p95 < 2s",
        "session.failed{event=4} rate < 1%",
        "generator.cpu{worker=0} max < 5%",
        "generator.cpu{worker=parent} max < 5%",
    )
    found = extra_of(replace(SCENARIO, thresholds=tuple(map(Threshold, limits))))
    assert found.events == {"1 BOOT", "4 VALUE CHANGE"}
    assert found.processes == {"worker-0", "parent"}
    assert not found.first_byte
    led = replace(SCENARIO, asked=(Threshold("http.ttfb max < 1s"),))
    assert extra_of(led).first_byte


def test_every_exchange_that_tables_know_can_be_limited() -> None:
    """The names of latency tables are names of RPCs."""
    others = {"session.service", "tls", "ttfb", "knock", "download", "upload"}
    assert set(_SHORT) - others <= set(RPCS)
