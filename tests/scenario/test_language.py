"""The scenario language: what it takes, and how what is wrong is told."""

from __future__ import annotations

from typing import Any

import pytest

from cpesim.scenario.load import read_scenario
from cpesim.scenario.scenario import Behaviour, Load, Scenario, Stage
from cpesim.scenario.shape import Shape
from cpesim.scenario.step import DeviceSet, Phase, Step
from cpesim.scenario.threshold import Threshold
from tests.scenario.test_load import LEAST, problems

# A step of the timeline stands in line 8, from column 3 on.
CUT = (
    "timeline:\n- {at: 1m, do: power_cut, devices: {group: homes, pick: 3}, as: dark}\n"
)


def read(more: str) -> Scenario:
    """The least scenario with more."""
    return read_scenario(LEAST + more, "/where/x.yaml")


def step(written: str) -> Step:
    """The step that an entry of the timeline makes, after a set and a phase."""
    text = f"{CUT}- {{at: 1m, phase: storm}}\n- {{at: 2m, {written}}}\n"
    return read(text).steps[-1]


@pytest.mark.parametrize(
    ("written", "do", "devices", "arguments"),
    [
        ("do: power_cut", "power_cut", None, {"restore_after": None}),
        (
            "do: power_cut, restore_after: 5m, devices: {pick: 2%}",
            "power_cut",
            DeviceSet(share=0.02),
            {"restore_after": 300.0},
        ),
        (
            "do: power_restore, devices: dark, arrive: 10s, inform: [1 BOOT],"
            " set: {Device.X: '{new.ipv4}'}",
            "power_restore",
            DeviceSet(name="dark"),
            {
                "arrive": Shape("fixed", 10.0),
                "inform": ("1 BOOT",),
                "set": {"Device.X": "{new.ipv4}"},
            },
        ),
        ("do: reboot, devices: {set: dark, pick: 2}", "reboot", None, {}),
        ("do: factory_reset", "factory_reset", None, {}),
        (
            "do: inform, events: ['4 VALUE CHANGE'], params: [Device.X], arrive: 1s",
            "inform",
            None,
            {
                "events": ("4 VALUE CHANGE",),
                "params": ("Device.X",),
                "arrive": Shape("fixed", 1.0),
            },
        ),
        (
            "do: value_change, set: {Device.X: '1'}",
            "value_change",
            None,
            {"set": {"Device.X": "1"}},
        ),
        (
            "do: set, set: {Device.X: '1'}, devices: {where: {Device.Y: '2'}}",
            "set",
            DeviceSet(where={"Device.Y": "2"}),
            {"set": {"Device.X": "1"}},
        ),
        ("do: connection_request", "connection_request", None, {}),
        (
            "do: add, group: homes, count: 1k, ramp: 30s",
            "add",
            None,
            {"group": "homes", "count": 1000, "ramp": 30.0},
        ),
        ("do: remove, devices: {pick: 5}", "remove", DeviceSet(count=5), {}),
        (
            "do: hook, exec: [sh, -c, 'echo $${HOME}'], expect: {exit: 3}",
            "hook",
            None,
            {"exec": ["sh", "-c", "echo ${HOME}"], "expect": {"exit": 3}},
        ),
        (
            "do: check, that: session.failed rate < 5%, else: warn",
            "check",
            None,
            {"that": "session.failed rate < 5%", "else": "warn"},
        ),
        ("do: rate, to: 80/s", "rate", None, {"load": "", "to": 80.0}),
        ("do: rate, factor: 150%", "rate", None, {"load": "", "factor": 1.5}),
        ("do: pause", "pause", None, {"load": ""}),
        ("do: resume", "resume", None, {"load": ""}),
        ("do: mark, text: here", "mark", None, {"text": "here"}),
        ("do: stop", "stop", None, {}),
    ],
)
def test_each_action(
    written: str, do: str, devices: DeviceSet | None, arguments: dict[str, Any]
) -> None:
    """Its own arguments, read."""
    found = step(written)
    assert (found.do, found.at, found.arguments) == (do, 120.0, arguments)
    if devices is not None:
        assert found.devices == devices


def test_a_hook_by_http() -> None:
    """All that a request may have."""
    found = step(
        "do: hook, http: {method: POST, url: 'http://x/', json: {a: [1, true, null]},"
        " headers: {A: b}, timeout: 5s}, expect: {status: 201, body: ok}"
    )
    assert found.arguments == {
        "http": {
            "method": "POST",
            "url": "http://x/",
            "json": {"a": [1, True, None]},
            "body": None,
            "headers": {"A": "b"},
            "timeout": 5.0,
        },
        "expect": {"status": 201, "body": "ok"},
    }


