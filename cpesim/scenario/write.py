"""
A scenario as YAML: what `--print-scenario` prints, and what a run keeps of itself.

Rule: what is written here, `load.py` reads back as the same scenario; what is as the
forms' defaults have it is left out, but for what people look for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf
from typing import Any

from cpesim.scenario.scenario import (
    DEFAULT_LATE_START,
    WHOLE,
    Acs,
    Behaviour,
    Group,
    Load,
    Outcome,
    Report,
    Scenario,
)
from cpesim.scenario.shape import Shape
from cpesim.scenario.spelling.spell import (
    Bare,
    bits,
    document,
    duration,
    factor,
    rate,
    share,
)
from cpesim.scenario.spelling.steps import injection, kept, shape, timeline
from cpesim.scenario.threshold import Threshold

Document = dict[str, Any]


def write_scenario(scenario: Scenario) -> str:
    """The scenario as a file for `cpesim run`."""
    return document(_scenario(scenario))


def _scenario(scenario: Scenario) -> Document:
    fleet: Document = {}
    start: Document = {"state": "known"} if scenario.start.known else {}
    if scenario.start.ramp is not None:
        start["ramp"] = Bare(duration(scenario.start.ramp))
    if start:
        fleet["start"] = start
    if scenario.timer_scale != 1.0:
        fleet["timer_scale"] = Bare(factor(scenario.timer_scale))
    fleet["groups"] = {group.name: _group(group) for group in scenario.groups}
    limits: Document = {}
    if scenario.in_flight is not None:
        limits["in_flight"] = scenario.in_flight
    if scenario.late_start != DEFAULT_LATE_START:
        limits["late_start"] = Bare(share(scenario.late_start))
    return {
        "version": 1,
        "name": scenario.name,
        **kept(description=scenario.description),
        "seed": scenario.seed,
        "duration": Bare(duration(scenario.duration)),
        "grace": Bare(duration(scenario.grace)),
        "acs": _acs(scenario.acs),
        "fleet": fleet,
        **({"behaviour": {"plugin": scenario.plugin}} if scenario.plugin else {}),
        "load": [_load(load) for load in scenario.loads],
        **kept(
            timeline=timeline(scenario.phases, scenario.steps),
            faults=[injection(each) for each in scenario.injections],
            limits=limits,
            thresholds=[_threshold(each) for each in scenario.thresholds],
            report=_report(scenario.report),
        ),
    }


def _acs(acs: Acs) -> Document:
    default = Acs("")
    auth = {
        key: value
        for key, value in (
            ("username", acs.username),
            ("password_env", acs.password_env),
        )
        if value is not None
    }
    tls = {
        key: getattr(acs, name)
        for key, name in (
            ("least", "tls_least"),
            ("most", "tls_most"),
            ("resume", "tls_resume"),
            ("client_certs", "client_certs"),
        )
        if getattr(acs, name) != getattr(default, name)
    }
    return {
        "url": acs.url,
        **kept(auth=auth),
        "timeout": {
            "connect": Bare(duration(acs.connect_timeout)),
            "response": Bare(duration(acs.response_timeout)),
            "session": Bare(duration(acs.session_timeout)),
        },
        **kept(
            ca=acs.ca,
            insecure=acs.insecure,
            tls=tls,
            headers=dict(acs.headers),
            resolve=dict(acs.resolve),
            source_addresses=list(acs.source_addresses),
            listen=acs.listen,
            advertise=acs.advertise,
        ),
    }


def _group(group: Group) -> Document:
    inform: Document = {}
    if group.interval is not None:
        inform["interval"] = Bare(duration(group.interval))
    if group.spread:
        inform["phase"] = "spread"
    knock: Document = {} if group.listens else {"listen": "never"}
    if group.answer_after is not None:
        knock["answer_after"] = shape(group.answer_after)
    found = {"count": group.count, "profile": group.profile}
    for key in ("identities", "oui", "serial", "tag"):
        if getattr(group, key) is not None:
            found[key] = getattr(group, key)
    told = group.behaviour
    behaviour = {} if told is None else {"download": _behaviour(told)}
    return {
        **found,
        **kept(
            set=dict(group.values),
            inform=inform,
            connection_request=knock,
            behaviour=behaviour,
        ),
    }


def _behaviour(told: Behaviour) -> Document:
    transfer: Document = {}
    for key in ("fetch", "keep"):
        if getattr(told, key) is not None:
            transfer[key] = getattr(told, key)
    if told.bandwidth is not None:
        transfer["bandwidth"] = shape(told.bandwidth, bits)
    return kept(
        transfer=transfer,
        flash=_shape(told.flash),
        reboot=_shape(told.reboot),
        then=dict(told.then),
        complete_inform=list(told.complete_inform),
        outcomes=[_outcome(each) for each in told.outcomes],
    )


def _shape(told: Shape | None) -> Any:
    return None if told is None else shape(told)


def _outcome(outcome: Outcome) -> Document:
    # A fault of 0 says that there is an outcome, which one the rest does not say.
    nothing = not (outcome.fault or outcome.silent or outcome.keep_version)
    return {
        "share": Bare(share(outcome.share)),
        **({"fault": outcome.fault} if outcome.fault or nothing else {}),
        **({"at": outcome.at} if outcome.at != "transfer" else {}),
        **kept(silent=outcome.silent, keep_version=outcome.keep_version),
    }


def _load(load: Load) -> Document:
    found: Document = {"name": load.name, "executor": load.executor}
    if load.rate is not None:
        found["rate"] = Bare(rate(load.rate))
    if load.number is not None:
        found["number"] = load.number
    if load.at:
        found["at"] = Bare(duration(load.at))
    return {
        **found,
        **kept(
            groups=list(load.groups),
            stages=[
                {"for": Bare(duration(each.length)), "to": Bare(rate(each.to))}
                for each in load.stages
            ],
            arrivals="poisson" if load.poisson else "",
            session=kept(events=list(load.events), params=list(load.params)),
            plugin=load.plugin,
        ),
    }


def _threshold(threshold: Threshold) -> Any:
    default = Threshold("")
    found: Document = {"expr": threshold.text}
    if threshold.name:
        found["name"] = threshold.name
    if threshold.abort:
        found["abort"] = True
    if threshold.grace:
        found["grace"] = Bare(duration(threshold.grace))
    if threshold.stays:
        found["for"] = Bare(duration(threshold.stays))
    for key in ("min_samples", "severity"):
        if getattr(threshold, key) != getattr(default, key):
            found[key] = getattr(threshold, key)
    return threshold.text if len(found) == 1 else found


def _report(report: Report) -> Document:
    found: Document = {}
    if report.percentiles != WHOLE.percentiles:
        found["percentiles"] = list(report.percentiles)
    if report.formats != WHOLE.formats:
        found["formats"] = list(report.formats)
    if report.snapshot is not None:
        found["snapshot"] = Bare(duration(report.snapshot))
    if report.keep_detail:
        found["keep_detail"] = _detail(report.keep_detail)
    if report.trace_failures != WHOLE.trace_failures:
        found["trace_failures"] = report.trace_failures
    return found


def _detail(keeping: Mapping[int, float]) -> Document:
    pairs: Iterable[tuple[int, float]] = keeping.items()
    return {
        duration(span): "forever" if kept == inf else Bare(duration(kept))
        for span, kept in pairs
    }
