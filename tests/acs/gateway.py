"""
A hand-written CPE that can do everything: transfers, modules, diagnostics, faults.

Rule: right by itself, in plain text; a test breaks one thing of it at a time.
"""

from __future__ import annotations

import re

from tests.acs.cpe import IGD, PARAMETERS, TR181, Reply, fault, values
from tests.acs.model import METHODS, Model

UNKNOWN = "0001-01-01T00:00:00Z"
LATER_METHODS = (
    *("Upload", "FactoryReset", "GetQueuedTransfers", "GetAllQueuedTransfers"),
    *("ScheduleInform", "ScheduleDownload", "CancelTransfer", "ChangeDUState"),
)
# What each diagnostics leaves behind, after the object's path.
RESULTS = {
    "IP.Diagnostics.IPPing.": {
        "SuccessCount": "3",
        "FailureCount": "0",
        "MinimumResponseTime": "1",
        "AverageResponseTime": "2",
        "MaximumResponseTime": "4",
    },
    "IP.Diagnostics.TraceRoute.": {
        "ResponseTime": "4",
        "RouteHopsNumberOfEntries": "2",
        "RouteHops.1.Host": "a",
        "RouteHops.2.Host": "b",
    },
    "DNS.Diagnostics.NSLookupDiagnostics.": {
        "SuccessCount": "2",
        "ResultNumberOfEntries": "3",
        "Result.1.Status": "Success",
        "Result.2.Status": "Success",
        "Result.3.Status": "Error_Timeout",
    },
    "IP.Diagnostics.DownloadDiagnostics.": {
        "ROMTime": "2026-01-01T12:00:00.100000Z",
        "BOMTime": "2026-01-01T12:00:00.200000Z",
        "EOMTime": "2026-01-01T12:00:01.000000Z",
        "TestBytesReceived": "1000200",
        "TotalBytesReceived": "1000400",
    },
    "IP.Diagnostics.UploadDiagnostics.": {
        "ROMTime": "2026-01-01T12:00:00.100000Z",
        "BOMTime": "2026-01-01T12:00:00.200000Z",
        "EOMTime": "2026-01-01T12:00:01.000000Z",
        "TotalBytesSent": "100300",
    },
    "WiFi.NeighboringWiFiDiagnostic.": {
        "ResultNumberOfEntries": "1",
        "Result.1.BSSID": "00:11:22:aa:bb:cc",
    },
}
_TR098 = {
    "IP.Diagnostics.IPPing.": "IPPingDiagnostics.",
    "IP.Diagnostics.TraceRoute.": "TraceRouteDiagnostics.",
    "DNS.Diagnostics.NSLookupDiagnostics.": "NSLookupDiagnostics.",
    "IP.Diagnostics.DownloadDiagnostics.": "DownloadDiagnostics.",
    "IP.Diagnostics.UploadDiagnostics.": "UploadDiagnostics.",
    "WiFi.NeighboringWiFiDiagnostic.": "WiFi.NeighboringWiFiDiagnostic.",
}


