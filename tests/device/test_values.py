"""Templates and living values: the same device always reads the same."""

from __future__ import annotations

import pickle
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpesim.device.catalog import compile_profile
from cpesim.device.language.line import parse_line
from cpesim.device.language.template import bound, compile_template
from cpesim.device.living import Counter, Drift, Entries, Flip, Presence, Present
from cpesim.device.model import Model
from cpesim.device.profile import Profile, Table
from cpesim.device.values import Column, Instance, Renumbered
from cpesim.device.world import World
from cpesim.errors import ConfigError

ROOT = "Device."
HOSTS = {f"Device.Hosts.Host.{i}.": True for i in (1, 2)}


def profile(**fields: object) -> Profile:
    """A kind of device with no parameters but an identity."""
    given = {
        "name": "test",
        "root": ROOT,
        "manufacturer": "Acme",
        "oui": "00D09E",
        "product_class": "X",
        "serial": compile_template("S{n:06}"),
        "names": (),
        "parameters": {},
        "objects": {"Device.": False, "Device.Hosts.Host.": True, **HOSTS},
        "tables": {"Device.Hosts.Host.{i}.": Table(True)},
        "rendered": {},
        "inform": (),
        "username": compile_template("{oui}-{serial}"),
        "password": compile_template("{hex:16}"),
        "pools": {"name": ("Ann", "Bob"), "word": ("a",), "company": ("c",)},
        **fields,
    }
    return Profile(**given)


def device(n: int = 0, seed: int = 1, **fields: object) -> Model:
    """Device *n* of a run that began at 1.7e9."""
    world = World(
        seed, epoch=1.7e9, acs_url="http://acs/", url=lambda n: f"http://cpe/{n}"
    )
    return Model(profile(**fields), n, world)


def read(text: str, model: Model, path: str = "Device.X.Y", now: float = 0.0) -> str:
    """A template's text on a device."""
    value = compile_template(text)
    return value if isinstance(value, str) else value(model, path, now)


def living(text: str, model: Model, path: str = "Device.X.Y", now: float = 0.0) -> str:
    """A living source's text on a device."""
    value = parse_line(f"string ~ {text}").parameter.default
    return value if isinstance(value, str) else value(model, path, now)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain {{braces}}", "plain {braces}"),
        ("{n}/{n:04}", "7/0007"),
        ("{oui} {manufacturer} {product_class} {serial}", "00D09E Acme X S000007"),
        ("{username}", "00D09E-S000007"),
    ],
)
def test_a_template_reads_the_devices_own_words(text, expected):
    """Number and identity; doubled braces are braces."""
    assert read(text, device(7)) == expected


def test_instances_are_counted_from_outside_and_inside():
    """{i} is the innermost, {i1} the outermost; known ones become text at load."""
    path = "Device.A.3.B.4.C.5.Name"

    assert read("{i} {i1} {i2} {i3:03}", device(), path) == "5 3 4 005"
    assert bound(compile_template("x{i}y"), path) == "x5y"
    assert bound(Instance(), "Device.A.{i}.Name") == Instance()
    assert read("[{i}]", device(), "Device.Name") == "[]"


@pytest.mark.parametrize(
    "text",
    [
        "{hex:16}",
        "{int 1-1000000}",
        "{mac}",
        "{ipv4 10.0.0.0/8}",
        "{ipv6 2001:db8::/32}",
    ],
)
def test_the_same_device_reads_the_same_and_others_differ(text):
    """A function of (seed, number, path) and of nothing else."""
    one = read(text, device(3))

    assert one == read(text, device(3))
    assert one != read(text, device(4))
    assert one != read(text, device(3, seed=2))


def test_two_parameters_differ_but_for_a_common_label():
    """The path is the salt, unless both name the same label."""
    model = device(3)

    assert read("{hex:8}", model, "Device.A") != read("{hex:8}", model, "Device.B")
    assert read("{hex:8 @k}", model, "Device.A") == read(
        "{hex:8 @k}", model, "Device.B"
    )


def test_two_pieces_of_one_text_draw_anew():
    """Else {hex:4}-{hex:4} would repeat itself."""
    first, second = read("{hex:12}-{hex:12}", device(1)).split("-")

    assert first != second


def test_long_digits_and_other_alphabets():
    """As many as asked for, of the right kind."""
    model = device(1)

    assert len(read("{hex:200}", model)) == 200
    assert set(read("{HEX:64}", model)) <= set("0123456789ABCDEF")
    assert read("{digits:40}", model).isdigit()


