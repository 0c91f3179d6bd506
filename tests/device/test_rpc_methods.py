"""GetRPCMethods of a whole gateway, by version, word for word (CHECKLIST P9, V1)."""

from __future__ import annotations

import pytest

from cpesim.cwmp import names
from tests.device.transfers import asked, gateway
from tests.play import reply

COMPULSORY = {
    "GetRPCMethods",
    "SetParameterValues",
    "GetParameterValues",
    "GetParameterNames",
    "SetParameterAttributes",
    "GetParameterAttributes",
    "AddObject",
    "DeleteObject",
    "Reboot",
    "Download",
    "FactoryReset",
}
OPTIONAL = {"Upload", "GetQueuedTransfers", "ScheduleInform"}
LATER = {
    "1.0": set(),
    "1.1": {"GetAllQueuedTransfers"},
    "1.2": {"GetAllQueuedTransfers"}
    | {"ScheduleDownload", "CancelTransfer", "ChangeDUState"},
}
LATER |= {"1.3": LATER["1.2"], "1.4": LATER["1.2"]}
DEPRECATED = {"GetOptions", "SetVouchers"}


@pytest.mark.rule("P9", "V1")
@pytest.mark.parametrize("version", LATER)
def test_what_a_gateway_handles(version: str) -> None:
    """The eleven compulsory ones, what else it has, and none that its version lacks."""
    play = asked(gateway(version), reply("GetRPCMethods", version=version))
    told = [entry.text for entry in play.sent.find("MethodList")]
    assert set(told) == COMPULSORY | OPTIONAL | LATER[version]
    assert len(told) == len(set(told))
    count = play.sent.find("MethodList").get(f"{{{names.ENC}}}arrayType")
    assert count == f"xsd:string[{len(told)}]"


@pytest.mark.rule("P9", "S11", "V1")
@pytest.mark.parametrize("version", LATER)
def test_what_a_gateway_does_not_handle(version: str) -> None:
    """Anything else is 9000: what came later, and what is deprecated."""
    for method in (LATER["1.2"] | DEPRECATED) - LATER[version]:
        message = reply("GetRPCMethods", version=version)
        message = message.replace(b"cwmp:GetRPCMethods", f"cwmp:{method}".encode())
        assert asked(gateway(version), message).fault == 9000
