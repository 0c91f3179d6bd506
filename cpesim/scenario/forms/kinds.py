"""
The kinds of values in a scenario's YAML: durations, shares, rates, shapes, devices.

Rule: each says what it expected, and tells an editor (JSON Schema) the same; nothing
here knows what a value is for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StrictStr,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import CoreSchema

from cpesim.quantity import (
    parse_bandwidth,
    parse_count,
    parse_duration,
    parse_rate,
    parse_share,
    parse_size,
)
from cpesim.scenario.shape import Shape
from cpesim.scenario.step import DeviceSet

T = TypeVar("T")

_NUMBER = r"([0-9]+(\.[0-9]+)?|\.[0-9]+)"
_DURATION = rf"({_NUMBER}(ms|us|µs|s|m|h|d))+"


def _quantity(
    parse: Callable[[str], float], pattern: str, *others: str
) -> tuple[BeforeValidator, WithJsonSchema]:
    """A number as people write it; *others* are what YAML may take it for."""
    schema = {"type": ["string", *others], "pattern": rf"^\s*{pattern}\s*$"}
    return BeforeValidator(lambda given: parse(_scalar(given))), WithJsonSchema(schema)


def _scalar(given: object) -> str:
    if isinstance(given, dict | list):
        what = "a mapping" if isinstance(given, dict) else "a list"
        raise ValueError(f"expected one value, not {what}")
    if isinstance(given, float):
        return format(Decimal(repr(given)), "f")  # 0.00001, not 1e-05
    return "" if given is None else str(given)


def _positive(parse: Callable[[str], float]) -> Callable[[str], float]:
    def parsed(text: str) -> float:
        value = parse(text)
        if value <= 0:
            raise ValueError(f"expected more than 0, not {text!r}")
        return value

    return parsed


def _signed(text: str) -> float:
    sign = -1.0 if text.strip().startswith("-") else 1.0
    return sign * parse_duration(text.strip().lstrip("+-"))


def _factor(text: str) -> float:
    number = text.strip().removesuffix("%")
    if not re.fullmatch(_NUMBER, number):
        raise ValueError(f"expected a factor, as 150% or 1.5, not {text!r}")
    return float(number) / (100 if text.strip().endswith("%") else 1)


def _pick(text: str) -> float | int:
    """A share (float) where a % is written, else a count (int)."""
    if text.strip().endswith("%"):
        return float(parse_share(text))
    try:
        return parse_count(text)
    except ValueError:
        raise ValueError(
            f"expected a share, as 10%, or a count, as 200, not {text!r}"
        ) from None


_B, _S = _quantity(parse_duration, rf"({_DURATION}|0)", "integer")
Duration = Annotated[float, _B, _S]
DURATION = _S
_B, _S = _quantity(_positive(parse_duration), _DURATION)
Span = Annotated[float, _B, _S]  # a duration that is not 0
_B, _S = _quantity(_signed, rf"[-+]?({_DURATION}|0)", "integer")
Offset = Annotated[float, _B, _S]
_B, _S = _quantity(
    _positive(parse_count),
    rf"{_NUMBER.replace('[0-9]+', '[0-9][0-9,_]*')}[kKM]?",
    "number",
)
Count = Annotated[int, _B, _S]
_B, _S = _quantity(_positive(parse_rate), rf"{_NUMBER}[kM]?(/(s|min|m|h))?", "number")
Rate = Annotated[float, _B, _S]
_B, _S = _quantity(parse_rate, rf"{_NUMBER}[kM]?(/(s|min|m|h))?", "number")
RateOrNone = Annotated[float, _B, _S]  # 0 is a rate too
_B, _S = _quantity(parse_share, rf"{_NUMBER}\s*%?", "number")
Share = Annotated[float, _B, _S]
SHARE = _S
_B, _S = _quantity(_factor, rf"{_NUMBER}%?", "number")
Factor = Annotated[float, _B, _S]
_BAND = r"(bit|kbit|Mbit|Gbit|B|kB|MB|GB)(/s)?"
_B, _S = _quantity(_positive(parse_bandwidth), rf"{_NUMBER}\s*{_BAND}")
Bandwidth = Annotated[float, _B, _S]  # bytes a second
_B, _S = _quantity(
    _positive(lambda text: parse_bandwidth(text) * 8), rf"{_NUMBER}\s*{_BAND}"
)
Bits = Annotated[float, _B, _S]  # bits a second
BITS = _S
_B, _S = _quantity(_positive(parse_size), rf"{_NUMBER}\s*(B|kB|MB|GB)")
Size = Annotated[int, _B, _S]
_B, _S = _quantity(_pick, rf"({_NUMBER}\s*%|[0-9][0-9.,_]*[kKM]?)", "integer")
Pick = Annotated[float | int, _B, _S]
Text = StrictStr


def matching(pattern: str, expected: str) -> tuple[AfterValidator, WithJsonSchema]:
    """A text of a form, which is told as what was *expected*."""

    def check(text: str) -> str:
        if re.fullmatch(pattern, text) is None:
            raise ValueError(f"expected {expected}, not {text[:60]!r}")
        return text

    told = {"type": "string", "pattern": f"^({pattern})$"}
    return AfterValidator(check), WithJsonSchema(told)


_B, _S = matching(r".+\.py:[A-Za-z_]\w*|", "FILE.py:CLASS")  # type: ignore[assignment]
Plugin = Annotated[StrictStr, _B, _S]
Version = Annotated[
    Literal["1.2", "1.3"],
    BeforeValidator(lambda given: str(given)),  # 1.2 is a number to YAML
    WithJsonSchema({"enum": ["1.2", "1.3", 1.2, 1.3]}),
]


_B, _S = matching(r"\S(.*\S)?", "a text that is not empty")  # type: ignore[assignment]
NotEmpty = Annotated[StrictStr, _B, _S]


class Form(BaseModel):
    """A part of a scenario; a key that it does not know is an error."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Short:
    """
    What stands in place of a mapping: a scalar is taken for its key *key*.

    *more* is what the mapping has besides.
    """

    key: str
    more: tuple[tuple[str, Any], ...] = ()
    told: WithJsonSchema | None = None  # how the scalar is written; any text without

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        from pydantic_core.core_schema import no_info_before_validator_function

        return no_info_before_validator_function(self._whole, handler(source))

    def _whole(self, given: Any) -> Any:
        if given is None or isinstance(given, dict | BaseModel | list):
            return given
        return {**dict(self.more), self.key: given}

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        whole = handler(core)
        scalar = {"type": "string"} if self.told is None else self.told.json_schema
        return {"anyOf": [scalar, whole]}


