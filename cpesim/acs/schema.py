"""
The official schemas as a judge, for --strict.

Rule: the schema files are the user's (a folder with the Broadband Forum's cwmp-1-*.xsd
and the two of SOAP); nothing is fetched. Off, this file costs nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lxml import etree

from cpesim.acs.answers import FAULT, Message
from cpesim.acs.findings import Found
from cpesim.cwmp import names
from cpesim.errors import ConfigError

# 1.3 and 1.4 extend the 1-2 namespace; each file includes the one before.
_FILES = {
    names.NAMESPACES["1.0"]: "cwmp-1-0.xsd",
    names.NAMESPACES["1.1"]: "cwmp-1-1.xsd",
    names.NAMESPACES["1.2"]: "cwmp-1-4.xsd",
}
# What a CPE sends; other names would be as many as it likes.
_KNOWN = frozenset(
    {
        *(f"{method}Response" for method in names.RPCS),
        *("Inform", "TransferComplete", "AutonomousTransferComplete", "GetRPCMethods"),
        *("RequestDownload", "Kicked", "DUStateChangeComplete", "Fault"),
        "AutonomousDUStateChangeComplete",
    }
)
# How the files refer to each other, and the file that it is.
_LOCATIONS = {
    names.SOAP: "soap-envelope.xsd",
    names.ENC: "soap-encoding.xsd",
    "http://www.broadband-forum.org/cwmp/cwmp-1-2.xsd": "cwmp-1-2.xsd",
    "http://www.broadband-forum.org/cwmp/cwmp-1-3.xsd": "cwmp-1-3.xsd",
}


class _Folder(etree.Resolver):
    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    # The stubs know neither the context nor resolve_filename.
    def resolve(  # type: ignore[override]
        self, system_url: str, public_id: str, context: object
    ) -> Any:
        name = _LOCATIONS.get(system_url)
        if name is None:
            return None
        path = str(self._folder / name)
        return self.resolve_filename(path, context)  # type: ignore[attr-defined]


class Schemas:
    """The schemas of a folder, one for each namespace."""

    def __init__(self, folder: str) -> None:
        """Read them all; raises ConfigError with what is not there or not usable."""
        self._schemas: dict[str, etree.XMLSchema] = {}
        wrong: list[str] = []
        for namespace, name in _FILES.items():
            parser = etree.XMLParser(no_network=True, resolve_entities=False)
            parser.resolvers.add(_Folder(Path(folder)))
            try:
                tree = etree.parse(str(Path(folder) / name), parser)
                self._schemas[namespace] = etree.XMLSchema(tree)
            except (OSError, etree.LxmlError) as error:
                wrong.append(f"strict: {Path(folder) / name}: {error}")
        if wrong:
            raise ConfigError(*wrong)

    def judge(self, message: Message, found: Found) -> None:
        """Hold the body's element and the CWMP headers against their schema."""
        element = message.element
        inner = element.findall("detail/*") if element.tag == FAULT else [element]
        for part in (*message.ids, *message.headers, *inner):
            namespace = part.tag.partition("}")[0][1:]
            schema = self._schemas.get(namespace)
            if schema is None:
                found.append(("schema: unknown namespace", part.tag))
                continue
            # A copy, so that the prefixes in xsi:type values are declared within.
            copy = etree.fromstring(etree.tostring(part, with_tail=False))
            if not schema.validate(copy):
                name = message.method if message.method in _KNOWN else "other"
                found += [
                    (f"schema: {name}", f"line {e.line}: {e.message}")
                    for e in schema.error_log  # type: ignore[attr-defined]
                ]
