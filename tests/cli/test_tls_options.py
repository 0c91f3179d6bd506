"""The options of TLS over what a scenario says."""

from __future__ import annotations

from pathlib import Path

import pytest

from cpesim.cli.options import acs_overlaid
from cpesim.scenario.load import read_scenario
from cpesim.scenario.scenario import Acs
from tests.cli.program import ran
from tests.scenario.test_load import LEAST, problems


def test_they_win() -> None:
    """Each that was given replaces the scenario's, --no-tls-resume too."""
    written = Acs("u", tls_least="1.3", tls_resume=True, client_certs="a")
    assert acs_overlaid(written, {"tls_resume": None, "tls_most": None}) == written
    given = {
        "tls_least": "1.2",
        "tls_most": "1.2",
        "tls_resume": False,
        "client_certs": "b",
    }
    assert acs_overlaid(written, given) == Acs(
        "u", tls_least="1.2", tls_most="1.2", tls_resume=False, client_certs="b"
    )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--tls-least", "1.1"], "--tls-least 1.1: expected 1.2 or 1.3"),
        (["--tls-least", "1.3", "--tls-most", "1.2"], "--tls-least 1.3"),
        (["--client-certs", "nowhere.pem"], "nowhere.pem"),
    ],
)
def test_what_is_wrong_is_told(words: list[str], expected: str, tmp_path: Path) -> None:
    """In a line that names the option; nothing is sent."""
    done = ran("quick", "https://127.0.0.1:9/", "-n", "1", *words, where=tmp_path)
    assert done.returncode == 2, done.stdout + done.stderr
    assert expected in done.stderr


def test_in_a_scenario() -> None:
    """1.2 may be written as a number; anything else is refused with its place."""
    acs = 'acs: {url: "http://127.0.0.1:7547/"'
    tls = read_scenario(LEAST.replace(acs, acs + ", tls: {most: 1.2}"), "x.yaml").acs
    assert (tls.tls_least, tls.tls_most, tls.tls_resume) == ("1.2", "1.2", False)
    (problem,) = problems(LEAST.replace(acs, acs + ", tls: {most: 1.1}"))
    assert problem.startswith("x.yaml:3:")
