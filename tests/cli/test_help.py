"""Help: what it says, what it imports, how fast it comes."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from cpesim.cli.app import app
from tests.cli.program import ROOT, environment


def commands(
    command: Any, words: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], bool]]:
    """What is typed for it and all below it, and whether that does something."""
    below = getattr(command, "commands", {})
    yield words, not below
    for name, one in below.items():
        yield from commands(one, (*words, name))


COMMANDS = dict(commands(typer.main.get_command(app)))
HEAVY = {
    "trio",
    "lxml",
    "rich",
    "httpx",
    "pydantic",
    "pydantic_core",
    "faker",
    "hdrh",
    "yaml",
    "h11",
    "httptools",
    "plotly",
    "jinja2",
    "prometheus_client",
    "asyncio",
    "cpesim.engine",
    "cpesim.conductor",
    "cpesim.device",
}
SEEN = """
import sys
sys.argv = ["cpesim", *sys.argv[1:]]
from cpesim.cli.app import main
try:
    main()
finally:
    print("\\n".join(sys.modules), file=sys.stderr)
"""
# What issue 3, section 6, names.
QUICK = [
    "-n",
    "-r",
    "--rate",
    "--ramp",
    "-d",
    "--duration",
    "--profile",
    "--workers",
    "--in-flight",
    "--seed",
    "--ui",
    "--out",
    "--ca",
    "--insecure",
    "--interval",
    "--username",
    "--password-env",
    "--identities",
    "--grace",
    "--trace-device",
    "--trace-failures",
    "--yes",
    "--resolve",
    "--header",
    "--listen",
    "--advertise",
    "--source-addresses",
    "--print-scenario",
]


def spent() -> float:
    """CPU seconds of all children so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def helped(*words: str) -> tuple[str, set[str], float]:
    """The help of a command, the modules that it needed, and the CPU seconds."""
    began = spent()
    done = subprocess.run(
        [sys.executable, "-c", SEEN, *words, "--help"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env=environment(),
    )
    return done.stdout, set(done.stderr.split()), spent() - began


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_imports_nothing_heavy(words: tuple[str, ...]) -> None:
    """No trio, lxml, rich, httpx, pydantic …, whatever command is asked about."""
    text, modules, _ = helped(*words)
    assert "Usage: cpesim" in text
    assert modules & HEAVY == set()


def test_the_commands_are_known() -> None:
    """Of each kind one: the walk found those below a command, too."""
    assert {(), ("quick",), ("compare",), ("capacity",)} <= set(COMMANDS)
    assert not COMMANDS["profile",]
    assert COMMANDS["profile", "check"]


def test_help_comes_at_once() -> None:
    """Under 0.3 s of CPU, the best of three."""
    assert min(helped()[2] for _ in range(3)) < 0.3
    assert min(helped("quick")[2] for _ in range(3)) < 0.3


@pytest.mark.parametrize("command", ["quick", "run"])
def test_every_option_is_there(command: str) -> None:
    """All that issue 3 names; -n and --profile are quick's own."""
    words = helped(command)[0].replace(",", " ").split()
    own = {"-n", "--profile"}
    missing = [
        o for o in QUICK if o not in words and not (command == "run" and o in own)
    ]
    assert missing == []
    assert command == "quick" or own & set(words) == set()


@pytest.mark.parametrize("words", [w for w, does in COMMANDS.items() if does])
def test_each_command_has_an_example(words: tuple[str, ...]) -> None:
    """The help shows how it is typed."""
    text = helped(*words)[0]
    assert f"    cpesim {' '.join(words)}" in text


def test_the_face_is_lazy() -> None:
    """`import cpesim` imports nothing; its names are there when they are asked for."""
    code = (
        "import sys, cpesim; before = set(sys.modules)\n"
        "assert 'trio' not in before and 'pydantic' not in before\n"
        "assert all(getattr(cpesim, name) for name in cpesim.__all__)\n"
        "assert set(cpesim.__all__) <= set(dir(cpesim))\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env=environment())


def test_no_other_name_is_there() -> None:
    """An unknown name is an AttributeError, as of any module."""
    import cpesim

    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = cpesim.nothing