def test_places() -> None:
    """Each thing knows where it is written; phases come in the order of time."""
    scenario = read(
        CUT
        + "- {at: 2m, phase: b}\n- {at: 0s, phase: a}\n"
        + "thresholds:\n- session.failed rate < 1%\n- {name: x,"
        " expr: 'session.done count > 1'}\n" + "faults: [{name: f, dns: 1%}]\n"
    )
    assert [phase.name for phase in scenario.phases] == ["a", "b"]
    assert str(scenario.phases[0].place) == "/where/x.yaml:10:3"
    assert str(scenario.steps[0].place) == "/where/x.yaml:8:3"
    assert str(scenario.thresholds[0].place) == "/where/x.yaml:12:3"
    assert str(scenario.thresholds[1].place) == "/where/x.yaml:13:20"
    assert str(scenario.injections[0].place) == "/where/x.yaml:14:10"


FAULTS: dict[str, tuple[str, dict[str, Any]]] = {
    "tcp_reset_before_response": ("{p: 0.5%}", {"p": 0.005, "rpc": "Inform"}),
    "tcp_reset_mid_body": (
        "{p: 1%, rpc: Reboot}",
        {"p": 0.01, "rpc": "Reboot"},
    ),
    "delay_response": (
        "{p: 2%, by: {shape: lognormal, median: 400ms, sigma: 0.8, within: 5s}}",
        {"p": 0.02, "by": Shape("lognormal", 0.4, 0.8, 5.0)},
    ),
    "slow_read": ("{rate: 8kbit}", {"p": 1.0, "rate": 1000.0}),
    "connect_drop": ("5%", {"p": 0.05}),
    "tls_fail": ("{}", {"p": 1.0}),
    "no_cookie": ("100%", {"p": 1.0}),
    "duplicate_inform": ("1%", {"p": 0.01}),
    "cwmp_fault": (
        "{p: 3%, code: 9003, rpc: SetParameterValues}",
        {"p": 0.03, "code": 9003, "rpc": "SetParameterValues"},
    ),
    "wrong_id": ("1%", {"p": 0.01}),
    "malformed_xml": ("1%", {"p": 0.01, "message": "inform"}),
    "oversize": (
        "{p: 1%, size: 2MB, message: answer}",
        {"p": 0.01, "size": 2_000_000, "message": "answer"},
    ),
    "clock_skew": ("{by: -2h}", {"p": 1.0, "by": -7200.0}),
    "dns": ("1%", {"p": 0.01}),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_each_kind_of_fault(kind: str) -> None:
    """Its own arguments, read; a share alone is `p`."""
    written, arguments = FAULTS[kind]
    text = f"{CUT}- {{at: 3m, phase: storm}}\nfaults:\n- name: f\n  devices: dark\n"
    more = f"  share: 10%\n  during: storm\n  state: inactive\n  {kind}: {written}\n"
    (fault,) = read(text + more).injections
    assert fault.kinds == {kind: arguments}
    assert fault.devices == DeviceSet(name="dark", share=0.1)
    assert (fault.phase, fault.active) == ("storm", False)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("{executor: fleet, groups: [homes]}", Load("timers", "fleet", ("homes",))),
        (
            "{executor: arrival-rate, rate: 2/s, arrivals: poisson, stages:"
            " [{for: 6h, to: 1/s}, {for: 1m, to: 0}], session: {events: [a],"
            " params: [b]}}",
            Load(
                "arrivals",
                "arrival-rate",
                rate=2.0,
                stages=(Stage(21600.0, 1.0), Stage(60.0, 0.0)),
                poisson=True,
                events=("a",),
                params=("b",),
            ),
        ),
        (
            "{name: busy, executor: in-flight, number: 50}",
            Load("busy", "in-flight", number=50),
        ),
        (
            "{executor: at-once, number: 5, at: 30s}",
            Load("at-once", "at-once", number=5, at=30.0),
        ),
    ],
)
def test_each_executor(written: str, expected: Load) -> None:
    """A name where none is written."""
    assert read(f"load: [{written}]\n").loads == (expected,)


def test_loads_without_names_are_told_apart() -> None:
    """The second one of a kind gets a number."""
    found = read(
        "load: [{executor: fleet}, {executor: at-once}, {executor: at-once}]\n"
    )
    assert [load.name for load in found.loads] == ["timers", "at-once", "at-once-2"]