class Gateway(Model):
    """Answers everything as the standard wants it."""

    def __init__(self, root: str = "Device.") -> None:
        super().__init__()
        self.root = root
        plain = TR181 if root == "Device." else PARAMETERS
        self.inform = dict(plain)
        own = {name.removeprefix(IGD): text for name, text in self.own.items()}
        own = {n: t for n, t in own.items() if not n.startswith(("WAN", "DeviceS"))}
        own |= plain
        own |= {
            "ManagementServer.AliasBasedAddressing": "1",
            "ManagementServer.InstanceWildcardsSupported": "1",
            "ManagementServer.DelayReboot": "-1",
            "ManagementServer.ScheduleReboot": UNKNOWN,
            "IP.Interface.1.Alias": "cpe-1",
            "IP.Interface.2.Alias": "cpe-2",
            "SoftwareModules.ExecEnvNumberOfEntries": "0",
        }
        self.inform["ManagementServer.AliasBasedAddressing"] = "1"
        self.diagnostics = {
            (path if root == "Device." else _TR098[path]): dict(results)
            for path, results in RESULTS.items()
        }
        own |= {path + "DiagnosticsState": "None" for path in self.diagnostics}
        self.own = {root + name: text for name, text in own.items()}
        self.tables = {root + "Hosts.Host.": "1"}
        self.attributes: dict[str, tuple[str, list[str]]] = {}
        self.queue: dict[str, dict[str, str]] = {}
        self.methods: tuple[str, ...] = (*METHODS, *LATER_METHODS)
        self.calls: list[Reply] = []

    def __call__(self, call: Reply) -> str:
        """The response or the fault."""
        self.calls.append(call)
        if re.search('<x:Odd [^>]*mustUnderstand="1"', call.text):
            text = fault(9000, call.get("ID"), namespace=namespace_of(call))
            text = re.sub("<detail>.*</detail>", "", text)
            return text.replace(">Server<", ">S:MustUnderstand<")
        if not hasattr(self, call.method):
            return self.refuse(call, 9000)
        return super().__call__(call)

    def refuse(self, call: Reply, code: int, *entries: tuple[str, int]) -> str:
        """A fault, whole."""
        detail = "".join(
            f"<SetParameterValuesFault><ParameterName>{name}</ParameterName><FaultCode>"
            f"{entry}</FaultCode><FaultString>no</FaultString></SetParameterValuesFault>"
            for name, entry in entries
        )
        return fault(code, call.get("ID"), detail, namespace_of(call))

    def forced(self) -> dict[str, str]:
        """The parameters of its Inform, as they are now."""
        return {name: self.own[self.root + name] for name in self.inform}

    def finish(self, word: str = "Complete") -> None:
        """What was requested is done, and its results are there."""
        for path, results in self.diagnostics.items():
            state = self.root + path + "DiagnosticsState"
            if self.own[state] == "Requested":
                self.own[state] = word
                self.own |= {self.root + path + n: t for n, t in results.items()}

    def _names(self) -> dict[str, str]:
        names = dict.fromkeys(self.own, "1")
        for name in self.own:
            parts = name.split(".")
            names |= {".".join(parts[:i]) + ".": "0" for i in range(1, len(parts))}
        return names | self.tables

    def _known(self, path: str) -> bool:
        return any(matches(path, name) for name in self._names())

    def GetRPCMethods(self, call: Reply) -> str:
        older = namespace_of(call).endswith("-0")
        methods = self.methods[:10] if older else self.methods
        listed = "".join(f"<string>{method}</string>" for method in methods)
        return (
            '<C:GetRPCMethodsResponse><MethodList E:arrayType="xsd:string'
            f'[{len(methods)}]">{listed}</MethodList></C:GetRPCMethodsResponse>'
        )

    def GetParameterNames(self, call: Reply) -> str:
        if "<NextLevel>" not in call.text or call.get("NextLevel") not in ("0", "1"):
            return self.refuse(call, 9003)
        path = call.get("ParameterPath")
        if not self._known(path):
            return self.refuse(call, 9005)
        if call.get("NextLevel") == "1" and not path.endswith("."):
            return self.refuse(call, 9003)
        if "*" in path:
            found = [name for name in self.own if matches(path, name)]
            structs = "".join(
                f"<ParameterInfoStruct><Name>{name}</Name><Writable>1</Writable>"
                "</ParameterInfoStruct>"
                for name in found
            )
            return (
                "<C:GetParameterNamesResponse><ParameterList E:arrayType="
                f'"C:ParameterInfoStruct[{len(found)}]">{structs}</ParameterList>'
                "</C:GetParameterNamesResponse>"
            )
        return super().GetParameterNames(call)

    def GetParameterValues(self, call: Reply) -> str:
        paths = re.findall("<string>([^<]*)</string>", call.text)
        read: dict[str, str] = {}
        for path in paths:
            pattern = re.escape(path).replace(r"\*", r"\d+")
            for alias, number in (("cpe-1", "1"), ("cpe-2", "2")):
                pattern = pattern.replace(re.escape(f"[{alias}]"), number)
            pattern += ".*" if path.endswith(".") else ""
            found = {n: t for n, t in self.own.items() if re.fullmatch(pattern, n)}
            if not found:
                return self.refuse(call, 9005)
            read |= found
        if not paths:
            return self.refuse(call, 9003)
        read |= {n: "" for n in read if n.endswith("Password")}
        name = "GetParameterValuesResponse"
        return f"<C:{name}>{values(read)}</C:{name}>"

    def SetParameterValues(self, call: Reply) -> str:
        found = re.findall(
            "<Name>([^<]*)</Name><Value xsi:type=.xsd:(.*?).>([^<]*)</Value>", call.text
        )
        names = [name for name, _, _ in found]
        bad = [(name, 9005) for name in names if name not in self.own]
        for name, kind, text in found:
            if name.endswith("SoftwareVersion"):
                bad.append((name, 9008))
            if name.endswith("Interval") and kind != "unsignedInt":
                bad.append((name, 9006))
            elif (name.endswith("Interval") and text == "0") or (
                name.endswith("DiagnosticsState") and text != "Requested"
            ):
                bad.append((name, 9007))
        if len(set(names)) != len(names):
            bad.append((names[0], 9003))
        known = self.diagnostics_settings(names)
        bad = [entry for entry in bad if entry[0] not in known]
        if bad:
            return self.refuse(call, 9003, *bad)
        return super().SetParameterValues(call)

    def diagnostics_settings(self, names: list[str]) -> set[str]:
        """Names below the diagnostics' objects: they are all there."""
        paths = tuple(self.root + path for path in self.diagnostics)
        below = {name for name in names if name.startswith(paths)}
        return {name for name in below if not name.endswith("State")}

    def _key(self, call: Reply) -> None:
        self.own[self.root + "ManagementServer.ParameterKey"] = call.get("ParameterKey")

    def SetParameterAttributes(self, call: Reply) -> str:
        changed = dict(self.attributes)
        for struct in re.findall("<SetParameterAttributesStruct>.*?Struct>", call.text):
            path, change, level, access = re.findall(
                "<(?:Name|Notif[^>]*|AccessListChange)>([^<]*)<", struct
            )
            if not self._known(path):
                return self.refuse(call, 9005)
            if level not in "0123456":
                return self.refuse(call, 9003)
            for name in self._below(path):
                was = changed.get(name, ("0", []))
                listed = re.findall("<string>([^<]*)<", struct)
                changed[name] = (
                    level if change == "1" else was[0],
                    listed if access == "1" else was[1],
                )
        self.attributes = changed
        return "<C:SetParameterAttributesResponse/>"

    def _below(self, path: str) -> list[str]:
        partial = path.endswith(".")
        return [n for n in self.own if matches(path, n) or (partial and path in n)]

    def GetParameterAttributes(self, call: Reply) -> str:
        path = call.get("string")
        if not self._known(path):
            return self.refuse(call, 9005)
        structs = []
        for name in self._below(path):
            level, access = self.attributes.get(name, ("0", []))
            listed = "".join(f"<string>{entry}</string>" for entry in access)
            structs.append(
                f"<ParameterAttributeStruct><Name>{name}</Name><Notification>{level}"
                f'</Notification><AccessList E:arrayType="xsd:string[{len(access)}]">'
                f"{listed}</AccessList></ParameterAttributeStruct>"
            )
        return (
            '<C:GetParameterAttributesResponse><ParameterList E:arrayType="'
            f'C:ParameterAttributeStruct[{len(structs)}]">{"".join(structs)}'
            "</ParameterList></C:GetParameterAttributesResponse>"
        )

    def AddObject(self, call: Reply) -> str:
        if call.get("ObjectName") not in self.tables:
            return self.refuse(call, 9005)
        return super().AddObject(call)

    def DeleteObject(self, call: Reply) -> str:
        if call.get("ObjectName") + "Enable" not in self.own:
            return self.refuse(call, 9005)
        return super().DeleteObject(call)

    def ScheduleInform(self, call: Reply) -> str:
        if call.get("DelaySeconds") == "0":
            return self.refuse(call, 9003)
        return super().ScheduleInform(call)

    def _queued(self, call: Reply, method: str) -> str:
        if call.get("URL").startswith("x-"):
            return self.refuse(call, 9013)
        self.queue[call.get("CommandKey")] = {
            "IsDownload": "1",
            "FileType": call.get("FileType"),
            "FileSize": call.get("FileSize") if "<FileSize>" in call.text else "0",
            "TargetFileName": "web.zip",
        }
        return (
            f"<C:{method}Response><Status>1</Status><StartTime>{UNKNOWN}</StartTime>"
            f"<CompleteTime>{UNKNOWN}</CompleteTime></C:{method}Response>"
        )

    def Download(self, call: Reply) -> str:
        return self._queued(call, "Download")

    def Upload(self, call: Reply) -> str:
        return self._queued(call, "Upload")

    def ScheduleDownload(self, call: Reply) -> str:
        return "<C:ScheduleDownloadResponse/>"

    def CancelTransfer(self, call: Reply) -> str:
        self.queue.pop(call.get("CommandKey"), None)
        return "<C:CancelTransferResponse/>"

    def GetQueuedTransfers(self, call: Reply) -> str:
        return self._listed("GetQueuedTransfers", "QueuedTransferStruct", False)

    def GetAllQueuedTransfers(self, call: Reply) -> str:
        return self._listed("GetAllQueuedTransfers", "AllQueuedTransferStruct", True)

    def _listed(self, method: str, struct: str, whole: bool) -> str:
        entries = "".join(
            f"<{struct}><CommandKey>{key}</CommandKey><State>1</State>"
            + "".join(f"<{n}>{t}</{n}>" for n, t in entry.items()) * whole
            + f"</{struct}>"
            for key, entry in self.queue.items()
        )
        return (
            f'<C:{method}Response><TransferList E:arrayType="C:{struct}'
            f'[{len(self.queue)}]">{entries}</TransferList></C:{method}Response>'
        )

    def ChangeDUState(self, call: Reply) -> str:
        return "<C:ChangeDUStateResponse/>"


def matches(path: str, name: str) -> bool:
    """Whether a path, with * for instances, is this name."""
    return bool(re.fullmatch(re.escape(path).replace(r"\*", r"\d+"), name))


def namespace_of(call: Reply) -> str:
    """The namespace that an envelope speaks."""
    found = re.search(r"urn:dslforum-org:cwmp-1-\d", call.text)
    assert found is not None
    return found[0]
