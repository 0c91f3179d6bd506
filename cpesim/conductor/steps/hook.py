"""
Hooks: what a timeline asks of the outside, by HTTP or by a command.

Rule: each has an end, in time and in bytes, whatever is called. No shell; no proxy of
the environment; what is told of a hook has no credentials and no query in it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from subprocess import DEVNULL, PIPE, STDOUT
from typing import Any

import trio

from cpesim.errors import CpesimError
from cpesim.measure.facts import shown

PATIENCE = 30.0
# Bytes of an answer or an output that are looked at; the rest of it is let go.
MOST = 65_536
# Signs of them that are told when something else was expected.
TOLD = 200


class HookFailed(CpesimError):
    """A hook could not be called, or did not answer as it was expected to."""

    label = "hook"


async def call(arguments: Mapping[str, Any]) -> str:
    """Call a hook, and return what came of it in a few words; raises HookFailed."""
    expect: Mapping[str, Any] = arguments.get("expect") or {}
    if arguments.get("exec"):
        words = [str(word) for word in arguments["exec"]]
        return await run(words, expect, float(arguments.get("timeout") or PATIENCE))
    if arguments.get("http"):
        return await ask(arguments["http"], expect)
    raise HookFailed("hook: expected http or exec")


# -- HTTP


async def ask(request: Mapping[str, Any], expect: Mapping[str, Any]) -> str:
    """One HTTP request; redirects are not followed."""
    import httpx  # 100 ms to import, and few runs have a hook

    method = str(request.get("method") or ("POST" if _has_body(request) else "GET"))
    url = str(request.get("url") or "")
    what = f"{method} {shown(url)}"
    patience = float(request.get("timeout") or PATIENCE)
    body = request.get("body")
    try:
        with trio.fail_after(patience):
            async with httpx.AsyncClient(trust_env=False, timeout=patience) as client:
                async with client.stream(
                    method,
                    url,
                    json=request.get("json"),
                    content=str(body).encode() if body is not None else None,
                    headers=dict(request.get("headers") or {}),
                ) as answer:
                    text = b""
                    async for piece in answer.aiter_bytes():
                        text += piece[: MOST - len(text)]
                    status = answer.status_code
    except (trio.TooSlowError, httpx.TimeoutException):
        raise HookFailed(f"{what}: no answer in {patience:g} s") from None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
        why = str(error) or type(error).__name__
        raise HookFailed(f"{what}: {why.replace(url, shown(url))}") from None
    told = f"{what}: status {status}"
    wanted = expect.get("status")
    if wanted is None:
        fine = 200 <= status < 300
    else:
        many = wanted if isinstance(wanted, Sequence) else (wanted,)
        fine = status in [int(one) for one in many]
    if not fine:
        raise HookFailed(f"{told}, expected {'2xx' if wanted is None else wanted}")
    _expect_text(told, text, expect.get("body"))
    return told


def _has_body(request: Mapping[str, Any]) -> bool:
    return request.get("json") is not None or request.get("body") is not None


# -- a command


async def run(words: Sequence[str], expect: Mapping[str, Any], patience: float) -> str:
    """One command, as a process group of its own that does not outlive its time."""
    what = words[0]
    try:
        process = await trio.lowlevel.open_process(
            list(words),
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise HookFailed(f"{what}: cannot be run: {why}") from None
    output = b""
    done = False
    try:
        with trio.move_on_after(patience):
            assert process.stdout is not None
            async for piece in process.stdout:
                output += piece[: MOST - len(output)]
            await process.wait()
            done = True
    finally:
        if not done:
            # Its children too: one of them may be what keeps us waiting.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        with trio.CancelScope(shield=True):
            await process.wait()
            assert process.stdout is not None
            await process.stdout.aclose()
    if not done:
        raise HookFailed(f"{what}: no end in {patience:g} s")
    wanted = int(expect.get("exit", 0))
    told = f"{what}: exit {process.returncode}"
    if process.returncode != wanted:
        raise HookFailed(f"{told}, expected {wanted}{_beginning(output)}")
    _expect_text(told, output, expect.get("body"))
    return told


# -- what came


def _expect_text(told: str, text: bytes, wanted: object) -> None:
    if wanted is not None and str(wanted).encode() not in text:
        raise HookFailed(f"{told}, expected {wanted!r} in it{_beginning(text)}")


def _beginning(text: bytes) -> str:
    words = " ".join(text.decode("utf-8", "replace").split())
    return f": {words[:TOLD]}" if words else ""
