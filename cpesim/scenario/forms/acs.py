"""
The form of `acs:`.

Rule: a form and the value it makes.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from cpesim.scenario.addresses import spread
from cpesim.scenario.forms.kinds import Form, Span, Text, Version
from cpesim.scenario.forms.paths import beside
from cpesim.scenario.scenario import Acs

_ACS = Acs("")


def _addresses(written: Any) -> tuple[str, ...]:
    items = written if isinstance(written, list) else str(written).split(",")
    return spread(str(item) for item in items)


Addresses = Annotated[
    tuple[str, ...],
    BeforeValidator(_addresses),
    WithJsonSchema(
        {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
    ),
]


class AuthForm(Form):
    """The CPEs' credentials towards the ACS."""

    username: Text | None = Field(
        default=None,
        description='A pattern, as "{oui}-{serial}"; without it the profile\'s.',
    )
    password_env: Text | None = Field(
        default=None,
        description="The variable of the environment that holds their password.",
    )


class TimeoutForm(Form):
    """How long the CPEs wait for the ACS."""

    connect: Span = Field(default=_ACS.connect_timeout, description="For a connection.")
    response: Span = Field(
        default=_ACS.response_timeout, description="For each answer."
    )
    session: Span = Field(
        default=_ACS.session_timeout, description="For a session as a whole."
    )


class TlsForm(Form):
    """TLS of the CPEs."""

    least: Version = Field(default="1.2", description="The oldest TLS they take.")
    most: Version = Field(default="1.3", description="The newest TLS they take.")
    resume: bool = Field(default=False, description="Resume the last TLS session.")
    client_certs: Text | None = Field(
        default=None,
        description="Client certificates: a folder, a pattern, or one file for all.",
    )


class AcsForm(Form):
    """The ACS under load, and how to get to it."""

    url: Text = Field(description="The ACS: http(s)://HOST[:PORT]/PATH.")
    auth: AuthForm = Field(
        default=AuthForm(), description="The CPEs' credentials towards the ACS."
    )
    timeout: TimeoutForm = Field(
        default=TimeoutForm(), description="How long the CPEs wait for the ACS."
    )
    ca: Text | None = Field(
        default=None, description="Certificates (PEM) to trust the ACS by."
    )
    insecure: bool = Field(
        default=False, description="Take whatever certificate the ACS shows."
    )
    tls: TlsForm = Field(default=TlsForm(), description="TLS of the CPEs.")
    headers: dict[str, Text] = Field(
        default={}, description="Headers for every request to the ACS."
    )
    resolve: dict[str, Text] = Field(
        default={}, description="Addresses to take for names of hosts."
    )
    source_addresses: Addresses = Field(
        default=(),
        description="Local addresses to connect from: A, FIRST-LAST or NETWORK/BITS.",
    )
    listen: Text | None = Field(
        default=None, description="ADDRESS:PORT to hear connection requests at."
    )
    advertise: Text | None = Field(
        default=None, description="HOST[:PORT] that the CPEs tell the ACS of it."
    )

    def value(self, folder: str) -> Acs:
        """What it says; paths are meant from *folder*."""
        return Acs(
            url=self.url,
            username=self.auth.username,
            password_env=self.auth.password_env,
            connect_timeout=self.timeout.connect,
            response_timeout=self.timeout.response,
            session_timeout=self.timeout.session,
            ca=beside(folder, self.ca),
            insecure=self.insecure,
            client_certs=beside(folder, self.tls.client_certs),
            tls_least=self.tls.least,
            tls_most=self.tls.most,
            tls_resume=self.tls.resume,
            headers=tuple(self.headers.items()),
            resolve=self.resolve,
            source_addresses=self.source_addresses,
            listen=self.listen,
            advertise=self.advertise,
        )
