"""
Words that move files: upgrades, other downloads, uploads, schedules, the queue.

Rule: what is asked for is told to the CPE's record; its end is judged by reports.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator

from cpesim.acs import calls
from cpesim.acs.answers import texts
from cpesim.acs.calls import File, Request, Window
from cpesim.acs.words.scene import Answer, Scene, Script, due, file, newest, wanted
from cpesim.cwmp import names

UPLOAD_TYPES = ("1 Vendor Configuration File", "2 Vendor Log File")
MODES = (
    "1 At Any Time",
    "2 Immediately",
    "3 When Idle",
    "4 Confirmation Needed",
)
# Long enough that nothing begins before it is cancelled.
_LONG = 86_400
# What a file of a type is called; of images, CPEs take the version from the name.
_NAMES = ("firmware", "web.zip", "config.cfg", "tone.wav", "ringer.wav", "stored")


def upgrade(scene: Scene) -> Script:
    """A firmware image; its end is told in a later session."""
    yield from _fetch(scene, _image(scene, 0), away=True)


def _image(scene: Scene, type: int) -> File:
    settings, cpe = scene.settings, scene.cpe
    version = cpe.target or settings.firmware_version or later(cpe.software)
    kind = re.sub(r"[^A-Za-z0-9_.-]", "_", scene.inform.product_class) or "firmware"
    return file(scene, names.FILE_TYPES[type], f"{kind}-v{version}.bin")


def later(version: str) -> str:
    """The version after *version*: its last number, one more."""
    last = re.search(r"\d+(?=\D*$)", version)
    if last is None:
        grown = version + "1"
    else:
        number = f"{int(last[0]) + 1:0{len(last[0])}}"
        grown = version[: last.start()] + number + version[last.end() :]
    return re.sub(r"[^A-Za-z0-9_.-]", "_", grown)


def fetching(type: int) -> Callable[[Scene], Script]:
    """A word that downloads a file of the type at this place of names.FILE_TYPES."""

    def word(scene: Scene) -> Script:
        # V1: an older CPE is not asked for what it cannot know.
        if type >= names.FILE_TYPES_UP_TO[scene.namespace]:
            return
        if _NAMES[type] == "stored":
            # Amendment 6 has this type; the namespace is that of 1.2 as well.
            if scene.version < "1.4":
                return
            wanted_file = _image(scene, type)
        else:
            wanted_file = file(scene, names.FILE_TYPES[type], _NAMES[type])
        yield from _fetch(scene, wanted_file)

    return word


def _fetch(scene: Scene, wanted_file: File, *, away: bool = False) -> Script:
    key = scene.key()
    answer = yield calls.download(key, wanted_file)
    if not answer.fault and _to_come(scene, answer):
        scene.cpe.expect(names.M_DOWNLOAD, key, due(scene, away=away))


def _to_come(scene: Scene, answer: Answer) -> bool:
    """Judge the response to Download or Upload: whether its end is told later."""
    status = answer.text("Status")
    times = {answer.text("StartTime"), answer.text("CompleteTime")}
    if status == "1":
        if times != {names.UNKNOWN_TIME}:
            scene.found.append(("T1 times of a transfer to come", str(sorted(times))))
    elif status != "0":
        scene.found.append(("T1 Status", status))
    elif names.UNKNOWN_TIME in times:
        scene.found.append(("T1 times of a transfer that is done", str(sorted(times))))
    return status == "1"


def uploading(type: str) -> Callable[[Scene], Script]:
    """A word that has a file of this type sent to /files/."""

    def word(scene: Scene) -> Script:
        key = scene.key()
        answer = yield calls.upload(key, file(scene, type, key))
        if not answer.fault and _to_come(scene, answer):
            scene.cpe.expect(names.M_UPLOAD, key, due(scene))

    return word


def schedule_download(scene: Scene) -> Script:
    """Web content within one of two windows, the first of the mode that was set."""
    if not newest(scene):
        return
    key, step, mode = scene.key(), scene.settings.schedule, scene.settings.window_mode
    message = "May your device fetch new content now?" if mode == 4 else ""
    windows = [
        Window(1, step + 1, MODES[mode - 1], message, 1),
        Window(step + 1, 2 * step + 1, MODES[0], "", 1),
    ]
    wanted_file = file(scene, names.FILE_TYPES[1], _NAMES[1])
    answer = yield calls.schedule_download(key, wanted_file, windows)
    if not answer.fault:
        scene.cpe.expect(names.M_SCHEDULE_DOWNLOAD, key, due(scene, 2 * step + 1))


def cancel(scene: Scene) -> Script:
    """A Download that is cancelled before its time, and a key that nobody has."""
    if not newest(scene):
        return
    key = yield from _delayed(scene, _LONG)
    if key:
        yield from _cancelled(scene, key)
    answer = yield calls.cancel_transfer(scene.key())
    wanted(scene, answer, (0, 9021), "T7 CancelTransfer of an unknown key")


def queued(scene: Scene) -> Script:
    """A Download that waits, as the CPE's queues show it."""
    step = _LONG if newest(scene) else scene.settings.schedule
    key = yield from _delayed(scene, step)
    if not key:
        return
    answer = yield calls.get_queued_transfers()
    if not answer.fault:
        shown = _queue(scene, answer)
        if shown.get(key, {}).get("State") != "1":
            scene.found.append(("T7 a transfer is not in the queue", f"{key}: {shown}"))
    if scene.namespace != names.NAMESPACES["1.0"]:
        answer = yield calls.get_all_queued_transfers()
        if not answer.fault:
            _judge_entry(scene, _queue(scene, answer).get(key))
    if newest(scene):
        yield from _cancelled(scene, key)
        answer = yield calls.get_queued_transfers()
        if not answer.fault and key in _queue(scene, answer):
            scene.found.append(("T7 a cancelled transfer is in the queue", key))
    else:
        scene.cpe.expect(names.M_DOWNLOAD, key, due(scene, step))