def test_picks_and_pools_come_from_their_options():
    """One of those that are there; an int lies in its range."""
    for n in range(50):
        assert read("{pick a|b c|d}", device(n)) in ("a", "b c", "d")
        assert read("{name}", device(n)) in ("Ann", "Bob")
        assert -70 <= int(read("{int -70--30}", device(n))) <= -30


def test_no_two_devices_share_a_mac():
    """20,000 devices with 16 addresses each, below one OUI; and the ends of 2**20."""
    value = compile_template("{mac}")
    last = compile_template("{mac+15}")
    assert not isinstance(value, str)
    assert not isinstance(last, str)
    model = device()
    seen = set()
    for n in (*range(20_000), 2**19, 2**20 - 1):
        model.n = n
        low = int(value(model, "Device.MAC", 0.0).replace(":", ""), 16)
        high = int(last(model, "Device.MAC", 0.0).replace(":", ""), 16)
        assert high - low == 15
        assert low >> 24 == 0x00D09E == high >> 24
        seen.add(low >> 4)

    assert len(seen) == 20_002


def test_addresses_are_unique_while_the_pool_lasts():
    """Every address of a /22 once, not its network nor its broadcast; then again."""
    network = IPv4Network("10.1.4.0/22")
    found = [read(f"{{ipv4 {network}}}", device(n)) for n in range(1_022)]

    assert len(set(found)) == 1_022
    assert all(IPv4Address(a) in network for a in found)
    assert not {"10.1.4.0", "10.1.7.255"} & set(found)
    assert read(f"{{ipv4 {network}}}", device(1_022)) == found[0]
    assert read("{ipv4 10.0.0.7/32}", device(5)) == "10.0.0.7"


@pytest.mark.parametrize("prefix", ["2001:db8::/32", "2001:db8::/64", "2001:db8::/96"])
def test_ipv6_addresses_lie_below_their_prefix(prefix):
    """Unique over a thousand devices."""
    found = {read(f"{{ipv6 {prefix}}}", device(n)) for n in range(1_000)}

    assert len(found) == 1_000
    assert all(IPv6Address(a) in IPv6Network(prefix) for a in found)


@pytest.mark.parametrize(
    ("prefix", "alphabets"),
    [("HW", ("0123456789",) * 7), ("A", ("0123456789ABCDEF",) * 6)],
)
def test_renumbered_serials_are_unique(prefix, alphabets):
    """A permutation of the forms."""
    value = Renumbered(prefix, alphabets)
    model = device()
    found = set()
    for n in range(20_000):
        model.n = n
        found.add(value(model, "serial", 0.0))

    assert len(found) == 20_000
    assert {len(f) for f in found} == {len(prefix) + len(alphabets)}


def test_a_column_without_a_file_reads_what_was_there_before():
    """No row, no cell, an empty cell: the profile's own value."""
    assert Column(0, "x")(device(), "Device.A", 0.0) == "x"


# -- living values


def test_uptime_and_clock_follow_now():
    """Seconds since the boot; the time of day."""
    model = device()
    model.booted = 100.0

    assert living("uptime", model, now=160.7) == "60"
    assert living("clock", model, now=0.0) == "2023-11-14T22:13:20Z"


def test_urls_and_key_are_the_runs():
    """ConnectionRequestURL, ACS, ParameterKey."""
    model = device(4)

    assert living("url", model) == "http://cpe/4"
    assert living("acs", model) == "http://acs/"
    assert living("key", model) == ""
    model.own = {"Device.ManagementServer.ParameterKey": "k"}
    assert living("key", model) == "k"


def test_entries_count_the_instances_of_the_sibling():
    """What AddObject adds is counted."""
    model = device()
    path = "Device.Hosts.HostNumberOfEntries"

    assert Entries("Host")(model, path, 0.0) == "2"
    model.add("Device.Hosts.Host.")
    assert Entries("Host")(model, path, 0.0) == "3"


@given(
    st.integers(0, 2**20),
    st.floats(0, 1e6),
    st.lists(st.floats(0, 3e5), min_size=2, max_size=20).map(sorted),
)
def test_counters_never_fall(n, booted, moments):
    """Monotone in the time since the boot, at 0 there."""
    model = device(n)
    model.booted = booted
    counter = Counter(1e6)
    found = [int(counter(model, "Device.A", booted + t)) for t in (0.0, *moments)]

    assert found[0] == 0
    assert found == sorted(found)


