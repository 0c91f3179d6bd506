"""
What the hand-written CPE answers to the ACS's RPCs: a small, right model.
"""

from __future__ import annotations

import re

from tests.acs.cpe import IGD, PARAMETERS, Reply, values

METHODS = (
    *("GetRPCMethods", "SetParameterValues", "GetParameterValues"),
    *("GetParameterNames", "SetParameterAttributes", "GetParameterAttributes"),
    *("AddObject", "DeleteObject", "Reboot", "Download"),
)
TABLE = IGD + "Layer3Forwarding.Forwarding."


class Model:
    """Answers every RPC of the ACS's scripts; *breaks* changes answers by method."""

    def __init__(self) -> None:
        own = {IGD + name: text for name, text in PARAMETERS.items()}
        own |= {
            IGD + "DeviceInfo.Manufacturer": "Acme",
            IGD + "DeviceInfo.ManufacturerOUI": "00D09E",
            IGD + "DeviceInfo.ProductClass": "HG800",
            IGD + "DeviceInfo.SerialNumber": "000001",
            IGD + "ManagementServer.ConnectionRequestUsername": "",
            IGD + "ManagementServer.ConnectionRequestPassword": "",
            IGD + "ManagementServer.PeriodicInformEnable": "1",
            IGD + "ManagementServer.PeriodicInformInterval": "3600",
            IGD + "WANDeviceNumberOfEntries": "1",
        }
        self.own = own
        self.tables = {TABLE: "1"}
        self.notification = "0"
        self.seen: dict[str, Reply] = {}
        self.breaks: dict[str, str] = {}

    def __call__(self, call: Reply) -> str:
        """The response (or a broken one)."""
        self.seen[call.method] = call
        answer: str = getattr(self, call.method)(call)
        return self.breaks.get(call.method, answer)

    def GetRPCMethods(self, call: Reply) -> str:
        listed = "".join(f"<string>{method}</string>" for method in METHODS)
        return (
            '<C:GetRPCMethodsResponse><MethodList E:arrayType="xsd:string'
            f'[{len(METHODS)}]">{listed}</MethodList></C:GetRPCMethodsResponse>'
        )

    def GetParameterNames(self, call: Reply) -> str:
        names = dict.fromkeys(self.own, "1")
        for name in self.own:
            parts = name.split(".")
            names |= {".".join(parts[:i]) + ".": "0" for i in range(1, len(parts))}
        names |= self.tables
        path = call.get("ParameterPath")
        listed = {n: w for n, w in names.items() if n.startswith(path)}
        structs = "".join(
            f"<ParameterInfoStruct><Name>{n}</Name><Writable>{w}</Writable>"
            "</ParameterInfoStruct>"
            for n, w in listed.items()
        )
        return (
            "<C:GetParameterNamesResponse><ParameterList"
            f' E:arrayType="C:ParameterInfoStruct[{len(listed)}]">'
            f"{structs}</ParameterList></C:GetParameterNamesResponse>"
        )

    def GetParameterValues(self, call: Reply) -> str:
        paths = tuple(re.findall("<string>([^<]*)</string>", call.text))
        read = {n: t for n, t in self.own.items() if n.startswith(paths)}
        read |= {n: "" for n in read if n.endswith("Password")}
        name = "GetParameterValuesResponse"
        return f"<C:{name}>{values(read)}</C:{name}>"

    def SetParameterValues(self, call: Reply) -> str:
        pairs = re.findall("<Name>([^<]*)</Name><Value[^>]*>([^<]*)</Value>", call.text)
        self.own |= dict(pairs)
        self._key(call)
        return (
            "<C:SetParameterValuesResponse><Status>0</Status>"
            "</C:SetParameterValuesResponse>"
        )

    def _key(self, call: Reply) -> None:
        self.own[IGD + "ManagementServer.ParameterKey"] = call.get("ParameterKey")

    def SetParameterAttributes(self, call: Reply) -> str:
        self.notification = call.get("Notification")
        return "<C:SetParameterAttributesResponse/>"

    def GetParameterAttributes(self, call: Reply) -> str:
        return (
            "<C:GetParameterAttributesResponse><ParameterList"
            ' E:arrayType="C:ParameterAttributeStruct[1]"><ParameterAttributeStruct>'
            f"<Name>{call.get('string')}</Name><Notification>{self.notification}"
            '</Notification><AccessList E:arrayType="xsd:string[0]"/>'
            "</ParameterAttributeStruct></ParameterList>"
            "</C:GetParameterAttributesResponse>"
        )

    def AddObject(self, call: Reply) -> str:
        self._key(call)
        self.own[call.get("ObjectName") + "7.Enable"] = "0"
        return (
            "<C:AddObjectResponse><InstanceNumber>7</InstanceNumber>"
            "<Status>0</Status></C:AddObjectResponse>"
        )

    def DeleteObject(self, call: Reply) -> str:
        self._key(call)
        del self.own[call.get("ObjectName") + "Enable"]
        return "<C:DeleteObjectResponse><Status>0</Status></C:DeleteObjectResponse>"

    def Download(self, call: Reply) -> str:
        unknown = "0001-01-01T00:00:00Z"
        return (
            f"<C:DownloadResponse><Status>1</Status><StartTime>{unknown}</StartTime>"
            f"<CompleteTime>{unknown}</CompleteTime></C:DownloadResponse>"
        )

    def Reboot(self, call: Reply) -> str:
        return "<C:RebootResponse/>"

    def FactoryReset(self, call: Reply) -> str:
        return "<C:FactoryResetResponse/>"

    def ScheduleInform(self, call: Reply) -> str:
        return "<C:ScheduleInformResponse/>"

    def forced(self) -> dict[str, str]:
        """The parameters of its Inform, as they are now."""
        return {name: self.own[IGD + name] for name in PARAMETERS}
