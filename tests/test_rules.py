"""The table of rules: what a test may name, and what a whole run says of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.rules import FAST, GROUPS, LATER, RULES


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No plugin but ours: each run would import them all anew."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


INI = f"""
[pytest]
testpaths = checks
addopts = -p tests.rules -p no:cacheprovider -m "{FAST}" --strict-markers
markers =
    rule(*ids): the rules
    slow: minutes
    bench: figures
"""
HEAD = "import pytest\n"


def case(name: str, *ids: str, body: str = "pass", slow: bool = False) -> str:
    """The source of one test that names those rules."""
    marks = f"@pytest.mark.rule({', '.join(map(repr, ids))})\n" if ids else ""
    marks += "@pytest.mark.slow\n" if slow else ""
    return f"{marks}def test_{name}():\n    {body}\n"


def project(pytester: pytest.Pytester, *cases: str) -> Path:
    """A tiny project of such tests; its table is to come where this says."""
    pytester.makefile(".ini", pytest=INI)
    folder = pytester.mkdir("checks")
    text = HEAD + "".join(cases)
    (folder / "test_it.py").write_text(text, encoding="utf-8")
    return pytester.path / "rules.json"


def everything(*, but: str = "") -> list[str]:
    """A passing test of each rule, save one."""
    return [case(id.lower(), id) for id in RULES if id != but]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (case("it", "Z9"), "no rule Z9"),
        (case("it", "C5"), "no rule C5"),
        (case("it", "S1", "S2", "S3", "S4"), "more than 3 rules"),
        (case("it", "S1", slow=True), "a test of a rule is a fast one"),
    ],
)
def test_what_a_test_may_name(
    pytester: pytest.Pytester, wrong: str, words: str
) -> None:
    """Known ids, three at the most, on fast tests: anything else stops the run."""
    project(pytester, case("fine", "S1", "S2", "S3"), wrong)
    done = pytester.runpytest_inprocess()
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines([f"*test_it.py::test_it: {words}"])


def test_the_table_says_what_became_of_each(pytester: pytest.Pytester) -> None:
    """Passed, failed and skipped, by rule and test; a rule without one has none."""
    table = project(
        pytester,
        case("good", "S1", "S2"),
        case("bad", "S1", body="assert False"),
        case("left_out", "S2", body="pytest.skip('no')"),
        case("of_none"),
    )
    done = pytester.runpytest_inprocess(f"--rules={table}")
    assert done.ret == pytest.ExitCode.TESTS_FAILED
    found = json.loads(table.read_text(encoding="utf-8"))
    assert set(found) == set(RULES)
    here = "checks/test_it.py::test_"
    assert found["S1"] == {f"{here}good": "passed", f"{here}bad": "failed"}
    assert found["S2"] == {f"{here}good": "passed", f"{here}left_out": "skipped"}
    assert found["S3"] == {}
    done.stdout.fnmatch_lines([f"2 of {len(RULES)} rules shown by a passing test"])


def test_an_error_before_a_test_is_a_failure_of_its_rules(
    pytester: pytest.Pytester,
) -> None:
    """A fixture that breaks shows nothing."""
    broken = (
        "@pytest.fixture\ndef broken():\n    raise OSError\n"
        '@pytest.mark.rule("S1")\ndef test_it(broken):\n    pass\n'
    )
    table = project(pytester, broken)
    pytester.runpytest_inprocess(f"--rules={table}")
    found = json.loads(table.read_text(encoding="utf-8"))
    assert found["S1"] == {"checks/test_it.py::test_it": "failed"}


def test_a_whole_run_that_shows_every_rule(pytester: pytest.Pytester) -> None:
    """It passes, and says how many there are."""
    table = project(pytester, *everything())
    done = pytester.runpytest_inprocess(f"--rules={table}")
    assert done.ret == pytest.ExitCode.OK
    done.stdout.fnmatch_lines([f"{len(RULES)} of {len(RULES)} rules shown*"])


@pytest.mark.parametrize("body", ["", "pytest.skip('no')"])
def test_a_whole_run_fails_for_a_rule_without_a_passing_test(
    pytester: pytest.Pytester, body: str
) -> None:
    """No test of it, or one that is skipped: the run fails and names the rule."""
    skipped = [case("skipped", "S7", body=body)] if body else []
    table = project(pytester, *everything(but="S7"), *skipped)
    done = pytester.runpytest_inprocess(f"--rules={table}")
    assert done.ret == pytest.ExitCode.TESTS_FAILED
    done.stdout.fnmatch_lines([f"no passing test shows rule S7: {RULES['S7']}"])
    # Without --rules nobody asks.
    assert pytester.runpytest_inprocess().ret == pytest.ExitCode.OK


@pytest.mark.parametrize(
    "part", [["-k", "s1"], ["checks/test_it.py"], ["--rule", "S1"], ["-m", "not slow"]]
)
def test_a_part_of_the_tests_need_not_show_all(
    pytester: pytest.Pytester, part: list[str]
) -> None:
    """What was chosen is told, and nothing is missed."""
    table = project(pytester, case("s1", "S1"), case("s2", "S2"))
    done = pytester.runpytest_inprocess(f"--rules={table}", *part)
    assert done.ret == pytest.ExitCode.OK
    assert json.loads(table.read_text(encoding="utf-8"))["S1"]


def test_the_tests_of_one_rule(pytester: pytest.Pytester) -> None:
    """`--rule S2` runs those that name S2 and no other."""
    project(pytester, case("s1", "S1"), case("both", "S1", "S2"), case("none"))
    done = pytester.runpytest_inprocess("--rule", "S2", "-v")
    done.assert_outcomes(passed=1)
    done.stdout.fnmatch_lines(["*test_it.py::test_both PASSED*"])


def test_every_rule_has_a_group_and_words() -> None:
    """And what is to come is not among them."""
    assert {id[0] for id in RULES} == set(GROUPS)
    assert all(RULES.values())
    assert not set(LATER) & set(RULES)
