"""
What devices can do: one file, one name in BEHAVIOURS.

Rule: a table and nothing else; the catalog merges the behaviours' own tables into
each Profile, and two owners of one RPC are an error there.
"""

from cpesim.device.behaviour.attributes import ATTRIBUTES
from cpesim.device.behaviour.diagnostics import DIAGNOSTICS
from cpesim.device.behaviour.files.autonomous import AUTONOMOUS
from cpesim.device.behaviour.files.orders import ORDERS
from cpesim.device.behaviour.files.transfer import TRANSFER
from cpesim.device.behaviour.files.upgrade import UPGRADE
from cpesim.device.behaviour.files.windows import WINDOWS
from cpesim.device.behaviour.heartbeat import HEARTBEAT
from cpesim.device.behaviour.inform import INFORM
from cpesim.device.behaviour.lifecycle import LIFECYCLE
from cpesim.device.behaviour.lightweight import LIGHTWEIGHT
from cpesim.device.behaviour.modules import MODULES
from cpesim.device.behaviour.notify import NOTIFY
from cpesim.device.behaviour.objects import OBJECTS
from cpesim.device.behaviour.parameters import PARAMETERS
from cpesim.device.behaviour.periodic import PERIODIC
from cpesim.device.behaviour.power import POWER
from cpesim.device.behaviour.reboots import REBOOTS
from cpesim.device.behaviour.schedule import SCHEDULE
from cpesim.device.behaviour.server import SERVER
from cpesim.device.behaviour.standby import STANDBY
from cpesim.device.behaviour.units import UNITS

BEHAVIOURS = (
    PARAMETERS,
    ATTRIBUTES,
    OBJECTS,
    LIFECYCLE,
    PERIODIC,
    SCHEDULE,
    SERVER,
    ORDERS,
    TRANSFER,
    UPGRADE,
    WINDOWS,
    AUTONOMOUS,
    MODULES,
    UNITS,
    NOTIFY,
    LIGHTWEIGHT,
    INFORM,
    DIAGNOSTICS,
    REBOOTS,
    HEARTBEAT,
    STANDBY,
    POWER,
)

__all__ = ["BEHAVIOURS"]
