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
        (
            "diagnostics,hold; 9: greet,download-web",
            (
                *("ping", "traceroute", "nslookup", "download-diagnostics"),
                *("upload-diagnostics", "neighbours", "hold"),
            ),
            {"9 REQUEST DOWNLOAD": ("download-web",)},
        ),
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
            hold=1.5,
            retry_request=2.0,
            retry_times=-1,
            window_mode=5,
            redirect_status=301,
            patience=-1.0,
            upload_limit=-1,
            files_auth="ntlm",  # type: ignore[arg-type]
            tls_cert="x",
            script="dance",
        )
    text = str(caught.value)
    for name in (
        *("port", "auth", "delay", "drop", "fail_503", "cwmp", "interval"),
        *("schedule", "knock_rate", "stall", "script", "hold", "retry_request"),
        *("retry_times", "window_mode", "redirect_status", "patience", "tls_cert"),
        *("upload_limit", "files_auth"),
    ):
        assert name in text


def test_passwords_are_in_no_repr() -> None:
    """A traceback that shows the settings shows no secret."""
    settings = AcsSettings(
        password="secret", knock_password="secret", files_password="secret"
    )
    assert "secret" not in repr(settings)
