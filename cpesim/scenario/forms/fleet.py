"""
The form of `fleet:` and `behaviour:`.

Rule: a form and the values it makes; a group is its own keys over those of the one it
is `like`, over the defaults.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from cpesim.scenario.forms.kinds import (
    AnyBandwidth,
    AnyDuration,
    Count,
    Duration,
    Factor,
    Form,
    Plugin,
    Share,
    Span,
    Text,
    shape,
)
from cpesim.scenario.forms.paths import beside, profile
from cpesim.scenario.scenario import (
    DEFAULT_PROFILE,
    Behaviour,
    Group,
    Outcome,
    Start,
)


class OutcomeForm(Form):
    """What becomes of a share of the downloads."""

    share: Share = Field(description="The share of downloads, as 2%.")
    fault: int = Field(
        default=0, ge=0, le=9899, description="The fault that TransferComplete tells."
    )
    at: Literal["transfer", "flash"] = Field(
        default="transfer", description="When the fault shows."
    )
    silent: bool = Field(default=False, description="The CPE never comes back.")
    keep_version: bool = Field(
        default=False, description="It boots with the software that it had."
    )


class TransferForm(Form):
    """How the file is moved."""

    fetch: bool | None = Field(default=None, description="Really get the file.")
    keep: bool | None = Field(default=None, description="Keep its bytes.")
    bandwidth: AnyBandwidth | None = Field(
        default=None, description="How fast a CPE's line is, as 20Mbit, or a shape."
    )


class DownloadForm(Form):
    """What a CPE does when the ACS says Download."""

    transfer: TransferForm = Field(
        default=TransferForm(), description="How the file is moved."
    )
    flash: AnyDuration | None = Field(
        default=None, description="How long it writes the image."
    )
    reboot: AnyDuration | None = Field(
        default=None, description="How long it is away for the reboot."
    )
    then: dict[str, Text] = Field(
        default={},
        description='Parameters that change, as "{download.version}".',
    )
    complete_inform: list[Text] = Field(
        default=[], description="The events of the Inform that tells it is done."
    )
    outcomes: list[OutcomeForm] = Field(
        default=[], description="What goes wrong, by share; the rest succeed."
    )


class GroupBehaviourForm(Form):
    """What CPEs do when they are asked."""

    download: DownloadForm | None = Field(
        default=None, description="What a CPE does when the ACS says Download."
    )

    def value(self) -> Behaviour | None:
        """What it says; None leaves it to the profile."""
        told = self.download
        if told is None:
            return None
        return Behaviour(
            fetch=told.transfer.fetch,
            keep=told.transfer.keep,
            bandwidth=shape(told.transfer.bandwidth),
            flash=shape(told.flash),
            reboot=shape(told.reboot),
            then=told.then,
            complete_inform=tuple(told.complete_inform),
            outcomes=tuple(
                Outcome(o.share, o.fault, o.at, o.silent, o.keep_version)
                for o in told.outcomes
            ),
        )


class BehaviourForm(GroupBehaviourForm):
    """What all CPEs do, where their group says nothing else."""

    plugin: Plugin = Field(
        default="",
        description="FILE.py:CLASS with `async def on_session(device, session)`.",
    )


class InformForm(Form):
    """Periodic Informs."""

    interval: Span | None = Field(
        default=None, description="PeriodicInformInterval; without it the profile's."
    )
    phase: Literal["spread", "profile"] | None = Field(
        default=None,
        description="`spread`: they begin anywhere in the interval, evenly.",
    )


class ConnectionRequestForm(Form):
    """How connection requests are taken."""

    listen: Literal["auto", "never"] | None = Field(
        default=None, description="`never`: these CPEs take none."
    )
    auth: Literal["digest"] | None = Field(
        default=None, description="How the ACS says who it is; TR-069 wants digest."
    )
    answer_after: AnyDuration | None = Field(
        default=None, description="From the request to the session, or a shape."
    )


class CommonForm(Form):
    """What groups have in common."""

    profile: Text | None = Field(
        default=None,
        description="A profile that ships, a YAML file, or a device's dump.",
    )
    oui: Text | None = Field(
        default=None, description='The OUI, six digits in quotes: "00D09E".'
    )
    serial: Text | None = Field(
        default=None, description='The pattern of serial numbers: "HOME{n:06}".'
    )
    identities: Text | None = Field(
        default=None,
        description="A CSV with serials, credentials and values, a row for each CPE.",
    )
    tag: Text | None = Field(
        default=None,
        description="The ProvisioningCode, by which an ACS can select them.",
    )
    set: dict[str, Text] = Field(
        default={}, description="Values of parameters over those of the profile."
    )
    inform: InformForm = Field(default=InformForm(), description="Periodic Informs.")
    retry: Literal["tr069"] = Field(
        default="tr069", description="When a failed session is tried again."
    )
    connection_request: ConnectionRequestForm = Field(
        default=ConnectionRequestForm(),
        description="How connection requests are taken.",
    )
    behaviour: GroupBehaviourForm | None = Field(
        default=None, description="As `behaviour:` of the scenario, for these CPEs."
    )


class GroupForm(CommonForm):
    """CPEs of one kind."""

    count: Count = Field(description="How many, as 500 or 18k.")
    like: Text | None = Field(
        default=None, description="The group whose keys it has where it has no own."
    )


class StartForm(Form):
    """How the fleet begins."""

    state: Literal["new", "known"] = Field(
        default="new",
        description="`new`: they boot over the ramp; `known`: only timers run.",
    )
    ramp: Duration | None = Field(
        default=None, description="New CPEs boot over it; count/200 s without it."
    )


class FleetForm(Form):
    """The CPEs."""

    start: StartForm = Field(default=StartForm(), description="How the fleet begins.")
    timer_scale: Factor = Field(
        default=1.0,
        gt=0,
        description="What the profiles' own timers, and a ramp that is not named, are"
        " multiplied by (--time-scale).",
    )
    defaults: CommonForm = Field(
        default=CommonForm(), description="What all groups have in common."
    )
    groups: dict[str, GroupForm] = Field(
        min_length=1, description="The groups of CPEs, by name."
    )

    def begin(self) -> Start:
        """How the fleet begins."""
        return Start(known=self.start.state == "known", ramp=self.start.ramp)

    def values(self, folder: str, common: Behaviour | None) -> tuple[Group, ...]:
        """The groups; their numbers follow one another."""
        made: list[Group] = []
        first = 0
        for name, form in self.groups.items():
            made.append(_group(name, form, first, self._keys(name), folder, common))
            first += form.count
        return tuple(made)

    def _keys(self, name: str, above: tuple[str, ...] = ()) -> dict[str, Any]:
        form = self.groups[name]
        if form.like is not None and form.like in self.groups and name not in above:
            below = self._keys(form.like, (*above, name))
        else:
            below = _over({}, self.defaults)
        return _over(below, form)


def _over(below: dict[str, Any], form: Form) -> dict[str, Any]:
    """What a form sets, over what is set below it."""
    found = dict(below)
    for key in form.model_fields_set:
        own = getattr(form, key)
        if key in ("inform", "connection_request"):
            found[key] = _over(below.get(key, {}), own)
        elif key == "set":
            found[key] = {**below.get(key, {}), **own}
        else:
            found[key] = own
    return found


def _group(
    name: str,
    form: GroupForm,
    first: int,
    keys: dict[str, Any],
    folder: str,
    common: Behaviour | None,
) -> Group:
    inform, knock = keys.get("inform", {}), keys.get("connection_request", {})
    own = keys.get("behaviour")
    return Group(
        name=name,
        count=form.count,
        profile=profile(folder, keys.get("profile") or DEFAULT_PROFILE),
        first=first,
        identities=beside(folder, keys.get("identities")),
        interval=inform.get("interval"),
        spread=inform.get("phase") == "spread",
        oui=keys.get("oui"),
        serial=keys.get("serial"),
        tag=keys.get("tag"),
        values=keys.get("set", {}),
        listens=knock.get("listen") != "never",
        answer_after=shape(knock.get("answer_after")),
        behaviour=own.value() if own is not None else common,
    )
