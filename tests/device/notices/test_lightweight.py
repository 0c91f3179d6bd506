"""Lightweight notifications: what leaves as a datagram, when, and in what form."""

from __future__ import annotations

import hmac
from dataclasses import replace
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from cpesim.cwmp import lightweight
from cpesim.device.behaviour.lightweight import Notification
from cpesim.device.device import Device
from cpesim.device.profile import Parameter
from tests.device.notices.lives import (
    ADDRESS,
    STATUS,
    change,
    make_profile_that_lives,
)
from tests.factory import ROOT, SERVER, WAN, hold, make_device
from tests.play import EMPTY, Play, reply

USED = SERVER + "LightweightNotificationProtocolsUsed"
HOST = SERVER + "UDPLightweightNotificationHost"
PORT = SERVER + "UDPLightweightNotificationPort"
THROTTLE = SERVER + "DefaultActiveNotificationThrottle"
MODE, SIGNAL, SECRET = WAN + "Mode", WAN + "Signal", WAN + "Secret"
NAMESPACE = {"n": lightweight.NAMESPACE}


def with_light(used: str = "UDP", living: bool = False) -> Device:
    """A box that knows lightweight notifications, spoken to in CWMP 1.4."""
    profile = make_profile_that_lives("") if living else make_device().profile
    parameters = {
        **profile.parameters,
        USED: Parameter("string", True, used, list=True, choices=("UDP",)),
        HOST: Parameter("string", True, "", length=256),
        PORT: Parameter("unsignedInt", True, "7547"),
        THROTTLE: Parameter("unsignedInt", True, "0"),
        SECRET: Parameter("string", True, "hush", hidden=True),
        SERVER + "PeriodicInformEnable": Parameter("boolean", True, "0"),
    }
    profile = replace(
        profile,
        parameters=parameters,
        names=tuple(sorted(parameters)),
        cwmp="1.4",
    )
    device = make_device()
    device = Device(profile, 0, device.model.world)
    device.boot(0.0)
    hold(device, 0.0)
    return device


def asked(device: Device, now: float, *entries: tuple[str, int]) -> None:
    """The ACS sets notifications, in a session of CWMP 1.4."""
    wanted = [(name, True, level, None) for name, level in entries]
    play = Play(device.begin(now), now) << reply("InformResponse", version="1.4")
    play = play << reply("SetParameterAttributes", wanted, version="1.4")
    assert play.method == "SetParameterAttributesResponse"
    assert (play << EMPTY).body is None
    device.end(play.session, now)
    device.wake(now)


def changed(device: Device, name: str, value: str, now: float) -> None:
    device.model.set(name, value)
    device.changed(name, now)


def errands(device: Device, now: float) -> list[Notification]:
    """What the engine finds to send by *now*; it comes back as done."""
    device.wake(now)
    found = [e for e in device.errands if isinstance(e, Notification)]
    device.errands = ()
    for errand in found:
        device.returned(errand, True, now)
    device.wake(now)
    assert not device.errands
    return found


def values(errand: Notification) -> dict[str, str]:
    """The parameters in its datagrams."""
    found = {}
    for datagram in errand.datagrams:
        root = etree.fromstring(datagram.partition(b"\r\n\r\n")[2])
        for param in root.iterfind("n:Param", NAMESPACE):
            name = param.findtext("n:Name", "", NAMESPACE)
            found[name] = param.findtext("n:Value", "", NAMESPACE)
    return found


def inform_codes(device: Device, now: float) -> list[str]:
    return [code for code, _ in Play(device.begin(now), now).events()]


@pytest.mark.rule("I4", "P5")
@pytest.mark.parametrize(
    ("level", "informs", "calls", "light", "lights_up"),
    [
        (0, False, False, False, False),
        (1, True, False, False, False),
        (2, True, True, False, False),
        (3, False, False, True, False),
        (4, True, False, True, False),
        (5, False, False, True, True),
        (6, True, False, True, True),
    ],
)
def test_the_seven_notifications(
    level: int, informs: bool, calls: bool, light: bool, lights_up: bool
) -> None:
    """In the next Inform, a session at once, in the next datagram, one at once."""
    device = with_light()
    asked(device, 1.0, (MODE, level), (SIGNAL, 5))
    changed(device, MODE, "DSL", 2.0)
    assert (device.wanted == 2.0) is calls
    sent = errands(device, 2.0)
    assert bool(sent) is lights_up

    changed(device, SIGNAL, "-50", 3.0)
    sent += errands(device, 3.0)
    told = {name for errand in sent for name in values(errand)}
    assert told == ({MODE, SIGNAL} if light else {SIGNAL})
    device.knock(4.0)
    play = Play(device.begin(4.0), 4.0)
    assert ("4 VALUE CHANGE", "") in play.events() or not informs
    assert (MODE in play.values()) is informs
    assert SIGNAL not in play.values()


