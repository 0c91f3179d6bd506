"""
The options that several commands share, and what their texts mean.

Rule: an option comes as the text that was typed; what is wrong with it is one line
that names the option. Nothing heavy is imported here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from cpesim.errors import ConfigError

if TYPE_CHECKING:
    from cpesim.scenario.scenario import Acs, Scenario

Value = TypeVar("Value")

_LOAD, _ACS, _RUN = "Load", "The ACS", "The run"


def _option(*names: str, metavar: str, help: str, group: str = "") -> Any:
    return typer.Option(
        *names, metavar=metavar, help=help, rich_help_panel=group or None
    )


Rate = Annotated[
    str | None,
    _option(
        "-r",
        "--rate",
        metavar="RATE",
        help="Sessions a second in all (50/s, 120/min). Without it the CPEs boot over"
        " --ramp and then keep their own timers.",
    ),
]
Ramp = Annotated[
    str | None,
    _option(
        "--ramp",
        metavar="TIME",
        help="Spread the first boots over this time. Default: N/200 s, at least 10s.",
    ),
]
Duration = Annotated[
    str | None,
    _option(
        "-d",
        "--duration",
        metavar="TIME",
        help="How long, the ramp included (30s, 5m, 1h30m). Default: 5m.",
    ),
]
Workers = Annotated[
    int, _option("--workers", metavar="N", help="Worker processes; only 1 as yet.")
]
InFlight = Annotated[
    str | None,
    _option(
        "--in-flight",
        metavar="N",
        help="Most sessions at once. Default: 4000, or what the open-file limit"
        " allows.",
    ),
]
Seed = Annotated[
    int | None,
    _option("--seed", metavar="N", help="The same seed, the same fleet. Default: 1."),
]
Ui = Annotated[
    str,
    _option(
        "--ui",
        metavar="KIND",
        help="auto, full (dashboard), plain (a line each 10 s) or none.",
    ),
]
Out = Annotated[
    str, _option("--out", metavar="FOLDER", help="Where the run's folder is made.")
]
Baseline = Annotated[
    str | None,
    _option(
        "--baseline",
        metavar="RUN[,RUN...]",
        help="Compare with stored runs at the end: exit 98 when it is worse.",
    ),
]
Ca = Annotated[
    str | None,
    _option("--ca", metavar="FILE", help="Certificates (PEM) to trust the ACS by."),
]
Insecure = Annotated[
    bool, typer.Option("--insecure", help="Take whatever certificate the ACS shows.")
]
ClientCerts = Annotated[
    str | None,
    _option(
        "--client-certs",
        metavar="WHERE",
        help="Client certificates (PEM): a folder of SERIAL.pem or SERIAL.crt and"
        " SERIAL.key, a pattern as 'certs/{oui}-{serial}.pem', or one file for all.",
    ),
]
TlsLeast = Annotated[
    str | None,
    _option("--tls-least", metavar="1.2|1.3", help="Oldest TLS. Default: 1.2."),
]
TlsMost = Annotated[
    str | None,
    _option("--tls-most", metavar="1.2|1.3", help="Newest TLS. Default: 1.3."),
]
TlsResume = Annotated[
    bool | None,
    typer.Option(
        "--tls-resume/--no-tls-resume",
        help="Whether CPEs resume their last TLS session (12.5 KB a CPE, of 20,000 at"
        " most). Default: a full handshake each time.",
    ),
]
Interval = Annotated[
    str | None,
    _option(
        "--interval",
        metavar="TIME",
        help="PeriodicInformInterval of every CPE. Default: its profile's.",
    ),
]
Username = Annotated[
    str | None,
    _option(
        "--username",
        metavar="PATTERN",
        help="User name of each CPE towards the ACS, as '{oui}-{serial}'. Default:"
        " its profile's.",
    ),
]
PasswordEnv = Annotated[
    str | None,
    _option(
        "--password-env",
        metavar="NAME",
        help="Environment variable that holds the CPEs' password.",
    ),
]
Identities = Annotated[
    str | None,
    _option(
        "--identities",
        metavar="FILE",
        help="CSV of serial numbers, credentials and values, a row for each CPE.",
    ),
]
Grace = Annotated[
    str | None,
    _option(
        "--grace",
        metavar="TIME",
        help="What sessions in flight get at the end. Default: 30s.",
    ),
]
Metrics = Annotated[
    str | None,
    _option(
        "--metrics",
        metavar="ADDRESS:PORT",
        help="Serve the run's metrics there, for Prometheus to ask (docs/metrics.md).",
    ),
]
TraceDevice = Annotated[
    int | None,
    _option(
        "--trace-device",
        metavar="N",
        help="Keep every message of CPE number N in the run's folder.",
    ),
]
Yes = Annotated[
    bool, typer.Option("--yes", help="Load a public address without asking.")
]
Resolve = Annotated[
    list[str] | None,
    _option(
        "--resolve",
        metavar="HOST:ADDRESS",
        help="Take this address for HOST. Repeatable.",
    ),
]
Header = Annotated[
    list[str] | None,
    _option(
        "--header",
        metavar="'NAME: VALUE'",
        help="A header for every request to the ACS. Repeatable.",
    ),
]
Listen = Annotated[
    str | None,
    _option(
        "--listen",
        metavar="ADDRESS:PORT",
        help="Where to listen for connection requests. Default: any free port.",
    ),
]
Advertise = Annotated[
    str | None,
    _option(
        "--advertise",
        metavar="HOST[:PORT]",
        help="What CPEs tell the ACS of it. Default: the local address towards it.",
    ),
]
SourceAddresses = Annotated[
    list[str] | None,
    _option(
        "--source-addresses",
        metavar="LIST",
        help="Local addresses to connect from: A,B or FIRST-LAST or 127.1.0.0/16.",
    ),
]
PrintScenario = Annotated[
    bool,
    typer.Option("--print-scenario", help="Print it as YAML for `cpesim run`; stop."),
]


def read(option: str, text: str, parse: Callable[[str], Value]) -> Value:
    """The option's value; raises ConfigError that names the option."""
    try:
        return parse(text)
    except ValueError as error:
        raise ConfigError(f"{option}: {error}") from None


