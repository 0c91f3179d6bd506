"""
A tree of declared parameters -> what a Profile holds of them.

Rule: pure; every problem is collected, none stops the others. Fixed values are
checked against their own type here, living ones by reading them once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from cpesim.cwmp.write import value as struct
from cpesim.device.check import LIMITS, check
from cpesim.device.language.line import type_default
from cpesim.device.language.sections import Sections
from cpesim.device.language.template import bound, pieces_of
from cpesim.device.language.tree import ANY, Leaf, Tree, generic
from cpesim.device.living import Counter, Drift, Entries, Key, Presence, Present, Url
from cpesim.device.model import HIDDEN, Model
from cpesim.device.profile import Parameter, Profile, Table, Value
from cpesim.device.values import Pooled
from cpesim.device.world import World
from cpesim.errors import Problem

_HOME = re.compile(r"(.*\.(?:[0-9]+|\{i\})\.)")
# Devices and moments at which living values are read to see whether they fit.
_SAMPLES = ((0, 0.0), (987_654, 300_000.0))


@dataclass(slots=True)
class Compiled:
    """The part of a Profile that comes from `parameters:`."""

    names: tuple[str, ...] = ()
    parameters: dict[str, Parameter] = field(default_factory=dict)
    objects: dict[str, bool] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    rendered: dict[str, bytes] = field(default_factory=dict)
    inform: tuple[str, ...] = ()
    pools: frozenset[str] = frozenset()
    problems: list[Problem] = field(default_factory=list)


def compile_tree(tree: Tree) -> Compiled:
    """Parameters, objects and tables of a tree, with what is wrong with them."""
    out = Compiled(problems=list(tree.problems))
    shares = _shares(tree)
    for path, leaf in tree.leaves.items():
        parameter = _fitted(path, leaf, tree, shares, out.problems)
        if isinstance(parameter.default, str):
            _check(path, parameter, leaf, out.problems)
        if ANY not in path:
            out.parameters[path] = parameter
    out.names = tuple(sorted(out.parameters))
    out.rendered = rendered(out.parameters)
    out.inform = tuple(n for n, p in out.parameters.items() if p.inform)
    out.objects = _objects(tree)
    out.tables = _tables(tree, shares, out.problems)
    out.pools = _pools(tree)
    return out


def set_interval(sections: Sections, tree: Tree, problems: list[Problem]) -> None:
    """`inform.interval` and PeriodicInformInterval are one thing: the later wins."""
    path = f"{tree.root}ManagementServer.PeriodicInformInterval"
    leaf, place = tree.leaves.get(path), sections.interval
    if leaf is None:
        return
    parameter = leaf.line.parameter
    wanted = str(int(sections.fields.get("interval", 300)))
    if not leaf.line.source or (place is not None and place.file != leaf.node.file):
        # A derived profile's interval stands over the parameter of the one below.
        parameter = replace(parameter, default=wanted)
        tree.leaves[path] = Leaf(replace(leaf.line, parameter=parameter), leaf.node)
    elif place is not None and parameter.default != wanted:
        problems.append(
            leaf.problem(f"expected {wanted}, which inform.interval says, or no value")
        )


def rendered(parameters: dict[str, Parameter]) -> dict[str, bytes]:
    """Each parameter that reads the same on all devices, as a finished struct."""
    done: dict[str, bytes] = {}
    for name, parameter in parameters.items():
        if parameter.hidden:
            text = HIDDEN.get(parameter.type, "")
            done[name] = struct(name, parameter.type, text).encode()
        elif isinstance(parameter.default, str):
            done[name] = struct(name, parameter.type, parameter.default).encode()
    return done


def _home(path: str) -> str:
    """The innermost instance, {i} or numbered, that a path lies in."""
    found = _HOME.match(path)
    return found[1] if found else ""


def _shares(tree: Tree) -> dict[str, float]:
    """How often the client of each instance is present."""
    shares: dict[str, float] = {}
    for path, leaf in tree.leaves.items():
        value = leaf.line.parameter.default
        if isinstance(value, Presence):
            shares[_home(path)] = value.share
    return shares


def _fitted(
    path: str,
    leaf: Leaf,
    tree: Tree,
    shares: dict[str, float],
    problems: list[Problem],
) -> Parameter:
    """The parameter at one path: its value knows its type and its instances."""
    parameter = leaf.line.parameter
    value = parameter.default
    if isinstance(value, str):
        return parameter
    if isinstance(value, Counter):
        if parameter.type not in LIMITS:
            problems.append(leaf.problem(f"a counter cannot be a {parameter.type}"))
        else:
            return replace(parameter, default=_wrapped(value, parameter))
    elif isinstance(value, Present):
        home = _home(path)
        share = shares.get(home, shares.get(_first(tree, home)))
        if share is None:
            problems.append(
                leaf.problem("expected a parameter ~ presence SHARE in this instance")
            )
            share = 1.0
        fitted = replace(value, text=bound(value.text, path), share=share)
        return replace(parameter, default=fitted)
    elif isinstance(value, Entries):
        table = f"{path[: path.rfind('.') + 1]}{value.table}."
        if generic(table) + ANY + "." not in tree.tables:
            problems.append(leaf.problem(f"there is no table {table} beside it"))
    elif (
        isinstance(value, Key) and path.endswith(".ManagementServer.ParameterKey")
    ) or (isinstance(value, Url) and _unheard(tree)):
        return replace(parameter, default="")
    elif isinstance(value, Drift) and parameter.type in LIMITS and value.decimals:
        problems.append(
            leaf.problem(
                f"expected a whole number, for a {parameter.type} has no decimals"
            )
        )
    fixed = bound(value, path)
    return parameter if fixed is value else replace(parameter, default=fixed)


def _unheard(tree: Tree) -> bool:
    """Whether devices leave the factory with connection requests off (C8)."""
    leaf = tree.leaves.get(f"{tree.root}ManagementServer.HTTPConnectionRequestEnable")
    return leaf is not None and leaf.line.parameter.default in ("0", "false")


def _wrapped(counter: Counter, parameter: Parameter) -> Value:
    return replace(counter, wrap=LIMITS[parameter.type][1] + 1)


def _first(tree: Tree, home: str) -> str:
    """The first declared instance of the table that an {i} path lies in."""
    for path in tree.objects:
        if generic(path) == generic(home) and ANY not in path:
            return path
    return ""


def _check(
    path: str, parameter: Parameter, leaf: Leaf, problems: list[Problem]
) -> None:
    assert isinstance(parameter.default, str)
    if leaf.line.loose or not leaf.line.source:
        return
    if not check(parameter, parameter.default):
        return
    if not parameter.default and parameter.choices and parameter.writable:
        return  # a command that reads as empty, as RequestedState
    problem = leaf.problem(
        f"{parameter.default!r} is no value of {path.rpartition('.')[2]}:"
        f" expected {expected(parameter)}"
    )
    if problem not in problems:
        problems.append(problem)


def expected(parameter: Parameter) -> str:
    """What a parameter's value may be, in words."""
    words = [parameter.type]
    if parameter.choices:
        words.append("one of " + ", ".join(parameter.choices))
    if parameter.ranges:
        spans = [
            f"{'' if low is None else low} to {'' if high is None else high}".strip()
            for low, high in parameter.ranges
        ]
        words.append("in " + " or ".join(spans))
    if parameter.length is not None:
        words.append(f"at most {parameter.length} long")
    if parameter.patterns:
        words.append("of the form " + " or ".join(parameter.patterns))
    return ", ".join(words)


