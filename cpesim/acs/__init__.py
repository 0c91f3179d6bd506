"""
The other end: a reference ACS for tests and demos.

Rule: a second opinion. It shares no envelope code with the CPE, only the standard's
words (cwmp.names), HTTP authentication (wire.auth) and the errors.
"""

from cpesim.acs.server import Acs, serve
from cpesim.acs.settings import AcsSettings

__all__ = ["Acs", "AcsSettings", "serve"]
