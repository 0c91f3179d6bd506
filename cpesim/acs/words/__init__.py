"""
What to ask of a CPE: the words of a script.

Rule: a new word is one function and one line in SCRIPTS (and its sentence in
settings.WORDS).
"""

from collections.abc import Callable, Mapping

from cpesim.acs.record import walk
from cpesim.acs.words.attributes import aliases, notifications
from cpesim.acs.words.diagnostics import PROBES, probing, reading, results
from cpesim.acs.words.leaving import (
    delay_reboot,
    factory_reset,
    reboot,
    schedule_inform,
    schedule_reboot,
)
from cpesim.acs.words.model import audit, credentials, provision
from cpesim.acs.words.modules import du_install, du_uninstall, du_update
from cpesim.acs.words.scene import Answer, Scene, Script
from cpesim.acs.words.transfers import (
    UPLOAD_TYPES,
    cancel,
    fetching,
    queued,
    schedule_download,
    upgrade,
    uploading,
)
from cpesim.acs.words.turns import hold, nothing, versions
from cpesim.acs.words.wrong import must_understand, options, wrong

__all__ = ["LEAVING", "SCRIPTS", "TURNS", "Answer", "Scene", "Script"]

SCRIPTS: Mapping[str, Callable[[Scene], Script]] = {
    "audit": audit,
    "provision": provision,
    "credentials": credentials,
    "notifications": notifications,
    "aliases": aliases,
    "upgrade": upgrade,
    "download-web": fetching(1),
    "download-config": fetching(2),
    "download-tone": fetching(3),
    "download-ringer": fetching(4),
    "download-stored": fetching(5),
    "schedule-download": schedule_download,
    "upload": uploading(UPLOAD_TYPES[0]),
    "upload-log": uploading(UPLOAD_TYPES[1]),
    "cancel": cancel,
    "queued": queued,
    "du-install": du_install,
    "du-update": du_update,
    "du-uninstall": du_uninstall,
    "reboot": reboot,
    "delay-reboot": delay_reboot,
    "schedule-reboot": schedule_reboot,
    "factory-reset": factory_reset,
    "schedule-inform": schedule_inform,
    "options": options,
    "wrong": wrong,
    "must-understand": must_understand,
    "hold": hold,
    "versions": versions,
    "retry-request": nothing,
    "redirect": nothing,
    **{word: probing(word) for word in PROBES},
    **{results(word): reading(word) for word in PROBES},
    "record a CPE": walk,  # a word of --record's, not of --script's
}
# After these a CPE goes away: the next word has to wait for its next session.
LEAVING = frozenset({"upgrade", "reboot", "factory-reset"})
# These begin with the answer to an Inform.
TURNS = frozenset({"hold", "versions", "retry-request", "redirect"})
