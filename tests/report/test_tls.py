"""What the reports say of TLS: versions, and whether and how often it resumed."""

from __future__ import annotations

import pytest

from cpesim.measure.meter import Meter
from cpesim.measure.result import Result, RunFacts
from cpesim.report.as_json import summary
from cpesim.report.console import console_text


def ended(*, resume: bool, resumed: int = 0, forgotten: int = 0) -> Result:
    """A run of five handshakes."""
    result = Result(RunFacts("a", "b", "c", 1, tls_resume=resume))
    meter = Meter()
    meter.count("tls.version.TLSv1.3", 4)
    meter.count("tls.version.TLSv1.2", 1)
    for name, number in (("resumed", resumed), ("forgotten", forgotten)):
        if number:
            meter.count(f"tls.{name}", number)
    result.feed("w0", meter.snapshot(1.0, {}))
    return result


@pytest.mark.rule("H6")
def test_resumption_on() -> None:
    """How often it took, of how many handshakes; tickets that had to go."""
    result = ended(resume=True, resumed=2, forgotten=1)
    (line,) = [
        x for x in console_text(result).splitlines() if "TLS" in x and "1.2" in x
    ]
    assert line == (
        " TLS HANDSHAKES       TLSv1.3 4   TLSv1.2 1   resumption on: 2 (40 %) resumed"
        "   1 tickets forgotten, over the limit"
    )
    told = summary(result)
    assert told["tls"] == {
        "handshakes": 5,
        "resumption": True,
        "resumed": 2,
        "forgotten": 1,
        "versions": {"TLSv1.3": 4, "TLSv1.2": 1},
    }
    assert told["other"] == {}


@pytest.mark.rule("H6")
def test_resumption_off() -> None:
    """It is said that it was off."""
    result = ended(resume=False)
    assert "TLSv1.2 1   resumption off\n" in console_text(result)
    assert summary(result)["tls"]["resumption"] is False


def test_without_tls() -> None:
    """A run over plain HTTP says nothing of it."""
    result = Result(RunFacts("a", "b", "c", 1, tls_resume=True))
    assert "TLS" not in console_text(result)
    assert summary(result)["tls"]["handshakes"] == 0
