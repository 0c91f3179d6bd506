"""Arguments that are none, of every RPC: fault 9003, and nothing changed (S11, F)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from cpesim.cwmp import names
from cpesim.cwmp.fault import FAULTS
from cpesim.device.behaviour import BEHAVIOURS
from cpesim.device.device import Device
from tests.factory import HOSTS, SERVER, WAN, hold, make_device
from tests.play import EMPTY, Play, envelope, judged, reply

RPCS = sorted(rpc for behaviour in BEHAVIOURS for rpc in behaviour.rpcs)
KEY = "k" * 33
_NAME = f"<Name>{WAN}Mode</Name>"
_VALUE = "<Value>DSL</Value>"
_STRUCT = f"<ParameterValueStruct>{_NAME}{_VALUE}</ParameterValueStruct>"
_URL = "<URL>http://127.0.0.1/f</URL>"
_IMAGE = "<FileType>1 Firmware Upgrade Image</FileType>"


def _attribute(*fields: str) -> str:
    inner = "".join(fields)
    return (
        f"<ParameterList><SetParameterAttributesStruct>{inner}"
        "</SetParameterAttributesStruct></ParameterList>"
    )


WRONG = {
    "GetParameterValues": [
        "",
        "<ParameterName>x</ParameterName>",
        f"<Names>{_NAME}</Names>",
    ],
    "GetParameterAttributes": ["", "<ParameterName>x</ParameterName>"],
    "GetParameterNames": [
        "",
        f"<ParameterPath>{WAN}</ParameterPath>",
        f"<ParameterPath>{WAN}</ParameterPath><NextLevel></NextLevel>",
        f"<ParameterPath>{WAN}</ParameterPath><NextLevel>2</NextLevel>",
        f"<ParameterPath>{WAN}</ParameterPath><NextLevel>yes</NextLevel>",
        f"<ParameterPath>{WAN}</ParameterPath><NextLevel><a/></NextLevel>",
        f"<ParameterPath>{WAN}Mode</ParameterPath><NextLevel>1</NextLevel>",
    ],
    "SetParameterValues": [
        "",
        "<ParameterKey>k</ParameterKey>",
        f"<ParameterList>{_STRUCT}</ParameterList><ParameterKey>{KEY}</ParameterKey>",
        f"<ParameterList><ParameterValueStruct>{_NAME}</ParameterValueStruct>"
        "</ParameterList><ParameterKey/>",
        f"<ParameterList>{_STRUCT}<ParameterValueStruct>{_VALUE}"
        "</ParameterValueStruct></ParameterList><ParameterKey/>",
        f"<ParameterList>{_STRUCT}<x/></ParameterList><ParameterKey/>",
        f"<ParameterList>{_STRUCT * 2}</ParameterList><ParameterKey/>",
    ],
    "SetParameterAttributes": [
        "",
        "<ParameterList><x/></ParameterList>",
        _attribute("<NotificationChange>0</NotificationChange>"),
        _attribute(_NAME),
        _attribute(_NAME, "<NotificationChange>1</NotificationChange>"),
        _attribute(
            _NAME,
            "<NotificationChange>maybe</NotificationChange>",
            "<Notification>1</Notification><AccessListChange>0</AccessListChange>",
        ),
        *(
            _attribute(
                _NAME,
                "<NotificationChange>1</NotificationChange>",
                f"<Notification>{level}</Notification>",
                "<AccessListChange>0</AccessListChange>",
            )
            for level in ("", "-1", "3", "1.0", "99999999999", "x")
        ),
        _attribute(
            _NAME,
            "<NotificationChange>0</NotificationChange>",
            "<AccessListChange>1</AccessListChange>",
        ),
        _attribute(
            _NAME,
            "<NotificationChange>0</NotificationChange>",
            "<AccessListChange>1</AccessListChange>",
            "<AccessList><string>Everyone</string></AccessList>",
        ),
    ],
    "AddObject": [
        "",
        "<ParameterKey>k</ParameterKey>",
        f"<ObjectName>{HOSTS}</ObjectName><ParameterKey>{KEY}</ParameterKey>",
    ],
    "DeleteObject": [
        "",
        "<ParameterKey>k</ParameterKey>",
        f"<ObjectName>{HOSTS}1.</ObjectName><ParameterKey>{KEY}</ParameterKey>",
    ],
    "Reboot": [f"<CommandKey>{KEY}</CommandKey>"],
    "ScheduleInform": [
        "",
        "<CommandKey>k</CommandKey>",
        *(
            f"<DelaySeconds>{delay}</DelaySeconds><CommandKey>k</CommandKey>"
            for delay in ("", "0", "-1", "1.5", "x", "4294967296", "9" * 40)
        ),
        f"<DelaySeconds>5</DelaySeconds><CommandKey>{KEY}</CommandKey>",
    ],
    "Download": [
        "",
        _IMAGE,
        _URL,
        f"<FileType>99 Nothing</FileType>{_URL}",
        f"{_IMAGE}<URL></URL>",
        f"{_IMAGE}<URL>/relative</URL>",
        f"{_IMAGE}<URL>http://user:secret@127.0.0.1/f</URL>",
        f"{_IMAGE}<URL>http://[::1/f</URL>",
        f"{_IMAGE}{_URL}<CommandKey>{KEY}</CommandKey>",
        f"{_IMAGE}{_URL}<FileSize>-1</FileSize>",
        f"{_IMAGE}{_URL}<FileSize>big</FileSize>",
        f"{_IMAGE}{_URL}<DelaySeconds>-1</DelaySeconds>",
        f"{_IMAGE}{_URL}<DelaySeconds>soon</DelaySeconds>",
    ],
}


def told(device: Device, method: str, arguments: str, version: str = "1.0") -> Play:
    """The answer to an RPC written by hand; the session goes on after it."""
    play = Play(device.begin(10.0), 10.0) << reply("InformResponse", version=version)
    body = f"<cwmp:{method}>{arguments}</cwmp:{method}>"
    play = play << envelope(body, version=version, id="7")
    judged(play.body or b"")
    assert play.id == "7"
    return play


def ended(device: Device, play: Play) -> None:
    """The session after a fault is a good one (S11)."""
    assert (play << EMPTY).body is None
    device.end(play.session, 10.0)
    assert device.retries == 0


def picture(device: Device) -> tuple[object, ...]:
    """All that an RPC could have changed."""
    model = device.model
    return (
        dict(model.own),
        model.grown,
        model.attributes,
        device.alarms,
        device.transfers,
        device.requests,
        device.errands,
    )


@pytest.mark.rule("S11", "P3", "P10")
@pytest.mark.parametrize(
    ("method", "arguments"),
    [(method, arguments) for method, them in WRONG.items() for arguments in them],
)
def test_malformed_arguments(method: str, arguments: str) -> None:
    """9003 as a Client fault; nothing is changed, and the session goes on."""
    device = make_device()
    before = picture(device)
    play = told(device, method, arguments)
    assert play.fault == 9003
    assert play.sent.findtext("faultcode").endswith(":Client")
    ended(device, play)
    assert picture(device) == before


@pytest.mark.rule("S11", "P9")
@pytest.mark.parametrize(
    "method",
    [
        "NoSuchThing",
        "getparametervalues",
        "GETPARAMETERVALUES",
        "GetOptions",
        "SetVouchers",
        "Kicked",
        "Inform",
        "TransferComplete",
        "X_00D09E_Do",
        "GetParameterValue",
    ],
)
def test_unknown_rpcs(method: str) -> None:
    """9000 as a Server fault, and the session goes on."""
    device = make_device()
    play = told(device, method, "<a>1</a>")
    assert play.fault == 9000
    assert play.sent.findtext("faultcode").endswith(":Server")
    assert play.sent.findtext(".//{*}Fault/FaultString") == FAULTS[9000]
    ended(device, play)


@pytest.mark.rule("P9", "V1")
@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2"])
def test_what_is_told_is_what_is_handled(version: str) -> None:
    """Each RPC of GetRPCMethods is known, each other is 9000."""
    device = make_device(cwmp="1.4")
    play = told(device, "GetRPCMethods", "", version)
    methods = [s.text for s in play.sent.iter("string")]
    ended(device, play)
    assert len(methods) == len(set(methods)) >= 11
    assert not set(methods) & names.RPCS_LACKING[names.NAMESPACES[version]]
    for rpc in names.RPCS:
        play = told(make_device(cwmp="1.4"), rpc, "", version)
        assert (play.fault == 9000) is (rpc not in methods), rpc


@pytest.mark.rule("S15")
def test_an_array_s_count_is_what_stands_in_it() -> None:
    """An arrayType may say what it likes: nothing is set aside for it."""
    device = make_device()
    many = 'soap-enc:arrayType="xsd:string[2147483647]"'
    one = f"<ParameterNames {many}><string>{WAN}Mode</string></ParameterNames>"
    play = told(device, "GetParameterValues", one)
    assert play.values() == {WAN + "Mode": "Auto"}
    ended(device, play)

    wide = "<string></string>" * 20_000 + f"<string>{WAN}</string>" * 20_000
    play = told(
        device, "GetParameterValues", f"<ParameterNames>{wide}</ParameterNames>"
    )
    assert len(play.values()) == len(device.profile.names)
    ended(device, play)


@pytest.mark.rule("P10")
@pytest.mark.parametrize("method", ["AddObject", "DeleteObject", "SetParameterValues"])
def test_a_missing_parameter_key_is_an_empty_one(method: str) -> None:
    """Some ACSs leave it out; it counts as the empty key."""
    device = make_device()
    device.model.set(SERVER + "ParameterKey", "old")
    argument = {
        "AddObject": f"<ObjectName>{HOSTS}</ObjectName>",
        "DeleteObject": f"<ObjectName>{HOSTS}1.</ObjectName>",
        "SetParameterValues": f"<ParameterList>{_STRUCT}</ParameterList>",
    }[method]
    play = told(device, method, argument)
    assert play.fault == 0
    ended(device, play)
    assert device.model.get(SERVER + "ParameterKey", 0.0) == ""


_WORDS = st.sampled_from(
    [
        "ParameterNames",
        "ParameterPath",
        "NextLevel",
        "ParameterList",
        "ParameterValueStruct",
        "SetParameterAttributesStruct",
        "Name",
        "Value",
        "Notification",
        "NotificationChange",
        "AccessListChange",
        "AccessList",
        "string",
        "ObjectName",
        "ParameterKey",
        "CommandKey",
        "DelaySeconds",
        "FileType",
        "URL",
        "FileSize",
        "TimeWindowList",
        "Operations",
        "x",
    ]
)
_TEXTS = st.sampled_from(
    ["", "0", "1", "-1", "99999999999", "true", WAN, WAN + "Mode", HOSTS, HOSTS + "1."]
) | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)
_TREES = st.recursive(
    _TEXTS,
    lambda inner: st.lists(st.tuples(_WORDS, inner), max_size=4),
    max_leaves=20,
)


def _xml(tree: object, element: etree._Element) -> None:
    if isinstance(tree, str):
        element.text = tree
        return
    assert isinstance(tree, list)
    for word, inner in tree:
        _xml(inner, etree.SubElement(element, word))


@pytest.mark.rule("S11")
@pytest.mark.parametrize("method", RPCS)
@settings(max_examples=60)
@given(tree=_TREES, version=st.sampled_from(["1.0", "1.2"]))
def test_whatever_an_acs_sends(method: str, tree: object, version: str) -> None:
    """Each RPC has an answer or a fault of its table, and the session goes on."""
    device = make_device(cwmp="1.4")
    root = etree.Element("a")
    _xml(tree, root)
    inner = etree.tostring(root, encoding="unicode").partition(">")[2]
    play = told(device, method, inner.removesuffix("</a>"), version)
    assert play.method in (method + "Response", "Fault")
    if play.method == "Fault":
        assert 9000 <= play.fault <= 9032
        assert play.fault != 9002
    ended(device, play)


@pytest.mark.rule("P14", "E2")
@pytest.mark.parametrize("key", ["<&>\t\n\r'\"", "ü€😀" + "é" * 29, " lead and trail "])
def test_keys_go_round_unchanged(key: str) -> None:
    """A CommandKey comes back in its event, a ParameterKey in the parameter."""
    assert len(key) <= 32
    device = make_device()
    hold(
        device,
        5.0,
        reply("ScheduleInform", 7, key),
        reply("SetParameterValues", [(WAN + "Mode", "string", "DSL")], key),
        reply("Reboot", key),
    )
    assert device.model.get(SERVER + "ParameterKey", 5.0) == key
    device.wake(100.0)
    play = Play(device.begin(100.0), 100.0)
    assert (play >> "Inform").values()[SERVER + "ParameterKey"] == key
    assert {k for code, k in play.events() if code.startswith("M ")} == {key}
