"""What the ACS writes, before the standard's own judge."""

from __future__ import annotations

import pytest

from cpesim.acs import calls
from cpesim.cwmp.names import NAMESPACE_ORDER
from tests.acs.conftest import Judge

NASTY = "a<b>&\"'\t\n]]> é漢 \r end"
FILE = calls.File(
    "1 Firmware Upgrade Image", "http://127.0.0.1/files/a?b=1&c", "u", "p", 10, "a.bin"
)
UUID = "123e4567-e89b-12d3-a456-426614174000"
REQUESTS = [
    calls.get_rpc_methods(),
    calls.get_parameter_names("Device.", True),
    calls.get_parameter_values(["Device.A.", "Device.B." + NASTY]),
    calls.set_parameter_values([("Device.A", "string", NASTY)], "key"),
    calls.set_parameter_attributes([("Device.A", 2), ("Device.B.", 0)]),
    calls.get_parameter_attributes(["Device."]),
    calls.add_object("Device.T.", "k"),
    calls.delete_object("Device.T.1.", "k"),
    calls.reboot("k" * 32),
    calls.factory_reset(),
    calls.schedule_inform(60, "k"),
    calls.download("k", FILE),
    calls.upload("k", calls.File("2 Vendor Log File", "http://127.0.0.1/u", "u", "p")),
    calls.get_queued_transfers(),
    calls.get_options(""),
    calls.set_vouchers(["bm9uZQ=="]),
    calls.set_parameter_attributes([("Device.A", 2)], ["Subscriber"], change=False),
]
# V1: what came after cwmp-1-0.
LATER = [
    calls.get_all_queued_transfers(),
    calls.cancel_transfer("k"),
    calls.schedule_download(
        "k",
        FILE,
        [
            calls.Window(1, 60, "4 Confirmation Needed", NASTY, 1),
            calls.Window(61, 120, "1 At Any Time"),
        ],
    ),
    calls.change_du_state(
        [
            calls.install(FILE, UUID),
            calls.update(FILE, UUID),
            calls.uninstall(UUID),
        ],
        "k",
    ),
]


@pytest.mark.parametrize("namespace", NAMESPACE_ORDER)
@pytest.mark.parametrize("request_", REQUESTS, ids=lambda r: r.method)
def test_requests_are_valid(
    judge: Judge, request_: calls.Request, namespace: str
) -> None:
    """Each request passes the schemas of each namespace."""
    assert judge(calls.envelope(namespace, "acs-1", request_.body)) == []


@pytest.mark.parametrize("request_", LATER, ids=lambda r: r.method)
def test_later_requests_are_valid(judge: Judge, request_: calls.Request) -> None:
    """What cwmp-1-0 lacks passes the newest schema, with and without a hold."""
    namespace = NAMESPACE_ORDER[-1]
    for header in ("", calls.HOLD):
        text = calls.envelope(namespace, "acs-1", request_.body, header)
        assert judge(text) == []


@pytest.mark.parametrize("namespace", NAMESPACE_ORDER)
@pytest.mark.parametrize(
    "body",
    [
        calls.INFORM_RESPONSE,
        calls.methods_response(["Inform", "GetRPCMethods"]),
        calls.fault(8000, "Method not supported"),
        calls.fault(8003, NASTY),
    ],
)
def test_responses_are_valid(judge: Judge, body: str, namespace: str) -> None:
    """So does each response and fault."""
    assert judge(calls.envelope(namespace, NASTY, body)) == []


def test_the_version_in_use_is_a_valid_header(judge: Judge) -> None:
    """UseCWMPVersion stands beside the ID, in the namespace of 1.2 to 1.4."""
    header = calls.use_version("1.4")
    text = calls.envelope(NAMESPACE_ORDER[-1], "1", calls.INFORM_RESPONSE, header)
    assert judge(text) == []


@pytest.mark.rule("P14")
def test_text_comes_back_unchanged() -> None:
    """Tab, line ends and markup go round."""
    from lxml import etree

    root = etree.fromstring(f"<a>{calls.text(NASTY)}</a>".encode())
    assert root.text == NASTY
