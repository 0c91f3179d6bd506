"""A run that is changed and watched from other terminals, as programs."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cpesim.cli.watching import face_of
from cpesim.errors import ConfigError
from tests.cli.program import acs, begun, ran, started, until
from tests.cli.terminal import terminal

# The program is run many times over: a minute and more.
pytestmark = pytest.mark.slow


@contextmanager
def headless(
    where: Path, url: str, profile: str, *options: str
) -> Iterator[tuple[Path, subprocess.Popen[str]]]:
    """The folder and the process of a run that has begun; it is stopped afterwards."""
    words = ("-n", "100", "-r", "20/s", "-d", "60s", "--ui", "none", "--grace", "1s")
    with started(
        "quick", url, *words, "--profile", profile, *options, where=where
    ) as run:
        try:
            yield begun(run, where), run
        finally:
            run.terminate()
            run.communicate(timeout=30)


@contextmanager
def going(where: Path, url: str, profile: str) -> Iterator[Path]:
    """The folder of such a run."""
    with headless(where, url, profile) as (folder, _):
        yield folder


def events(folder: Path) -> list[str]:
    """What was noted."""
    lines = (folder / "events.ndjson").read_text().splitlines()
    return [json.loads(line)["event"] for line in lines]


def test_a_run_is_changed_by_ctl(tmp_path: Path, profile: str) -> None:
    """Each change is answered, noted, and makes the run a manual one; stop ends it."""
    with acs(tmp_path) as url, going(tmp_path, url, profile) as folder:
        path = folder / "control.sock"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        run_id = folder.name.rpartition("-")[2]
        done = ran("ctl", run_id, "rate", "-10%", where=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == "rate -10%: applied by worker-0\n"
        for words, code, told in (
            (("last", "pause"), 0, "pause: applied by worker-0"),
            ((str(folder), "mark", "the", "ACS", "restarts"), 0, "done"),
            (("last", "fault", "wan", "active"), 2, "fault wan: there is none"),
            (("last", "stop"), 0, "applied by worker-0"),
        ):
            done = ran("ctl", *words, where=tmp_path)
            assert (done.returncode, told in done.stdout + done.stderr) == (code, True)
        until((folder / "summary.json").exists)
        assert events(folder)[:4] == [
            "rate 18/s (ctl)",
            "arrivals paused (ctl)",
            "mark: the ACS restarts (ctl)",
            "ctl stop: no new sessions",
        ]
    assert json.loads((folder / "manifest.json").read_text())["manual"] is True
    outcome = json.loads((folder / "summary.json").read_text())["exit"]
    assert outcome["code"] == 130
    assert "ctl stop" in outcome["reason"]
    assert not path.exists()
    done = ran("ctl", "last", "pause", where=tmp_path)
    assert done.returncode == 4
    assert f"run {folder.name} has ended" in done.stderr


def test_a_killed_run_has_ended(tmp_path: Path, profile: str) -> None:
    """Its socket is still there, and nobody listens."""
    with acs(tmp_path) as url, headless(tmp_path, url, profile) as (folder, run):
        run.kill()
        run.wait()
        assert (folder / "control.sock").is_socket()
        done = ran("ctl", "last", "pause", where=tmp_path)
        assert done.returncode == 4
        assert "has ended" in done.stderr


def test_attach_shows_a_headless_run(tmp_path: Path, profile: str) -> None:
    """Views turn, keys act on the run, the window may change; leaving ends nothing."""
    with acs(tmp_path) as url, going(tmp_path, url, profile) as folder:
        with terminal("attach", where=tmp_path) as seen:
            assert seen.shows("RUNNING")
            assert seen.shows("from intended start")
            seen.type("p")
            assert seen.shows("PAUSED")
            assert seen.shows("arrivals paused (attached key p)")
            seen.type("?")
            assert seen.shows("graceful stop")
            seen.resize(100, 30)
            seen.type("\x1b")
            assert seen.shows("http://127.0.0.1")
            with terminal("attach", folder.name, where=tmp_path) as other:
                assert other.shows("PAUSED")
                other.type("p")
                assert seen.shows("RUNNING")
                other.type("\x03")
                assert other.shows("left: the run goes on")
                assert other.ended() == 0
            seen.type("q")
            assert seen.shows("exit 130: interrupted (key q, attached)", 30)
            assert seen.ended() == 0


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_signal_only_leaves(
    number: signal.Signals, tmp_path: Path, profile: str
) -> None:
    """A lost terminal of attach is no loss to the run."""
    with acs(tmp_path) as url, going(tmp_path, url, profile) as folder:
        with terminal("attach", where=tmp_path) as seen:
            assert seen.shows("RUNNING")
            os.kill(seen.pid, number)
            assert seen.shows("left: the run goes on")
            assert seen.ended() == 0
        done = ran("ctl", folder.name, "mark", "there", where=tmp_path)
        assert done.returncode == 0


def test_a_lost_terminal_may_be_attached_again(tmp_path: Path, profile: str) -> None:
    """SIGHUP: the run goes on without a face, and attach gives it one."""
    with acs(tmp_path) as url:
        words = ("quick", url, "-n", "50", "-r", "20/s", "-d", "60s", "--grace", "1s")
        with terminal(*words, "--profile", profile, where=tmp_path) as lost:
            assert lost.shows("RUNNING")
            os.kill(lost.pid, signal.SIGHUP)
            with terminal("attach", where=tmp_path) as seen:
                assert seen.shows("the terminal is gone")
                seen.type("q")
                assert seen.shows("exit 130", 30)
            assert lost.ended() == 130


def test_a_held_run_is_begun_by_ctl(tmp_path: Path, profile: str) -> None:
    """--paused with --control: nothing starts before resume."""
    with acs(tmp_path) as url:
        words = ("-n", "20", "--ramp", "1s", "-d", "2s", "--ui", "plain")
        held = ("--paused", "--control", "mine.sock", "--plain-every", "500ms")
        with started(
            "quick", url, *words, *held, "--profile", profile, where=tmp_path
        ) as run:
            until(lambda: list(tmp_path.glob("reports/*/scenario.yaml")))
            time.sleep(0.5)
            assert ran("ctl", "mine.sock", "resume", where=tmp_path).returncode == 0
            out, errors = run.communicate(timeout=30)
    assert run.returncode == 0, errors
    assert "paused" in out.splitlines()[0]
    assert not (tmp_path / "mine.sock").exists()
    (folder,) = tmp_path.glob("reports/*")
    assert events(folder)[0] == "begun (ctl)"
    assert "manual" not in json.loads((folder / "manifest.json").read_text())


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"fps": "0"}, "--fps 0: expected 0.1 to 30"),
        ({"fps": "many"}, "--fps many"),
        ({"plain_every": "10"}, "--plain-every: expected a duration"),
        ({"plain_every": "1ms"}, "--plain-every: expected at least 100ms"),
    ],
)
def test_wrong_options_are_told(given: dict[str, str], told: str) -> None:
    """The line names the option."""
    with pytest.raises(ConfigError, match=told):
        face_of("plain", given)


def test_what_ctl_refuses_is_2(tmp_path: Path) -> None:
    """A mistake in the words is told before a run is looked for."""
    done = ran("ctl", "beef", "do", "rebot", where=tmp_path)
    assert done.returncode == 2
    assert "did you mean reboot?" in done.stderr
    done = ran("attach", where=tmp_path)
    assert done.returncode == 2
    assert "no run is stored" in done.stderr