def test_groups() -> None:
    """Own keys over those of the one it is like, over the defaults."""
    text = LEAST.replace(
        "    homes: {count: 10}\n",
        """\
    a:
      count: 10
      tag: one
      set: {Device.A: "1", Device.B: "2"}
      inform: {interval: 10m}
      connection_request: {listen: never, auth: digest, answer_after: 20ms}
    b: {count: 5, like: a, tag: two, set: {Device.B: "3"}, inform: {interval: 1m}}
    c: {count: 5, inform: {phase: profile}, behaviour: {download: {flash: 1m}}}
  defaults: {inform: {interval: 1h, phase: spread}, retry: tr069}
behaviour: {download: {flash: {shape: uniform, min: 1s, max: 2s}}}
""",
    )
    a, b, c = read_scenario(text, "x.yaml").groups
    assert (a.interval, a.spread, a.listens) == (600.0, True, False)
    assert (b.first, b.tag, b.interval, b.spread) == (10, "two", 60.0, True)
    assert b.values == {"Device.A": "1", "Device.B": "3"}
    assert (b.listens, b.answer_after) == (False, Shape("fixed", 0.02))
    assert (c.interval, c.spread) == (3600.0, False)
    assert a.behaviour == Behaviour(flash=Shape("uniform", 1.0, 2.0))
    assert c.behaviour == Behaviour(flash=Shape("fixed", 60.0))


def test_thresholds() -> None:
    """A text, or all that the mapping adds."""
    found = read(
        "thresholds:\n- session.failed rate < 1%\n"
        "- {expr: session.time p95 < 1s, name: n, abort: true, grace: 1m, for: 30s,"
        " min_samples: 1k}\n- {expr: session.done count > 1, severity: warn}\n"
    ).thresholds
    assert found == (
        Threshold("session.failed rate < 1%"),
        Threshold("session.time p95 < 1s", "n", True, 60.0, 30.0, 1000),
        Threshold("session.done count > 1", severity="warn"),
    )


def test_the_end() -> None:
    """The duration or the timeline's stop, whichever is first, or five minutes."""
    assert read("").duration == 300.0
    assert read("timeline: [{at: 7m, do: stop}]\n").duration == 420.0
    assert read("duration: 8m\ntimeline: [{at: 7m, do: stop}]\n").duration == 420.0
    assert read("duration: 6m\n").duration == 360.0


