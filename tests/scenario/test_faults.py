"""What `faults:` says is what the engine knows."""

from __future__ import annotations

from pathlib import Path

from cpesim.scenario.forms import faults as forms
from cpesim.scenario.injection import KINDS, arguments, check, wrong
from cpesim.scenario.load import load_scenario
from cpesim.scenario.shape import Shape

WHOLE = """\
version: 1
name: bad
acs: {url: http://127.0.0.1:7547/}
fleet:
  groups:
    homes: {count: 5}
faults:
  - name: all
    devices: {group: homes}
    share: 40%
    tcp_reset_before_response: {p: 1%, rpc: GetParameterValues}
    tcp_reset_mid_body: {p: 1%}
    delay_response: {by: {shape: lognormal, median: 400ms, sigma: 0.8}}
    slow_read: {rate: 2kB/s}
    connect_drop: 5%
    tls_fail: {}
    no_cookie: {}
    duplicate_inform: {}
    cwmp_fault: {code: 9001, rpc: Reboot}
    wrong_id: {}
    malformed_xml: {message: answer}
    oversize: {size: 2MB}
    clock_skew: {by: -1h}
    dns: {}
"""


def test_the_same_kinds_and_arguments(tmp_path: Path) -> None:
    """Each kind that may be written is one that there is, with its arguments."""
    assert set(forms.KINDS) == set(KINDS)
    path = tmp_path / "bad.yaml"
    path.write_text(WHOLE, encoding="utf-8")
    plan = load_scenario(str(path), {})
    (fault,) = plan.injections
    assert set(fault.kinds) == set(KINDS)
    assert check(plan) == []
    for kind, given in fault.kinds.items():
        assert wrong(kind, given) == []
        assert arguments(kind, given) == given
    assert fault.devices.share == 0.4
    assert fault.kinds["slow_read"]["rate"] == 2_000
    assert fault.kinds["tcp_reset_mid_body"] == {"p": 0.01, "rpc": "Inform"}
    assert fault.kinds["connect_drop"] == {"p": 0.05}
    assert fault.kinds["malformed_xml"] == {"p": 1.0, "message": "answer"}
    assert fault.kinds["clock_skew"]["by"] == -3600
    assert fault.kinds["delay_response"]["by"] == Shape("lognormal", 0.4, 0.8)