def _delayed(scene: Scene, delay: int) -> Generator[Request, Answer, str]:
    """A Download for later; its key, "" where the CPE would not."""
    key = scene.key()
    wanted_file = file(scene, names.FILE_TYPES[1], _NAMES[1])
    answer = yield calls.download(key, wanted_file, delay)
    if answer.fault:
        return ""
    if not _to_come(scene, answer):
        scene.found.append(("T3 a delayed transfer was made in the session", key))
        return ""
    return key


def _cancelled(scene: Scene, key: str) -> Script:
    answer = yield calls.cancel_transfer(key)
    if not wanted(scene, answer, (0,), "T7 CancelTransfer of a waiting transfer"):
        scene.cpe.expect(names.M_DOWNLOAD, key, due(scene, _LONG))


def _queue(scene: Scene, answer: Answer) -> dict[str, dict[str, str]]:
    """The entries of a queue by CommandKey; each is judged."""
    listed = answer.element.find("TransferList")
    entries = [] if listed is None else [texts(struct) for struct in listed]
    if len(entries) > 16:
        scene.found.append(("T7 more than 16 transfers", str(len(entries))))
    for entry in entries:
        if entry.get("State") not in ("1", "2", "3"):
            scene.found.append(("T7 State", str(entry.get("State"))))
    return {entry.get("CommandKey", ""): entry for entry in entries}


def _judge_entry(scene: Scene, entry: dict[str, str] | None) -> None:
    """Hold what GetAllQueuedTransfers tells of our Download against it."""
    asked = file(scene, names.FILE_TYPES[1], _NAMES[1])
    right = {
        "State": ("1",),
        "IsDownload": ("1", "true"),
        "FileType": (asked.type,),
        "FileSize": (str(asked.size),),
        "TargetFileName": (asked.target,),
    }
    for name, texts_ in right.items():
        told = None if entry is None else entry.get(name)
        if told not in texts_:
            scene.found.append(
                ("T7 a queued transfer is not as asked", f"{name} {told}")
            )
