"""
Requests about parameters, attributes and objects.

Rule: one function an RPC; what it is asked for is not judged here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cpesim.acs.calls.pieces import Request, request, strings, text


def get_rpc_methods() -> Request:
    """GetRPCMethods."""
    return request("GetRPCMethods", "")


def get_parameter_names(path: str, next_level: bool) -> Request:
    """GetParameterNames."""
    return request(
        "GetParameterNames",
        f"<ParameterPath>{text(path)}</ParameterPath><NextLevel>{int(next_level)}</NextLevel>",
    )


def get_parameter_values(paths: Sequence[str]) -> Request:
    """GetParameterValues."""
    return request("GetParameterValues", strings("ParameterNames", paths))


def set_parameter_values(entries: Iterable[tuple[str, str, str]], key: str) -> Request:
    """SetParameterValues of (name, XSD type, text)."""
    structs = [
        f"<ParameterValueStruct><Name>{text(name)}</Name>"
        f'<Value xsi:type="xsd:{kind}">{text(value)}</Value></ParameterValueStruct>'
        for name, kind, value in entries
    ]
    return request(
        "SetParameterValues",
        _structs("ParameterValueStruct", structs)
        + f"<ParameterKey>{text(key)}</ParameterKey>",
        key,
    )


def _structs(kind: str, structs: Sequence[str]) -> str:
    return (
        f'<ParameterList soap-enc:arrayType="cwmp:{kind}[{len(structs)}]">'
        f"{''.join(structs)}</ParameterList>"
    )


def get_parameter_attributes(paths: Sequence[str]) -> Request:
    """GetParameterAttributes."""
    return request("GetParameterAttributes", strings("ParameterNames", paths))


def set_parameter_attributes(
    entries: Iterable[tuple[str, int]],
    access: Sequence[str] | None = None,
    *,
    change: bool = True,
) -> Request:
    """
    SetParameterAttributes of (path, notification), and one access list for all.

    *access* None leaves the lists as they are, *change* False the notifications.
    """
    structs = [
        "<SetParameterAttributesStruct>"
        f"<Name>{text(path)}</Name>"
        f"<NotificationChange>{change:d}</NotificationChange>"
        f"<Notification>{notification}</Notification>"
        f"<AccessListChange>{access is not None:d}</AccessListChange>"
        f"{strings('AccessList', access or ())}</SetParameterAttributesStruct>"
        for path, notification in entries
    ]
    return request(
        "SetParameterAttributes",
        _structs("SetParameterAttributesStruct", structs),
    )


def add_object(path: str, key: str) -> Request:
    """AddObject."""
    return _object("AddObject", path, key)


def delete_object(path: str, key: str) -> Request:
    """DeleteObject."""
    return _object("DeleteObject", path, key)


def _object(method: str, path: str, key: str) -> Request:
    return request(
        method,
        f"<ObjectName>{text(path)}</ObjectName><ParameterKey>{text(key)}</ParameterKey>",
        key,
    )
