"""What SetParameterAttributes sets, and for how long (CHECKLIST P5, I7)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpesim.device.device import Device
from cpesim.device.paths.attributes import (
    SUBSCRIBER,
    UNSET,
    Attribute,
    Lookup,
    covers,
    effective,
    merged,
)
from cpesim.device.profile import Parameter
from tests.factory import HOSTS, ROOT, SERVER, WAN, hold, make_device
from tests.play import Play, envelope, judged, reply

PATHS = ("", "A.", "A.B.", "A.B.C", "A.B.D", "A.E", "F.", "F.G")
NAMES = ("A.B.C", "A.B.D", "A.E", "F.G")
PARAMETER = Parameter("string")
_ACCESS = st.sampled_from([None, (), (SUBSCRIBER,)])
_ENTRIES = st.lists(
    st.tuples(st.sampled_from(PATHS), st.none() | st.integers(0, 6), _ACCESS),
    max_size=12,
)


def ask(device: Device, *message: object, version: str = "1.0") -> Play:
    """What the device answers to one RPC."""
    play = Play(device.begin(10.0), 10.0)
    play = play << reply("InformResponse", version=version)
    play = play << reply(*message, version=version)  # type: ignore[arg-type]
    judged(play.body or b"")
    device.end(play.session, 10.0)
    return play


def found(
    device: Device, path: str = ROOT, version: str = "1.0"
) -> dict[str, tuple[int, list[str]]]:
    """Notification and access list of each parameter below a path."""
    play = ask(device, "GetParameterAttributes", path, version=version)
    return {
        a.findtext("Name"): (
            int(a.findtext("Notification")),
            [s.text for s in a.iter("string")],
        )
        for a in play.sent.iter("ParameterAttributeStruct")
    }


@pytest.mark.rule("P5")
@given(_ENTRIES, st.integers(0, 12))
def test_the_latest_entry_counts(entries: list[Attribute], cut: int) -> None:
    """In one request or in several: what was said last of a name holds for it."""
    kept = merged(merged((), entries[:cut]), entries[cut:])
    lookup = Lookup(kept)
    for name in NAMES:
        notification, access = None, (SUBSCRIBER,)
        for path, level, who in entries:
            if covers(path, name):
                notification = notification if level is None else level
                access = access if who is None else who
        assert lookup.of(name, PARAMETER) == (
            effective(PARAMETER, notification),
            access,
        )
    model = make_device().model
    model.attributes = kept
    for name in NAMES:
        alone = model.notification(name, PARAMETER), model.access(name)
        assert alone == lookup.of(name, PARAMETER)
    assert len(kept) <= len(PATHS)


@pytest.mark.rule("P5", "I7")
@pytest.mark.parametrize(
    ("notify", "said", "expected"),
    [
        ("", None, 0),
        ("", UNSET, 0),
        ("", 1, 1),
        ("active", None, 2),
        ("active", UNSET, 2),
        ("active", 0, 0),
        ("always", None, 2),
        ("always", 0, 2),
        ("always", 6, 2),
    ],
)
def test_forced_and_default_notifications(
    notify: str, said: int | None, expected: int
) -> None:
    """forceEnabled stays 2, forceDefaultEnabled is 2 until it is changed."""
    assert effective(Parameter("string", notify=notify), said) == expected


@pytest.mark.rule("P5", "V1")
@pytest.mark.parametrize(("version", "most"), [("1.0", 2), ("1.1", 2), ("1.2", 6)])
def test_levels_by_version(version: str, most: int) -> None:
    """0 to 2, with CWMP 1.2 to 6; beyond it 9003 and nothing kept."""
    device = make_device(cwmp="1.4")
    name = WAN + "Signal"
    for level in range(most + 1):
        entry = [(name, True, level, None)]
        play = ask(device, "SetParameterAttributes", entry, version=version)
        assert play.fault == 0
        assert found(device, name, version)[name][0] == level
    for level in (most + 1, 7, -1, "x"):
        entry = [(name, True, level, None)]
        play = ask(device, "SetParameterAttributes", entry, version=version)
        assert play.fault == 9003
        assert found(device, name, version)[name][0] == most


@pytest.mark.rule("P5", "V1")
def test_an_older_acs_sees_no_lightweight_levels() -> None:
    """What a session's version lacks is not told in it."""
    device = make_device(cwmp="1.4")
    name = WAN + "Signal"
    for level, old in ((2, 2), (3, 0), (4, 1), (5, 0), (6, 1)):
        entry = [(name, True, level, None)]
        ask(device, "SetParameterAttributes", entry, version="1.2")
        assert found(device, name, "1.2")[name][0] == level
        assert found(device, name, "1.0")[name][0] == old


@pytest.mark.rule("P5")
def test_what_is_not_to_change_is_ignored() -> None:
    """Without its Change flag a notification or a list is not even looked at."""
    device = make_device()
    name = WAN + "Signal"
    ask(device, "SetParameterAttributes", [(name, True, 1, [])])
    play = ask(device, "SetParameterAttributes", [(name, False, 99, None)])
    assert play.fault == 0
    assert found(device, name)[name] == (1, [])

    text = (
        "<cwmp:SetParameterAttributes><ParameterList><SetParameterAttributesStruct>"
        f"<Name>{name}</Name><NotificationChange>0</NotificationChange>"
        "<Notification>2</Notification><AccessListChange>0</AccessListChange>"
        "<AccessList><string>Nobody</string></AccessList>"
        "</SetParameterAttributesStruct></ParameterList>"
        "</cwmp:SetParameterAttributes>"
    )
    play = Play(device.begin(11.0), 11.0) << reply("InformResponse") << envelope(text)
    assert (play >> "SetParameterAttributesResponse").fault == 0
    device.end(play.session, 11.0)
    assert found(device, name)[name] == (1, [])


