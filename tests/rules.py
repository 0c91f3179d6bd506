"""
The rules of the standard that a CPE keeps, and which tests show each.

Rule: every id that a test may name stands in RULES, in our own words. A whole run with
``--rules FILE`` writes {rule: {test: passed|failed|skipped}} and fails for a rule that
no passing test shows. `python -m tests.rules` writes docs/conformance.md anew.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "conformance.md"
MOST_IDS = 3
FAST = "not slow and not bench"  # the tests of rules are among these
# Connection requests behind NAT: to come.
LATER = {"C5": "UDP connection requests and STUN", "C6": "XMPP connection requests"}
GROUPS = {
    "V": "Versions",
    "S": "Sessions",
    "H": "HTTP and security",
    "R": "Retries",
    "E": "Events",
    "I": "Informs and notifications",
    "P": "Parameters and objects",
    "T": "Transfers",
    "C": "Connection requests",
    "B": "Reboot, reset, diagnostics, modules",
    "F": "Faults",
    "X": "What ACSs in the field do",
}
RULES = {
    "V1": "nothing is sent, listed or taken that the CWMP version lacks",
    "S1": "the Inform opens the session; cwmp:ID with mustUnderstand",
    "S2": "POST, Content-Type, an empty SOAPAction, Content-Length; bare empty POSTs",
    "S3": "one envelope a message, one connection a session; back after a close",
    "S4": "own requests after the InformResponse, one at a time, then an empty POST",
    "S5": "HoldRequests holds them back",
    "S6": "an answer in the next POST, with the ACS's ID",
    "S7": "no own request after the empty POST; when a session ends",
    "S8": "when a session fails, and is tried again",
    "S9": "8005 sends the same again, five times at most",
    "S10": "one session of a CPE at a time; what comes meanwhile is next",
    "S11": "unknown RPCs get 9000, malformed arguments 9003",
    "S12": "the namespace follows the ACS down; 1.3 and 1.4's headers",
    "S13": "unknown headers that must be understood",
    "S14": "a fault answers a request and nothing else",
    "S15": "large requests are taken",
    "H1": "Basic and Digest, the strongest that is offered",
    "H2": "a second refusal fails the session",
    "H3": "cookies for the length of the session",
    "H4": "302 and 307, five in a row",
    "H5": "chunked, 100 Continue, HTTP/1.0, odd heads",
    "H6": "TLS 1.2 and 1.3, host names, client certificates, SNI",
    "H7": "the CPE's own Username and Password",
    "H8": "a new ManagementServer.URL",
    "H9": "no pipelining",
    "H10": "HTTPCompression",
    "H11": "the default Username",
    "H12": "401 with and without Connection: close",
    "R1": "the session retry table",
    "R2": "RetryCount",
    "R3": "a new event cuts the wait",
    "R4": "undelivered events go along",
    "R5": "the ranges of the retry parameters",
    "E1": "event codes, to the letter",
    "E2": "single events once, M events for each cause",
    "E3": "0 BOOTSTRAP",
    "E4": "1 BOOT and M Reboot",
    "E5": "which response delivers which event",
    "E6": "6 CONNECTION REQUEST and 2 PERIODIC for their own causes only",
    "E7": "what undelivered events outlive",
    "I1": "the parts of an Inform",
    "I2": "forced parameters of both data models",
    "I3": "periodic Informs",
    "I4": "value changes",
    "I5": "ScheduleInform",
    "I6": "the throttle of active notifications",
    "I7": "default notifications",
    "I8": "InformParameter",
    "I9": "EnableCWMP",
    "I10": "HeartbeatPolicy",
    "I11": "StandbyPolicy",
    "P1": "GetParameterValues",
    "P2": "GetParameterNames",
    "P3": "SetParameterValues: all or nothing",
    "P4": "types, enumerations, ranges, patterns",
    "P5": "attributes",
    "P6": "AddObject",
    "P7": "DeleteObject",
    "P8": "alias-based addressing",
    "P9": "GetRPCMethods",
    "P10": "ParameterKey",
    "P11": "aliases and InstanceMode",
    "P12": "instance wildcards",
    "P13": "references in values",
    "P14": "texts go round unchanged",
    "T1": "Download and its answer",
    "T2": "file types",
    "T3": "when and how a transfer starts",
    "T4": "how its end is told",
    "T5": "fault codes of transfers",
    "T6": "ScheduleDownload",
    "T7": "CancelTransfer and the queues",
    "T8": "TransferComplete is kept until its response",
    "T9": "autonomous transfers and RequestDownload",
    "T10": "how many transfers are queued",
    "T11": "configuration files",
    "T12": "policies of autonomous reports",
    "C1": "GET, the CPE's path, Digest",
    "C2": "the answer at once, the session soon",
    "C3": "in a session, too many, and in the dark",
    "C4": "strangers start nothing and cost little",
    "C7": "several requests before a session are one",
    "C8": "HTTPConnectionRequestEnable",
    "C9": "http only, any caller, a body is ignored",
    "B1": "Reboot",
    "B2": "FactoryReset",
    "B3": "diagnostics run and are told",
    "B4": "ChangeDUState is answered at once and told later",
    "B5": "DiagnosticsState and 8 DIAGNOSTICS COMPLETE",
    "B6": "ScheduleReboot and DelayReboot",
    "B7": "operations and their results",
    "F": "fault codes and the form of a fault",
    "X1": "the Inform again on the same connection after a 401",
    "X2": "ends by 204 and by 200; an empty answer to the Inform",
    "X3": "foreign texts in cwmp:ID",
    "X4": "undeclared prefixes, white space, gzip unasked",
    "X5": "head and body in one segment, TCP_NODELAY and QUICKACK",
    "X6": "the true xsi:type everywhere",
    "X7": "Retry-After; failures counted apart",
    "X8": "an ACS that never ends a session",
    "X9": "a source address for each CPE",
    "X10": "ACSs that insist on cwmp-1-0",
    "X11": "1 BOOT and M Reboot together",
    "X12": "a long first contact",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option that asks for the table."""
    parser.addoption(
        "--rules", metavar="FILE", help="write {rule: {test: outcome}} to a JSON file"
    )
    parser.addoption("--rule", metavar="ID", help="run the tests of one rule only")


