"""A fleet as a program against an ACS, and what either of them tells afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from collections.abc import Collection
from pathlib import Path
from typing import Any

from tests.cli.program import ROOT, ran

XSD = ROOT.parent / "shared" / "standard" / "xsd"
# A shipped gateway that is dark for a moment only, and retries soon.
FAST = """\
version: 1
name: fast
description: the gateway of TR-098, in a hurry
extends: residential-gateway-tr098
reboot: 500ms
firmware: {pattern: 'HG800[-_]v?([0-9.]+)', bandwidth: 200Mbit, flash: 500ms, least: 1}
parameters:
  ManagementServer:
    CWMPRetryMinimumWaitInterval: = 1
    CWMPRetryIntervalMultiplier: = 1000
"""
SECRET = "CPESIM_TEST_FLEET_PASSWORD"
PASSWORD = 'täst: "secret"'
# The options of `cpesim acs` that judge by the schemas, where they are.
STRICT = ("--strict", str(XSD)) if XSD.is_dir() else ()


def fast(where: Path) -> str:
    """The path of the profile that is in a hurry."""
    path = where / "fast.yaml"
    path.write_text(FAST, encoding="utf-8")
    return str(path)


def quick(
    where: Path, url: str, *options: str, timeout: float = 60.0
) -> subprocess.CompletedProcess[str]:
    """A whole run of `cpesim quick`, without a face; its report is under out/."""
    os.environ[SECRET] = PASSWORD
    try:
        return ran(
            *("quick", url, "--ui", "none", "--out", "out", *options),
            where=where,
            timeout=timeout,
        )
    finally:
        del os.environ[SECRET]


def fleet(
    where: Path,
    url: str,
    *options: str,
    timeout: float = 60.0,
    erring: Collection[str] = (),
) -> Any:
    """The summary of a run that went to its planned end, and in which all was sound."""
    done = quick(where, url, *options, timeout=timeout)
    assert done.returncode == 0, done.stdout + done.stderr
    found = summary(where)
    sound(found, erring)
    return found


def stored(where: Path, name: str) -> Path:
    """A file of the one run that is stored."""
    (path,) = where.glob(f"out/*/{name}")
    return path


def summary(where: Path) -> Any:
    """The summary of the one run that is stored."""
    return json.loads(stored(where, "summary.json").read_text(encoding="utf-8"))


def sound(found: Any, erring: Collection[str] = ()) -> None:
    """The fleet met the violations that the ACS was to make, and no bug of its own."""
    assert set(found["acs"]["violations"]) == set(erring), found["acs"]
    assert "bug" not in found["failures"], found["failures"]


def got(url: str, page: str) -> Any:
    """A page of the reference ACS."""
    with urllib.request.urlopen(url + page, timeout=10) as answer:
        return json.load(answer)


def stats(url: str) -> Any:
    """What the reference ACS tells: GET /stats, and what GET /violations lists."""
    return got(url, "stats") | {"listed": got(url, "violations")}


def flawless(told: Any) -> None:
    """Nothing was wrong in what the ACS saw, and with the ACS itself."""
    assert told["listed"] == [], told["listed"]
    assert told["violations"]["count"] == 0, told["violations"]
    assert told["bad_requests"] == told["bugs"]["count"] == 0, told
    assert told["sessions_broken"] == 0
