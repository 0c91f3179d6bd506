"""Each fault that a deployment unit's operation can end with (CHECKLIST B4, F)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cpesim.device.modules.judge import following, judge_url, version_of
from cpesim.device.modules.kind import Modules
from tests.factory import hold
from tests.modular import (
    NEW,
    NIL,
    OLD,
    PLACE,
    UNIT,
    URL,
    ask,
    fetched,
    modular_device,
    outcome,
    results,
    told,
)
from tests.play import reply

Elements = dict[str, str]
JAR = "http://modules.example/agent-3.1.jar"
GUARD = "http://modules.example/apps/guard-"


def fault(*operations: tuple[str, Elements], **modules: object) -> str:
    """The code of the last result."""
    device = modular_device(fetch=False, **modules)
    return outcome(device, 0.0, *operations)[-1]["FaultCode"]


@pytest.mark.rule("B4")
@pytest.mark.parametrize(
    ("code", "kind", "elements"),
    [
        ("9022", "Install", {"URL": URL, "UUID": "12345"}),
        ("9022", "Update", {"UUID": OLD + "0"}),
        ("9022", "Uninstall", {"UUID": ""}),
        ("9022", "Uninstall", {"UUID": OLD.replace("1", "g")}),
        ("9023", "Install", {"URL": URL, "ExecutionEnvRef": PLACE + "7"}),
        ("9023", "Install", {"URL": URL, "ExecutionEnvRef": UNIT + "1"}),
        ("9023", "Uninstall", {"UUID": OLD, "ExecutionEnvRef": PLACE + "3"}),
        ("9025", "Install", {"URL": URL, "ExecutionEnvRef": PLACE + "2"}),
        ("9025", "Install", {"URL": "http://modules.example/what.exe"}),
        ("9026", "Install", {"URL": GUARD + "2.0.1.ipk", "UUID": OLD}),
        ("9028", "Update", {"UUID": NEW}),
        ("9028", "Update", {"URL": URL}),
        ("9028", "Update", {"UUID": OLD, "Version": "1.0"}),
        ("9028", "Uninstall", {"UUID": NEW}),
        ("9028", "Uninstall", {"UUID": OLD, "ExecutionEnvRef": PLACE + "2"}),
        ("9030", "Update", {"UUID": OLD, "URL": GUARD + "1.9.9.ipk"}),
        ("9032", "Update", {"UUID": OLD, "URL": GUARD + "2.0.1.ipk"}),
        ("9003", "Install", {"URL": "meter-1.4.ipk"}),
        ("9003", "Install", {"URL": "http://user:pass@modules.example/a.ipk"}),
        ("9013", "Install", {"URL": "tftp://modules.example/a.ipk"}),
        ("9013", "Update", {"UUID": OLD, "URL": "ftp://modules.example/a.ipk"}),
    ],
)
def test_what_an_operation_may_not_do(code: str, kind: str, elements: Elements) -> None:
    """Its result has the fault's code and words, and nothing has changed."""
    device = modular_device(fetch=False)
    (result,) = outcome(device, 0.0, (kind, elements))
    assert result["FaultCode"] == code
    assert result["FaultString"]
    stays = result["DeploymentUnitRef"] != ""
    assert result["CurrentState"] == ("Installed" if stays else "Failed")
    assert stays == (kind == "Update" and code in ("9013", "9030", "9032"))
    assert device.model.instances(UNIT) == [1]
    assert device.model.get(UNIT + "1.Version", 0.0) == "2.0.1"
    assert device.model.get(UNIT + "1.Status", 0.0) == "Installed"


@pytest.mark.rule("B4")
def test_the_unit_that_stays_is_told() -> None:
    """An update that fails leaves it installed, and the result says so."""
    device = modular_device(fetch=False)
    (result,) = outcome(
        device, 0.0, ("Update", {"UUID": OLD, "URL": GUARD + "1.0.ipk"})
    )
    assert result["CurrentState"] == "Installed"
    assert result["Version"] == "2.0.1"
    assert result["DeploymentUnitRef"] == UNIT + "1"


