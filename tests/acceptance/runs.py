"""What the program is run with: profiles of a moment, and ACSs of any kind."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import trio

from tests.cli.program import acs
from tests.e2e.fleet import got, quick, summary
from tests.e2e.front import Replay, listening
from tests.play import reply

TR098, TR181 = "residential-gateway-tr098", "residential-gateway-tr181"
HEAD = "version: 1\nname: {name}\nextends: {base}\n"


def profile(where: Path, name: str, lines: str, base: str = TR181) -> str:
    """The path of a profile that extends one that ships."""
    path = where / f"{name}.yaml"
    path.write_text(HEAD.format(name=name, base=base) + lines, encoding="utf-8")
    return str(path)


def said(method: str, *arguments: object, **more: Any) -> bytes:
    """An ACS's message, as it stands on the wire."""
    body = reply(method, *arguments, **more)
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


class Acs(Replay):
    """Says what it was told to, then greets; keeps what CPEs said."""

    def __init__(self, *answers: bytes) -> None:
        super().__init__(answers)
        self.bodies: list[str] = []

    def answer(self, body: bytes) -> bytes:
        self.bodies.append(body.decode())
        return super().answer(body)

    def informs(self) -> list[str]:
        """The Informs among them."""
        return [body for body in self.bodies if "<cwmp:Inform>" in body]


async def met(where: Path, serve: Any, *options: str) -> tuple[Any, str]:
    """The summary of a run of one CPE against that ACS, and what it printed."""
    async with listening(serve) as port:
        url = f"http://127.0.0.1:{port}/"
        words = ("-n", "1", "-d", "4s", "--ramp", "100ms", "--grace", "1s", *options)
        done = await trio.to_thread.run_sync(partial(quick, where, url, *words))
    assert done.returncode == 0, done.stdout + done.stderr
    return summary(where), done.stdout


def judged(where: Path, lines: str, *options: str) -> tuple[list[Any], Any]:
    """What GET /violations lists of a fleet with these quirks, and its summary."""
    odd = profile(where, "odd", lines)
    with acs(where, *options) as url:
        words = ("--ramp", "1s", "-d", "3s", "--grace", "3s", "--profile", odd)
        done = quick(where, url, "-n", "40", *words)
        assert done.returncode == 0, done.stdout + done.stderr
        return got(url, "violations"), summary(where)
