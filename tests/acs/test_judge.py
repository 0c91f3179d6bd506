"""The ACS's own judgement: right messages pass, each wrong one is named."""

from __future__ import annotations

import pytest

from cpesim.acs.answers import read, read_fault, read_inform
from cpesim.acs.findings import EXAMPLES, Found, Violations
from cpesim.acs.judge import judge_envelope, judge_fault, judge_inform
from cpesim.acs.schema import Schemas
from cpesim.cwmp.names import NAMESPACE_ORDER
from cpesim.errors import ConfigError
from tests.acs.conftest import Judge
from tests.acs.cpe import IGD, NAMESPACE, PARAMETERS, acs, fault, inform, kinds

RIGHT = inform("0 BOOTSTRAP", "1 BOOT", ("M Reboot", "a"), ("M Reboot", "b"))


def judged(text: str) -> list[str]:
    """What is found in an Inform, each kind once."""
    found: Found = []
    message = read(text.encode())
    judge_inform(message, read_inform(message.element), found)
    judge_envelope(message, found)
    return sorted({what for what, _ in found})


@pytest.mark.parametrize("root", [IGD, "Device."])
@pytest.mark.parametrize("namespace", NAMESPACE_ORDER)
def test_a_right_inform_passes(judge: Judge, root: str, namespace: str) -> None:
    """Nothing is found; the standard's judge agrees."""
    header = (
        "<C:SessionTimeout>30</C:SessionTimeout>"
        if namespace == NAMESPACE_ORDER[2]
        else ""
    )
    text = inform("1 BOOT", root=root, namespace=namespace, header=header)
    assert judged(text) == []
    assert judge(text.encode()) == []


def test_types_may_be_soaps_or_declared_within() -> None:
    """base64 is SOAP's, or base64Binary of XML Schema; prefixes may stand inside."""
    for kind in ("E:base64", "xsd:base64Binary"):
        other = RIGHT.replace('"xsd:string">100.64.0.1', f'"{kind}">SDE=')
        assert other != RIGHT
        assert judged(other) == []
    inside = 'xmlns:q="http://www.w3.org/2001/XMLSchema" xsi:type="q:string">H1'
    assert judged(RIGHT.replace('xsi:type="xsd:string">H1', inside)) == []


WRONG = [
    ("C:EventStruct[4]", "C:EventStruct[3]", "I1 arrayType count"),
    ("C:EventStruct[4]", "C:EventStruct", "I1 arrayType missing or malformed"),
    (' E:arrayType="C:EventStruct[4]"', "", "I1 arrayType missing or malformed"),
    ("C:EventStruct[4]", "Q:EventStruct[4]", "I1 arrayType with an undeclared prefix"),
    ("C:EventStruct[4]", "C:EventS[4]", "I1 arrayType of another type"),
    ("<CommandKey>b<", "<CommandKey>a<", "E2 an event twice"),
    ("1 BOOT", "1 REBOOT", "E1 unknown event"),
    ("1 BOOT", "1  BOOT", "E1 unknown event"),
    ("1 BOOT", "14 HEARTBEAT", "V1 event of a later version"),
    ("M Reboot", "M ChangeDUState", "V1 event of a later version"),
    (
        "BOOT</EventCode><CommandKey>",
        "BOOT</EventCode><CommandKey>x",
        "E2 CommandKey with a single event",
    ),
    ("<MaxEnvelopes>1<", "<MaxEnvelopes>2<", "I1 MaxEnvelopes is not 1"),
    ("12:00:00+01:00", "12:00:00", "I1 CurrentTime without zone"),
    ("<RetryCount>0<", "<RetryCount>-1<", "I1 RetryCount"),
    ("<Manufacturer>Acme<", "<Manufacturer><", "I1 DeviceId incomplete"),
    ("00D09E", "00d09e", "I1 OUI is not six hexadecimal digits"),
    ('<C:ID S:mustUnderstand="1">1</C:ID>', "", "S1 not one cwmp:ID"),
    ('S:mustUnderstand="1"', "", "S1 cwmp:ID without mustUnderstand 1"),
    (
        "<S:Header>",
        "<S:Header><C:NoMore S:mustUnderstand='1'/>",
        "S12 unexpected header",
    ),
    ("<S:Body>", "<x/><S:Body>", "S1 not a Header and a Body"),
    ("cwmp-1-0", "cwmp-2-0", "S12 unknown namespace"),
    (
        "<C:ID S",
        f'<C:ID xmlns:C="{NAMESPACE_ORDER[1]}" S',
        "S12 cwmp:ID in another namespace",
    ),
    ("DeviceInfo.SpecVersion", "DeviceInfo.SpecV", "I2 forced parameter missing"),
    ("ExternalIPAddress", "ExternalIP", "I2 forced parameter missing"),
    (
        IGD + "DeviceInfo.SpecVersion",
        IGD + "DeviceInfo.HardwareVersion",
        "I1 a name twice",
    ),
    ('xsi:type="xsd:string">H1', ">H1", "X6 xsi:type missing or unknown"),
    ('xsd:string">H1', 'xsd:text">H1', "X6 xsi:type missing or unknown"),
    ('xsd:string">H1', 'q:string">H1', "X6 xsi:type missing or unknown"),
    ('xsd:string">H1', 'xsd:base64">SDE=', "X6 xsi:type missing or unknown"),
    ('xsd:string">H1', 'xsd:base64Binary">SDE=', "X6 type of a forced parameter"),
    ('xsd:string">H1', 'xsd:boolean">yes', "P4 value not of its type"),
    ('xsd:string">H1', 'xsd:unsignedInt">-1', "P4 value not of its type"),
    ('xsd:string">H1', 'xsd:dateTime">today', "P4 value not of its type"),
    ("InternetGatewayDevice.", "Gateway.", "I2 no root object"),
]


