"""Hooks by HTTP and by a command: what is sent, what is expected, where they end."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from cpesim.conductor.steps.hook import HookFailed, call
from cpesim.measure.facts import shown
from tests.wire.tiny import HANG, Tiny, listening, reply


@asynccontextmanager
async def outside(*answers: bytes | str) -> AsyncIterator[Tiny]:
    with trio.fail_after(20):
        async with listening(*answers) as tiny:
            yield tiny


async def test_a_request_as_it_was_asked_for() -> None:
    """Method, body as JSON, headers; any 2xx is well."""
    async with outside(reply(201), reply(204), reply(200)) as tiny:
        http = {
            "method": "PUT",
            "url": tiny.url,
            "json": {"tag": "gw"},
            "headers": {"X-Key": "k"},
        }
        told = await call({"http": http})
        assert told == f"PUT {tiny.url}: status 201"
        (asked,) = tiny.asked
        assert asked.head.startswith(b"PUT /acs ")
        assert json.loads(asked.body) == {"tag": "gw"}
        assert asked.header("X-Key") == "k"
        assert asked.header("Content-Type") == "application/json"
        await call({"http": {"url": tiny.url, "body": "go"}})
        assert tiny.asked[1].head.startswith(b"POST ")
        assert tiny.asked[1].body == b"go"
        await call({"http": {"url": tiny.url}})
        assert tiny.asked[2].head.startswith(b"GET ")


@pytest.mark.parametrize(
    ("answer", "expect", "words"),
    [
        (reply(500), {}, "status 500, expected 2xx"),
        (reply(200), {"status": 202}, "status 200, expected 202"),
        (reply(302, "Location: /x"), {}, "status 302, expected 2xx"),
        (reply(200, body=b"not yet"), {"body": "done"}, "expected 'done' in it: not"),
        (HANG, {}, "no answer in 0.3 s"),
        ("close", {}, "Server disconnected"),
    ],
)
async def test_another_answer_than_expected(
    answer: bytes | str, expect: dict[str, object], words: str
) -> None:
    """It says what came; the URL's password and query are not told."""
    async with outside(answer) as tiny:
        url = tiny.url.replace("//", "//me:secret@") + "?token=secret"
        patience = 0.3 if answer == HANG else 10.0
        with pytest.raises(HookFailed) as raised:
            await call({"http": {"url": url, "timeout": patience}, "expect": expect})
        assert words in str(raised.value)
        assert "secret" not in str(raised.value)


async def test_a_long_answer_and_one_without_end() -> None:
    """The first part is looked at, the rest let go; what never ends is out of time."""
    long = b"fine" + b"x" * 200_000
    async with outside(reply(200, body=long), reply(200, body=long)) as tiny:
        await call({"http": {"url": tiny.url}, "expect": {"body": "fine"}})
        with pytest.raises(HookFailed, match="expected 'y' in it: fine"):
            await call({"http": {"url": tiny.url}, "expect": {"body": "y"}})
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 90000000\r\n\r\n"
    async with outside(head + long, HANG) as tiny:
        with pytest.raises(HookFailed, match=r"no answer in 0.3 s"):
            await call({"http": {"url": tiny.url, "timeout": 0.3}})


@pytest.mark.parametrize("url", ["", "http://", "nonsense", "http://127.0.0.1:1/"])
async def test_a_url_that_leads_nowhere(url: str) -> None:
    """A failed hook, and no other error."""
    with trio.fail_after(10), pytest.raises(HookFailed):
        await call({"http": {"url": url}})


def test_what_is_told_of_a_url() -> None:
    """Nothing that could be a secret."""
    assert shown("https://u:p@host:8/a/b?k=v#f") == "https://host:8/a/b"
    assert shown("http://[::1") == "(no URL)"


async def test_a_command_and_its_end() -> None:
    """Its exit code and its output are looked at; no shell reads its words."""
    python = sys.executable
    told = await call({"exec": [python, "-c", "print('$HOME')"]})
    assert told == f"{python}: exit 0"
    arguments = {"exec": ["echo", "$HOME"], "expect": {"body": "$HOME", "exit": 0}}
    assert await call(arguments) == "echo: exit 0"
    assert await call({"exec": ["false"], "expect": {"exit": 1}}) == "false: exit 1"
    with pytest.raises(HookFailed, match="exit 3, expected 0: why not"):
        await call({"exec": ["sh", "-c", "echo why not >&2; exit 3"]})
    with pytest.raises(HookFailed, match="expected 'x' in it: y"):
        await call({"exec": ["echo", "y"], "expect": {"body": "x"}})
    with pytest.raises(HookFailed, match=r"/no/such: cannot be run: No such file"):
        await call({"exec": ["/no/such"]})
    with pytest.raises(HookFailed, match="expected http or exec"):
        await call({})


async def test_a_command_has_an_end_in_time_and_bytes(tmp_path: Path) -> None:
    """It and its children are gone; endless output is read and let go."""
    mark = tmp_path / "pid"
    script = f"sleep 50 & echo $! > {mark}; wait"
    began = time.monotonic()
    with pytest.raises(HookFailed, match=r"sh: no end in 0.5 s"):
        await call({"exec": ["sh", "-c", script], "timeout": 0.5})
    child = int(await trio.Path(mark).read_text())
    with trio.fail_after(5):
        await trio.to_thread.run_sync(_ended, child)
    with pytest.raises(HookFailed, match=r"no end in 0.3 s"):
        await call({"exec": ["yes"], "timeout": 0.3})
    assert time.monotonic() - began < 8


def _ended(pid: int) -> None:
    while _lives(pid):
        time.sleep(0.01)


def _lives(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_a_command_is_ended_with_the_run(tmp_path: Path) -> None:
    """Who is cancelled leaves nothing behind."""
    mark = tmp_path / "pid"
    with trio.move_on_after(0.5):
        await call({"exec": ["sh", "-c", f"echo $$ > {mark}; exec sleep 50"]})
    pid = int(await trio.Path(mark).read_text())
    assert not _lives(pid)
