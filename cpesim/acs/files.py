"""
The files that Download fetches: any name under /files/, of the size that was set.

Rule: nothing is read from disk and nothing is kept: a file is one block, repeated.
"""

from __future__ import annotations

from urllib.parse import unquote

from cpesim.acs.http import Link, Post, answer
from cpesim.acs.settings import AcsSettings
from cpesim.acs.tally import Tally
from cpesim.wire.auth import ServerAuth

PATH = "/files/"
# Not all alike, so that a proxy which packs has something to do.
_BLOCK = bytes((i * 167 + (i >> 8) * 59) & 0xFF for i in range(65536))


class Files:
    """Answers GET and HEAD of files."""

    def __init__(
        self, settings: AcsSettings, auth: ServerAuth | None, tally: Tally
    ) -> None:
        self._settings = settings
        self._auth = auth
        self._tally = tally

    async def serve(self, link: Link, post: Post) -> bool:
        """Send the file; whether the connection may go on."""
        settings, tally = self._settings, self._tally
        path = unquote(post.target.partition("?")[0])
        if not path.removeprefix(PATH):
            await link.send(answer(404, keep=post.keep))
            return post.keep
        if self._auth is not None:
            given = post.headers.get(b"authorization", b"").decode("latin-1") or None
            verdict = self._auth.check(post.method, post.target, given, self._password)
            if verdict != "ok":
                tally.downloads["unauthorized"] += 1
                asked = self._auth.challenge(verdict == "stale")
                line = f"WWW-Authenticate: {asked}\r\n"
                await link.send(answer(401, keep=post.keep, headers=line))
                return post.keep
        rest = settings.firmware_size
        close = "" if post.keep else "Connection: close\r\n"
        await link.send(
            "HTTP/1.1 200 OK\r\nServer: cpesim\r\n"
            "Content-Type: application/octet-stream\r\n"
            f"{close}Content-Length: {rest}\r\n\r\n".encode()
        )
        if post.method == "HEAD":
            return post.keep
        whole = False
        try:
            while rest:
                block = _BLOCK[:rest] if rest < len(_BLOCK) else _BLOCK
                await link.send(block)
                rest -= len(block)
                tally.downloads["bytes"] += len(block)
                link.moved()
            whole = True
        finally:
            tally.downloads["served" if whole else "broken"] += 1
        return post.keep

    def _password(self, username: str) -> str | None:
        right = username == self._settings.files_username
        return self._settings.files_password if right else None
