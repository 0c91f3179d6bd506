"""AcsSettings and the language of scripts."""

from __future__ import annotations

import pytest

from cpesim.acs import AcsSettings
from cpesim.acs.settings import parse_script
from cpesim.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "once", "on"),
    [
        ("greet", (), {}),
        ("audit,provision", ("audit", "provision"), {}),
        (
            "0 BOOTSTRAP: provision; on boot: audit, reboot",
            (),
            {"0 BOOTSTRAP": ("provision",), "1 BOOT": ("audit", "reboot")},
        ),
        ("upgrade; 2: greet", ("upgrade",), {"2 PERIODIC": ()}),
        (
            "M Reboot: audit; 12: audit",
            (),
            {
                "M Reboot": ("audit",),
                "12 AUTONOMOUS DU STATE CHANGE COMPLETE": ("audit",),
            },
        ),
        ("", (), {}),
    ],
)
def test_a_script_is_words_once_and_words_by_event(
    text: str, once: tuple[str, ...], on: dict[str, tuple[str, ...]]
) -> None:
    """Words stand for themselves or after an event, which may be short."""
    assert parse_script(text) == (once, on)


def test_all_that_is_wrong_with_a_script_is_said_at_once() -> None:
    """A mistyped word gets a suggestion, an unknown event an example."""
    with pytest.raises(ConfigError) as caught:
        parse_script("provison; 99 PARTY: audit")
    text = str(caught.value)
    assert "did you mean provision?" in text
    assert "no event '99 PARTY'" in text


def test_wrong_settings_are_refused_all_at_once() -> None:
    """Each wrong option is named."""
    with pytest.raises(ConfigError) as caught:
        AcsSettings(
            port=70000,
            auth="ntlm",  # type: ignore[arg-type]
            delay=-1.0,
            drop=0.7,
            garbage=0.7,
            fail_503=1.5,
            cwmp="2.0",
            interval=0,
            schedule=0,
            knock_every=1.0,
            knock_rate=0.0,
            stall=(-1.0, 2.0),
            script="dance",
        )
    text = str(caught.value)
    for name in (
        *("port", "auth", "delay", "drop", "fail_503", "cwmp", "interval"),
        *("schedule", "knock_rate", "stall", "script"),
    ):
        assert name in text