def test_counters_wrap_and_have_their_rhythm():
    """At 2**32 as a 32-bit counter does; more by day than by night."""
    model = device()
    week = 7 * 86_400.0
    whole = int(Counter(1e6)(model, "Device.A", week))

    assert int(Counter(1e6, 2**32)(model, "Device.A", week)) == whole % 2**32
    assert 1e6 / 4 <= whole / week <= 4e6
    # 1.7e9 is 22:13 UTC.
    evening = int(Counter(1e6)(model, "Device.A", 3_600.0))
    start = 10 * 3_600.0
    morning = int(Counter(1e6)(model, "Device.A", start + 3_600.0)) - int(
        Counter(1e6)(model, "Device.A", start)
    )
    assert evening > 2 * morning


def test_devices_have_factors_of_their_own():
    """Not all homes download alike."""
    found = {Counter(1e6)(device(n), "Device.A", 1e4) for n in range(50)}

    assert len(found) == 50


def test_drift_is_smooth_and_stays_near():
    """At most *by* away, and small steps for small times."""
    model, drift = device(5), Drift(-61.0, 6.0, 600.0, 2)
    found = [float(drift(model, "Device.Signal", t)) for t in range(0, 7_200, 10)]

    assert all(-67 <= f <= -55 for f in found)
    assert max(abs(a - b) for a, b in pairwise(found)) < 0.5
    assert max(found) - min(found) > 4
    assert "." not in Drift(5, 2, 60)(model, "Device.Signal", 1.0)


def test_clients_come_and_go_their_share_of_the_time():
    """About 60 % over many devices; what an instance tells agrees with itself."""
    path, here = "Device.Hosts.Host.1.", 0
    for n in range(300):
        model = device(n)
        for now in (0.0, 1e4, 1e5):
            on = Presence(0.6)(model, path + "Active", now) == "1"
            text = Present("10.0.0.1", 0.6)(model, path + "Stats.IP", now)
            assert (text == "10.0.0.1") == on
            here += on

    assert 0.5 < here / 900 < 0.7
    assert Presence(0.0)(model, path, 5.0) == "0"
    assert Presence(1.0)(model, path, 5.0) == "1"


def test_flip_changes_by_slots():
    """Stays for its period, and both sides occur."""
    model, flip = device(2), Flip("Up", "Down", 0.5, 600.0)
    found = [flip(model, "Device.Status", float(t)) for t in range(0, 60_000, 60)]
    changes = sum(a != b for a, b in pairwise(found))

    assert set(found) == {"Up", "Down"}
    assert 20 < changes < 80


@pytest.mark.parametrize(
    "line",
    [
        "string = {n}{i}{hex:4}{int 1-2}{pick a|b}{name}{mac}{ipv4 10.0.0.0/8}{serial}",
        "string = {ipv6 2001:db8::/32}",
        "unsignedInt ~ counter 5/s",
        "int ~ drift 1 1 5m",
        "string ~ present {hex:4}",
        "string ~ flip a|b 50% 1m",
        "dateTime ~ clock",
    ],
)
def test_every_value_travels_to_the_workers(line):
    """Pickled and back it is the same."""
    value = parse_line(line).parameter.default

    assert pickle.loads(pickle.dumps(value)) == value


@pytest.mark.rule("H11")
def test_the_default_username_is_percent_encoded() -> None:
    """Signs that are no letter, digit or underscore, as UTF-8."""
    profile = compile_profile(
        'version: 1\nname: x\nroot: Device.\ndevice: {manufacturer: A, oui: "00D09E", '
        'product_class: "G-1 ü", serial: "S{n}"}\nparameters:\n'
        "  ManagementServer:\n    Username: rw string(256) = {username}\n",
        "x.yaml",
    )
    model = Model(profile, 7, World(1))

    username = model.get("Device.ManagementServer.Username", 0.0)
    assert username == "00D09E-G%2D1%20%C3%BC-S7"


def test_an_identity_is_not_made_of_itself() -> None:
    """Not by way of the device_id either."""
    with pytest.raises(ConfigError, match="itself"):
        compile_profile(
            "version: 1\nname: x\nroot: Device.\ndevice: {manufacturer: A, "
            'oui: "00D09E", product_class: G, serial: "S{device_id}"}\n'
            "parameters:\n  X: string =\n",
            "x.yaml",
        )