def overlaid(scenario: Scenario, given: Mapping[str, Any]) -> Scenario:
    """The scenario with what was given as options; raises ConfigError."""
    from cpesim.quantity import parse_count, parse_duration, parse_rate
    from cpesim.scenario.scenario import Load

    changes: dict[str, Any] = {}
    load: dict[str, Any] = {}
    for into, key, option, parse in (
        (load, "rate", "--rate", parse_rate),
        (load, "ramp", "--ramp", parse_duration),
        (changes, "duration", "--duration", parse_duration),
        (changes, "in_flight", "--in-flight", parse_count),
        (changes, "grace", "--grace", parse_duration),
    ):
        if given.get(key) is not None:
            into[key] = read(option, given[key], parse)
    if "rate" in load:
        if load["rate"] == 0:
            raise ConfigError("--rate: expected more than 0")
        changes["loads"] = (Load("arrivals", "arrival-rate", rate=load["rate"]),)
    if "ramp" in load:
        changes["start"] = replace(scenario.start, ramp=load["ramp"])
    for key in ("seed", "trace_device"):
        if given.get(key) is not None:
            changes[key] = given[key]
    groups = scenario.groups
    if given.get("interval") is not None:
        interval = read("--interval", given["interval"], parse_duration)
        if interval < 1:
            raise ConfigError("--interval: expected at least 1s")
        groups = tuple(replace(group, interval=interval) for group in groups)
    if given.get("identities") is not None:
        if len(groups) > 1:
            raise ConfigError(
                "--identities: the scenario has several groups; name the file in the"
                " group that it is of"
            )
        groups = (replace(groups[0], identities=given["identities"]),)
    if given.get("workers", 1) != 1:
        raise ConfigError(
            f"--workers {given['workers']}: one worker process is all this version"
            " has; leave it out"
        )
    return replace(
        scenario,
        acs=acs_overlaid(scenario.acs, given),
        groups=groups,
        **changes,
    )


def acs_overlaid(acs: Acs, given: Mapping[str, Any]) -> Acs:
    """The ACS with what was given as options."""
    from cpesim.scenario.addresses import spread
    from cpesim.scenario.scenario import TLS_VERSIONS

    changes: dict[str, Any] = {
        key: given[key]
        for key in (
            *("username", "password_env", "ca", "listen", "advertise"),
            *("client_certs", "tls_least", "tls_most", "tls_resume"),
        )
        if given.get(key) is not None
    }
    for key in ("tls_least", "tls_most"):
        if changes.get(key, TLS_VERSIONS[0]) not in TLS_VERSIONS:
            option = "--" + key.replace("_", "-")
            raise ConfigError(
                f"{option} {changes[key]}: expected {' or '.join(TLS_VERSIONS)}"
            )
    if given.get("insecure"):
        changes["insecure"] = True
    if given.get("resolve"):
        changes["resolve"] = {**acs.resolve, **dict(_hosts(given["resolve"]))}
    if given.get("header"):
        changes["headers"] = (*acs.headers, *_headers(given["header"]))
    if given.get("source_addresses"):
        written = [a for text in given["source_addresses"] for a in text.split(",")]
        changes["source_addresses"] = read(
            "--source-addresses", "", lambda _: spread(written)
        )
    return replace(acs, **changes)


def _hosts(written: Iterable[str]) -> Iterable[tuple[str, str]]:
    from ipaddress import ip_address

    for text in written:
        host, colon, address = text.partition(":")
        address = address.removeprefix("[").removesuffix("]")
        try:
            ip_address(address)
        except ValueError:
            address = ""
        if not (host and colon and address):
            raise ConfigError(
                f"--resolve {text!r}: expected HOST:ADDRESS, as acs.lab:192.0.2.7"
            )
        yield host.lower(), address


def _headers(written: Iterable[str]) -> Iterable[tuple[str, str]]:
    for text in written:
        name, colon, value = text.partition(":")
        if not colon or not name.strip():
            raise ConfigError(f"--header {text!r}: expected 'Name: value'")
        yield name.strip(), value.strip()
