"""Whole runs of the program over TLS and IPv6."""

from __future__ import annotations

import ssl
from functools import partial
from pathlib import Path

import pytest
import trio

from tests.cli.program import acs
from tests.e2e.fleet import STRICT, fast, flawless, quick, sound, stats, stored, summary
from tests.e2e.front import front
from tests.wire.authority import Authority


@pytest.mark.rule("H6")
async def test_certificates_and_resumption(tmp_path: Path) -> None:
    """Each CPE shows its own, resumes, and the summary tells of both; no key leaks."""
    authority = Authority(tmp_path)
    context = authority.server("127.0.0.1", ask=True)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    for n in range(3):
        authority.pair(f"{n}.cpe", stem=str(n))
    with acs(tmp_path, *STRICT) as url:
        async with front(url, context) as known:
            done = await trio.to_thread.run_sync(
                partial(
                    quick,
                    tmp_path,
                    f"https://127.0.0.1:{known.port}/",
                    *("-n", "3", "-r", "6", "-d", "2s", "--grace", "2s"),
                    *("--ca", authority.file, "--tls-resume"),
                    *("--client-certs", f"{tmp_path}/{{n}}.crt"),
                    *("--trace-device", "0"),
                )
            )
        told = await trio.to_thread.run_sync(stats, url)
    assert done.returncode == 0, done.stdout + done.stderr
    flawless(told)
    assert told["cpes"] == 3
    sound(summary(tmp_path))
    found = summary(tmp_path)["tls"]
    assert found["handshakes"] == told["sessions"] >= 9
    assert found["versions"] == {"TLSv1.2": told["sessions"]}
    assert found["resumption"] is True
    assert found["resumed"] == told["sessions"] - 3
    assert f"resumption on: {found['resumed']} (" in done.stdout
    folder = stored(tmp_path, "summary.json").parent
    for path in folder.iterdir():
        assert b"PRIVATE KEY" not in path.read_bytes(), path


def test_a_certificate_is_missing(tmp_path: Path) -> None:
    """One line, before anything runs: the first CPE and how many."""
    (tmp_path / "certs").mkdir()
    done = quick(tmp_path, "https://127.0.0.1:9/", "--client-certs", "certs", "-n", "5")
    assert done.returncode == 2
    assert "for CPE 0" in done.stderr
    assert "5 of 5 CPEs lack one" in done.stderr
    assert not list(tmp_path.glob("out/*"))


@pytest.mark.rule("X9", "C1")
def test_ipv6(tmp_path: Path) -> None:
    """An ACS at [::1]: sessions, source addresses, connection requests to [::1]."""
    options = ("--host", "::1", "--knock-every", "1s", "--script", "credentials")
    with acs(tmp_path, *STRICT, *options) as url:
        assert url.startswith("http://[::1]:")
        done = quick(
            *(tmp_path, url, "-n", "2", "--ramp", "200ms", "-d", "3s"),
            *("--grace", "2s", "--profile", fast(tmp_path)),
            *("--source-addresses", "::1", "--trace-device", "0"),
        )
        told = stats(url)
    assert done.returncode == 0, done.stdout + done.stderr
    flawless(told)
    sound(summary(tmp_path))
    assert told["knocks"]["status"].keys() == {"200"}
    assert told["events"]["6 CONNECTION REQUEST"] >= 2
    trace = stored(tmp_path, "trace-0.txt").read_text(encoding="utf-8")
    assert ">http://[::1]:" in trace
