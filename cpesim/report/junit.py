"""
junit.xml: the run as a test suite, for CI systems that show those.

Rule: one case for each limit, and three for what makes a run worth judging: that the
ACS could be reached, that the generator kept up, and that the run came to its end.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from cpesim.measure.health import Grade
from cpesim.measure.result import Result
from cpesim.report import seen
from cpesim.report.seen import FAILED, OK, PENDING, TOO_FEW, WARN, SeenLimit

# What XML 1.0 cannot hold, of all that a label may.
_UNFIT = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535), "�")


@dataclass(frozen=True, slots=True)
class _Case:
    """One test case; *kind* is failure, error, skipped, or nothing for a good one."""

    classname: str
    name: str
    kind: str = ""
    message: str = ""
    text: str = ""


def junit_text(result: Result) -> str:
    """The text of junit.xml."""
    cases = [*_limits(result), _preflight(result), _generator(result), _end(result)]
    counted = {
        key: str(sum(case.kind == kind for case in cases))
        for key, kind in (
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        )
    }
    facts = result.facts
    tests = {"tests": str(len(cases)), **counted, "time": f"{result.now:.3f}"}
    root = etree.Element("testsuites", {"name": "cpesim", **tests})
    suite = etree.SubElement(root, "testsuite", {"name": _fit(facts.name), **tests})
    properties = etree.SubElement(suite, "properties")
    for name, value in (
        ("run", facts.run_id),
        ("acs", facts.acs),
        ("devices", str(facts.devices)),
        ("seed", str(facts.seed)),
        ("verdict", seen.verdict(result)),
    ):
        etree.SubElement(properties, "property", name=name, value=_fit(value))
    for case in cases:
        element = etree.SubElement(
            suite, "testcase", classname=_fit(case.classname), name=_fit(case.name)
        )
        if case.kind:
            told = etree.SubElement(element, case.kind, message=_fit(case.message))
            told.text = _fit(case.text or case.message)
    return etree.tostring(
        root, pretty_print=True, xml_declaration=True, encoding="UTF-8"
    ).decode()


def _limits(result: Result) -> list[_Case]:
    where = f"cpesim.{result.facts.name}.limits"
    return [
        _Case(
            where,
            limit.title,
            _KINDS[limit.state],
            f"{limit.state}: got {limit.shown or 'nothing'}, wanted {limit.text}",
            described(limit),
        )
        for limit in seen.limits(result)
    ]


# A warning is no failure, and what could not be judged is neither good nor bad.
_KINDS = {
    OK: "",
    FAILED: "failure",
    WARN: "",
    PENDING: "skipped",
    TOO_FEW: "skipped",
}


def described(limit: SeenLimit) -> str:
    """Got, wanted, phase and line, one under the other."""
    return "\n".join(
        f"{word}: {value}"
        for word, value in (
            ("got", limit.shown or "nothing"),
            ("wanted", limit.text),
            ("phase", limit.phase or "whole run"),
            ("at", "" if limit.at is None else f"{limit.at:.0f} s"),
            ("line", limit.place),
        )
        if value
    )


def _preflight(result: Result) -> _Case:
    where = f"cpesim.{result.facts.name}"
    if result.exit is not None and result.exit.code == 4:
        return _Case(where, "preflight", "error", result.exit.reason)
    return _Case(where, "preflight")


def _generator(result: Result) -> _Case:
    where = f"cpesim.{result.facts.name}"
    if result.health.grade is not Grade.SATURATED:
        return _Case(where, "generator")
    reasons = result.health.reasons
    return _Case(
        where,
        "generator",
        "failure",
        "this machine was the limit and not the ACS",
        "\n".join(reasons),
    )


def _end(result: Result) -> _Case:
    where = f"cpesim.{result.facts.name}"
    name = "ran to the end"
    if seen.ran_through(result):
        return _Case(where, name)
    reason = result.cut_off or (result.exit.reason if result.exit else "still running")
    return _Case(where, name, "failure", reason)


def _fit(text: str) -> str:
    """The text as XML may hold it."""
    clean = text.translate(_UNFIT)
    return clean.encode("utf-8", "replace").decode()