@pytest.mark.rule("P5")
def test_one_of_the_two_alone() -> None:
    """A notification leaves the list, and a list the notification."""
    device = make_device()
    name = WAN + "Signal"
    ask(device, "SetParameterAttributes", [(name, False, 0, [])])
    ask(device, "SetParameterAttributes", [(name, True, 2, None)])
    assert found(device, name)[name] == (2, [])
    ask(device, "SetParameterAttributes", [(name, False, 0, [SUBSCRIBER])])
    assert found(device, name)[name] == (2, [SUBSCRIBER])


@pytest.mark.rule("P5")
@pytest.mark.parametrize("who", ["Everyone", "subscriber", "", "Subscriber "])
def test_the_access_list_knows_subscribers_only(who: str) -> None:
    """Whoever else stands in it is 9003, beside a Subscriber too."""
    device = make_device()
    for access in ([who], [SUBSCRIBER, who]):
        entry = [(WAN, True, 1, access)]
        assert ask(device, "SetParameterAttributes", entry).fault == 9003
    assert device.model.attributes == ()


@pytest.mark.rule("P5")
@pytest.mark.parametrize("path", ["", ROOT, WAN, HOSTS, HOSTS + "1."])
def test_partial_paths(path: str) -> None:
    """All beneath has it, and nothing else; the empty path is everything."""
    device = make_device()
    assert ask(device, "SetParameterAttributes", [(path, True, 1, [])]).fault == 0
    profile = device.profile
    for name, (level, access) in found(device).items():
        inside = name.startswith(path)
        notify = profile.parameters[name].notify
        usual = 2 if notify else 0
        forced = notify == "always"
        assert level == (1 if inside and not forced else usual), name
        assert access == ([] if inside else [SUBSCRIBER])


@pytest.mark.rule("P5")
def test_attributes_outlive_a_reboot() -> None:
    """And a factory reset takes them back."""
    device = make_device()
    ask(device, "SetParameterAttributes", [(WAN, True, 1, [])])
    before = found(device)
    hold(device, 20.0, reply("Reboot", "k"))
    device.wake(100.0)
    hold(device, 101.0)
    assert found(device) == before
    assert before[WAN + "Mode"] == (1, [])

    hold(device, 110.0, reply("FactoryReset"))
    device.wake(200.0)
    hold(device, 201.0)
    assert found(device)[WAN + "Mode"] == (0, [SUBSCRIBER])


@pytest.mark.rule("P5")
@pytest.mark.parametrize(
    ("path", "level", "code"),
    [
        (WAN + "Secret", 2, 9009),
        (WAN, 2, 9009),  # it lies in there
        ("", 2, 9009),
        (WAN + "Secret", 1, 0),
        (WAN + "Mode", 2, 0),
        (SERVER, 2, 0),
    ],
)
def test_active_notification_may_be_denied(path: str, level: int, code: int) -> None:
    """9009 for what canDeny, where the profile denies; and then for all entries."""
    device = make_device(deny_active=True)
    good = (SERVER + "Username", True, 1, None)
    play = ask(device, "SetParameterAttributes", [good, (path, True, level, None)])
    assert play.fault == code
    assert (device.model.attributes == ()) is (code != 0)
    willing = make_device()
    entry = [(path, True, level, None)]
    assert ask(willing, "SetParameterAttributes", entry).fault == 0


@pytest.mark.rule("P5")
def test_each_parameter_is_told_once() -> None:
    """However many of the paths name it."""
    device = make_device()
    play = ask(device, "GetParameterAttributes", WAN, WAN + "Mode", ROOT, WAN)
    names = [a.findtext("Name") for a in play.sent.iter("ParameterAttributeStruct")]
    assert sorted(names) == sorted(set(names)) == sorted(device.profile.names)


@pytest.mark.rule("P5", "S15")
def test_a_great_many_entries() -> None:
    """Thousands of them are taken, and what is kept is one for each path."""
    device = make_device(deny_active=True)
    paths = ["", ROOT, WAN, HOSTS, WAN + "Mode"]
    entries = [(p, True, i % 2, None) for i in range(2000) for p in paths]
    assert ask(device, "SetParameterAttributes", entries).fault == 0
    assert [path for path, *_ in device.model.attributes] == sorted(paths)
    assert {level for _, level, _ in device.model.attributes} == {1}

    refused = [*entries, (WAN + "Secret", True, 2, None)]
    before = device.model.attributes
    assert ask(device, "SetParameterAttributes", refused).fault == 9009
    assert device.model.attributes is before


@pytest.mark.rule("P5")
@pytest.mark.parametrize("path", [ROOT + "No", WAN[:-1], WAN + "Mode.", "Device."])
def test_unknown_paths(path: str) -> None:
    """9005, and the good entry before it is not kept."""
    device = make_device()
    entries = [(WAN + "Mode", True, 1, None), (path, True, 1, None)]
    assert ask(device, "SetParameterAttributes", entries).fault == 9005
    assert device.model.attributes == ()
