"""`transfers:` in a profile: what it may say, and what comes of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cpesim.device.catalog import compile_profile, load_profile
from cpesim.device.language.forms.transfers import TransferSection
from cpesim.device.transfer import Autonomous, Transfers, Wish
from cpesim.errors import ConfigError
from tests.device.profiletext import BODY, HEAD

PROFILE = HEAD + BODY
DOCS = Path(__file__).parent.parent.parent / "docs" / "profiles.md"


def said(text: str) -> Transfers:
    """What a profile with these lines does with files."""
    return compile_profile(f"{PROFILE}\n{text}\n", "test.yaml").transfers


def test_nothing_said() -> None:
    """The defaults."""
    assert said("") == Transfers()


def test_every_key() -> None:
    """Each lands where it belongs."""
    found = said(
        "transfers: {queue: 5, upload: POST, in_session: true, cancel: true, retry: 2m,"
        " idle: 1h, confirm: 80%, answer: 30s, unsigned: 1%, own_format: true, log: 8k}"
    )
    assert found == Transfers(
        queue=5,
        upload="POST",
        in_session=True,
        cancel=True,
        retry=120.0,
        idle=3600.0,
        confirm=0.8,
        answer=30.0,
        unsigned=0.01,
        own_format=True,
        log=8000,
    )


def test_what_is_shown_in_the_documents() -> None:
    """It compiles as it stands."""
    (shown,) = re.findall(r"```yml\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert said(shown) == Transfers(
        queue=4,
        autonomous=Autonomous(share=0.1, url="http://192.0.2.7/logs"),
        request=Wish(every=604_800.0, share=0.05, arguments=(("Version", "2.0"),)),
    )


@pytest.mark.parametrize("key", TransferSection.model_fields)
def test_every_key_is_told(key: str) -> None:
    """In the documents' table."""
    assert f"\n| `{key}` |" in DOCS.read_text("utf-8")


@pytest.mark.rule("T10")
@pytest.mark.parametrize(
    "wrong",
    [
        "queue: 2",
        "queue: 65",
        "upload: GET",
        "confirm: 120%",
        "log: 2M",
        "autonomous: {every: 1d}",
        "autonomous: {url: 'ftp://h/x'}",
        "autonomous: {url: 'http://u:p@h/x'}",
        "autonomous: {url: 'http://h/x', type: 4 Tone File}",
        "request: {type: 4 Vendor Log File}",
        "request: {every: 0s}",
        "manner: quick",
    ],
)
def test_what_cannot_be(wrong: str) -> None:
    """Told with its place; fewer than three places in the queue among it."""
    with pytest.raises(ConfigError, match=r"test\.yaml:\d+:\d+"):
        said(f"transfers: {{{wrong}}}")


def test_a_profile_that_extends_another(tmp_path: Path) -> None:
    """It changes what it names; a section below is taken whole."""
    base = tmp_path / "base.yaml"
    base.write_text(f"{PROFILE}\ntransfers: {{queue: 5, request: {{keep: true}}}}\n")
    over = tmp_path / "over.yaml"
    over.write_text(
        "version: 1\nname: over\nextends: base.yaml\n"
        "transfers: {upload: POST, request: {share: 50%}}\n"
    )
    found = load_profile(str(over)).transfers
    assert found == Transfers(queue=5, upload="POST", request=Wish(share=0.5))
