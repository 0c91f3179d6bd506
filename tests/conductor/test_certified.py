"""Client certificates that are missing are told before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from cpesim.conductor.plan import prepare
from cpesim.errors import ConfigError
from cpesim.scenario.scenario import Acs, Group, Scenario
from tests.cli.program import PROFILE


def scenario(where: Path, certs: str | None, count: int = 3, **acs: str) -> Scenario:
    """A fleet of HG00000000 and so on."""
    path = where / "least.yaml"
    if not path.exists():
        path.write_text(PROFILE, encoding="utf-8")
    return Scenario(
        name="x",
        acs=Acs("https://127.0.0.1/", client_certs=certs, **acs),
        groups=(Group("homes", count, str(path)),),
    )


@pytest.mark.rule("H6")
def test_the_first_and_how_many(tmp_path: Path) -> None:
    """One line names the first CPE without one, its files, and how many lack one."""
    certs = tmp_path / "certs"
    certs.mkdir()
    (certs / "HG00000000.pem").touch()
    with pytest.raises(ConfigError) as caught:
        prepare(scenario(tmp_path, str(certs)), {})
    (line,) = caught.value.problems
    assert f"{certs}/HG00000001.pem or {certs}/HG00000001.crt" in str(line)
    assert "CPE 1," in str(line)
    assert "2 of 3 CPEs lack one" in str(line)

    (certs / "HG00000001.crt").touch()  # no key beside it
    (certs / "HG00000002.pem").touch()
    with pytest.raises(ConfigError) as caught:
        prepare(scenario(tmp_path, str(certs)), {})
    (line,) = caught.value.problems
    assert str(line).endswith("for CPE 1")

    (certs / "HG00000001.key").touch()
    assert prepare(scenario(tmp_path, str(certs)), {}).orders


def test_only_the_one_that_runs(tmp_path: Path) -> None:
    """Of `cpesim device --number 2` the certificate of CPE 2 is all that is needed."""
    (tmp_path / "HG00000002.pem").touch()
    plan = scenario(tmp_path, str(tmp_path))
    assert prepare(plan, {}, only=2).orders
    with pytest.raises(ConfigError, match=r"for CPE 1$"):
        prepare(plan, {}, only=1)


@pytest.mark.rule("H6")
def test_where_the_profile_says_so(tmp_path: Path) -> None:
    """A profile names its own, from its own folder; what the run is told wins."""
    (tmp_path / "least.yaml").write_text(
        PROFILE + "tls: {client_certs: certs/all.pem}\n", encoding="utf-8"
    )
    with pytest.raises(ConfigError, match=r"certs/all\.pem with its key for CPE 0$"):
        prepare(scenario(tmp_path, None), {})
    (tmp_path / "certs").mkdir()
    (tmp_path / "certs" / "all.pem").touch()
    ((profile, _),) = prepare(scenario(tmp_path, None), {}).orders[0].groups
    assert profile.client_certs == str(tmp_path / "certs/all.pem")
    with pytest.raises(ConfigError, match=r"other/\{serial\}\.pem"):
        prepare(scenario(tmp_path, "other/{serial}.pem"), {})


def test_versions_of_tls(tmp_path: Path) -> None:
    """A least above the most is told with the options' names."""
    with pytest.raises(ConfigError, match=r"--tls-least 1\.3"):
        prepare(scenario(tmp_path, None, tls_least="1.3", tls_most="1.2"), {})