class Fixed(Form, Generic[T]):
    """Always the same."""

    shape: Literal["fixed"] = Field(description="Always the same value.")
    value: T = Field(description="The value.")


class Uniform(Form, Generic[T]):
    """Anything between two values, each as likely."""

    shape: Literal["uniform"] = Field(description="Evenly between two values.")
    min: T = Field(description="The least value.")
    max: T = Field(description="The greatest value.")
    within: T | None = Field(default=None, description="Drawn again until within it.")

    @model_validator(mode="after")
    def _ordered(self) -> Uniform[T]:
        least: Any = self.min
        if least > self.max:
            raise ValueError("expected 'min' to be no more than 'max'")
        if self.within is not None and least > self.within:
            raise ValueError("expected 'within' to be no less than 'min'")
        return self


class Exponential(Form, Generic[T]):
    """Many short ones and a few long ones."""

    shape: Literal["exponential"] = Field(description="Many short, a few long ones.")
    mean: T = Field(description="The mean of all draws, before `within`.")
    within: T | None = Field(default=None, description="Drawn again until within it.")


class Lognormal(Form, Generic[T]):
    """As latencies are: a median, and a long tail."""

    shape: Literal["lognormal"] = Field(description="A median and a long tail.")
    median: T = Field(description="Half of the draws are below it.")
    sigma: float = Field(ge=0, le=10, description="How wide; 0.5 is usual.")
    within: T | None = Field(default=None, description="Drawn again until within it.")


_FIXED = (("shape", "fixed"),)
DurationShape = Annotated[
    Fixed[Duration] | Uniform[Duration] | Exponential[Span] | Lognormal[Span],
    Field(discriminator="shape"),
]
AnyDuration = Annotated[DurationShape, Short("value", _FIXED, DURATION)]
BitsShape = Annotated[
    Fixed[Bits] | Uniform[Bits] | Exponential[Bits] | Lognormal[Bits],
    Field(discriminator="shape"),
]
AnyBandwidth = Annotated[BitsShape, Short("value", _FIXED, BITS)]


def shape(form: Any) -> Shape | None:
    """The Shape of a form of shapes; None for none."""
    if form is None:
        return None
    within = getattr(form, "within", None)
    more = {} if within is None else {"within": within}
    if form.shape == "fixed":
        return Shape("fixed", form.value)
    if form.shape == "uniform":
        return Shape("uniform", form.min, form.max, **more)
    if form.shape == "exponential":
        return Shape("exponential", form.mean, **more)
    return Shape("lognormal", form.median, form.sigma, **more)


class Devices(Form):
    """Some of the CPEs."""

    set: Text = Field(default="", description="A set that a step named by `as:`.")
    group: Text = Field(default="", description="The CPEs of this group.")
    pick: Pick | None = Field(
        default=None,
        description="So many of them, as 10% or 200: the same ones in each run.",
    )
    where: dict[str, Text] = Field(
        default={},
        description="Only those whose parameters have these values at that moment.",
    )


AnyDevices = Annotated[Devices, Short("set")]


def devices(form: Devices | None) -> DeviceSet | None:
    """The DeviceSet of a form; None for none."""
    if form is None:
        return None
    picked: dict[str, Any] = {}
    if form.pick is not None:
        picked = {"count" if isinstance(form.pick, int) else "share": form.pick}
    return DeviceSet(form.set, form.group, where=form.where, **picked)
