"""
What an ACS may write into an InformParameter instance (CHECKLIST I8).

Rule: the check alone; what goes into an Inform is device/notices/informing.py.
"""

from __future__ import annotations

import re

from cpesim.cwmp import names
from cpesim.device.device import Device
from cpesim.device.notices import informing
from cpesim.device.profile import Behaviour

INVALID = 9007
_EVENTS = frozenset(names.EVENTS + names.M_EVENTS) - {names.VALUE_CHANGE}
# TR-069 A6 3.7.1.5: events and methods of a vendor's own.
_VENDOR = re.compile(r"(?:X [0-9A-F]{6} |M X_[0-9A-F]{6}_)\S.*", re.DOTALL)


def check_name(device: Device, name: str, given: str) -> int:
    """A full path with ``*`` for instances, and no forced parameter, or none yet."""
    if not name.startswith(informing.table(device.model)) or not given:
        return 0
    profile = device.profile
    if not (given.startswith(profile.root) and informing.is_pattern(given)):
        return INVALID
    fits = informing.fitting(given)
    return INVALID if any(map(fits.fullmatch, profile.inform)) else 0


def check_events(device: Device, name: str, given: str) -> int:
    """Events of the standard or of a vendor, but for `4 VALUE CHANGE`."""
    if not name.startswith(informing.table(device.model)):
        return 0
    known = all(
        event in _EVENTS or _VENDOR.fullmatch(event)
        for event in informing.listed(given)
    )
    return 0 if known else INVALID


INFORM = Behaviour(
    "inform", checks={"*.ParameterName": check_name, "*.EventList": check_events}
)
