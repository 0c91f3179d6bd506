"""The `diagnostics:` of a profile, from YAML to what its devices find."""

from __future__ import annotations

import pickle

import pytest

from cpesim.device.catalog import compile_profile
from cpesim.device.diagnostics.habits import Habits
from cpesim.device.fitting import with_behaviours
from cpesim.errors import ConfigError
from tests.device.diagnosed import TR181, WIFI, Desk, profile_of, sound

BASE = "version: 1\nname: box\nextends: residential-gateway-tr181\n"


def habits(section: str) -> Habits:
    return compile_profile(BASE + f"diagnostics: {section}\n", "box.yaml").diagnostics


def test_every_key_lands() -> None:
    """Durations are seconds, shares are parts of one, bandwidths bytes a second."""
    found = habits(
        "{rtt: 30ms, jitter: 2ms, loss: 5%, interval: 500ms, hops: 12, lookup: 40ms,"
        " unresolvable: ['*.nx'], unreachable: [10.0.*, dark], neighbours: 3,"
        " scan: 7s, download: 8Mbit, upload: 1MB/s}"
    )
    assert found == Habits(
        rtt=0.03,
        jitter=0.002,
        loss=0.05,
        interval=0.5,
        hops=12,
        lookup=0.04,
        unresolvable=("*.nx",),
        unreachable=("10.0.*", "dark"),
        neighbours=3,
        scan=7.0,
        download=1e6,
        upload=1e6,
    )
    assert pickle.loads(pickle.dumps(found)) == found


def test_a_profile_that_extends_another_changes_what_it_names() -> None:
    """The rest stays as it was below."""
    below = profile_of(TR181).diagnostics
    found = habits("{hops: 3}")
    assert found.hops == 3
    assert found.rtt == below.rtt != Habits().rtt
    assert found.download == below.download


@pytest.mark.parametrize(
    "section",
    [
        "{rtt: 0s}",
        "{loss: 120%}",
        "{hops: 0}",
        "{hops: 65}",
        "{neighbours: 65}",
        "{download: 0Mbit}",
        "{rtt: 12}",
        "{unreachable: dark}",
        "{hop: 3}",
    ],
)
def test_what_is_wrong_is_told(section: str) -> None:
    """With its place in the file."""
    with pytest.raises(ConfigError) as caught:
        habits(section)
    assert "box.yaml:4" in str(caught.value)


@pytest.mark.rule("B3")
def test_a_result_that_the_profile_does_not_have_is_not_told() -> None:
    """A device that knows WPA2 only never reads another word, and lacks no row."""
    narrowed = BASE + (
        "diagnostics: {neighbours: 40}\n"
        "parameters:\n  WiFi.NeighboringWiFiDiagnostic.Result[]:\n"
        "    SecurityModeEnabled: string{WPA2} = WPA2\n"
    )
    profile = with_behaviours(compile_profile(narrowed, "box.yaml"))
    desk = Desk(profile)
    read = desk.done(WIFI)
    words = [text for name, text in read.items() if "SecurityMode" in name]
    assert len(words) > 30
    assert set(words) == {"WPA2"}
    sound(desk, WIFI)
