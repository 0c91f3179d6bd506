"""The walk through a CPE, spoken by CPEs that are written by hand and are difficult."""

from __future__ import annotations

import re
from collections import Counter

import pytest
import trio
import trio.testing

from cpesim.acs import Acs, AcsSettings
from cpesim.acs.record import AT_ONCE, PATIENCE, Recorder
from cpesim.errors import ConfigError
from tests.acs.cpe import IGD, PARAMETERS, TR181, Line, Reply, envelope, fault, inform


class Tree:
    """A CPE's whole model; *most* names in one answer, *dead* ones cannot be read."""

    def __init__(self, root: str = IGD, leaves: int = 150) -> None:
        own = PARAMETERS if root == IGD else TR181
        self.root = root
        self.values = {root + name: text for name, text in own.items()}
        for number in range(1, leaves + 1):
            self.values[f"{root}X_ACME.Entry.{number}.Name"] = f"n{number}"
        self.most = 10_000
        self.dead: dict[str, int] = {}
        self.lacking: set[str] = set()  # listed, but never in an answer
        self.unsupported: set[str] = set()
        self.asked: Counter[str] = Counter()
        self.largest = 0

    def __call__(self, call: Reply) -> str:
        """The answer to any of the four RPCs that read."""
        self.asked[call.method] += 1
        if call.method in self.unsupported:
            return self._fault(call, 9000)
        answer: str = getattr(self, call.method)(call)
        return answer

    def _fault(self, call: Reply, code: int) -> str:
        return fault(code, call.get("ID"))

    def GetRPCMethods(self, call: Reply) -> str:
        return (
            '<C:GetRPCMethodsResponse><MethodList E:arrayType="xsd:string[2]">'
            "<string>GetRPCMethods</string><string>X_ACME_Dance</string>"
            "</MethodList></C:GetRPCMethodsResponse>"
        )

    def _all(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for name in self.values:
            parts = name.split(".")
            found |= {".".join(parts[:i]) + ".": "0" for i in range(1, len(parts))}
            found[name] = "1" if name.endswith("Name") else "0"
        return found | {self.root + "X_ACME.Entry.": "1"}

    def GetParameterNames(self, call: Reply) -> str:
        path, level = call.get("ParameterPath"), call.get("NextLevel") == "1"
        found = {n: w for n, w in self._all().items() if n.startswith(path)}
        if not found or path in self.dead:
            return self._fault(call, self.dead.get(path, 9005))
        if level:
            found = {
                n: w
                for n, w in found.items()
                if n != path and "." not in n[len(path) :].rstrip(".")
            }
        elif len(found) > self.most:
            return self._fault(call, 9004)
        structs = "".join(
            f"<ParameterInfoStruct><Name>{n}</Name><Writable>{w}</Writable>"
            "</ParameterInfoStruct>"
            for n, w in found.items()
        )
        return (
            "<C:GetParameterNamesResponse><ParameterList"
            f' E:arrayType="C:ParameterInfoStruct[{len(found)}]">{structs}'
            "</ParameterList></C:GetParameterNamesResponse>"
        )

    def _wanted(self, call: Reply) -> tuple[list[str], int]:
        paths = re.findall("<string>([^<]*)</string>", call.text)
        self.largest = max(self.largest, len(paths))
        code = next((self.dead[p] for p in paths if p in self.dead), 0)
        if len(paths) > self.most:
            code = 9004
        return [p for p in paths if p not in self.lacking], code

    def GetParameterValues(self, call: Reply) -> str:
        paths, code = self._wanted(call)
        if code:
            return self._fault(call, code)
        structs = "".join(
            f"<ParameterValueStruct><Name>{p}</Name>"
            f'<Value xsi:type="xsd:string">{self.values[p]}</Value>'
            "</ParameterValueStruct>"
            for p in paths
        )
        return (
            "<C:GetParameterValuesResponse><ParameterList"
            f' E:arrayType="C:ParameterValueStruct[{len(paths)}]">{structs}'
            "</ParameterList></C:GetParameterValuesResponse>"
        )

    def GetParameterAttributes(self, call: Reply) -> str:
        paths, code = self._wanted(call)
        if code:
            return self._fault(call, code)
        structs = "".join(
            f"<ParameterAttributeStruct><Name>{p}</Name><Notification>"
            f"{2 if p.endswith('SoftwareVersion') else 0}</Notification>"
            '<AccessList E:arrayType="xsd:string[1]"><string>Subscriber</string>'
            "</AccessList></ParameterAttributeStruct>"
            for p in paths
        )
        return (
            "<C:GetParameterAttributesResponse><ParameterList"
            f' E:arrayType="C:ParameterAttributeStruct[{len(paths)}]">{structs}'
            "</ParameterList></C:GetParameterAttributesResponse>"
        )


async def walked(tree: Tree) -> tuple[Recorder, Acs, list[str]]:
    """A recorder after one session with that CPE."""
    ended = trio.Event()
    recorder = Recorder(ended.set)
    server = Acs(AcsSettings(port=0, record=True), recorder)
    asked: list[str] = []
    async with trio.open_nursery() as nursery:
        host, port = await nursery.start(lambda **kw: server.serve(**kw))
        line = Line(await trio.open_tcp_stream(host, port))
        asked = await line.session("1 BOOT", answer=tree, root=tree.root)
        assert recorder.finished == ended.is_set()
        await trio.aclose_forcefully(line.stream)
        nursery.cancel_scope.cancel()
    return recorder, server, asked


async def test_everything_is_asked_a_few_at_a_time() -> None:
    """Names by object, values and attributes in small portions, nothing twice."""
    tree = Tree()
    recorder, server, asked = await walked(tree)
    found = recorder.recording

    assert recorder.finished
    assert found.values.keys() == tree.values.keys() == found.attributes.keys()
    assert found.values[IGD + "X_ACME.Entry.7.Name"] == ("n7", "xsd:string")
    assert found.names[IGD + "X_ACME.Entry.7.Name"] is True
    assert found.names[IGD + "X_ACME.Entry."] is True
    assert found.names[IGD + "X_ACME."] is False
    assert found.attributes[IGD + "DeviceInfo.SoftwareVersion"] == (2, ("Subscriber",))
    assert found.methods == ["GetRPCMethods", "X_ACME_Dance"]
    assert found.events == ["1 BOOT"]
    assert found.forced == tuple(IGD + name for name in PARAMETERS)
    assert found.identity["serial"] == "000001"
    assert (found.faults, found.unread, found.cwmp) == (0, {}, "1.0")
    assert tree.largest == AT_ONCE
    portions = -(-len(tree.values) // AT_ONCE)
    assert tree.asked["GetParameterValues"] == portions
    assert tree.asked["GetParameterAttributes"] == portions
    assert all(method.startswith("Get") for method in asked)
    assert server.stats()["violations"]["count"] == 0


async def test_a_small_cpe_is_asked_for_less() -> None:
    """9004: halves, and no large portion again; names by their level."""
    tree = Tree(leaves=100)
    tree.most = 20
    recorder, _, _ = await walked(tree)
    found = recorder.recording

    assert found.values.keys() == tree.values.keys()
    assert found.attributes.keys() == tree.values.keys()
    assert recorder.finished
    # One answer too large each: 64, 32; then 16 at a time.
    assert tree.asked["GetParameterValues"] <= 2 + -(-len(tree.values) // 16) + 2


async def test_what_cannot_be_read_is_told_and_nothing_else_is_lost() -> None:
    """9005 and 9002 for single names: halves down to them, the rest is there."""
    tree = Tree()
    dead = IGD + "X_ACME.Entry.70.Name"
    odd = IGD + "X_ACME.Entry.3.Name"
    silent = IGD + "X_ACME.Entry.9.Name"
    tree.dead = {dead: 9005, odd: 9002}
    tree.lacking = {silent}
    recorder, _, _ = await walked(tree)
    found = recorder.recording

    assert found.values.keys() == tree.values.keys() - {dead, odd, silent}
    assert found.unread == {
        dead: "GetParameterValues: 9005",
        odd: "GetParameterValues: 9002",
        silent: "GetParameterValues: it is not in the answer",
    }
    assert found.faults > 2
    assert recorder.finished


async def test_an_rpc_that_it_does_not_know_is_asked_once() -> None:
    """9000: no more of it; the values are there all the same."""
    tree = Tree()
    tree.unsupported = {"GetParameterAttributes", "GetRPCMethods"}
    recorder, _, _ = await walked(tree)

    assert tree.asked["GetParameterAttributes"] == 1
    assert recorder.recording.attributes == {}
    assert len(recorder.recording.values) == len(tree.values)
    assert recorder.recording.methods == []


async def test_an_rpc_that_always_fails_is_given_up() -> None:
    """After so many names in a row; not after each of thousands."""
    tree = Tree(leaves=400)
    tree.dead = dict.fromkeys(tree.values, 9002)
    recorder, _, _ = await walked(tree)

    assert recorder.finished
    assert tree.asked["GetParameterValues"] < 4 * PATIENCE
    assert len(recorder.recording.unread) == len(tree.values)


async def test_the_other_root_is_tried() -> None:
    """A CPE whose Inform tells nothing of its root, and faults the usual one."""
    tree = Tree(IGD)
    recorder = Recorder()
    server = Acs(AcsSettings(port=0, record=True), recorder)
    async with trio.open_nursery() as nursery:
        host, port = await nursery.start(lambda **kw: server.serve(**kw))
        line = Line(await trio.open_tcp_stream(host, port))
        asked = await line.session("1 BOOT", answer=tree, parameters={"Odd": "1"})
        await trio.aclose_forcefully(line.stream)
        nursery.cancel_scope.cancel()
    assert asked.count("GetParameterNames") > 1
    assert recorder.recording.root == IGD
    assert recorder.recording.values.keys() == tree.values.keys()


async def test_both_roots() -> None:
    """TR-181 as well as TR-098."""
    tree = Tree("Device.")
    recorder, _, _ = await walked(tree)
    assert recorder.recording.root == "Device."
    assert recorder.recording.values.keys() == tree.values.keys()


async def test_a_session_that_breaks_is_gone_on_with() -> None:
    """In the next one, where it was; over what breaks it twice, with less."""
    tree = Tree()
    poison = IGD + "X_ACME.Entry.33.Name"
    recorder = Recorder()
    server = Acs(AcsSettings(port=0, record=True), recorder)
    sessions = 0
    async with trio.open_nursery() as nursery:
        host, port = await nursery.start(lambda **kw: server.serve(**kw))
        while not recorder.finished:
            sessions += 1
            assert sessions < 60
            line = Line(await trio.open_tcp_stream(host, port))
            await line.post(inform("1 BOOT" if sessions == 1 else "2 PERIODIC"))
            reply = await line.post()
            while reply.status == 200:
                if reply.method == "GetParameterValues" and poison in reply.text:
                    break  # it crashes
                body = tree(reply)
                if not body.startswith("<?xml"):
                    body = envelope(body, reply.get("ID"))
                reply = await line.post(body)
            await trio.aclose_forcefully(line.stream)
            await trio.testing.wait_all_tasks_blocked(0.01)
        nursery.cancel_scope.cancel()
    found = recorder.recording
    assert found.values.keys() == tree.values.keys() - {poison}
    assert found.unread[poison] == "GetParameterValues: the session broke over it"
    assert tree.asked["GetRPCMethods"] == 1
    assert found.sessions == sessions


async def test_one_cpe_is_walked_and_no_other() -> None:
    """The second one is greeted."""
    tree = Tree()
    recorder = Recorder()
    server = Acs(AcsSettings(port=0, record=True), recorder)
    async with trio.open_nursery() as nursery:
        host, port = await nursery.start(lambda **kw: server.serve(**kw))
        first = Line(await trio.open_tcp_stream(host, port))
        second = Line(await trio.open_tcp_stream(host, port))
        await first.post(inform("1 BOOT"))
        assert (await first.post()).method == "GetRPCMethods"
        assert await second.session("1 BOOT", serial="000002") == []
        for line in (first, second):
            await trio.aclose_forcefully(line.stream)
        nursery.cancel_scope.cancel()
    assert recorder.key.endswith("000001")
    assert tree.asked.total() == 0


async def test_what_only_changed_is_not_forced() -> None:
    """An Inform with 4 VALUE CHANGE tells more than what is forced (I2)."""
    tree = Tree()
    recorder = Recorder()
    server = Acs(AcsSettings(port=0, record=True), recorder)
    async with trio.open_nursery() as nursery:
        host, port = await nursery.start(lambda **kw: server.serve(**kw))
        line = Line(await trio.open_tcp_stream(host, port))
        own = {**PARAMETERS, "X_ACME.Entry.1.Name": "new"}
        await line.session("4 VALUE CHANGE", answer=tree, parameters=own)
        await trio.aclose_forcefully(line.stream)
        nursery.cancel_scope.cancel()
    assert recorder.recording.forced == tuple(IGD + name for name in PARAMETERS)


async def test_text_without_end_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A CPE whose values are larger than any profile fills no memory."""
    monkeypatch.setattr("cpesim.acs.record.MOST_TEXT", 400)
    recorder, _, _ = await walked(Tree())
    found = recorder.recording

    assert recorder.finished
    assert sum(len(text) for text, _ in found.values.values()) <= 400
    assert "more text than a profile has" in found.unread.values()


async def test_names_without_end_are_bounded() -> None:
    """A CPE that answers each level with a deeper one does not hold us for ever."""

    class Endless(Tree):
        def GetParameterNames(self, call: Reply) -> str:
            path = call.get("ParameterPath")
            if call.get("NextLevel") == "0":
                return self._fault(call, 9004)
            return (
                "<C:GetParameterNamesResponse><ParameterList"
                ' E:arrayType="C:ParameterInfoStruct[1]"><ParameterInfoStruct>'
                f"<Name>{path}A.</Name><Writable>0</Writable></ParameterInfoStruct>"
                "</ParameterList></C:GetParameterNamesResponse>"
            )

    tree = Endless()
    recorder, _, _ = await walked(tree)
    assert recorder.finished
    assert tree.asked["GetParameterNames"] < 100


def test_a_recording_changes_nothing() -> None:
    """So there is no script beside it, and no knock, which sets a password."""
    for more in ({"script": "provision"}, {"script": "1 BOOT: reboot"}):
        with pytest.raises(ConfigError, match="it only looks"):
            AcsSettings(record=True, **more)
    with pytest.raises(ConfigError, match="it only looks"):
        AcsSettings(record=True, knock_every=60.0)
    assert AcsSettings(record=True).plan.once == ("record a CPE",)
    with pytest.raises(ConfigError, match="no word 'record'"):
        AcsSettings(script="record")
