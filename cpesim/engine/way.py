"""
How a device gets to its ACS: URL, name and password, certificate, compression.

Rule: each is read when a session begins or when it is asked for, so that what the ACS
set serves from the next session on (H7, H8, H10); nothing is kept of a device.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from cpesim.device.device import Device
from cpesim.device.identity import pieces
from cpesim.device.model import Model
from cpesim.device.profile import Profile
from cpesim.measure.meter import Meter
from cpesim.scenario.certificates import Certificates
from cpesim.scenario.scenario import Acs
from cpesim.wire.compress import CODINGS
from cpesim.wire.connection import Connection
from cpesim.wire.terms import Trace
from cpesim.wire.tls import Certificate, Tls
from cpesim.wire.ways.timed import TimedWire
from cpesim.wire.wire import Wire


class Way:
    """The way of all devices of one profile."""

    __slots__ = (
        "_certificates",
        "_clock",
        "_coding",
        "_compression",
        "_differs",
        "_password",
        "_url",
        "_username",
        "_wire",
        "_without",
    )

    def __init__(
        self, profile: Profile, acs: Acs, wire: Wire, clock: Callable[[], float]
    ) -> None:
        server = profile.root + "ManagementServer."
        self._url = server + "URL"
        self._username = server + "Username"
        self._password = server + "Password"
        self._compression = server + "HTTPCompression"
        self._without = acs.url
        self._wire = wire
        self._clock = clock
        where = acs.client_certs or profile.client_certs
        self._certificates = Certificates(where) if where else None
        found = profile.parameters.get(self._compression)
        default = found.default if found is not None else ""
        # Almost always there is one default for all, looked up once.
        self._differs = not isinstance(default, str)
        self._coding = CODINGS.get(default) if isinstance(default, str) else None

    def open(
        self, device: Device, trace: Trace | None, wire: Wire | None = None
    ) -> Connection:
        """A connection for one session, over *wire* if another one than ours is."""
        model = device.model
        own = model.own

        def credentials() -> tuple[str, str]:
            now = self._clock()
            return model.find(self._username, now), model.find(self._password, now)

        coding = self._coding
        if self._differs or self._compression in own:  # Disabled is no key of CODINGS
            coding = CODINGS.get(model.find(self._compression, self._clock()))
        return (wire or self._wire).open(
            own.get(self._url) or self._without,
            credentials,
            model.n,
            certificate=None
            if self._certificates is None
            else lambda: self._certificate(model),
            coding=coding,
            trace=trace,
        )

    def _certificate(self, model: Model) -> Certificate | None:
        """The files of a device's certificate; found missing, it shows none."""
        assert self._certificates is not None
        files = self._certificates.of(pieces(model))
        return files and Certificate(*files, shared=self._certificates.shared)


def wired(acs: Acs, meter: Meter, first_byte: bool = False) -> Wire:
    """
    What all connections of a shard share: TLS, addresses, timeouts, the meter.

    *first_byte* has that of each answer timed.
    """
    make: Callable[..., Wire] = Wire
    if first_byte:
        make = partial(TimedWire, first_byte=partial(meter.record, "ttfb"))
    return make(
        meter,
        headers=acs.headers,
        resolve=acs.resolve,
        tls=Tls(
            ca=acs.ca,
            insecure=acs.insecure,
            least=acs.tls_least,
            most=acs.tls_most,
            resume=acs.tls_resume,
        ),
        sources=acs.source_addresses,
        connect_timeout=acs.connect_timeout,
        response_timeout=acs.response_timeout,
    )
