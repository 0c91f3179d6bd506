"""Help: what it says, what it imports, how fast it comes."""

from __future__ import annotations

import resource
import subprocess
import sys

import pytest

from tests.cli.program import ROOT, environment

COMMANDS = (
    (),
    ("quick",),
    ("run",),
    ("check",),
    ("init",),
    ("schema",),
    ("report",),
    ("runs",),
    ("device",),
    ("acs",),
    ("demo",),
    ("ctl",),
    ("attach",),
    ("profile",),
    ("profile", "list"),
    ("profile", "show"),
    ("profile", "check"),
    ("profile", "diff"),
    ("profile", "import"),
    ("profile", "identities"),
)
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


@pytest.mark.parametrize("words", [w for w in COMMANDS if w and w != ("profile",)])
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
