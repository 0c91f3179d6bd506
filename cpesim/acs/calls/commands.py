"""
Requests that make a CPE do something: restart, inform, move files, change software.

Rule: one function an RPC, its elements in the schema's order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cpesim.acs.calls.pieces import Request, fields, request, text


class File(NamedTuple):
    """What to fetch or where to put it, and with which credentials."""

    type: str
    url: str
    username: str = ""
    password: str = ""
    size: int = 0
    target: str = ""


class Window(NamedTuple):
    """A time window of ScheduleDownload, in seconds from the request on."""

    start: int
    end: int
    mode: str
    message: str = ""
    retries: int = 0


def reboot(key: str) -> Request:
    """Reboot."""
    return request("Reboot", fields(("CommandKey", key)))


def factory_reset() -> Request:
    """FactoryReset."""
    return request("FactoryReset", "")


def schedule_inform(delay: int, key: str) -> Request:
    """ScheduleInform."""
    return request(
        "ScheduleInform", fields(("DelaySeconds", str(delay)), ("CommandKey", key))
    )


def download(key: str, file: File, delay: int = 0) -> Request:
    """Download."""
    return request(
        "Download",
        _fetched(key, file)
        + fields(("DelaySeconds", str(delay)), ("SuccessURL", ""), ("FailureURL", "")),
    )


def _fetched(key: str, file: File) -> str:
    return fields(
        ("CommandKey", key),
        ("FileType", file.type),
        ("URL", file.url),
        ("Username", file.username),
        ("Password", file.password),
        ("FileSize", str(file.size)),
        ("TargetFileName", file.target),
    )


def schedule_download(key: str, file: File, windows: Sequence[Window]) -> Request:
    """ScheduleDownload within one or two windows."""
    structs = "".join(
        "<TimeWindowStruct>"
        + fields(
            ("WindowStart", str(window.start)),
            ("WindowEnd", str(window.end)),
            ("WindowMode", window.mode),
            ("UserMessage", window.message),
            ("MaxRetries", str(window.retries)),
        )
        + "</TimeWindowStruct>"
        for window in windows
    )
    return request(
        "ScheduleDownload",
        _fetched(key, file)
        + f'<TimeWindowList soap-enc:arrayType="cwmp:TimeWindowStruct[{len(windows)}]">'
        f"{structs}</TimeWindowList>",
    )


def upload(key: str, file: File, delay: int = 0) -> Request:
    """Upload; of *file*, the size and the target's name do not count."""
    return request(
        "Upload",
        fields(
            ("CommandKey", key),
            ("FileType", file.type),
            ("URL", file.url),
            ("Username", file.username),
            ("Password", file.password),
            ("DelaySeconds", str(delay)),
        ),
    )


def cancel_transfer(key: str) -> Request:
    """CancelTransfer."""
    return request("CancelTransfer", fields(("CommandKey", key)))


def get_queued_transfers() -> Request:
    """GetQueuedTransfers."""
    return request("GetQueuedTransfers", "")


def get_all_queued_transfers() -> Request:
    """GetAllQueuedTransfers."""
    return request("GetAllQueuedTransfers", "")


class Operation(NamedTuple):
    """One operation of ChangeDUState: Install, Update or Uninstall, and its fields."""

    kind: str
    fields: tuple[tuple[str, str], ...]


def install(file: File, uuid: str) -> Operation:
    """The deployment unit at an URL, anywhere that the CPE likes."""
    return Operation(
        "Install",
        (
            ("URL", file.url),
            ("UUID", uuid),
            ("Username", file.username),
            ("Password", file.password),
            ("ExecutionEnvRef", ""),
        ),
    )


def update(file: File, uuid: str) -> Operation:
    """The newer unit at an URL in the place of what bears the UUID."""
    return Operation(
        "Update",
        (
            ("UUID", uuid),
            ("Version", ""),
            ("URL", file.url),
            ("Username", file.username),
            ("Password", file.password),
        ),
    )


def uninstall(uuid: str) -> Operation:
    """Away with what bears the UUID, in whatever version."""
    return Operation(
        "Uninstall", (("UUID", uuid), ("Version", ""), ("ExecutionEnvRef", ""))
    )


def change_du_state(operations: Sequence[Operation], key: str) -> Request:
    """ChangeDUState; each operation tells its type (B7)."""
    listed = "".join(
        f'<Operations xsi:type="cwmp:{operation.kind}OpStruct">'
        f"{fields(*operation.fields)}</Operations>"
        for operation in operations
    )
    return request("ChangeDUState", f"{listed}<CommandKey>{text(key)}</CommandKey>")


def get_options(name: str) -> Request:
    """GetOptions (deprecated)."""
    return request("GetOptions", fields(("OptionName", name)))


def set_vouchers(vouchers: Sequence[str]) -> Request:
    """SetVouchers (deprecated) of base64 texts."""
    listed = "".join(f"<base64>{voucher}</base64>" for voucher in vouchers)
    return request(
        "SetVouchers",
        f'<VoucherList soap-enc:arrayType="soap-enc:base64[{len(vouchers)}]">'
        f"{listed}</VoucherList>",
    )