@pytest.mark.rule("I1", "I2", "E2")
@pytest.mark.parametrize(("part", "instead", "what"), WRONG)
def test_a_wrong_inform_is_found(part: str, instead: str, what: str) -> None:
    """Each mistake has its name."""
    assert part in RIGHT
    assert what in judged(RIGHT.replace(part, instead, 1 if "ID" in part else -1))


def test_the_device_id_is_held_against_device_info() -> None:
    """As far as the Inform tells it."""
    own = {**PARAMETERS, "DeviceInfo.SerialNumber": "other"}
    assert judged(inform(parameters=own)) == ["I1 DeviceId is not DeviceInfo"]


def test_sixty_five_events_are_too_many() -> None:
    """EventStruct[1..64]."""
    text = inform(*[("M Reboot", str(i)) for i in range(65)])
    assert judged(text) == ["I1 not 1 to 64 events"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (fault(9005, "1"), None),
        (fault(9005, "1").replace("Client", "Server"), "F faultcode"),
        (fault(9005, "1").replace("CWMP fault", "Oh"), "F faultstring"),
        (fault(8000, "1"), "F fault code"),
        (fault(9015, "1"), "V1 fault code of a later version"),
        (fault(9002, "1").replace("detail>", "d>"), "F no cwmp:Fault in the detail"),
    ],
)
def test_faults_are_judged(text: str, what: str | None) -> None:
    """faultcode, faultstring, and codes that the version has."""
    found: Found = []
    message = read(text.encode())
    judge_fault(message, read_fault(message.element).code, found)
    assert [kind for kind, _ in found] == [what] * (what is not None)


def test_examples_are_bounded() -> None:
    """All are counted, the first twenty are kept, none is long."""
    violations = Violations()
    for i in range(100):
        violations.note("x" * 1000, "some rule", str(i) * 1000)
    told = violations.told()
    assert told["count"] == 100
    assert len(told["examples"]) == EXAMPLES
    assert max(len(text) for e in told["examples"] for text in e.values()) <= 300


async def test_strict_judges_by_the_schemas(xsd: str) -> None:
    """A right Inform passes, elements out of order and a wrong value do not."""
    async with acs(strict=xsd) as (server, connect):
        for namespace in NAMESPACE_ORDER:
            await (await connect()).session(namespace=namespace)
        assert kinds(server) == {}
        line = await connect()
        text = inform(serial="3")
        block = "<RetryCount>0</RetryCount>"
        moved = text.replace(block, "").replace("<MaxEnv", block + "<MaxEnv")
        await line.post(moved)
        await line.post()
        assert kinds(server) == {"schema: Inform": 1}
        await line.post(text.replace('"xsd:string">H1', '"xsd:int">H1'))
        await line.post()
        assert kinds(server)["schema: Inform"] == 2
        example = server.stats()["violations"]["examples"][0]
        assert example["cpe"] == "00D09E-HG800-3"
        assert "RetryCount" in example["detail"]


async def test_strict_judges_answers_and_faults(xsd: str) -> None:
    """What answers the ACS's RPCs is held against the schemas too."""
    from tests.acs.model import Model

    async with acs(strict=xsd, script="audit,provision,upgrade") as (server, connect):
        line = await connect()
        await line.session(answer=Model())
        assert kinds(server) == {}
        await line.session(
            serial="2",
            answer=lambda call: fault(9002, call.get("ID"), "<More/>"),
        )
        assert kinds(server)["schema: Fault"] > 0


def test_a_folder_without_schemas_is_refused(tmp_path: object) -> None:
    """All three files are named."""
    with pytest.raises(ConfigError) as caught:
        Schemas(str(tmp_path))
    assert len(caught.value.problems) == 3
    assert NAMESPACE
