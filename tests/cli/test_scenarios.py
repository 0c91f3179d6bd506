"""check, init and schema, and what `run` takes besides the file, as programs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cpesim.cli.init import init
from cpesim.cli.planned import planned
from cpesim.conductor.plan import check_plan
from cpesim.errors import ConfigError, MachineError
from cpesim.scenario.load import load_scenario
from cpesim.scenario.scenario import Stage
from cpesim.scenario.shipped import shipped
from tests.cli.program import acs, environment, ran

SCENARIO = """\
version: 1
name: small
duration: 20s
grace: 1s
vars: {ACS_URL: "http://127.0.0.1:1/", N: 100}
acs: {url: "${ACS_URL}", auth: {username: "{serial}", password_env: NO_SUCH_SECRET}}
fleet:
  start: {ramp: 10s}
  groups:
    homes: {count: "${N}", profile: PROFILE, inform: {interval: 10s}}
timeline:
- {at: 0s, phase: begin}
- {at: 5s, do: hook, http: {url: "http://127.0.0.1:1/x", headers: {X-Token: s3cret}}}
"""


def test_check_prints_the_plan(tmp_path: Path, profile: str) -> None:
    """Figures, the drawing, the timeline; a missing secret is a warning."""
    (tmp_path / "x.yaml").write_text(SCENARIO.replace("PROFILE", profile))
    done = ran("check", "x.yaml", where=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "100 new CPEs" in done.stdout
    assert "about 10/s" in done.stdout
    assert "#####" in done.stdout
    assert "-- begin" in done.stdout
    assert "hook GET http://127.0.0.1:1/x" in done.stdout
    assert "warning: there is no variable NO_SUCH_SECRET" in done.stderr
    done = ran("run", "x.yaml", where=tmp_path)
    assert done.returncode == 2
    assert "NO_SUCH_SECRET: there is no such variable" in done.stderr


def test_check_tells_of_missing_certificates(tmp_path: Path, profile: str) -> None:
    """A warning that names the first; `run` does not begin without them."""
    text = SCENARIO.replace("PROFILE", profile).replace(
        'auth: {username: "{serial}", password_env: NO_SUCH_SECRET}',
        "tls: {client_certs: certs}",
    )
    (tmp_path / "x.yaml").write_text(text)
    (tmp_path / "certs").mkdir()
    options = ("x.yaml", "--var", "ACS_URL=https://127.0.0.1:1/")
    for command, word, code in (("check", "warning: ", 0), ("run", "", 2)):
        done = ran(command, *options, where=tmp_path)
        assert done.returncode == code, done.stderr
        assert word in done.stderr
        assert "100 of 100 CPEs lack one" in done.stderr


def test_check_tells_all_errors(tmp_path: Path, profile: str) -> None:
    """Each with its place; of profiles and plug-ins, too. Exit code 2."""
    text = SCENARIO.replace("PROFILE", profile)
    (tmp_path / "x.yaml").write_text(
        text.replace("grace: 1s", "grcae: 1s").replace("phase: begin", "phase: [1]")
    )
    done = ran("check", "x.yaml", where=tmp_path)
    assert done.returncode == 2
    first, second = done.stderr.splitlines()
    assert "x.yaml:4:1: unknown key 'grcae' (did you mean grace?)" in first
    assert "x.yaml:12:19: expected a text, not a list" in second
    (tmp_path / "x.yaml").write_text(
        SCENARIO.replace("PROFILE", "no-such") + "behaviour: {plugin: 'a.py:B'}\n"
    )
    done = ran("check", "x.yaml", where=tmp_path)
    assert done.returncode == 2
    assert "no profile is called 'no-such'" in done.stderr
    assert "a.py: no such file" in done.stderr


def test_what_is_printed_is_a_scenario(tmp_path: Path, profile: str) -> None:
    """--print-scenario, with variables and scales in it, is read again."""
    (tmp_path / "x.yaml").write_text(SCENARIO.replace("PROFILE", profile))
    options = ["--var", "N=1k", "--scale", "2%", "--time-scale", "0.5", "--name", "a"]
    done = ran("check", "x.yaml", *options, "--print-scenario", where=tmp_path)
    assert done.returncode == 0, done.stderr
    (tmp_path / "y.yaml").write_text(done.stdout)
    again = ran("check", "y.yaml", "--print-scenario", where=tmp_path)
    assert again.stdout == done.stdout
    assert "count: 20" in again.stdout
    assert "duration: 10s" in again.stdout


PLUGIN = """\
class Saw:
    def rate(self, t):
        return 10.0 + t
