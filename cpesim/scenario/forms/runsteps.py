"""
The forms of the steps of a timeline that are about the run, not about CPEs.

Rule: as of devicesteps.py.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from cpesim.scenario.forms.devicesteps import StepForm
from cpesim.scenario.forms.kinds import Factor, Form, NotEmpty, RateOrNone, Span, Text


class FaultStep(StepForm):
    """A fault of `faults:` begins or ends."""

    do: Literal["fault"] = Field(description="A fault of `faults:` begins or ends.")
    fault: Text = Field(description="Its name.")
    state: Literal["active", "inactive"] = Field(
        default="active", description="What it is from here on."
    )

    def arguments(self) -> dict[str, Any]:
        return {"fault": self.fault, "active": self.state == "active"}


class HttpForm(Form):
    """A request of a hook."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"] = Field(
        default="GET", description="The method."
    )
    url: Text = Field(description="Where to: http(s)://HOST[:PORT]/PATH.")
    body: Text | None = Field(default=None, description="The body, as it is.")
    payload: Any = Field(default=None, alias="json", description="The body, as JSON.")
    headers: dict[str, Text] = Field(default={}, description="Headers.")
    timeout: Span = Field(default=30.0, description="How long to wait for the answer.")


class ExpectForm(Form):
    """What a hook has to give."""

    status: int | None = Field(
        default=None, ge=100, le=599, description="The status; any 2xx without it."
    )
    body: Text | None = Field(default=None, description="A text in the answer.")
    exit: int | None = Field(
        default=None, ge=0, le=255, description="The command's exit code; 0 without it."
    )


class HookStep(StepForm):
    """Something outside is asked: by HTTP, or by a command."""

    do: Literal["hook"] = Field(description="Ask something outside of the run.")
    http: HttpForm | None = Field(default=None, description="A request by HTTP.")
    command: list[Text] | None = Field(
        default=None,
        alias="exec",
        min_length=1,
        description="A command and its arguments, a list.",
    )
    expect: ExpectForm = Field(
        default=ExpectForm(), description="What has to come back."
    )

    def arguments(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.http is not None:
            asked = self.http
            found["http"] = {
                "method": asked.method,
                "url": asked.url,
                "json": asked.payload,
                "body": asked.body,
                "headers": asked.headers,
                "timeout": asked.timeout,
            }
        if self.command is not None:
            found["exec"] = list(self.command)
        return {**found, "expect": self.expect.model_dump(exclude_none=True)}


class CheckStep(StepForm):
    """A gate inside the run."""

    do: Literal["check"] = Field(description="A gate inside the run.")
    that: NotEmpty = Field(description="What has to hold, in the words of a threshold.")
    otherwise: Literal["stop", "warn", "abort"] = Field(
        default="stop", alias="else", description="What happens when it does not hold."
    )

    def arguments(self) -> dict[str, Any]:
        return {"that": self.that, "else": self.otherwise}


class RateStep(StepForm):
    """A load gets another rate."""

    do: Literal["rate"] = Field(description="A load gets another rate.")
    load: Text = Field(default="", description="Its name; all loads without it.")
    to: RateOrNone | None = Field(default=None, description="The new rate, as 80/s.")
    factor: Factor | None = Field(default=None, description="As 150% of the plan.")

    def arguments(self) -> dict[str, Any]:
        if self.to is not None:
            return {"load": self.load, "to": self.to}
        return {"load": self.load, "factor": self.factor}


class _Named(StepForm):
    load: Text = Field(default="", description="Its name; all loads without it.")

    def arguments(self) -> dict[str, Any]:
        return {"load": self.load}


class PauseStep(_Named):
    """A load begins no session from here on."""

    do: Literal["pause"] = Field(description="A load begins no session from here on.")


class ResumeStep(_Named):
    """A load that was paused goes on."""

    do: Literal["resume"] = Field(description="A load that was paused goes on.")


class MarkStep(StepForm):
    """A line in all charts."""

    do: Literal["mark"] = Field(description="A line in all charts.")
    text: Text = Field(default="", description="What stands beside it.")

    def arguments(self) -> dict[str, Any]:
        return {"text": self.text}


class StopStep(StepForm):
    """The run ends."""

    do: Literal["stop"] = Field(description="The planned end of the run.")
