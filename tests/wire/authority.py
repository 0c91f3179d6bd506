"""Certificates of our own, for servers and for CPEs."""

from __future__ import annotations

import ssl
from pathlib import Path

import trustme

from cpesim.wire.tls import Certificate


class Authority:
    """A CA of our own, in a file."""

    def __init__(self, folder: Path) -> None:
        self.ca = trustme.CA()
        self.folder = folder
        self.file = str(folder / "ca.pem")
        self.ca.cert_pem.write_to_path(self.file)
        self.names: list[str | None] = []  # asked for by SNI

    def server(self, *names: str, ask: bool = False) -> ssl.SSLContext:
        """A server's settings, with a certificate for *names*; it may *ask* for one."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.ca.issue_cert(*names).configure_cert(context)
        context.sni_callback = lambda sock, name, _: self.names.append(name)
        if ask:
            context.verify_mode = ssl.CERT_REQUIRED
            self.ca.configure_trust(context)
        return context

    def pair(self, *names: str, stem: str) -> tuple[str, str]:
        """The files of a certificate for *names*: stem.crt and stem.key."""
        issued = self.ca.issue_cert(*names, common_name=names[0])
        certificate, key = self.folder / f"{stem}.crt", self.folder / f"{stem}.key"
        certificate.write_bytes(b"".join(c.bytes() for c in issued.cert_chain_pems))
        issued.private_key_pem.write_to_path(str(key))
        return str(certificate), str(key)

    def cpe(self, name: str, *, shared: bool = False) -> Certificate:
        """A CPE's certificate, whose common name is *name*."""
        return Certificate(*self.pair(name, stem=name), shared=shared)