@pytest.mark.rule("I4")
def test_the_datagram() -> None:
    """A signed POST of who speaks, when, and what has changed, each once."""
    device = with_light()
    asked(device, 1.0, (MODE, 5), (SECRET, 3))
    changed(device, SECRET, "new", 2.0)
    changed(device, MODE, "DSL", 2.0)
    changed(device, MODE, "Ethernet", 2.0)
    (errand,) = errands(device, 2.5)
    assert (errand.host, errand.port) == ("acs.invalid", 7547)
    (datagram,) = errand.datagrams
    head, _, body = datagram.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")

    assert lines[:3] == [
        "POST / HTTP/1.1",
        "Host: acs.invalid:7547",
        "Content-Type: text/xml; charset=utf-8",
    ]
    assert lines[3] == f"Content-Length: {len(body)}"
    expected = hmac.new(b"secret", body, "sha1").hexdigest().upper()
    assert lines[4:] == [f"Signature: {expected}"]
    root = etree.fromstring(body)
    told = [(etree.QName(e).localname, e.text) for e in root]
    nonce = told[2][1]
    assert nonce is not None
    assert len(nonce) == 16
    assert told[:6] == [
        ("TS", "1767225602"),
        ("UN", "cpe"),
        ("CN", nonce),
        ("OUI", "00D09E"),
        ("ProductClass", "TestBox"),
        ("SerialNumber", "T000001"),
    ]
    assert values(errand) == {SECRET: "", MODE: "Ethernet"}
    assert b'xsi:type="xs:string">Ethernet<' in body
    assert "secret" not in repr(errand)


@pytest.mark.rule("I4")
def test_each_datagram_has_a_nonce_of_its_own() -> None:
    """An ACS tells copies from new ones by it."""
    device = with_light()
    asked(device, 1.0, (MODE, 5))
    seen = set()
    for now in (2.0, 2.0001, 3.0):
        changed(device, MODE, f"m{now}", now)
        (errand,) = errands(device, now)
        seen.add(
            etree.fromstring(errand.datagrams[0].partition(b"\r\n\r\n")[2])[2].text
        )
    assert len(seen) == 3


@pytest.mark.rule("I4")
def test_an_empty_list_of_protocols_switches_them_off() -> None:
    """Whatever the attributes say; notification 4 and 6 still go with an Inform."""
    device = with_light(used="")
    asked(device, 1.0, (MODE, 6), (SIGNAL, 5))
    changed(device, MODE, "DSL", 2.0)
    changed(device, SIGNAL, "-1", 2.0)
    assert errands(device, 3.0) == []
    assert device.memory == {}
    device.knock(4.0)
    assert inform_codes(device, 4.0) == ["4 VALUE CHANGE", "6 CONNECTION REQUEST"]


@pytest.mark.rule("I4")
def test_where_they_go() -> None:
    """To the host and port that the ACS gave; nowhere with a port that is none."""
    device = with_light()
    asked(device, 1.0, (MODE, 5))

    def to(host: str, port: str, now: float) -> list[tuple[str, int]]:
        hold(
            device,
            now,
            reply(
                "SetParameterValues",
                [(HOST, "string", host), (PORT, "unsignedInt", port)],
            ),
        )
        changed(device, MODE, f"m{now}", now)
        return [(e.host, e.port) for e in errands(device, now)]

    assert to("127.0.0.9", "9000", 2.0) == [("127.0.0.9", 9000)]
    assert to("::1", "9000", 3.0) == [("::1", 9000)]
    assert to("127.0.0.9", "0", 4.0) == []
    assert to("127.0.0.9", "65536", 5.0) == []
    device.model.set(SERVER + "URL", "http://[")
    assert to("", "9000", 6.0) == []


