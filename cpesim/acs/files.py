"""
Files: any name under /files/ can be fetched, of the size that was set, and sent to.

Rule: nothing is read from disk and nothing is kept: a file is one block, repeated, and
of what is uploaded the size and the digest are told.
"""

from __future__ import annotations

import hashlib
from urllib.parse import unquote

from cpesim.acs.http import BadRequest, Link, Post, Sink, answer
from cpesim.acs.settings import AcsSettings
from cpesim.acs.tally import Tally
from cpesim.wire.auth import ServerAuth

PATH = "/files/"
# Below it, without credentials: for diagnostics, which have none.
OPEN = PATH + "open/"
# Not all alike, so that a proxy which packs has something to do.
_BLOCK = bytes((i * 167 + (i >> 8) * 59) & 0xFF for i in range(65536))


class Upload:
    """A file on its way to us."""

    __slots__ = ("_digest", "_most", "_tally", "size")

    def __init__(self, most: int, tally: Tally) -> None:
        self._most = most
        self._tally = tally
        self._digest = hashlib.sha256()
        self.size = 0

    def take(self, data: bytes) -> None:
        """The next piece; raises BadRequest (413) over the limit."""
        self.size += len(data)
        if self.size > self._most:
            self._tally.uploads["too large"] += 1
            raise BadRequest(413)
        self._digest.update(data)

    def broken(self) -> None:
        """The rest will not come."""
        if self.size <= self._most:
            self._tally.uploads["broken"] += 1

    def digest(self) -> str:
        """SHA-256 of what came."""
        return self._digest.hexdigest()


class Files:
    """Answers GET and HEAD of files, PUT and POST of uploads."""

    def __init__(
        self, settings: AcsSettings, auth: ServerAuth | None, tally: Tally
    ) -> None:
        self._settings = settings
        self._auth = auth
        self._tally = tally

    def sink(self, method: str, target: str) -> Sink | None:
        """What takes the body of such a request; None for those that are no uploads."""
        if method not in ("PUT", "POST") or not target.startswith(PATH):
            return None
        return Upload(self._settings.upload_limit, self._tally)

    async def serve(self, link: Link, post: Post) -> bool:
        """Send the file; whether the connection may go on."""
        settings, tally = self._settings, self._tally
        path = unquote(post.target.partition("?")[0])
        if not path.removeprefix(PATH):
            await link.send(answer(404, keep=post.keep))
            return post.keep
        challenge = self._challenge(post, path)
        if challenge:
            kind = tally.uploads if post.sink else tally.downloads
            kind["unauthorized"] += 1
            await link.send(answer(401, keep=post.keep, headers=challenge))
            return post.keep
        if isinstance(post.sink, Upload):
            name = path.rpartition("/")[2]
            tally.uploads["bytes"] += post.sink.size
            tally.upload(name, post.sink.size, post.sink.digest())
            status = 201 if post.method == "PUT" else 200
            await link.send(answer(status, keep=post.keep))
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

    def _challenge(self, post: Post, path: str) -> str:
        """The header that asks for credentials; "" where they are right or not due."""
        if self._auth is None or path.startswith(OPEN):
            return ""
        given = post.headers.get(b"authorization", b"").decode("latin-1") or None
        verdict = self._auth.check(post.method, post.target, given, self._password)
        if verdict == "ok":
            return ""
        return f"WWW-Authenticate: {self._auth.challenge(verdict == 'stale')}\r\n"

    def _password(self, username: str) -> str | None:
        right = username == self._settings.files_username
        return self._settings.files_password if right else None
