"""`cpesim device`: one CPE, every message shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cpesim.cli.paint import painted
from tests.cli.program import acs, nobody, ran


def test_one_session_is_shown_in_order(tmp_path: Path, profile: str) -> None:
    """Both arrows, HTTP heads, indented XML; it ends after the first session."""
    with acs(tmp_path, "--script", "audit") as url:
        done = ran("device", url, "--profile", profile, where=tmp_path)
    assert done.returncode == 0, done.stderr
    firsts = [
        line
        for line in done.stdout.splitlines()
        if "POST / HTTP/1.1" in line or "HTTP/1.1 2" in line
    ]
    assert [line[:2] for line in firsts[:4]] == [">>", "<<", ">>", "<<"]
    assert "<Code>0 BOOTSTRAP</Code>" in done.stdout.replace("EventCode", "Code")
    assert ">>       <cwmp:Inform>" in done.stdout
    assert "204" in firsts[-1]
    assert "1 session done" in done.stderr


def test_passwords_are_masked(tmp_path: Path, profile: str) -> None:
    """Neither Digest's answer nor a password that the ACS sets is shown."""
    os.environ["CPESIM_TEST_PW"] = "open sesame"
    try:
        with acs(
            *(tmp_path, "--auth", "digest", "--password", "open sesame"),
            *("--script", "credentials"),
        ) as url:
            done = ran(
                *("device", url, "--profile", profile),
                *("--password-env", "CPESIM_TEST_PW"),
                where=tmp_path,
            )
    finally:
        del os.environ["CPESIM_TEST_PW"]
    assert done.returncode == 0, done.stderr
    assert "Authorization: Digest ***" in done.stdout
    assert "response=" not in done.stdout
    assert "sesame" not in done.stdout
    name = done.stdout.index("ConnectionRequestPassword</Name>")
    assert "***" in done.stdout[name : name + 200]


def test_the_number_decides_who_it_is(tmp_path: Path, profile: str) -> None:
    """--number 7 is CPE 7 of the fleet."""
    with acs(tmp_path) as url:
        done = ran("device", url, "--profile", profile, "--number", "7", where=tmp_path)
    assert "<SerialNumber>HG00000007</SerialNumber>" in done.stdout


def test_a_failed_session_is_4(tmp_path: Path, profile: str) -> None:
    """An ACS that answers 503: shown, and said."""
    with acs(tmp_path, "--fail-503", "100%") as url:
        done = ran("device", url, "--profile", profile, where=tmp_path)
    assert done.returncode == 4
    assert "503" in done.stdout
    assert "1 failed: http 503" in done.stderr


@pytest.mark.slow
def test_staying_is_bounded(tmp_path: Path, profile: str) -> None:
    """--stay lives on with periodic Informs, and ends by itself."""
    with acs(tmp_path) as url:
        done = ran(
            *("device", url, "--profile", profile),
            *("--stay", "4s", "--interval", "1s"),
            where=tmp_path,
        )
    assert done.returncode == 0, done.stderr
    assert "2 PERIODIC" in done.stdout


def test_nobody_there_is_4(tmp_path: Path, profile: str) -> None:
    """One line."""
    done = ran("device", nobody(), "--profile", profile, where=tmp_path)
    assert done.returncode == 4
    assert done.stderr.count("\n") == 1


def test_a_line_is_painted_and_unchanged() -> None:
    """Colours add nothing to the text."""
    for line in (
        '>>   <cwmp:Inform xmlns:cwmp="urn">',
        "<<     0.001s  HTTP/1.1 503 Service Unavailable",
        "<<   <FaultCode>9005</FaultCode>",
    ):
        text = painted(line)
        assert text.plain == line
        assert text.spans
