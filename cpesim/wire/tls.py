"""
The TLS settings of a run.

Rule: one context for all connections of a Wire: making one costs milliseconds.
"""

from __future__ import annotations

import ssl

from cpesim.errors import ConfigError


def client_context(ca: str | None, insecure: bool) -> ssl.SSLContext:
    """
    Return a context that trusts *ca* (a PEM file; the system's CAs when None).

    TLS 1.2 and 1.3; host names are checked, unless *insecure*.
    """
    try:
        context = ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"ca {ca}: {reason}") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
