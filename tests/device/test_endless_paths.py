"""Paths that no device has and no one should wait for."""

from __future__ import annotations

import pytest

from tests.device.aliased import MAPPING, router
from tests.device.test_arguments import ended, told


@pytest.mark.rule("P1", "S11")
@pytest.mark.parametrize("unit", [".", ".[", ".[x].", ".*", "[", "].", "1."])
def test_endless_paths(unit: str) -> None:
    """A path of a megabyte is no such name, and that is soon said."""
    device = router()
    device.model.add(MAPPING)
    path = MAPPING + unit * (1_000_000 // len(unit)) + "."
    many = f"<ParameterNames><string>{path}</string></ParameterNames>"
    for method, argument in (
        ("GetParameterValues", many),
        ("GetParameterAttributes", many),
        (
            "GetParameterNames",
            f"<ParameterPath>{path}</ParameterPath><NextLevel>0</NextLevel>",
        ),
        ("AddObject", f"<ObjectName>{path}</ObjectName>"),
        ("DeleteObject", f"<ObjectName>{path}</ObjectName>"),
    ):
        play = told(device, method, argument)
        assert play.fault == 9005
        ended(device, play)
    play = told(
        device,
        "SetParameterValues",
        f"<ParameterList><ParameterValueStruct><Name>{path}</Name><Value>1</Value>"
        "</ParameterValueStruct></ParameterList>",
    )
    assert play.fault == 9003
    ended(device, play)
