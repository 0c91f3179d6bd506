"""
The standard's words: namespaces, event codes, types, RPCs, and what each version lacks.

Rule: constants only, no code. Spellings are the standard's (TR-069 A6).
"""

from __future__ import annotations

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
ENC = "http://schemas.xmlsoap.org/soap/encoding/"
XSD = "http://www.w3.org/2001/XMLSchema"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

# 1.2, 1.3 and 1.4 share a namespace (S12).
NAMESPACES = {
    "1.0": "urn:dslforum-org:cwmp-1-0",
    "1.1": "urn:dslforum-org:cwmp-1-1",
    "1.2": "urn:dslforum-org:cwmp-1-2",
    "1.3": "urn:dslforum-org:cwmp-1-2",
    "1.4": "urn:dslforum-org:cwmp-1-2",
}
# Oldest first: a CPE follows the ACS down this list, never up.
NAMESPACE_ORDER = tuple(dict.fromkeys(NAMESPACES.values()))
# What a namespace alone says of the version: the first that has it.
VERSION_OF = {
    NAMESPACES["1.0"]: "1.0",
    NAMESPACES["1.1"]: "1.1",
    NAMESPACES["1.2"]: "1.2",
}
VERSIONS_SUPPORTED = "1.0,1.1,1.2,1.3,1.4"

BOOTSTRAP = "0 BOOTSTRAP"
BOOT = "1 BOOT"
PERIODIC = "2 PERIODIC"
SCHEDULED = "3 SCHEDULED"
VALUE_CHANGE = "4 VALUE CHANGE"
KICKED = "5 KICKED"
CONNECTION_REQUEST = "6 CONNECTION REQUEST"
TRANSFER_COMPLETE = "7 TRANSFER COMPLETE"
DIAGNOSTICS_COMPLETE = "8 DIAGNOSTICS COMPLETE"
REQUEST_DOWNLOAD = "9 REQUEST DOWNLOAD"
AUTONOMOUS_TRANSFER_COMPLETE = "10 AUTONOMOUS TRANSFER COMPLETE"
DU_STATE_CHANGE_COMPLETE = "11 DU STATE CHANGE COMPLETE"
AUTONOMOUS_DU_STATE_CHANGE_COMPLETE = "12 AUTONOMOUS DU STATE CHANGE COMPLETE"
WAKEUP = "13 WAKEUP"
HEARTBEAT = "14 HEARTBEAT"
M_REBOOT = "M Reboot"
M_SCHEDULE_INFORM = "M ScheduleInform"
M_DOWNLOAD = "M Download"
M_SCHEDULE_DOWNLOAD = "M ScheduleDownload"
M_UPLOAD = "M Upload"
M_CHANGE_DU_STATE = "M ChangeDUState"

EVENTS = (
    BOOTSTRAP,
    BOOT,
    PERIODIC,
    SCHEDULED,
    VALUE_CHANGE,
    KICKED,
    CONNECTION_REQUEST,
    TRANSFER_COMPLETE,
    DIAGNOSTICS_COMPLETE,
    REQUEST_DOWNLOAD,
    AUTONOMOUS_TRANSFER_COMPLETE,
    DU_STATE_CHANGE_COMPLETE,
    AUTONOMOUS_DU_STATE_CHANGE_COMPLETE,
    WAKEUP,
    HEARTBEAT,
)

M_EVENTS = (
    M_REBOOT,
    M_SCHEDULE_INFORM,
    M_DOWNLOAD,
    M_SCHEDULE_DOWNLOAD,
    M_UPLOAD,
    M_CHANGE_DU_STATE,
)

XSD_TYPES = (
    "string",
    "int",
    "unsignedInt",
    "long",
    "unsignedLong",
    "boolean",
    "dateTime",
    "base64",
    "hexBinary",
    "decimal",
)

UNKNOWN_TIME = "0001-01-01T00:00:00Z"

# The RPCs that an ACS may call, in the order of GetRPCMethodsResponse. Counters
# are kept for these names only: an ACS cannot make up more.
RPCS = (
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
    "Upload",
    "FactoryReset",
    "GetQueuedTransfers",
    "GetAllQueuedTransfers",
    "ScheduleInform",
    "ScheduleDownload",
    "CancelTransfer",
    "ChangeDUState",
    "SetVouchers",
    "GetOptions",
)

# V1: what came after the first version, by namespace.
RPCS_LACKING = {
    NAMESPACES["1.0"]: frozenset(
        {
            "GetAllQueuedTransfers",
            "ScheduleDownload",
            "CancelTransfer",
            "ChangeDUState",
        }
    ),
    NAMESPACES["1.1"]: frozenset(
        {"ScheduleDownload", "CancelTransfer", "ChangeDUState"}
    ),
    NAMESPACES["1.2"]: frozenset[str](),
}
# V1: requests of ours, likewise.
REQUESTS_LACKING = {
    NAMESPACES["1.0"]: frozenset(
        {
            "AutonomousTransferComplete",
            "DUStateChangeComplete",
            "AutonomousDUStateChangeComplete",
        }
    ),
    NAMESPACES["1.1"]: frozenset(
        {"DUStateChangeComplete", "AutonomousDUStateChangeComplete"}
    ),
    NAMESPACES["1.2"]: frozenset[str](),
}
# The largest fault code that a CPE of the namespace knows; others become 9010 (T5).
FAULTS_UP_TO = {
    NAMESPACES["1.0"]: 9013,
    NAMESPACES["1.1"]: 9019,
    NAMESPACES["1.2"]: 9032,
}
FILE_TYPES = (
    "1 Firmware Upgrade Image",
    "2 Web Content",
    "3 Vendor Configuration File",
    "4 Tone File",
    "5 Ringer File",
    "6 Stored Firmware Image",  # CWMP 1.4
)
FILE_TYPES_UP_TO = {NAMESPACES["1.0"]: 3, NAMESPACES["1.1"]: 3, NAMESPACES["1.2"]: 6}
UPLOAD_TYPES = ("1 Vendor Configuration File", "2 Vendor Log File")
# cwmp-1-2: of one instance of VendorConfigFile or VendorLogFile.
UPLOAD_TYPES_OF_ONE = {
    "3 Vendor Configuration File": "VendorConfigFile.",
    "4 Vendor Log File": "VendorLogFile.",
}
# What an Upload moves, in the words of GetAllQueuedTransfers (TransferFileType).
UPLOAD_TYPES_TOLD = {
    "1 Vendor Configuration File": "3 Vendor Configuration File",
    "2 Vendor Log File": "4 Vendor Log File",
    "3 Vendor Configuration File": "6 Vendor Configuration File",
    "4 Vendor Log File": "7 Vendor Log File",
}
# The types of TransferFileType before cwmp-1-2, beside a vendor's own.
TRANSFER_TYPES_OLD = (*FILE_TYPES[:3], "4 Vendor Log File")