def _objects(tree: Tree) -> dict[str, bool]:
    """Each object with whether it may be added to, or deleted."""
    found: dict[str, bool] = {}
    for path in sorted(p for p in tree.objects if ANY not in p):
        above, _, last = path[:-1].rpartition(".")
        table = generic(f"{above}." if last.isdigit() else path) + ANY + "."
        growth = tree.tables.get(table)
        found[path] = path in tree.odd or (growth is not None and growth.writable)
    return found


def _tables(
    tree: Tree, shares: dict[str, float], problems: list[Problem]
) -> dict[str, Table]:
    first: dict[str, str] = {}
    counts: dict[str, int] = {}
    for path in tree.objects:
        above, _, last = path[:-1].rpartition(".")
        if last == ANY or last.isdigit():
            key = generic(above + ".") + ANY + "."
            # The [] block declares a new instance; else the first one is its model.
            if key not in first or (last == ANY and not first[key].endswith(ANY + ".")):
                first[key] = path
            if last != ANY:
                counts[above] = counts.get(above, 0) + 1
                growth = tree.tables.get(key)
                if growth and growth.writable and counts[above] > growth.most:
                    problems.append(
                        growth.node.problem(
                            f"{counts[above]} instances: expected at most {growth.most}"
                        )
                    )
    below = _beneath(tree, set(first.values()))
    tables = {}
    for key, growth in tree.tables.items():
        home = first.get(key)
        leaves, objects = below.get(home, ({}, ())) if home else ({}, ())
        template = {
            name: _new(f"{home}{name}", leaf, tree, shares, problems)
            for name, leaf in leaves.items()
        }
        tables[key] = Table(growth.writable, growth.most, template, tuple(objects))
    return tables


