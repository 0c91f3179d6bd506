"""A virtual CPE recorded by `cpesim acs --record`, and what comes of its profile."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest
import trio

from cpesim.device.catalog import load_profile
from cpesim.device.draft.secrets import is_secret
from cpesim.device.model import Model
from cpesim.device.profile import Profile
from tests.acs.cpe import Line, envelope, inform
from tests.acs.test_record import Tree
from tests.cli.program import ran, started
from tests.device.reading import WORLD


def recorded(where: Path, profile: str, out: str = "out.yaml") -> str:
    """What `cpesim acs --record` says of a CPE of that profile."""
    with started("acs", "--port", "0", "--record", out, where=where) as acs:
        assert acs.stdout is not None
        found = re.search(r"http://\S+", acs.stdout.readline())
        assert found is not None
        done = ran("device", found[0], "--profile", profile, where=where)
        assert done.returncode == 0, done.stderr
        told, errors = acs.communicate(timeout=30)
    assert acs.returncode == 0, errors
    return told


def answers(profile: Profile, n: int = 0) -> tuple[object, object, dict[str, str]]:
    """What a CPE answers: names with access, attributes, values as they are sent."""
    model = Model(profile, n, WORLD)
    names = {name: p.writable for name, p in profile.parameters.items()}
    attributes = {
        name: (model.notification(name, p), model.access(name))
        for name, p in profile.parameters.items()
    }
    sent = b"".join(model.rendered(profile.names, 60.0)).decode()
    structs = re.findall(r"<Name>([^<]*)</Name>(<Value.*?</Value>)", sent, re.DOTALL)
    return (names, dict(profile.objects)), attributes, dict(structs)


def the_same(one: Profile, other: Profile) -> None:
    """The two answer alike, but for what lives and for secrets."""
    names, attributes, values = answers(one)
    names_again, attributes_again, values_again = answers(other)
    assert names == names_again
    assert attributes == attributes_again
    assert one.inform == other.inform
    assert (one.root, one.cwmp) == (other.root, other.cwmp)
    fixed = {
        name
        for name, p in one.parameters.items()
        if isinstance(p.default, str) and not is_secret(name)
    }
    assert len(fixed) > len(names[0]) / 2  # type: ignore[index]
    assert {n: values[n] for n in fixed} == {n: values_again[n] for n in fixed}
    assert values.keys() == values_again.keys()
    kinds = {n: v.partition(">")[0] for n, v in values.items()}
    assert kinds == {n: v.partition(">")[0] for n, v in values_again.items()}


@pytest.mark.parametrize(
    "profile",
    [
        pytest.param("residential-gateway-tr098", marks=pytest.mark.slow),
        "set-top-box",
        pytest.param("residential-gateway-tr181", marks=pytest.mark.slow),
        pytest.param("enterprise-router", marks=pytest.mark.slow),
        pytest.param("gpon-ont", marks=pytest.mark.slow),
        pytest.param("voip-gateway", marks=pytest.mark.slow),
    ],
)
def test_a_recorded_cpe_answers_the_same(tmp_path: Path, profile: str) -> None:
    """Names, access, attributes, types and values; what lives does so again."""
    told = recorded(tmp_path, profile)
    original, again = load_profile(profile), load_profile(str(tmp_path / "out.yaml"))

    assert ", 0 faults; " in told
    assert "0 not read" in told
    the_same(original, again)
    text = (tmp_path / "out.yaml").read_text(encoding="utf-8")
    for source in ("~ uptime", "~ url", "~ acs", "~ key", "{serial}", "~ entries"):
        assert source in text, source
    assert "# RPCs: GetRPCMethods, SetParameterValues" in text
    assert "# CWMP " in text
    checked = ran("profile", "check", "out.yaml", where=tmp_path)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.slow
def test_a_recorded_dump_answers_the_same(shared: Path, tmp_path: Path) -> None:
    """A real ONT's 3,000 parameters with all their oddities."""
    dump = str(shared / "dumps" / "huawei-EG8145V5-ont.csv")
    recorded(tmp_path, dump)
    the_same(load_profile(dump), load_profile(str(tmp_path / "out.yaml")))


@pytest.mark.slow
def test_a_recorded_cpe_is_recorded_again(tmp_path: Path) -> None:
    """The replayed one is walked just so, and comes to the same profile."""
    recorded(tmp_path, "set-top-box", "one.yaml")
    recorded(tmp_path, "one.yaml", "two.yaml")
    one = load_profile(str(tmp_path / "one.yaml"))
    the_same(one, load_profile(str(tmp_path / "two.yaml")))


def test_no_secret_and_no_identity_is_in_the_file(tmp_path: Path) -> None:
    """A password that the CPE shows, and who it is."""
    (tmp_path / "mine.yaml").write_text(
        "version: 1\nname: mine\nextends: set-top-box\nparameters:\n"
        "  X_ACME_Account:\n    SharedSecret: rw string = topsecret-1\n"
        "    Copy: string = topsecret-1\n",
        encoding="utf-8",
    )
    recorded(tmp_path, "mine.yaml")
    text = (tmp_path / "out.yaml").read_text(encoding="utf-8")
    assert "topsecret" not in text
    assert "TV000000000" not in text
    again = load_profile(str(tmp_path / "out.yaml"))
    model = Model(again, 1, WORLD)
    head = "Device.X_ACME_Account."
    assert model.get(head + "Copy", 0.0) == model.get(head + "SharedSecret", 0.0)


def test_nothing_is_written_over(tmp_path: Path) -> None:
    """A file that is there is told before the ACS listens; --force writes over it."""
    (tmp_path / "out.yaml").write_text("mine", encoding="utf-8")
    done = ran("acs", "--port", "0", "--record", "out.yaml", where=tmp_path)
    assert done.returncode == 2
    assert "out.yaml: is there already" in done.stderr
    assert (tmp_path / "out.yaml").read_text(encoding="utf-8") == "mine"


async def test_cut_short_in_the_middle(tmp_path: Path) -> None:
    """Ctrl-C while a CPE is walked: what is known is written, and called cut short."""
    with started("acs", "--port", "0", "--record", "o.yaml", where=tmp_path) as acs:
        assert acs.stdout is not None
        found = re.search(r":(\d+)/", acs.stdout.readline())
        assert found is not None
        line = Line(await trio.open_tcp_stream("127.0.0.1", int(found[1])))
        tree = Tree()
        await line.post(inform("1 BOOT"))
        reply = await line.post()
        while reply.method != "GetParameterAttributes":
            body = tree(reply)
            reply = await line.post(envelope(body, reply.get("ID")))
        acs.send_signal(signal.SIGINT)
        told, errors = acs.communicate(timeout=30)
        await trio.aclose_forcefully(line.stream)
    assert acs.returncode == 130, errors
    assert "; cut short" in told
    text = (tmp_path / "o.yaml").read_text(encoding="utf-8")
    assert "# The recording was cut short: there is more in this CPE.\n" in text
    profile = load_profile(str(tmp_path / "o.yaml"))
    assert set(profile.names) == set(tree.values)


def test_cut_short_before_anything_came(tmp_path: Path) -> None:
    """Ctrl-C before a CPE came: nothing is written, and the exit code says so."""
    with started("acs", "--port", "0", "--record", "o.yaml", where=tmp_path) as acs:
        assert acs.stdout is not None
        acs.stdout.readline()
        acs.send_signal(signal.SIGINT)
        _, errors = acs.communicate(timeout=30)
    assert acs.returncode == 130
    assert "nothing is written" in errors
    assert not (tmp_path / "o.yaml").exists()
