"""Bad input: one clear line on stderr, and exit 2."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.program import nobody, ran

URL = "http://127.0.0.1:9/"
WRONG = [
    (["quick", "acs"], "ACS URL 'acs': expected http"),
    (["quick", "http://"], "expected http"),
    (["quick", "ftp://127.0.0.1/"], "expected http"),
    (["quick", URL, "-n", "many"], "-n: expected a count"),
    (["quick", URL, "-n", "0"], "-n: expected at least 1"),
    (["quick", URL, "-d", "5"], "--duration: "),
    (["quick", URL, "--ramp", "soon"], "--ramp: "),
    (["quick", URL, "--rate", "fast"], "--rate: expected a rate"),
    (["quick", URL, "--rate", "0"], "--rate: expected more than 0"),
    (["quick", URL, "--in-flight", "0"], "in_flight: expected at least 1"),
    (["quick", URL, "--interval", "0"], "--interval: expected at least 1s"),
    (["quick", URL, "--workers", "2"], "--workers 2: one worker"),
    (["quick", URL, "--ui", "pretty"], "--ui pretty: expected auto, full"),
    (["quick", URL, "--resolve", "x"], "--resolve 'x': expected HOST:ADDRESS"),
    (["quick", URL, "--resolve", "x:y"], "expected HOST:ADDRESS"),
    (["quick", URL, "--header", "x"], "--header 'x': expected 'Name: value'"),
    (["quick", URL, "--header", "a b: x"], "expected 'Name: value'"),
    (["quick", URL, "--source-addresses", "x"], "--source-addresses: expected an"),
    (["quick", URL, "--password-env", "CPESIM_NO"], "there is no such variable"),
    (["quick", URL, "--ca", "none.pem"], "--ca none.pem: no such file"),
    (["quick", URL, "--ca", __file__], f"--ca {__file__}: expected certificates (PEM)"),
    (["quick", URL, "--trace-device", "1000"], "--trace-device: expected 0 to 999"),
    (["quick", URL, "--trace-failures", "-1"], "--trace-failures -1: expected 0 to"),
    (["quick", URL, "--profile", "gpon-on"], "did you mean gpon-ont"),
    (["quick", URL, "--profile", "none.csv"], "none.csv: cannot be read"),
    (["quick", URL, "--profile", "./none.yaml"], "cannot be read"),
    (["run", "smok"], "no scenario of this name ships"),
    (["run", "none.yaml"], "none.yaml: no such file"),
    (["device", URL, "--number", "-1"], "--number: expected 0 or more"),
    (["device", URL, "--stay", "long"], "--stay: "),
    (["acs", "--delay", "5"], "--delay: "),
    (["acs", "--fail-503", "200%"], "--fail-503: "),
    (["acs", "--stall", "5s"], "--stall: expected AT,FOR"),
    (["acs", "--auth", "ntlm"], "--auth ntlm: expected none"),
    (["acs", "--script", "gret"], "did you mean greet"),
    (["demo", "-n", "x"], "-n: expected a count"),
    (["profile", "show", "gpon-on"], "did you mean gpon-ont"),
]


@pytest.mark.parametrize(("words", "told"), WRONG, ids=lambda v: " ".join(v)[:40])
def test_one_line_and_exit_2(words: list[str], told: str, tmp_path: Path) -> None:
    """The line names what is wrong and what was expected; nothing is stored."""
    done = ran(*words, where=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("cpesim: ")
    assert told in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["quik"], ["quick"], ["quick", URL, "--nmber", "1"]])
def test_typers_own_errors_are_2_too(words: list[str], tmp_path: Path) -> None:
    """An unknown command, a missing argument, an unknown option."""
    assert ran(*words, where=tmp_path).returncode == 2


def test_a_wrong_scenario_tells_all_at_once(tmp_path: Path) -> None:
    """Each error has file:line:column."""
    (tmp_path / "x.yaml").write_text("version: 1\nnmae: x\nacs: {url: 5}\nfleet: {}\n")
    done = ran("run", "x.yaml", where=tmp_path)
    assert done.returncode == 2
    assert "cpesim: x.yaml:2:1: " in done.stderr
    assert "cpesim: x.yaml:3:12: " in done.stderr
    assert "did you mean name" in done.stderr


def test_a_public_address_wants_yes(tmp_path: Path) -> None:
    """Without a terminal there is nobody to ask; nothing was sent."""
    done = ran(
        *("quick", "http://acs.example/", "--resolve", "acs.example:192.88.99.1"),
        where=tmp_path,
    )
    assert done.returncode == 2
    assert "1,000 CPEs" in done.stderr
    assert "against acs.example (192.88.99.1): a public address" in done.stderr
    assert "--yes" in done.stderr


def test_nobody_listens_is_4(tmp_path: Path, profile: str) -> None:
    """The preflight says so in one line, before anything is built or stored."""
    done = ran("quick", nobody(), "--profile", profile, where=tmp_path)
    assert done.returncode == 4
    assert "refused" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "reports").exists()


def test_a_scenario_is_printed_and_nothing_is_run(tmp_path: Path) -> None:
    """--print-scenario's output is a file for `run`, which prints the same."""
    first = ran(
        *("quick", nobody(), "-n", "20k", "-r", "50/s", "--username", "{oui}-{serial}"),
        *("--header", "X-A: b", "--interval", "1m", "--print-scenario"),
        where=tmp_path,
    )
    assert first.returncode == 0
    (tmp_path / "mine.yaml").write_text(first.stdout)
    again = ran("run", "mine.yaml", "--print-scenario", where=tmp_path)
    assert again.stdout == first.stdout
