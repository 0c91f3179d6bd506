"""
Where the client certificate of each CPE stands.

Rule: files are named and looked for here; what is in them is TLS's (wire/tls.py).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

# What a pattern may have of a CPE, and the files of a folder, the first first.
PIECES = ("oui", "product_class", "serial", "n")
IN_A_FOLDER = ("{serial}.pem", "{serial}.crt")


class Certificates:
    """
    The certificate files that a text means.

    A folder has ``{serial}.pem`` or ``{serial}.crt`` of each CPE; a path with such
    pieces is the pattern of one; any other path is the file of all CPEs. The key
    stands beside it as ``.key``, or in the same file.
    """

    __slots__ = ("_patterns", "shared", "where")

    def __init__(self, where: str) -> None:
        self.where = where
        folder = os.path.isdir(where)
        self._patterns = tuple(
            (os.path.join(where, name) for name in IN_A_FOLDER) if folder else (where,)
        )
        self.shared = not folder and "{" not in where

    def of(self, who: Mapping[str, str]) -> tuple[str, str] | None:
        """The certificate and the key of that CPE; None where one is missing."""
        for path in self.wanted(who):
            stem, extension = os.path.splitext(path)
            if os.path.isfile(path):
                if os.path.isfile(stem + ".key"):
                    return path, stem + ".key"
                if extension != ".crt":
                    return path, path
        return None

    def wanted(self, who: Mapping[str, str]) -> Iterator[str]:
        """The paths at which the certificate may stand."""
        for path in self._patterns:
            for piece in PIECES:
                # A serial number is whatever a user's file says: it leads nowhere else.
                text = who[piece].replace("/", "%2F").replace("\0", "%00")
                path = path.replace("{" + piece + "}", text)
            yield path