@pytest.mark.rule("B4")
def test_environments_are_found_in_every_spelling() -> None:
    """With or without final dot and root; by the kind of file where none is said."""
    for given_ref in (PLACE + "2", PLACE + "2.", ".SoftwareModules.ExecEnv.2."):
        device = modular_device(fetch=False)
        elements = {"URL": JAR, "ExecutionEnvRef": given_ref}
        assert outcome(device, 0.0, ("Install", elements))[0]["FaultCode"] == "0"
        assert device.model.get(UNIT + "2.ExecutionEnvRef", 0.0) == PLACE + "2"
    device = modular_device(fetch=False)
    assert outcome(device, 0.0, ("Install", {"URL": JAR}))[0]["FaultCode"] == "0"
    assert device.model.get(UNIT + "2.ExecutionEnvRef", 0.0) == PLACE + "2"


@pytest.mark.rule("B4")
@pytest.mark.parametrize(
    ("kind", "elements"),
    [
        ("Install", {"URL": URL, "ExecutionEnvRef": PLACE + "1"}),
        ("Install", {"URL": URL}),
        ("Update", {"UUID": OLD}),
        ("Uninstall", {"UUID": OLD}),
    ],
)
def test_a_disabled_environment(kind: str, elements: Elements) -> None:
    """9024, whatever is to be done in it."""
    device = modular_device(fetch=False)
    off = [(PLACE + "1.Enable", "boolean", "0")]
    hold(device, 0.0, reply("SetParameterValues", off))
    assert outcome(device, 1.0, (kind, elements))[-1]["FaultCode"] == "9024"


@pytest.mark.rule("B4")
def test_the_same_unit_elsewhere_or_in_another_version_is_no_duplicate() -> None:
    """UUID, version and environment together are what is unique."""
    device = modular_device(fetch=False, environments={})
    same = {"URL": GUARD + "2.0.1.ipk", "UUID": OLD}
    found = outcome(
        device,
        0.0,
        ("Install", same | {"ExecutionEnvRef": PLACE + "2"}),
        ("Install", same | {"URL": GUARD + "2.0.2.ipk"}),
        ("Install", same),
    )
    assert [r["FaultCode"] for r in found] == ["0", "0", "9026"]


@pytest.mark.rule("B4")
def test_too_many_units() -> None:
    """9027 when the device is full."""
    another = ("Install", {"URL": URL.replace("meter", "gauge")})
    assert fault(("Install", {"URL": URL}), another, most=2) == "9027"
    assert fault(("Install", {"URL": URL}), another, most=3) == "0"


@pytest.mark.rule("B4")
def test_a_share_of_the_operations_fails() -> None:
    """With the profile's fault; what was to be installed is not there."""
    device = modular_device(fetch=False, failures=1.0, code=9001)
    (result,) = outcome(device, 0.0, ("Install", {"URL": URL}))
    assert (result["FaultCode"], result["CurrentState"]) == ("9001", "Failed")
    assert device.model.instances(UNIT) == [1]
    (result,) = outcome(device, 100.0, ("Uninstall", {"UUID": OLD}))
    assert (result["FaultCode"], result["CurrentState"]) == ("9001", "Installed")
    assert device.model.get(UNIT + "1.Status", 200.0) == "Installed"


@pytest.mark.rule("B4")
def test_a_unit_that_is_being_changed() -> None:
    """9029: another ChangeDUState has it in hand."""
    device = modular_device(fetch=False, update=100.0)
    ask(device, 0.0, ("Update", {"UUID": OLD}), key="first")
    ask(device, 1.0, ("Uninstall", {"UUID": OLD}), key="second")
    _, (request,) = told(device, 2.0)
    assert request.findtext("CommandKey") == "second"
    assert [r["FaultCode"] for r in results(request)] == ["9029"]
    device.wake(100.0)
    assert [r["FaultCode"] for r in results(told(device, 100.0)[1][0])] == ["0"]


@pytest.mark.rule("B4")
def test_an_update_that_does_not_say_which() -> None:
    """9031 where there are several versions of a unit."""
    newer = ("Install", {"URL": GUARD + "2.5.ipk", "UUID": OLD})
    assert fault(newer, ("Update", {"UUID": OLD})) == "9031"
    assert fault(newer, ("Update", {"UUID": OLD, "Version": "2.5"})) == "0"


