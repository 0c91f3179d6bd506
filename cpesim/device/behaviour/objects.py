"""
AddObject and DeleteObject (CHECKLIST P6, P7, P10).

Rule: the Model knows what may be added; here are only the two RPCs.
"""

from __future__ import annotations

from cpesim.cwmp.read import Call, text
from cpesim.device.behaviour.arguments import parameter_key
from cpesim.device.behaviour.parameters import set_parameter_key
from cpesim.device.device import Device
from cpesim.device.notices import noticing
from cpesim.device.paths.address import add, one
from cpesim.device.profile import Behaviour


def add_object(device: Device, call: Call, now: float) -> bytes:
    """A new instance; its number is told."""
    path, key = text(call.element, "ObjectName"), parameter_key(call)
    number = add(device.model, path, now) if "[" in path else device.model.add(path)
    set_parameter_key(device.model, key)
    noticing.settle(device, now)
    return (
        f"<cwmp:AddObjectResponse><InstanceNumber>{number}</InstanceNumber>"
        f"<Status>{device.profile.set_status}</Status></cwmp:AddObjectResponse>"
    ).encode()


def delete_object(device: Device, call: Call, now: float) -> bytes:
    """An instance and all beneath it goes."""
    path, key = text(call.element, "ObjectName"), parameter_key(call)
    device.model.delete(one(device.model, path, now) if "[" in path else path)
    set_parameter_key(device.model, key)
    noticing.settle(device, now)
    return (
        "<cwmp:DeleteObjectResponse>"
        f"<Status>{device.profile.set_status}</Status></cwmp:DeleteObjectResponse>"
    ).encode()


OBJECTS = Behaviour(
    "objects", rpcs={"AddObject": add_object, "DeleteObject": delete_object}
)