def test_variables() -> None:
    """As they are written; --var over the environment, over the file."""
    text = (
        LEAST.replace("name: least", "name: ${A}-${B}-${C}").replace(
            "count: 10", "count: '${N}'"
        )
        + "vars: {A: 1.10, B: no, C: c, N: 2k}\n"
    )
    scenario = read_scenario(text, "x", {"CPESIM_VAR_B": "env", "CPESIM_VAR_C": "env"})
    assert (scenario.name, scenario.count) == ("1.10-env-env", 2000)
    scenario = read_scenario(text, "x", {"CPESIM_VAR_C": "env"}, {"C": "given"})
    assert scenario.name == "1.10-no-given"
    escaped = LEAST.replace("name: least", "name: ${A}") + "vars: {A: '$${B}'}\n"
    assert read_scenario(escaped, "x").name == "${B}"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        # YAML's traps.
        ("timeline: [{at: 10:30, phase: a}]", "7:17: 10:30 without quotes is a number"),
        ("timeline: [{at: '10:30', phase: a}]", "did you mean 10m30s?"),
        ("duration: 10:30", "7:11: 10:30 without quotes is a number in base 60"),
        ("timeline: [{phase: a, at: 5}]", "7:27: expected a duration with its unit"),
        ("description: no", 'which is true or false to YAML: write "no"'),
        (
            "timeline: [{at: 0s, do: set, set: {Device.X: 1.10}}]",
            "7:46: expected a text, not '1.10', which is a number to YAML: write",
        ),
        # Names that are nowhere.
        (
            "load: [{executor: fleet, groups: [home]}]",
            "7:35: no group is called 'home'",
        ),
        ("load: [{executor: fleet, groups: [home]}]", "did you mean homes?"),
        (
            "timeline: [{at: 0s, do: reboot, devices: {group: hoems}}]",
            "7:50: no group is called 'hoems' (did you mean homes?)",
        ),
        ("faults: [{name: a, during: b, dns: 1%}]", "7:28: no phase is called 'b'"),
        (
            "timeline: [{at: 0s, do: reboot, devices: dark}]",
            "7:42: no set of devices is called 'dark'",
        ),
        (
            "timeline: [{at: 0s, do: reboot, devices: homes}]",
            "7:42: homes is a group: write {group: homes}",
        ),
        (
            CUT + "- {at: 10s, do: reboot, devices: dark}",
            "9:34: 'dark' is named at 60.0s",
        ),
        (
            CUT + "- {every: 10s, do: reboot, devices: dark}",
            "9:37: 'dark' is named at 60.0s",
        ),
        (
            "timeline:\n- {at: 60s, do: reboot, devices: dark}\n"
            "- {at: 1m, do: power_cut, as: dark}",
            "8:34: 'dark' is named in the same moment, but in line 9",
        ),
        (
            "timeline: [{at: 0s, do: fault, fault: a}]",
            "7:39: no fault is called 'a': there is none",
        ),
        ("timeline: [{at: 0s, do: pause, load: a}]", "7:38: no load is called 'a'"),
        (
            "load: [{name: a, executor: fleet}]\n"
            "timeline: [{at: 0s, do: rate, load: a, to: 5/s}]",
            "8:37: a has no rate: its executor is fleet",
        ),
        # Names that are there twice.
        (
            "load: [{name: a, executor: fleet}, {name: a, executor: fleet}]",
            "7:43: a second load 'a': the first is in line 7",
        ),
        (
            "faults: [{name: a, dns: 1%}, {name: a, dns: 1%}]",
            "7:37: a second fault 'a'",
        ),
        (
            "timeline: [{at: 0s, phase: a}, {at: 1s, phase: a}]",
            "7:48: a second phase 'a'",
        ),
        (
            "timeline: [{at: 0s, phase: a}, {at: 0s, phase: b}]",
            "7:33: two phases begin at 0s: a is the other",
        ),
        (CUT + "- {at: 1m, do: reboot, as: dark}", "9:28: a second set 'dark'"),
        (
            "thresholds: [session.failed rate < 1%, session.failed rate < 1%]",
            "7:40: a second threshold",
        ),
        # Times.
        (
            "timeline: [{at: 6m, do: mark}]",
            "7:17: this step is after the end of the run, 5m00s",
        ),
        ("timeline: [{at: 6m, phase: a}]", "7:17: this phase is after the end"),
        ("load: [{executor: at-once, at: 6m}]", "7:32: this load is after the end"),
        ("timeline: [{do: mark}]", "7:12: expected one of `at:` and `every:`"),
        (
            "timeline: [{at: 0s, every: 1m, do: mark}]",
            "7:21: expected one of `at:` and `every:`",
        ),
        ("timeline: [{every: 1m, do: stop}]", "7:13: the run ends once"),
        (
            "timeline: [{at: 0s, jitter: 1s, do: mark}]",
            "7:21: `jitter:` belongs to `every:`",
        ),
        (
            "timeline: [{every: 10s, jitter: 6s, do: mark}]",
            "7:33: expected at most half of `every:`",
        ),
        # Choices.
        ("load: [{rate: 5/s}]", "7:8: 'executor' is missing"),
        (
            "load: [{executor: arrival-rate}]",
            "7:8: 'rate' is missing: expected it here, as 50/s",
        ),
        (
            "load: [{executor: fleet, rate: 5/s}]",
            "7:26: 'rate' does not belong here, but to arrival-rate",
        ),
        (
            "load: [{executor: arrival-rate, rate: 1, plugin: 'a.py:B'}]",
            "7:33: the plug-in says the rate",
        ),
        (
            "load: [{executor: arival-rate, rate: 1}]",
            "7:19: expected fleet, arrival-rate, in-flight or at-once, not"
            " 'arival-rate' (did you mean arrival-rate?)",
        ),
        ("timeline: [{at: 0s, do: power_cutt}]", "(did you mean power_cut?)"),
        ("timeline: [{at: 0s, phse: a}]", "unknown key 'phse' (did you mean phase?)"),
        (
            "timeline: [{at: 0s, phase: a, do: mark}]",
            "7:21: a phase and a step are two entries",
        ),
        (
            "timeline: [{at: 0s, do: reboot, restore_after: 5m}]",
            "7:33: 'restore_after' does not belong here, but to do: power_cut",
        ),
        (
            "timeline: [{at: 0s, do: power_cut, restor_after: 5m}]",
            "7:36: unknown key 'restor_after' (did you mean restore_after?)",
        ),
        ("timeline: [{at: 0s, do: rate}]", "7:12: expected one of `to:` and `factor:`"),
        ("timeline: [{at: 0s, do: hook}]", "7:12: expected one of `http:` and `exec:`"),
        (
            "timeline: [{at: 0s, do: hook, exec: [a], expect: {status: 200}}]",
            "7:51: 'status' is for http: this hook has none",
        ),
        (
            "timeline: [{at: 0s, do: hook, http: {url: 'ftp://x/'}}]",
            "7:43: expected http(s)://HOST[:PORT]/PATH",
        ),
        (
            "timeline: [{at: 0s, do: hook, http: {url: 'http://x', body: a, json: 1}}]",
            "7:55: expected one of `json:` and `body:`",
        ),
        ("timeline: [{at: 0s, do: reboot, devices: {pick: 0.5}}]", "7:49: expected a"),
        ("faults: [{name: a}]", "7:10: expected a kind of fault"),
        (
            "faults: [{name: a, share: 1%, devices: {pick: 5}, dns: 1%}]",
            "7:20: expected one of `share:` and `pick:`",
        ),
        ("faults: [{name: a, delay_response: 1%}]", "7:36: expected a mapping"),
        (
            "faults: [{name: a, cwmp_fault: {code: 8000}}]",
            "7:39: expected a value",
        ),
        (
            "faults: [{name: a, delay_response: {by: {shape: unifrom, min: 1s}}}]",
            "'unifrom' (did you mean uniform?)",
        ),
        (
            "faults: [{name: a, delay_response: {by: {shape: uniform, min: 2s,"
            " max: 1s}}}]",
            "7:41: expected 'min' to be no more than 'max'",
        ),
        (
            "behaviour: {download: {outcomes: [{share: 60%, fault: 9010},"
            " {share: 50%, silent: true}]}}",
            "7:34: the shares make 110%",
        ),
        (
            "behaviour: {download: {outcomes: [{share: 60%}]}}",
            "7:35: expected `fault:`, `silent:` or `keep_version:`",
        ),
        (
            "report: {formats: [pdf]}",
            "7:20: expected 'html', 'json', 'junit' or 'hlog'",
        ),
        ("report: {keep_detail: {1500ms: 2h}}", "expected whole seconds"),
        ("thresholds: [session.tim p99 < 5s]", "7:14: "),
        ("timeline: [{at: 0s, do: check, that: session.tim p99 < 5s}]", "7:38: "),
        ("vars: {A: [1]}", "7:11: A: expected one value"),
        (
            "duration: 8m\n"
            "timeline: [{at: 7m, do: stop}, {at: 450s, do: mark, text: x}]",
            "8:37: this step is after the end of the run",
        ),
        (
            "description: ${A}\nvars: {A: 'x ${B}', B: y}",
            "8:14: ${B} in a variable: expected its value, written out",
        ),
        (
            "description: ${AB}\nvars: {ABC: x}",
            "there is no variable AB (did you mean ABC?)",
        ),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(written: str, told: str) -> None:
    """One problem for each mistake, at its own key or value."""
    found = problems(LEAST + written + "\n")
    place = told if told[0].isdigit() else ""
    matching = [line for line in found if told in line]
    assert matching, found
    assert not place or matching[0].startswith(f"x.yaml:{place[:4]}"[:10])
    if "phse" not in told:
        assert len(found) == 1, found


