"""
A scenario's YAML, read.

Rule: the models say what may stand in the file and nothing else does; what this
version lacks is in the models too, as `Later`, to be refused by name and place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo

from cpesim.errors import ConfigError, Problem
from cpesim.quantity import parse_count, parse_duration, parse_rate
from cpesim.scenario.addresses import spread
from cpesim.scenario.scenario import (
    DEFAULT_PROFILE,
    Acs,
    Group,
    Load,
    Scenario,
    Start,
)
from cpesim.scenario.shipped import shipped
from cpesim.yamltext import load

_VARIABLE = re.compile(r"\$\{(\w+)\}")
# The variables of the text that is being read: a validator is called without them.
_variables: ContextVar[Mapping[str, str]] = ContextVar("variables")


def _filled(written: Any) -> Any:
    """The scalar with each ``${NAME}`` replaced."""
    if not isinstance(written, str):
        return written
    known = _variables.get({})

    def fill(match: re.Match[str]) -> str:
        if match[1] not in known:
            raise ValueError(
                f"expected a variable of `vars:` or CPESIM_VAR_{match[1]},"
                f" but there is no {match[1]}"
            )
        return known[match[1]]

    return _VARIABLE.sub(fill, written)


def _text(written: Any) -> Any:
    filled = _filled(written)
    # `oui: 001122` is a number to YAML; its zeros are gone, so it is not mended here.
    if isinstance(filled, bool | int | float):
        raise ValueError(f'expected text: write it in quotes, as "{filled}"')
    return filled


def _duration(written: Any) -> float:
    return parse_duration(str(_filled(written)))


def _count(written: Any) -> int:
    return parse_count(str(_filled(written)))


def _rate(written: Any) -> float:
    return parse_rate(str(_filled(written)))


def _version(written: Any) -> str:
    return str(_filled(written))  # 1.2 is a number to YAML


def _later(written: Any, about: ValidationInfo) -> None:
    raise ValueError(f"`{about.field_name}` is not there yet in this version")


def _new(written: Any) -> str:
    if written == "known":
        raise ValueError("`known` is not there yet in this version: CPEs are new")
    if written != "new":
        raise ValueError(f"expected new, not {written!r}")
    return "new"


def _executor(written: Any) -> str:
    if written in ("at-once", "in-flight"):
        raise ValueError(f"`{written}` is not there yet in this version")
    if written not in ("fleet", "arrival-rate"):
        raise ValueError(f"expected fleet or arrival-rate, not {written!r}")
    return str(written)


def _addresses(written: Any) -> tuple[str, ...]:
    items = written if isinstance(written, list) else str(written).split(",")
    return spread(str(_filled(item)) for item in items)


def _one_load(written: Any) -> Any:
    if isinstance(written, list) and len(written) > 1:
        raise ValueError("more than one load at once is not there yet in this version")
    return written


Text = Annotated[str, BeforeValidator(_text)]
Duration = Annotated[float, BeforeValidator(_duration)]
Count = Annotated[int, BeforeValidator(_count), Field(ge=1)]
Rate = Annotated[float, BeforeValidator(_rate), Field(gt=0)]
Version = Annotated[Literal["1.2", "1.3"], BeforeValidator(_version)]
Later = Annotated[None, BeforeValidator(_later)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Auth(_Model):
    username: Text | None = None
    password_env: Text | None = None


class _Timeout(_Model):
    connect: Duration = 10.0
    response: Duration = 30.0
    session: Duration = 300.0


class _Tls(_Model):
    least: Version = "1.2"
    most: Version = "1.3"
    resume: bool = False
    client_certs: Text | None = None


class _Acs(_Model):
    url: Text
    auth: _Auth = _Auth()
    timeout: _Timeout = _Timeout()
    ca: Text | None = None
    insecure: bool = False
    tls: _Tls = _Tls()
    headers: dict[str, Text] = {}
    resolve: dict[str, Text] = {}
    source_addresses: Annotated[tuple[str, ...], BeforeValidator(_addresses)] = ()
    listen: Text | None = None
    advertise: Text | None = None


class _Inform(_Model):
    interval: Duration | None = None
    phase: Later = None


class _Defaults(_Model):
    profile: Text | None = None
    oui: Text | None = None
    serial: Text | None = None
    identities: Text | None = None
    inform: _Inform = _Inform()
    retry: Literal["tr069"] = "tr069"


class _Group(_Defaults):
    count: Count


class _Start(_Model):
    state: Annotated[str, BeforeValidator(_new)] = "new"
    ramp: Duration | None = None


class _Fleet(_Model):
    start: _Start = _Start()
    defaults: _Defaults = _Defaults()
    groups: Annotated[dict[str, _Group], Field(min_length=1)]


class _Load(_Model):
    name: Text = ""
    executor: Annotated[str, BeforeValidator(_executor)]
    rate: Rate | None = None
    groups: Later = None
    stages: Later = None
    arrivals: Later = None
    session: Later = None


class _Limits(_Model):
    in_flight: Count | None = None
    late_start: Later = None


class _Scenario(_Model):
    version: Literal[1]
    name: Text
    description: Text = ""
    seed: int = 1
    duration: Duration = 300.0
    vars: dict[str, str | int | float] = {}
    acs: _Acs
    fleet: _Fleet
    load: Annotated[list[_Load], BeforeValidator(_one_load)] = []
    limits: _Limits = _Limits()
    grace: Duration = 30.0
    behaviour: Later = None
    timeline: Later = None
    faults: Later = None
    thresholds: Later = None
    report: Later = None


class _Vars(BaseModel):
    model_config = ConfigDict(extra="ignore")
    vars: dict[str, str | int | float] = {}


def load_scenario(what: str, environment: Mapping[str, str]) -> Scenario:
    """The scenario of a file, or of a shipped name; raises ConfigError."""
    path = shipped().get(what, Path(what))
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        names = ", ".join(shipped())
        raise ConfigError(
            f"{what}: no such file, and no scenario of this name ships (there are:"
            f" {names})"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ConfigError(f"{what}: cannot be read: {reason}") from error
    return read_scenario(text, str(path), environment)


def read_scenario(
    text: str, file: str, environment: Mapping[str, str] | None = None
) -> Scenario:
    """The scenario that *text* writes; *file* is named in errors."""
    variables = _variables_of(text, file, environment or {})
    token = _variables.set(variables)
    try:
        model = load(text, file, _Scenario)
    finally:
        _variables.reset(token)
    return _made(model, file)


def _variables_of(
    text: str, file: str, environment: Mapping[str, str]
) -> dict[str, str]:
    try:
        written = load(text, file, _Vars).vars
    except ConfigError:
        written = {}  # the second reading says the same, with all else that is wrong
    prefix = "CPESIM_VAR_"
    given = {
        name.removeprefix(prefix): value
        for name, value in environment.items()
        if name.startswith(prefix)
    }
    return {name: str(value) for name, value in written.items()} | given


def _made(model: _Scenario, file: str) -> Scenario:
    where = Path(file).parent
    acs, start = model.acs, model.fleet.start
    return Scenario(
        name=model.name,
        description=model.description,
        seed=model.seed,
        duration=model.duration,
        acs=Acs(
            url=acs.url,
            username=acs.auth.username,
            password_env=acs.auth.password_env,
            connect_timeout=acs.timeout.connect,
            response_timeout=acs.timeout.response,
            session_timeout=acs.timeout.session,
            ca=_beside(where, acs.ca),
            insecure=acs.insecure,
            client_certs=_beside(where, acs.tls.client_certs),
            tls_least=acs.tls.least,
            tls_most=acs.tls.most,
            tls_resume=acs.tls.resume,
            headers=tuple(acs.headers.items()),
            resolve=acs.resolve,
            source_addresses=acs.source_addresses,
            listen=acs.listen,
            advertise=acs.advertise,
        ),
        groups=_groups(model.fleet, where),
        start=Start(ramp=start.ramp),
        loads=_loads(model.load, file),
        in_flight=model.limits.in_flight,
        grace=model.grace,
    )


def _loads(written: list[_Load], file: str) -> tuple[Load, ...]:
    for entry in written:
        if entry.executor == "arrival-rate":
            if entry.rate is None:
                raise ConfigError(
                    Problem(file, 1, 1, "load: arrival-rate needs a `rate`")
                )
            return (Load(entry.name or "arrivals", "arrival-rate", rate=entry.rate),)
        if entry.rate is not None:
            raise ConfigError(
                Problem(file, 1, 1, "load: `rate` needs `executor: arrival-rate`")
            )
    return (Load(),)


def _groups(fleet: _Fleet, where: Path) -> tuple[Group, ...]:
    groups: list[Group] = []
    first = 0
    common = fleet.defaults
    for name, own in fleet.groups.items():
        profile = own.profile or common.profile or DEFAULT_PROFILE
        identities = own.identities or common.identities
        groups.append(
            Group(
                name=name,
                count=own.count,
                profile=_profile(where, profile),
                first=first,
                identities=_beside(where, identities),
                interval=own.inform.interval or common.inform.interval,
                oui=own.oui or common.oui,
                serial=own.serial or common.serial,
            )
        )
        first += own.count
    return tuple(groups)


def _profile(where: Path, written: str) -> str:
    """A name stays; a file is meant from the scenario's own folder."""
    is_file = "/" in written or written.endswith((".yaml", ".yml", ".csv", ".json"))
    return str(where / written) if is_file else written


def _beside(where: Path, written: str | None) -> str | None:
    """A path is meant from the scenario's own folder, unless it begins with /."""
    return str(where / written) if written else None