def _beneath(
    tree: Tree, homes: set[str]
) -> dict[str, tuple[dict[str, Leaf], list[str]]]:
    """What lies in each instance, but for what lies in instances inside it."""
    below: dict[str, tuple[dict[str, Leaf], list[str]]] = {h: ({}, []) for h in homes}
    for path, leaf in sorted(tree.leaves.items()):
        home = _home(path)
        if home in below:
            below[home][0][path[len(home) :]] = leaf
    for path in sorted(tree.objects):
        home = _home(path)
        if home in below and path != home:
            below[home][1].append(path[len(home) :])
    return below


def _new(
    path: str,
    leaf: Leaf,
    tree: Tree,
    shares: dict[str, float],
    problems: list[Problem],
) -> Parameter:
    """The parameter of a new instance: values that live do so there too."""
    # {i} stays open: the new instance's number is not known yet.
    parameter = _fitted(generic(path), leaf, tree, shares, [])
    if parameter.default == "":
        return parameter  # written so, be it of a command
    if isinstance(parameter.default, str) and ANY not in _home(path):
        return replace(parameter, default=type_default(parameter))
    return parameter


def _pools(tree: Tree) -> frozenset[str]:
    found = set()
    for leaf in tree.leaves.values():
        value = leaf.line.parameter.default
        inner = value.text if isinstance(value, Present) else value
        found |= {p.pool for p in pieces_of(inner) if isinstance(p, Pooled)}
    return frozenset(found)


def misfits(profile: Profile, tree: Tree) -> list[Problem]:
    """Living values that do not fit their own parameter, found by reading them."""
    problems: dict[tuple[int, int], Problem] = {}
    world = World(1, epoch=1.7e9)
    for n, now in _SAMPLES:
        model = Model(profile, n, world)
        for path, leaf in tree.leaves.items():
            parameter = profile.parameters.get(path)
            if parameter is None or isinstance(parameter.default, str):
                continue
            if leaf.line.loose:
                continue
            text = parameter.default(model, path, now)
            if check(parameter, text):
                place = (id(leaf.node), leaf.line.at)
                problems.setdefault(
                    place,
                    leaf.problem(
                        f"it may read {text!r}, no value of"
                        f" {path.rpartition('.')[2]}: expected {expected(parameter)}"
                    ),
                )
    return list(problems.values())