def test_groups_that_are_wrong() -> None:
    """`like` of nothing and in a circle, and an OUI that is none."""
    text = LEAST.replace(
        "    homes: {count: 10}\n",
        "    a: {count: 1, like: b}\n    b: {count: 1, like: a}\n"
        "    c: {count: 1, like: d}\n    d: {count: 1, oui: 001122}\n"
        "    e: {count: 1, like: x, oui: '00d09e'}\n",
    )
    found = problems(text)
    assert [line.partition(" ")[0] for line in found] == [
        *("x.yaml:6:25:", "x.yaml:7:25:", "x.yaml:9:24:"),
        *("x.yaml:10:25:", "x.yaml:10:33:"),
    ]
    assert "a is like itself in the end" in found[0]
    assert 'write "001122"' in found[2]
    assert "no other group is called 'x'" in found[3]
    assert "expected six digits" in found[4]


def test_everything_at_once() -> None:
    """Forms, names and times of one text, in its order."""
    found = problems(
        LEAST.replace("count: 10", "count: x")
        + "timeline: [{at: 9m, do: reboot, devices: dark}]\nlimits: {in_flght: 5}\n"
    )
    assert [line.partition(" ")[0] for line in found] == [
        *("x.yaml:6:20:", "x.yaml:7:17:", "x.yaml:7:42:", "x.yaml:8:10:")
    ]


def test_phases_do_not_need_steps() -> None:
    """They are values of their own."""
    assert read("timeline: [{at: 0s, phase: a}]\n").phases == (Phase("a", 0.0),)
