"""
Words of an ACS that errs: the CPE has to answer each error with the right fault.

Rule: what is wrong on purpose is wrong here only; each row names the rule that says
what has to come back. These envelopes are the only ones that the schemas refuse.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cpesim.acs import calls
from cpesim.acs.answers import code_of
from cpesim.acs.calls import File, Request
from cpesim.acs.words.scene import PING, Scene, Script, known, newest, wanted

_KEY = "wrong"
_NOWHERE = "X_CPESIM_Nowhere"
_INTERVAL = "ManagementServer.PeriodicInformInterval"
_VERSION = "DeviceInfo.SoftwareVersion"


class Row(NamedTuple):
    """A wrong request, the faults that are right, and the code of its one entry."""

    what: str  # begins with the rule
    request: Request
    codes: tuple[int, ...]
    entry: int = 0


def _set(what: str, entry: int, *entries: tuple[str, str, str]) -> Row:
    # Without a key in the record: the CPE must not take it (P10).
    request = calls.set_parameter_values(entries, _KEY)._replace(key="")
    return Row(what, request, (9003,), entry)


def _requests(root: str) -> Iterator[Row]:
    """What is wrong with any CPE."""
    nowhere = root + _NOWHERE
    interval, version = root + _INTERVAL, root + _VERSION
    names, values = calls.get_parameter_names, calls.get_parameter_values
    yield Row("S11 an unknown method", calls.request("X_CPESIM_Dance", ""), (9000,))
    yield Row(
        "S11 GetParameterNames without NextLevel",
        calls.request("GetParameterNames", calls.fields(("ParameterPath", root))),
        (9003,),
    )
    yield Row(
        "S11 NextLevel that is no boolean",
        calls.request(
            "GetParameterNames",
            calls.fields(("ParameterPath", root), ("NextLevel", "perhaps")),
        ),
        (9003,),
    )
    yield Row(
        "S11 GetParameterValues without names",
        calls.request("GetParameterValues", ""),
        (9003,),
    )
    yield Row("P1 the value of an unknown name", values([nowhere]), (9005,))
    yield Row("P1 the values of an unknown object", values([nowhere + "."]), (9005,))
    yield Row("P2 the names of an unknown path", names(nowhere, False), (9005,))
    yield Row("P2 NextLevel with a parameter", names(version, True), (9003,))
    yield _set("P3 an unknown name", 9005, (nowhere, "string", "x"))
    yield _set("P3 a parameter that is not writable", 9008, (version, "string", "9"))
    yield _set("P3 a value of a wrong type", 9006, (interval, "boolean", "1"))
    yield _set("P4 a value out of its range", 9007, (interval, "unsignedInt", "0"))
    yield _set(
        "P3 a name twice",
        0,
        (interval, "unsignedInt", "3601"),
        (interval, "unsignedInt", "3602"),
    )
    yield _set(
        "P3 one bad entry of two",
        9005,
        (interval, "unsignedInt", "3603"),
        (nowhere, "string", "x"),
    )
    yield Row("P5 attributes of nothing", _attributes(nowhere), (9005,))
    yield Row(
        "P5 an unknown name's attributes",
        calls.set_parameter_attributes([(nowhere, 1)]),
        (9005,),
    )
    yield Row(
        "P5 a notification that there is not",
        calls.set_parameter_attributes([(interval, 9)]),
        (9003,),
    )
    add, delete = calls.add_object, calls.delete_object
    for what, request in (
        ("P6 AddObject on no table", add(root + "DeviceInfo.", _KEY)),
        ("P6 AddObject without the last dot", add(root + "DeviceInfo", _KEY)),
        ("P6 AddObject on nothing", add(nowhere + ".", _KEY)),
        ("P7 DeleteObject of nothing", delete(nowhere + ".1.", _KEY)),
        ("P7 DeleteObject of no instance", delete(root + "DeviceInfo.", _KEY)),
    ):
        yield Row(what, request._replace(key=""), (9005,))
    yield Row("I5 ScheduleInform at once", calls.schedule_inform(0, _KEY), (9003,))
    file = File("1 Firmware Upgrade Image", "x-nothing://127.0.0.1/a")
    yield Row("T5 a Download by no protocol", calls.download(_KEY, file), (9013, 9003))


def _attributes(name: str) -> Request:
    return calls.get_parameter_attributes([name])


def wrong(scene: Scene) -> Script:
    """All of that, and nothing may have changed after it."""
    root = scene.cpe.root
    kind = yield from known(scene)
    watched = [root + _INTERVAL, root + "ManagementServer.ParameterKey"]
    answer = yield calls.get_parameter_values(watched)
    before = None if answer.fault else answer.values()
    rows = list(_requests(root))
    if PING[root] in kind.has:
        state = root + PING[root] + "DiagnosticsState"
        rows.append(
            _set("B5 a DiagnosticsState that is told", 9007, (state, "string", "None"))
        )
    if not newest(scene):
        rows.append(
            Row("V1 a method of a later version", calls.cancel_transfer(""), (9000,))
        )
    for row in rows:
        answer = yield row.request
        right = wanted(scene, answer, row.codes, row.what)
        if not (right and row.entry):
            continue
        told = [code_of(code) for _, code in answer.entries]
        if told != [row.entry]:
            text = f"{row.what}: {told}, not {row.entry}"
            scene.found.append(("P3 codes of the entries", text))
    answer = yield calls.get_parameter_values(watched)
    if before is not None and not answer.fault and answer.values() != before:
        scene.found.append(("P3 a refused request changed something", f"{before}"))


def options(scene: Scene) -> Script:
    """GetOptions and SetVouchers, which are deprecated: no CPE has them."""
    answer = yield calls.get_options("")
    wanted(scene, answer, (9000,), "F GetOptions")
    answer = yield calls.set_vouchers(["bm9uZQ=="])
    wanted(scene, answer, (9000,), "F SetVouchers")


def must_understand(scene: Scene) -> Script:
    """A header that nobody knows: refused with mustUnderstand, ignored without."""
    for must in (True, False):
        mark = f' soap-env:mustUnderstand="{must:d}"'
        header = f'<x:Odd xmlns:x="urn:cpesim:odd"{mark}>1</x:Odd>'
        name = scene.cpe.root + "ManagementServer.ParameterKey"
        request = calls.get_parameter_values([name])
        answer = yield request._replace(header=header, must=must)
        if must and not answer.fault:
            scene.found.append(("S13 mustUnderstand was not minded", ""))
        elif not must and answer.fault:
            scene.found.append(
                ("S13 a header to be ignored was not", str(answer.fault))
            )