"""


@pytest.mark.parametrize(("duration", "last"), [(None, 15.0), ("20s", 25.0)])
def test_a_plugins_rates_are_scaled_too(
    tmp_path: Path, profile: str, duration: str | None, last: float
) -> None:
    """The rates by --scale, their moments by --time-scale, up to the run's end."""
    (tmp_path / "saw.py").write_text(PLUGIN)
    load = "load: [{executor: arrival-rate, plugin: 'saw.py:Saw'}]\n"
    text = SCENARIO.replace("PROFILE", profile) + load
    (tmp_path / "x.yaml").write_text(text)
    given = {"scale": "50%", "time_scale": "0.5", "duration": duration}
    (found,) = planned(str(tmp_path / "x.yaml"), given).loads
    assert (found.rate, found.plugin) == (5.0, "")
    assert found.stages[0] == Stage(0.5, 5.5)
    assert found.stages[-1].to == last
    (plain,) = planned(str(tmp_path / "x.yaml"), {}).loads
    assert plain.plugin == f"{tmp_path / 'saw.py'}:Saw"


@pytest.mark.slow
def test_a_run_keeps_its_tags_and_no_secret(tmp_path: Path, profile: str) -> None:
    """--var, --scale, --time-scale, --name and --tag; the header is starred."""
    (tmp_path / "x.yaml").write_text(SCENARIO.replace("PROFILE", profile))
    with acs(tmp_path) as url:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "cpesim", "run", "x.yaml", "--ui", "none"),
                *("--var", f"ACS_URL={url}", "--scale", "0.1", "--time-scale", "0.1"),
                *("--name", "other", "--tag", "branch=main", "--tag", "n=1"),
            ],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**environment(), "NO_SUCH_SECRET": "pw"},
            timeout=60,
        )
    assert done.returncode in (0, 99), done.stderr
    (folder,) = (tmp_path / "reports").iterdir()
    assert "-other-" in folder.name
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["tags"] == {"branch": "main", "n": "1"}
    assert (manifest["scale"], manifest["time_scale"]) == (0.1, 0.1)
    assert manifest["plan"]["devices"] == 10
    assert manifest["plan"]["duration"] == 2.0
    kept = (folder / "scenario.yaml").read_text()
    assert "s3cret" not in kept
    assert "***" in kept


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("var", ["N"]),
        ("scale", "0"),
        ("time_scale", "slow"),
        ("tag", ["=1"]),
    ],
)
def test_wrong_options(option: str, value: Any) -> None:
    """One line that names the option."""
    told = "--" + option.replace("_", "-")
    with pytest.raises(ConfigError, match=f"^{told} "):
        planned("smoke", {option: value})


def test_init_writes_what_ships_as_check_accepts_it(tmp_path: Path) -> None:
    """None is overwritten without --force; an editor's schema comes along."""
    done = ran("init", where=tmp_path)
    assert done.returncode == 0, done.stderr
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {f"{name}.yaml" for name in shipped()} | {"cpesim.schema.json"}
    for name in sorted(names - {"cpesim.schema.json"}):
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert text.startswith("# yaml-language-server: $schema=./cpesim.schema.json\n")
        assert check_plan(load_scenario(str(tmp_path / name), {}))
    (tmp_path / "smoke.yaml").write_text("mine")
    done = ran("init", "smoke", where=tmp_path)
    assert done.returncode == 2
    assert "smoke.yaml: there already; --force overwrites" in done.stderr
    assert (tmp_path / "smoke.yaml").read_text() == "mine"
    init(["smoke"], str(tmp_path), force=True)
    assert (tmp_path / "smoke.yaml").read_text() != "mine"
    with pytest.raises(ConfigError, match="acs-outage, boot-storm"):
        init(["smok"], str(tmp_path))
    with pytest.raises(MachineError, match="cannot be written"):
        init(["smoke"], str(tmp_path / "smoke.yaml" / "below"))


def test_schema_is_printed(tmp_path: Path) -> None:
    """What init writes is the same."""
    told = ran("schema", where=tmp_path).stdout
    assert json.loads(told)["title"] == "A scenario of cpesim"
    init(["smoke"], str(tmp_path))
    assert (tmp_path / "cpesim.schema.json").read_text() == told
