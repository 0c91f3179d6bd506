"""The options of `cpesim acs`."""

from __future__ import annotations

import json
import os
import re
import urllib.request
from base64 import b64encode
from pathlib import Path
from urllib.error import HTTPError

import pytest
import trustme

from cpesim.acs.settings import WORDS
from cpesim.cli.acs.options import HELP_SCRIPT
from tests.acs.cpe import inform
from tests.cli.program import acs, ran, started

NAME = "CPESIM_TEST_FILES_PASSWORD"


def fetched(url: str, **headers: str) -> tuple[int, bytes, str]:
    """Status, body and Retry-After; a POST where *headers* want one."""
    body = inform().encode() if "SOAPAction" in headers else None
    request = urllib.request.Request(url, body, headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read(), ""
    except HTTPError as error:
        with error:
            return error.code, b"", error.headers["Retry-After"] or ""


def test_the_help_names_every_word() -> None:
    """Also those that differ in their end only."""
    short = {w for w in WORDS if w.startswith("download-") and "diag" not in w}
    for word in WORDS.keys() - short:
        assert re.search(rf"[ ;,:]{word}[,;.\s]", HELP_SCRIPT), word
    for word in short:
        assert word.removeprefix("download") in HELP_SCRIPT


def test_files_have_credentials_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The password comes from the environment, the size and the URL are told."""
    monkeypatch.setenv(NAME, "sesame")
    options = (
        *("--files-auth", "basic", "--files-username", "box", "--files-size", "1234"),
        *("--files-password-env", NAME, "--files-url", "http://files.test/"),
        *("--retry-after", "7s", "--fail-503", "100%"),
    )
    with acs(tmp_path, *options) as url:
        assert fetched(url + "files/a")[0] == 401
        proof = "Basic " + b64encode(b"box:sesame").decode()
        status, body, _ = fetched(url + "files/a", Authorization=proof)
        assert (status, len(body)) == (200, 1234)
        told = fetched(url, SOAPAction="")
        assert (told[0], told[2]) == (503, "7")
        assert json.loads(fetched(url + "violations")[1]) == []


def test_a_password_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """The variable is named; nothing is served."""
    assert NAME not in os.environ
    for option in ("--password-env", "--files-password-env", "--knock-password-env"):
        done = ran("acs", "--port", "0", option, NAME, where=tmp_path)
        assert done.returncode == 2
        assert f"{option} {NAME}: the variable is not set" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (("--files-auth", "ntlm"), "--files-auth ntlm: expected none"),
        (("--window-mode", "5"), "window_mode: expected 1 to 4"),
        (("--redirect-status", "301"), "redirect_status: expected 302 or 307"),
        (("--hold", "200%"), "--hold: "),
        (("--tls-cert", "x"), "tls_cert and tls_key: expected both"),
        (("--tls-cert", "x", "--tls-key", "y"), "tls_cert x, tls_key y: "),
    ],
)
def test_wrong_options_are_said(
    options: tuple[str, ...], text: str, tmp_path: Path
) -> None:
    """In one line, before anything listens."""
    done = ran("acs", "--port", "0", *options, where=tmp_path)
    assert done.returncode == 2
    assert text in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("host", "shown"),
    [("::1", "[::1]"), ("0.0.0.0", "127.0.0.1"), ("127.0.0.1", "127.0.0.1")],
)
def test_the_address_that_is_shown_can_be_used(
    host: str, shown: str, tmp_path: Path
) -> None:
    """IPv6 in brackets; for all addresses, one that is reached from here."""
    with acs(tmp_path, "--host", host) as url:
        assert url.startswith(f"http://{shown}:")
        assert fetched(url + "stats")[0] == 200


def test_https_is_shown_as_such(tmp_path: Path) -> None:
    """With a certificate the URL begins with https."""
    issued = trustme.CA().issue_cert("127.0.0.1")
    issued.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "acs.pem"))
    options = ("--port", "0", "--tls-cert", "acs.pem", "--tls-key", "acs.pem")
    with started("acs", *options, where=tmp_path) as process:
        assert process.stdout is not None
        assert "ACS at https://127.0.0.1:" in process.stdout.readline()
        process.terminate()
