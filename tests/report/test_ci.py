"""Annotations as CI systems read them: escaped, few, and on the limit's line."""

from __future__ import annotations

import json

from cpesim.measure.health import Grade
from cpesim.measure.result import Exit
from cpesim.report import ci
from tests.report.judged import judged, over, slow


def test_github_gets_the_line_of_each_limit() -> None:
    """An error for a failed limit, a warning for what only warns or says too little."""
    lines = ci.github(over(judged(5)), "")
    assert lines == [
        "::error file=boot-storm.yaml,line=62,title=cpesim%3A failed::"
        "got 4m31s, wanted recovery(dark) t95 < 4m",
        "::warning title=cpesim%3A too few::"
        "got 23 samples, wanted session.time p99.9 < 1s in after",
        "::warning title=cpesim%3A warn::got 2 %25, wanted session.late rate < 1%25",
    ]


def test_github_gets_ten_at_most() -> None:
    """Nine, and how many more; letters that mean something there are escaped."""
    result = judged(5)
    odd = slow("a\r\nb", "x,y:z.yaml")
    result.limits[:] = [odd, *[slow()] * 11]
    lines = ci.github(over(result), "")
    assert len(lines) == 10
    assert lines[0].startswith(
        "::error file=x%2Cy%3Az.yaml,line=62,title=cpesim%3A failed::a%0D%0Ab: got"
    )
    assert lines[9] == "::error title=cpesim::3 more"


def test_a_run_that_broke_no_limit_and_failed_is_one_error() -> None:
    """Its exit; and a generator near its limit is a warning."""
    result = judged(5)
    result.limits.clear()
    result.health.grade = Grade.SUSPECT
    result.finish(6.0, Exit(4, "tested nothing"))
    assert ci.github(result, "") == [
        "::error title=cpesim::exit 4: tested nothing",
        "::warning title=cpesim::generator SUSPECT: ",
    ]
    good = judged(5)
    good.limits.clear()
    good.finish(6.0, Exit(0, "ran"))
    assert ci.github(good, "") == []


def test_gitlab_reads_a_code_quality_report() -> None:
    """What has a line, with a fingerprint that stays the same."""
    one, two = (json.loads(ci.gitlab(over(judged(n)), "")) for n in (3, 5))
    assert one == two
    (found,) = one
    assert found["location"] == {"path": "boot-storm.yaml", "lines": {"begin": 62}}
    assert found["severity"] == "major"
    assert len(found["fingerprint"]) == 64


def test_sections_open_and_close() -> None:
    """As GitLab's log wants them."""
    assert ci.section("a", "A title", "text\n", 7.9) == (
        "\x1b[0Ksection_start:7:a\r\x1b[0KA title\n"
        "text\n"
        "\x1b[0Ksection_end:7:a\r\x1b[0K\n"
    )


def test_the_system_is_known_by_its_variables() -> None:
    """Only when that is left to us."""
    assert ci.system("auto", {"GITHUB_ACTIONS": "true"}) == "github"
    assert ci.system("auto", {"GITLAB_CI": "true"}) == "gitlab"
    assert ci.system("auto", {}) == "none"
    assert ci.system("none", {"GITLAB_CI": "true"}) == "none"


def test_paths_are_told_from_the_checkout() -> None:
    """Also when they were given whole; what lies elsewhere stays as it is."""
    assert ci.located("/a/b/c.yaml", "/a") == "b/c.yaml"
    assert ci.located("/z/c.yaml", "/a") == "/z/c.yaml"
