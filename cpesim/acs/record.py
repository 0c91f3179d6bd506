"""
A walk through one CPE: all that it can be asked about itself, and nothing changed.

Rule: pure, and patient with real devices. Little is asked at once; what gets a fault
is asked again in halves, down to the one name that cannot be read; a session that
breaks is gone on with in the next. The first CPE that informs is walked, no other.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

from cpesim.acs import calls
from cpesim.acs.answers import Element, Inform, read_names, read_values
from cpesim.acs.judge import FORCED
from cpesim.cwmp import names

if TYPE_CHECKING:
    from cpesim.acs.cpe import Cpe, Register
    from cpesim.acs.words.scene import Answer, Script

# Names in one request: their answer is some 15 kB, which the smallest CPE can write.
AT_ONCE = 64
MOST_NAMES = 100_000
MOST_REQUESTS = 20_000
MOST_TEXT = 64_000_000  # characters of all values together
MOST_DEPTH = 32
# So many single names in a row that fail: the CPE cannot do it at all.
PATIENCE = 50
ROOTS = ("Device.", "InternetGatewayDevice.")
_WAN = re.compile(r"\.WAN(?:IP|PPP)Connection\.\d+\.ExternalIPAddress\Z")
_TOLD = {"9000": "the RPC is not supported", "9005": "it says there is none"}


class Task(NamedTuple):
    """One thing to ask: a method, and names; *deep* of everything below them."""

    method: str
    paths: tuple[str, ...] = ()
    deep: bool = False


@dataclass(slots=True)
class Recording:
    """What a CPE told of itself."""

    identity: dict[str, str] = field(default_factory=dict)
    root: str = ""
    cwmp: str = "1.0"
    events: list[str] = field(default_factory=list)
    forced: tuple[str, ...] = ()
    methods: list[str] = field(default_factory=list)
    names: dict[str, bool] = field(default_factory=dict)  # path -> Writable
    values: dict[str, tuple[str, str]] = field(default_factory=dict)  # text, type
    attributes: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)  # path -> why
    requests: int = 0
    faults: int = 0
    sessions: int = 0


class Scene(Protocol):
    """Whom the walk talks to."""

    cpe: Cpe
    inform: Inform
    register: Register
    namespace: str
    versions: str  # SupportedCWMPVersions, if it told them


class Recorder:
    """The walk: what is still to be asked, and what was told."""

    def __init__(self, ended: Callable[[], None] = lambda: None) -> None:
        self.recording = Recording()
        self.key = ""  # whom we walk
        self.finished = False
        self._ended = ended
        self._todo: deque[Task] = deque([Task("GetRPCMethods")])
        self._stages = ["GetParameterAttributes", "GetParameterValues"]
        self._most = dict.fromkeys(self._stages, AT_ONCE)
        self._failed: dict[str, int] = {}  # single names in a row, by method
        self._tried: tuple[Task, int] | None = None  # asked, and not answered yet
        self._roots: list[str] = []
        self._held = 0  # characters of the values

    def takes(self, scene: Scene) -> bool:
        """Whether this session is one of the CPE's that we walk."""
        inform, recording = scene.inform, self.recording
        if self.finished or self.key not in ("", inform.key):
            return False
        if not self.key:
            self.key = inform.key
            recording.identity = {
                "manufacturer": inform.manufacturer,
                "oui": inform.oui,
                "product_class": inform.product_class,
                "serial": inform.serial,
            }
            root = scene.cpe.root
            self._roots = [root, *(r for r in ROOTS if r != root)]
            self._next_root()
        recording.sessions += 1
        recording.cwmp = _version(scene)
        codes = [code for code, _ in inform.events]
        recording.events += [c for c in codes if c not in recording.events]
        told = tuple(dict.fromkeys(name for name, _, _ in inform.listed))
        if names.VALUE_CHANGE not in codes:
            recording.forced = told
        elif not recording.forced:
            # Among them is what changed: only the standard's own are sure.
            recording.forced = tuple(name for name in told if _is_forced(name))
        return True

    def next(self) -> Task | None:
        """What to ask now; None when all is asked."""
        if self._tried is not None:
            # The session broke over it: once more, then with less at a time.
            task, times = self._tried
            if times > 1:
                self._tried = None
                self._fault(task, "the session broke over it")
            else:
                self._tried = (task, times + 1)
                return task
        while not self._todo and self._stages:
            self._begin(self._stages.pop())
        if not self._todo or self.recording.requests >= MOST_REQUESTS:
            for task in self._todo:
                self._leave(task.paths, "too many requests already")
            self._todo.clear()
            self.finished = True
            return None
        task = self._todo.popleft()
        most = self._most.get(task.method, AT_ONCE)
        if len(task.paths) > most:
            self._todo.appendleft(task._replace(paths=task.paths[most:]))
            task = task._replace(paths=task.paths[:most])
        self._tried = (task, 1)
        return task

    def request(self, task: Task) -> calls.Request:
        """A task as a request."""
        self.recording.requests += 1
        if task.method == "GetRPCMethods":
            return calls.get_rpc_methods()
        if task.method == "GetParameterNames":
            return calls.get_parameter_names(task.paths[0], not task.deep)
        if task.method == "GetParameterValues":
            return calls.get_parameter_values(task.paths)
        return calls.get_parameter_attributes(task.paths)

    def take(self, task: Task, answer: Answer) -> None:
        """Keep what an answer tells; after a fault ask for less."""
        self._tried = None
        if answer.fault:
            self.recording.faults += 1
            self._fault(task, str(answer.fault) if answer.fault > 0 else "a fault")
            return
        if task.method == "GetRPCMethods":
            listed = answer.element.find("MethodList")
            self.recording.methods = [e.text or "" for e in _children(listed)][:200]
        elif task.method == "GetParameterNames":
            self._named(task, read_names(answer.element))
        else:
            self._failed[task.method] = 0
            self._read(task, answer.element)

    def closed(self, key: str) -> None:
        """A CPE's session is over."""
        if self.finished and key == self.key:
            self._ended()

    # -- what was told

    def _named(self, task: Task, listed: list[tuple[str, str]]) -> None:
        (path,) = task.paths
        known = self.recording.names
        below = []
        for name, writable in listed:
            if not name.startswith(path) or len(name) > 256:
                continue
            if len(known) >= MOST_NAMES:
                self.recording.unread[path] = "more names than a profile has"
                return
            known[name] = writable.strip() in ("1", "true")
            if name.endswith(".") and name.count(".") == path.count(".") + 1:
                below.append(name)
        if not known and self._roots:
            self._next_root()
        if not task.deep:
            # At the root each object is asked as a whole, elsewhere after a fault.
            self._todo.extendleft(
                Task("GetParameterNames", (name,), True)
                for name in reversed(below)
                if name.count(".") <= MOST_DEPTH
            )

    def _read(self, task: Task, element: Element) -> None:
        recording, told = self.recording, set()
        if task.method == "GetParameterValues":
            for name, text, kind in read_values(element.find("ParameterList")):
                told.add(name)
                self._held += len(text)
                if self._held > MOST_TEXT:
                    self._leave((name,), "more text than a profile has")
                elif name in recording.names:
                    recording.values[name] = (text, kind or "")
        else:
            for struct in _children(element.find("ParameterList")):
                name = struct.findtext("Name") or ""
                told.add(name)
                if name in recording.names:
                    access = _children(struct.find("AccessList"))
                    recording.attributes[name] = (
                        _whole(struct.findtext("Notification")),
                        tuple(e.text or "" for e in access)[:16],
                    )
        missing = tuple(path for path in task.paths if path not in told)
        if len(missing) == len(task.paths):
            self._fault(task, "it is not in the answer")
        elif missing:
            self._todo.appendleft(Task(task.method, missing))

    # -- faults

    def _fault(self, task: Task, why: str) -> None:
        """Ask for less; what cannot be made less cannot be read."""
        method, paths = task.method, task.paths
        if method == "GetRPCMethods":
            return
        if method == "GetParameterNames":
            if task.deep and why != "9005":
                self._todo.appendleft(Task(method, paths))
            elif paths[0] in ROOTS and self._roots:
                self._next_root()
            else:
                self._leave(paths, _TOLD.get(why, why))
            return
        if why == "9000":
            self._drop(method, _TOLD[why], paths)
            return
        if len(paths) > 1:
            half = (len(paths) + 1) // 2
            if why in ("9002", "9004"):  # it is too much for the CPE: less from now on
                self._most[method] = min(self._most[method], half)
            self._todo.appendleft(Task(method, paths[half:]))
            self._todo.appendleft(Task(method, paths[:half]))
            return
        self._leave(paths, f"{method}: {why}")
        self._failed[method] = self._failed.get(method, 0) + 1
        if self._failed[method] >= PATIENCE:
            self._drop(method, f"{method}: it failed for {PATIENCE} names in a row", ())

    def _leave(self, paths: Iterable[str], why: str) -> None:
        for path in paths:
            self.recording.unread.setdefault(path, why)

    def _drop(self, method: str, why: str, paths: tuple[str, ...]) -> None:
        """Ask no more by this method."""
        self._leave(paths, why)
        for task in [t for t in self._todo if t.method == method]:
            self._leave(task.paths, why)
            self._todo.remove(task)

    def _next_root(self) -> None:
        root = self._roots.pop(0)
        self.recording.root = root
        self._todo.append(Task("GetParameterNames", (root,)))

    def _begin(self, method: str) -> None:
        """The names that a method is to be asked for, in small portions."""
        leaves = sorted(n for n in self.recording.names if not n.endswith("."))
        if method == "GetParameterAttributes":
            leaves = [name for name in leaves if name in self.recording.values]
        most = self._most[method]
        for at in range(0, len(leaves), most):
            self._todo.append(Task(method, tuple(leaves[at : at + most])))


def walk(scene: Scene) -> Script:
    """The recorder's requests, in one session or several."""
    recorder = scene.register.recorder
    if recorder is None or not recorder.takes(scene):
        return
    while (task := recorder.next()) is not None:
        answer = yield recorder.request(task)
        recorder.take(task, answer)


def _version(scene: Scene) -> str:
    told = {v.strip() for v in scene.versions.split(",")} & names.NAMESPACES.keys()
    if told:
        return max(told)
    return next(v for v, space in names.NAMESPACES.items() if space == scene.namespace)


def _is_forced(name: str) -> bool:
    root = name[: name.find(".") + 1]
    known = (*FORCED.get(root, ()), "ManagementServer.AliasBasedAddressing")
    return name.removeprefix(root) in known or _WAN.search(name) is not None


def _children(element: Element | None) -> list[Element]:
    return [] if element is None else list(element)


def _whole(text: str | None) -> int:
    text = (text or "").strip()
    return int(text) if text in ("0", "1", "2", "3", "4", "5", "6") else 0
