"""Scenario values as hypothesis draws them: whatever the language can say."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from cpesim.scenario.forms.faults import KINDS
from cpesim.scenario.scenario import (
    Acs,
    Behaviour,
    Group,
    Load,
    Outcome,
    Report,
    Scenario,
    Stage,
    Start,
)
from cpesim.scenario.shape import Shape
from cpesim.scenario.step import DeviceSet, Injection, Phase, Step
from cpesim.scenario.threshold import Threshold

END = 10_000.0
words = st.sampled_from(
    ["homes", "no", "on", "1.10", "a: b", "x #y", 'q"uote', "ümlaut", "${X}", "$${A} b"]
)
texts = words | st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\ufeff"), max_size=12
)
filled = texts.filter(lambda text: text.strip() == text != "" and "\n" not in text)
limits = st.sampled_from(
    [
        *("session.failed rate < 1%", "session.time p99 < 5s"),
        *("session.time p95 over 10m < 1.5s", "session.time p95 drift < 5%/6h"),
        "session.done count >= 10",
    ]
)
names = st.text("abcdeXYZ019-_.", min_size=1, max_size=6)
times = st.floats(0, END, allow_nan=False) | st.integers(0, int(END)).map(float)
spans = st.floats(1e-6, END, allow_nan=False) | st.sampled_from([0.31, 90.0, 3600.0])
shares = st.floats(0, 1, allow_subnormal=False) | st.sampled_from([0.07, 0.005, 0.9])
rates = st.floats(1e-3, 1e6) | st.sampled_from([0.1, 50.0, 1 / 3])
counts = st.integers(1, 10**6)
values = st.dictionaries(names, texts, max_size=2)
somewhere = names.map(lambda name: f"/where/{name}.csv")


def maybe(strategy: Any) -> Any:
    """None, or that."""
    return st.none() | strategy


@st.composite
def shapes(draw: Any, sizes: Any = spans) -> Shape:
    """Any shape."""
    kind = draw(st.sampled_from(["fixed", "uniform", "exponential", "lognormal"]))
    a, b = draw(sizes), draw(sizes)
    within = {} if draw(st.booleans()) else {"within": max(a, b)}
    if kind == "fixed":
        return Shape(kind, a)
    if kind == "uniform":
        return Shape(kind, min(a, b), max(a, b), **within)
    if kind == "exponential":
        return Shape(kind, a, **within)
    return Shape(kind, a, draw(st.floats(0, 10)), **within)


@st.composite
def device_sets(draw: Any, groups: list[str]) -> DeviceSet:
    """Some CPEs of a group, or of all."""
    count, share = draw(maybe(counts)), draw(maybe(shares))
    return DeviceSet(
        group=draw(st.sampled_from(["", *groups])),
        count=count,
        share=share if count is None else None,
        where=draw(values),
    )


behaviours = st.builds(
    Behaviour,
    fetch=maybe(st.booleans()),
    keep=maybe(st.booleans()),
    bandwidth=maybe(shapes(st.integers(8, 10**9).map(float))),
    flash=maybe(shapes()),
    reboot=maybe(shapes()),
    then=values,
    complete_inform=st.lists(texts, max_size=3).map(tuple),
    outcomes=st.lists(
        st.builds(
            Outcome,
            share=st.floats(0, 0.3, allow_subnormal=False),
            fault=st.sampled_from([0, 9010]),
            at=st.sampled_from(["transfer", "flash"]),
            silent=st.booleans(),
            keep_version=st.booleans(),
        ),
        max_size=3,
    ).map(tuple),
)


@st.composite
def groups(draw: Any) -> tuple[Group, ...]:
    """Some groups, whose numbers follow one another."""
    found: list[Group] = []
    first = 0
    for name in draw(st.lists(names, min_size=1, max_size=3, unique=True)):
        group = Group(
            name=name,
            count=draw(counts),
            profile=draw(st.sampled_from(["gpon-ont", "/where/a.yaml"])),
            first=first,
            identities=draw(maybe(somewhere)),
            interval=draw(maybe(spans)),
            spread=draw(st.booleans()),
            oui=draw(maybe(st.sampled_from(["00D09E", "001122"]))),
            serial=draw(maybe(texts)),
            tag=draw(maybe(texts)),
            values=draw(values),
            listens=draw(st.booleans()),
            answer_after=draw(maybe(shapes())),
            behaviour=draw(maybe(behaviours)),
        )
        found.append(group)
        first += group.count
    return tuple(found)


@st.composite
def loads(draw: Any, known: list[str]) -> tuple[Load, ...]:
    """Some loads of each kind."""
    found = []
    for name in draw(st.lists(names, min_size=1, max_size=3, unique=True)):
        kind = draw(st.sampled_from(["fleet", "arrival-rate", "in-flight", "at-once"]))
        more: dict[str, Any] = {}
        if kind != "fleet":
            more["events"] = tuple(draw(st.lists(texts, max_size=2)))
            more["params"] = tuple(draw(st.lists(names, max_size=2)))
        if kind == "arrival-rate":
            if draw(st.booleans()):
                more["plugin"] = "/where/my_shapes.py:Wave"
            else:
                stages = st.lists(st.builds(Stage, spans, rates | st.just(0.0)))
                more |= {"rate": draw(rates), "stages": tuple(draw(stages))}
            more["poisson"] = draw(st.booleans())
        if kind == "in-flight":
            more["number"] = draw(counts)
        if kind == "at-once":
            more |= {"number": draw(maybe(counts)), "at": draw(times)}
        chosen = tuple(draw(st.lists(st.sampled_from(known), max_size=2)))
        found.append(Load(name, kind, chosen, **more))
    return tuple(found)


@st.composite
def phases(draw: Any) -> tuple[Phase, ...]:
    """Phases in their order, each with a name and a moment of its own."""
    given = draw(st.lists(names, max_size=3, unique=True))
    at = draw(st.lists(times, min_size=3, max_size=3, unique=True))
    return tuple(map(Phase, given, sorted(at)))


def _arguments(draw: Any, do: str, known: dict[str, list[str]]) -> dict[str, Any]:
    events = st.lists(texts, max_size=2).map(tuple)
    if do == "power_cut":
        return {"restore_after": draw(maybe(spans))}
    if do == "power_restore":
        arrive = draw(maybe(shapes()))
        return {"arrive": arrive, "inform": draw(events), "set": draw(values)}
    if do == "inform":
        some = st.lists(texts, min_size=1, max_size=2).map(tuple)
        told = {"events": draw(some), "params": draw(events)}
        return {**told, "arrive": draw(maybe(shapes()))}
    if do in ("value_change", "set"):
        return {"set": {"Device.X": draw(texts)}}
    if do == "add":
        group = draw(st.sampled_from(known["groups"]))
        return {"group": group, "count": draw(counts), "ramp": draw(times)}
    if do == "fault" and known["faults"]:
        name = draw(st.sampled_from(known["faults"]))
        return {"fault": name, "active": draw(st.booleans())}
    if do == "hook":
        return draw(hooks)
    if do == "check":
        other = draw(st.sampled_from(["stop", "warn", "abort"]))
        return {"that": draw(limits), "else": other}
    if do == "rate":
        to = {"to": draw(rates)} if draw(st.booleans()) else {"factor": draw(rates)}
        return {"load": "", **to}
    if do in ("pause", "resume"):
        return {"load": draw(st.sampled_from(["", *known["loads"]]))}
    return {"text": draw(texts)} if do == "mark" else {}


json = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | texts,
    lambda below: st.lists(below, max_size=2) | st.dictionaries(names, below),
    max_leaves=4,
)
asked = st.fixed_dictionaries(
    {
        "method": st.sampled_from(["GET", "POST"]),
        "url": st.just("http://127.0.0.1:7557/campaigns"),
        "json": st.dictionaries(names, json, min_size=1, max_size=2),
        "body": st.none(),
        "headers": values,
        "timeout": spans,
    }
)
statuses = st.dictionaries(st.just("status"), st.integers(100, 599), max_size=1)
codes = st.dictionaries(st.just("exit"), st.integers(0, 255), max_size=1)
commands = st.lists(texts, min_size=1, max_size=2)
hooks = st.fixed_dictionaries({"http": asked, "expect": statuses}) | (
    st.fixed_dictionaries({"exec": commands, "expect": codes})
)
ABOUT_CPES = (
    *("power_cut", "power_restore", "reboot", "factory_reset", "inform"),
    *("value_change", "set", "connection_request", "remove", "watch"),
)
ACTIONS = (
    *ABOUT_CPES,
    *("add", "fault", "hook", "check", "rate", "pause", "resume", "mark", "stop"),
)


@st.composite
def steps(draw: Any, known: dict[str, list[str]]) -> tuple[Step, ...]:
    """Steps of every action."""
    found = []
    sets = st.lists(names, min_size=4, max_size=4, unique=True)
    for name in draw(sets)[: draw(st.integers(0, 4))]:
        do = draw(st.sampled_from(ACTIONS))
        if do == "fault" and not known["faults"]:
            continue
        every = None if do == "stop" else draw(maybe(spans.filter(lambda s: s < END)))
        jitter = every / 2 if every is not None and draw(st.booleans()) else 0.0
        more: dict[str, Any] = {}
        if do in ABOUT_CPES:
            more["devices"] = draw(maybe(device_sets(known["groups"])))
            more["name"] = name if draw(st.booleans()) else ""
        step = Step(
            do=do,
            # Nothing comes after a stop: it is the end.
            at=END if do == "stop" else draw(times) if every is None else 0.0,
            every=every,
            jitter=jitter,
            arguments=_arguments(draw, do, known),
            **more,
        )
        found.append(step)
    return tuple(found)


messages = st.sampled_from(["inform", "answer"])


def kind_arguments(draw: Any, kind: str) -> dict[str, Any]:
    """What a kind of fault may have beside *p*."""
    more: dict[str, Any] = {
        "delay_response": {"by": draw(shapes())},
        "slow_read": {"rate": draw(rates)},
        "cwmp_fault": {"code": draw(st.integers(9000, 9899)), "rpc": draw(texts)},
        "oversize": {"size": draw(counts), "message": draw(messages)},
        "malformed_xml": {"message": draw(messages)},
        "tcp_reset_before_response": {"rpc": draw(names)},
        "tcp_reset_mid_body": {"rpc": draw(names)},
        "clock_skew": {"by": draw(st.floats(-END, END, allow_subnormal=False))},
    }
    return {"p": draw(shares), **more.get(kind, {})}


@st.composite
def injections(draw: Any, known: dict[str, list[str]]) -> tuple[Injection, ...]:
    """Faults of every kind."""
    found = []
    for name in known["faults"]:
        kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=3))
        ordered = [kind for kind in KINDS if kind in kinds]
        found.append(
            Injection(
                name,
                {kind: kind_arguments(draw, kind) for kind in ordered},
                draw(device_sets(known["groups"])),
                draw(st.sampled_from(["", *known["phases"]])),
                draw(st.booleans()),
            )
        )
    return tuple(found)


thresholds = st.lists(
    st.builds(
        Threshold,
        limits,
        name=st.just("") | names,
        abort=st.booleans(),
        grace=times,
        stays=times,
        min_samples=counts,
        severity=st.sampled_from(["fail", "warn"]),
    ).filter(lambda limit: not (limit.abort and limit.severity == "warn")),
    max_size=3,
    unique_by=lambda limit: limit.name or limit.text,
).map(tuple)
reports = st.builds(
    Report,
    percentiles=st.lists(st.floats(0.1, 99.999), min_size=1, max_size=4).map(tuple),
    formats=st.lists(st.sampled_from(["html", "json", "junit", "hlog"])).map(tuple),
    snapshot=maybe(spans),
    keep_detail=st.dictionaries(
        st.integers(1, 3600), times | st.just(float("inf")), max_size=2
    ),
    trace_failures=st.integers(0, 1_000),
)
acss = st.builds(
    Acs,
    url=texts,
    username=maybe(texts),
    password_env=maybe(texts),
    connect_timeout=spans,
    response_timeout=spans,
    session_timeout=spans,
    ca=maybe(somewhere),
    insecure=st.booleans(),
    client_certs=maybe(somewhere),
    tls_least=st.sampled_from(["1.2", "1.3"]),
    tls_most=st.sampled_from(["1.2", "1.3"]),
    tls_resume=st.booleans(),
    headers=values.map(lambda told: tuple(told.items())),
    resolve=values,
    source_addresses=st.lists(st.sampled_from(["127.0.0.1", "::1"])).map(tuple),
    listen=maybe(filled),
    advertise=maybe(filled),
)


@st.composite
def scenarios(draw: Any) -> Scenario:
    """Whatever the language can say."""
    chosen, cut = draw(groups()), draw(phases())
    known = {
        "groups": [group.name for group in chosen],
        "phases": [phase.name for phase in cut],
        "faults": draw(st.lists(names, max_size=2, unique=True)),
    }
    running = draw(loads(known["groups"]))
    known["loads"] = [load.name for load in running]
    return Scenario(
        name=draw(texts),
        acs=draw(acss),
        groups=chosen,
        description=draw(texts),
        seed=draw(st.integers(0, 2**31)),
        duration=END,
        start=Start(draw(st.booleans()), draw(maybe(times))),
        loads=running,
        in_flight=draw(maybe(counts)),
        late_start=draw(shares),
        grace=draw(times),
        phases=cut,
        steps=draw(steps(known)),
        injections=draw(injections(known)),
        thresholds=draw(thresholds),
        report=draw(reports),
        plugin=draw(st.sampled_from(["", "/where/mine.py:Hook"])),
        timer_scale=draw(st.floats(1e-3, 10)),
    )
