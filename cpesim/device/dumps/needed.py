"""
What an ACS needs of every device, and what the data models force of a few parameters.

Rule: tables only; a dump tells neither.
"""

from __future__ import annotations

from cpesim.device.living import AcsUrl, Clock, Uptime, Url
from cpesim.device.profile import Value
from cpesim.device.values import Ref

# What every ACS looks for: (name, type, writable, value).
NEEDED: tuple[tuple[str, str, bool, str], ...] = (
    ("DeviceInfo.Manufacturer", "string", False, ""),
    ("DeviceInfo.ManufacturerOUI", "string", False, ""),
    ("DeviceInfo.ProductClass", "string", False, ""),
    ("DeviceInfo.SerialNumber", "string", False, ""),
    ("DeviceInfo.HardwareVersion", "string", False, "1.0"),
    ("DeviceInfo.SoftwareVersion", "string", False, "1.0"),
    ("DeviceInfo.ProvisioningCode", "string", True, ""),
    ("DeviceInfo.UpTime", "unsignedInt", False, "0"),
    ("ManagementServer.URL", "string", True, ""),
    ("ManagementServer.Username", "string", True, ""),
    ("ManagementServer.Password", "string", True, ""),
    ("ManagementServer.PeriodicInformEnable", "boolean", True, "true"),
    ("ManagementServer.PeriodicInformInterval", "unsignedInt", True, "300"),
    ("ManagementServer.PeriodicInformTime", "dateTime", True, "0001-01-01T00:00:00Z"),
    ("ManagementServer.ParameterKey", "string", False, ""),
    ("ManagementServer.ConnectionRequestURL", "string", False, ""),
    ("ManagementServer.ConnectionRequestUsername", "string", True, ""),
    ("ManagementServer.ConnectionRequestPassword", "string", True, ""),
)
# I2: forced in every Inform, by root; the WAN address comes after them.
FORCED = {
    "Device": (
        "RootDataModelVersion",
        "DeviceInfo.HardwareVersion",
        "DeviceInfo.SoftwareVersion",
        "DeviceInfo.ProvisioningCode",
        "ManagementServer.ParameterKey",
        "ManagementServer.ConnectionRequestURL",
        "ManagementServer.AliasBasedAddressing",
    ),
    "InternetGatewayDevice": (
        "DeviceSummary",
        "DeviceInfo.SpecVersion",
        "DeviceInfo.HardwareVersion",
        "DeviceInfo.SoftwareVersion",
        "DeviceInfo.ProvisioningCode",
        "ManagementServer.ConnectionRequestURL",
        "ManagementServer.ParameterKey",
        "ManagementServer.AliasBasedAddressing",
    ),
}
# What every model says of these, and no dump (I7, I3, R5).
NOTIFY = {
    "DeviceInfo.SoftwareVersion": "always",
    "DeviceInfo.ProvisioningCode": "always",
    "ManagementServer.ConnectionRequestURL": "active",
    "ManagementServer.ConnReqJabberID": "active",
}
RANGES = {
    "ManagementServer.PeriodicInformInterval": ((1, None),),
    "ManagementServer.CWMPRetryMinimumWaitInterval": ((1, 65535),),
    "ManagementServer.CWMPRetryIntervalMultiplier": ((1000, 65535),),
}
LIVING: dict[str, Value | str] = {
    "DeviceInfo.Manufacturer": Ref("manufacturer"),
    "DeviceInfo.ManufacturerOUI": Ref("oui"),
    "DeviceInfo.ProductClass": Ref("product_class"),
    "DeviceInfo.SerialNumber": Ref("serial"),
    "DeviceInfo.UpTime": Uptime(),
    "Time.CurrentLocalTime": Clock(),
    "ManagementServer.URL": AcsUrl(),
    "ManagementServer.Username": Ref("username"),
    "ManagementServer.Password": Ref("password"),
    "ManagementServer.ParameterKey": "",
    "ManagementServer.ConnectionRequestURL": Url(),
}