def pytest_configure(config: pytest.Config) -> None:
    """Look on where the table is asked for."""
    target = config.getoption("--rules")
    if target:
        config.pluginmanager.register(Outcomes(config, Path(target)))


def named(item: pytest.Item) -> list[str]:
    """The rules that a test names, each once."""
    ids = (id for mark in item.iter_markers("rule") for id in mark.args)
    return list(dict.fromkeys(ids))


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Known ids, three at the most, and on fast tests only."""
    wrong = []
    for item in items:
        ids = named(item)
        if unknown := [id for id in ids if id not in RULES]:
            wrong.append(f"{item.nodeid}: no rule {', '.join(unknown)}")
        if len(ids) > MOST_IDS:
            wrong.append(f"{item.nodeid}: more than {MOST_IDS} rules")
        if ids and any(item.get_closest_marker(m) for m in ("slow", "bench")):
            wrong.append(f"{item.nodeid}: a test of a rule is a fast one")
    if wrong:
        raise pytest.UsageError("\n".join(wrong))
    if rule := config.getoption("--rule"):
        items[:] = [item for item in items if rule in named(item)]


class Outcomes:
    """What became of each test, by the rules that it names."""

    def __init__(self, config: pytest.Config, target: Path) -> None:
        self._target = target
        self._rules: dict[str, list[str]] = {}
        self._outcomes: dict[str, dict[str, str]] = {id: {} for id in RULES}
        option = config.option
        self._whole = (
            config.args_source is pytest.Config.ArgsSource.TESTPATHS
            and option.markexpr == FAST
            and not (option.keyword or option.lf or option.collectonly or option.rule)
        )
        self.missing: list[str] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._rules = {item.nodeid: named(item) for item in session.items}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" and report.passed:
            return
        for id in self._rules.get(report.nodeid, ()):
            self._outcomes[id][report.nodeid] = str(report.outcome)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        text = json.dumps(self._outcomes, indent=1, sort_keys=True)
        self._target.write_text(text + "\n", encoding="utf-8")
        if self._whole:
            found = self._outcomes.items()
            self.missing = [id for id, t in found if "passed" not in t.values()]
        if self.missing and not session.exitstatus:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter
    ) -> None:
        shown = sum("passed" in tests.values() for tests in self._outcomes.values())
        terminalreporter.write_line(
            f"{shown} of {len(RULES)} rules shown by a passing test"
        )
        for id in self.missing:
            words = f"no passing test shows rule {id}: {RULES[id]}"
            terminalreporter.write_line(words, red=True)


# The page.


def marked(path: Path) -> Iterator[tuple[str, str]]:
    """(rule, test) of each mark in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for call in (d for d in node.decorator_list if isinstance(d, ast.Call)):
            if ast.unparse(call.func) == "pytest.mark.rule":
                for id in call.args:
                    assert isinstance(id, ast.Constant)
                    yield str(id.value), node.name


def page() -> str:
    """docs/conformance.md, from the rules and the tests that name them."""
    found: dict[str, dict[str, int]] = {id: {} for id in RULES}
    for path in sorted(HERE.rglob("test_*.py")):
        where = path.relative_to(HERE).as_posix()
        for id, _ in marked(path):
            found[id][where] = found[id].get(where, 0) + 1
    lines = [
        "# Conformance",
        "",
        "The rules of CWMP (TR-069 Amendment 6) that a virtual CPE keeps, by id, with",
        "the tests that show each. `python -m pytest --rules rules.json` runs them and",
        "writes what became of every one; a whole run fails for a rule that no passing",
        "test shows. `python tests/mutants.py` breaks rules in the code one at a time,",
        "and shows that their tests notice. `python -m tests.rules` makes this page.",
    ]
    for letter, title in GROUPS.items():
        lines += ["", f"## {title}", "", "| rule | what | tests |", "|---|---|---|"]
        for id, words in RULES.items():
            if id[0] == letter:
                files = ", ".join(f"{f} ({n})" for f, n in found[id].items())
                lines.append(f"| {id} | {words} | {files} |")
        lines += [
            f"| {id} | {words} | to come |"
            for id, words in LATER.items()
            if id[0] == letter
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