@pytest.mark.rule("I4", "I6")
def test_the_throttle_holds_datagrams_back_too() -> None:
    """Counted from the last one; what changed meanwhile goes along."""
    device = with_light()
    hold(device, 1.0, reply("SetParameterValues", [(THROTTLE, "unsignedInt", "100")]))
    asked(device, 1.0, (MODE, 5), (SIGNAL, 5))
    changed(device, MODE, "DSL", 2.0)
    assert len(errands(device, 2.0)) == 1
    changed(device, MODE, "Auto", 10.0)
    changed(device, SIGNAL, "-7", 20.0)
    assert errands(device, 101.9) == []
    assert device.due() == 102.0
    (errand,) = errands(device, 102.0)
    assert values(errand) == {MODE: "Auto", SIGNAL: "-7"}


@pytest.mark.rule("I4")
def test_a_living_value_is_told_in_a_datagram() -> None:
    """At the moment it changes, with a passive one that changed before."""
    device = with_light(living=True)
    asked(device, 1.0, (STATUS, 5), (ADDRESS, 3))
    first = change(device, ADDRESS, 1.0)
    now = change(device, STATUS, first)
    sent = [e for t in (now - 1, now) for e in errands(device, t)]
    told: dict[str, str] = {}
    for errand in sent:
        told |= values(errand)
    assert told[STATUS] == device.model.get(STATUS, now)
    assert told[ADDRESS] == device.model.get(ADDRESS, now)
    assert device.wanted == inf
    assert device.changes == ()


@pytest.mark.rule("I4", "E3", "E7")
def test_what_a_datagram_was_to_tell_is_forgotten_over_a_reboot() -> None:
    """And with a new ACS; both begin anew."""
    device = with_light()
    asked(device, 1.0, (MODE, 3), (SIGNAL, 5))
    changed(device, MODE, "DSL", 2.0)
    device.darken(3.0, 10.0)
    device.wake(13.0)
    hold(device, 13.0)
    changed(device, SIGNAL, "-5", 14.0)
    (errand,) = errands(device, 14.0)
    assert values(errand) == {SIGNAL: "-5"}

    changed(device, MODE, "Auto", 15.0)
    url = [(SERVER + "URL", "string", "http://127.0.0.1:9/new")]
    hold(device, 16.0, reply("SetParameterValues", url))
    hold(device, 17.0)
    changed(device, SIGNAL, "-6", 18.0)
    (errand,) = errands(device, 18.0)
    assert values(errand) == {SIGNAL: "-6"}
    assert errand.host == "127.0.0.1"


@pytest.mark.rule("I4")
def test_many_changes_go_in_several_datagrams() -> None:
    """None is larger than an Ethernet frame takes; there are 16 at the most."""
    device = with_light()
    names = [n for n in device.profile.names if n.startswith(ROOT)]
    asked(device, 1.0, (ROOT, 3), (MODE, 5))
    for name in names:
        if name != MODE and device.profile.parameters[name].notify != "always":
            device.changed(name, 2.0)
    changed(device, MODE, "DSL", 2.0)
    (errand,) = errands(device, 2.0)
    assert 1 < len(errand.datagrams) <= 16
    assert all(len(d) < 1472 for d in errand.datagrams)
    assert len(values(errand)) > 20

    # A value alone may be larger than that; it goes alone.
    changed(device, SECRET + "", "x", 3.0)
    changed(device, MODE, "y" * 3000, 3.0)
    (errand,) = errands(device, 3.0)
    assert values(errand)[MODE] == "y" * 3000


@given(
    text=st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"])),
    password=st.text(st.characters(exclude_categories=["Cs"])),
)
def test_any_text_comes_through(text: str, password: str) -> None:
    """Values as they are, and a signature that proves them."""
    text = "".join(c for c in text if c not in "\ufffe\uffff")
    body = lightweight.notification(
        time=1,
        username=text,
        nonce="N",
        oui="00D09E",
        product_class=text,
        serial=text,
        parameters=[lightweight.parameter("A.B", "base64", text)],
    )
    root = etree.fromstring(body)
    assert root.findtext("n:UN", "", NAMESPACE) == text
    assert root.findtext("n:Param/n:Value", "", NAMESPACE) == text
    assert b'"xs:base64Binary"' in body
    sent = lightweight.datagram("::1", 7547, body, password)
    assert b"\r\nHost: [::1]:7547\r\n" in sent
    assert sent.endswith(b"\r\n\r\n" + body)
    assert lightweight.signature(body, password).encode() in sent
