"""
The forms of `limits:`, `thresholds:` and `report:`.

Rule: what a threshold's text may say is the business of scenario/threshold.py.
"""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from cpesim.quantity import parse_duration
from cpesim.scenario.forms.kinds import (
    Count,
    Duration,
    Form,
    Share,
    Short,
    Span,
    Text,
)
from cpesim.scenario.scenario import DEFAULT_LATE_START, WHOLE, Report
from cpesim.scenario.step import Place
from cpesim.scenario.threshold import DEFAULT_SAMPLES, Threshold


class LimitsForm(Form):
    """Limits of this generator, not of the ACS."""

    in_flight: Count | None = Field(
        default=None, description="Most sessions at once; what is over it waits."
    )
    late_start: Share = Field(
        default=DEFAULT_LATE_START,
        description="More starts than this over 100 ms late: the run is SUSPECT.",
    )


class ThresholdForm(Form):
    """A limit that the run has to keep."""

    expr: Text = Field(description="The limit, as session.time p99 < 5s in storm.")
    name: Text = Field(default="", description="Its name, in place of its text.")
    abort: bool = Field(default=False, description="When it fails, the run ends.")
    grace: Duration = Field(
        default=0.0, description="It does not abort the run before this time."
    )
    stays: Duration = Field(
        default=0.0, alias="for", description="It has to be bad so long on end."
    )
    min_samples: Count = Field(
        default=DEFAULT_SAMPLES,
        description="With fewer samples it is neither kept nor failed.",
    )
    severity: Literal["fail", "warn"] = Field(
        default="fail", description="`warn`: the exit code is not changed."
    )

    def value(self, place: Place) -> Threshold:
        """What it says."""
        return Threshold(
            text=self.expr.strip(),
            name=self.name,
            abort=self.abort,
            grace=self.grace,
            stays=self.stays,
            min_samples=self.min_samples,
            severity=self.severity,
            place=place,
        )


AnyThreshold = Annotated[ThresholdForm, Short("expr")]


def _span(text: str) -> str:
    seconds = parse_duration(text)
    if seconds < 1 or seconds != int(seconds):
        raise ValueError(f"expected whole seconds, as 1s, 10s or 1m, not {text!r}")
    return text


def _keeping(given: object) -> float:
    return math.inf if given == "forever" else parse_duration(str(given))


Resolution = Annotated[str, AfterValidator(_span)]
Keeping = Annotated[
    float,
    BeforeValidator(_keeping),
    WithJsonSchema({"type": "string", "pattern": r"^(forever|([0-9.]+[a-z]+)+)$"}),
]
# Of each kind; what is over it would not be looked at.
MOST_TRACED = 1_000
Percentile = Annotated[float, Field(gt=0, lt=100)]


class ReportForm(Form):
    """What is written of the run, and how finely."""

    percentiles: list[Percentile] = Field(
        default=list(WHOLE.percentiles),
        min_length=1,
        description="Which the tables of the reports tell.",
    )
    formats: list[Literal["html", "json", "junit", "hlog"]] = Field(
        default=["html", "json", "junit", "hlog"], description="Which files are made."
    )
    snapshot: Span | None = Field(
        default=None, description="The reports are made anew each so often, too."
    )
    keep_detail: dict[Resolution, Keeping] = Field(
        default={},
        description="How long which resolution is kept, as {1s: 2h, 1m: forever}.",
    )
    trace_failures: Annotated[int, Field(ge=0, le=MOST_TRACED)] = Field(
        default=WHOLE.trace_failures,
        description="Of so many failed sessions of each kind the last exchange is kept"
        " in `traces/`; 0: of none.",
    )

    def value(self) -> Report:
        """What it says."""
        return Report(
            percentiles=tuple(self.percentiles),
            formats=tuple(self.formats),
            snapshot=self.snapshot,
            keep_detail={
                round(parse_duration(span)): kept
                for span, kept in self.keep_detail.items()
            },
            trace_failures=self.trace_failures,
        )