@pytest.mark.rule("B4")
def test_a_version_that_another_unit_has_already() -> None:
    """9032, for UUID, version and environment together are unique."""
    newer = ("Install", {"URL": GUARD + "2.5.ipk", "UUID": OLD})
    update = {"UUID": OLD, "Version": "2.0.1", "URL": GUARD + "2.5.ipk"}
    assert fault(newer, ("Update", update)) == "9032"


@pytest.mark.rule("B4")
def test_a_profile_may_permit_older_versions() -> None:
    """Then an update goes back."""
    update = ("Update", {"UUID": OLD, "URL": GUARD + "1.9.9.ipk"})
    assert fault(update, downgrade=True) == "0"
    assert fault(("Update", {"UUID": OLD, "URL": GUARD + "2.0.10.ipk"})) == "0"


@pytest.mark.rule("B4", "T5")
@pytest.mark.parametrize(
    ("outcome_code", "code"),
    [
        (9012, "9012"),
        (9015, "9015"),
        (9016, "9016"),
        (9017, "9017"),
        (9018, "9018"),
        (9010, "9017"),
    ],
)
def test_a_file_that_does_not_come(outcome_code: int, code: str) -> None:
    """The transfer's fault, as far as results know it; the unit is not there."""
    device = modular_device()
    ask(device, 0.0, ("Install", {"URL": URL}))
    fetched(device, 1.0, outcome_code)
    (result,) = results(told(device, 1.0)[1][0])
    assert (result["FaultCode"], result["CurrentState"]) == (code, "Failed")
    assert device.model.instances(UNIT) == [1]

    ask(device, 10.0, ("Update", {"UUID": OLD}))
    fetched(device, 11.0, outcome_code)
    (result,) = results(told(device, 11.0)[1][0])
    assert (result["FaultCode"], result["Version"]) == (code, "2.0.1")
    assert result["CurrentState"] == "Installed"


@pytest.mark.rule("B4")
def test_a_result_without_a_uuid_has_the_nil_one() -> None:
    """The schema wants a UUID, and one that is none cannot be echoed."""
    device = modular_device(fetch=False)
    assert outcome(device, 0.0, ("Uninstall", {"UUID": "x"}))[0]["UUID"] == NIL
    gone = ("Uninstall", {"UUID": OLD})
    assert [r["UUID"] for r in outcome(device, 99.0, gone, ("Update", {}))] == [
        OLD,
        NIL,
    ]


@given(st.text(max_size=80))
def test_any_url_is_judged(text: str) -> None:
    """0, 9003 or 9013 for whatever an ACS writes; a name is found without an error."""
    for url in (text, "http://" + text, "http://h/" + text):
        code = judge_url(url)
        assert code in (0, 9003, 9013)
        if code == 0:
            assert len(version_of(Modules().version, url)) <= 32


@given(st.text(max_size=32))
def test_the_following_version_is_another(version: str) -> None:
    """It differs, and fits."""
    new = following(version)
    assert len(new) <= 32
    assert new != version


def test_an_install_of_any_url_is_told() -> None:
    """Whatever the URL, there is one result and the device goes on."""
    for url in ("", "http://[::1", "http://h", "http://h/%00", "x" * 1024):
        device = modular_device(fetch=False, environments={})
        assert len(outcome(device, 0.0, ("Install", {"URL": url}))) == 1


TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), max_size=40)
VALUE = st.sampled_from(["", OLD, NEW, URL, JAR, PLACE + "1", "2.0.1"]) | TEXT
OPERATION = st.tuples(
    st.sampled_from(["Install", "Update", "Uninstall"]),
    st.dictionaries(
        st.sampled_from(["URL", "UUID", "Version", "Username", "ExecutionEnvRef"]),
        VALUE,
    ),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(OPERATION, min_size=1, max_size=5))
def test_any_operations_are_told(operations: list[tuple[str, Elements]]) -> None:
    """Or refused with 9003: each has a result at least, with a fault of its own."""
    device = modular_device(fetch=False)
    long = any(len(e.get("Version", "")) > 32 and k != "Install" for k, e in operations)
    if long:
        return
    found = outcome(device, 0.0, *operations)
    assert len(found) >= len(operations)
    assert {r["FaultCode"] for r in found} <= _CODES


_CODES = {"0", "9003", "9013", *(str(code) for code in range(9022, 9033))}
