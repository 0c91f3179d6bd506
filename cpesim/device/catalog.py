"""
The kinds of devices: shipped ones by name, a user's by path, dumps of real ones.

Rule: the one file of `device` that opens files. A profile is
compiled once, in the parent; workers get the finished Profile.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from cpesim.device.fitting import (
    judge_of,
    with_behaviours,
    with_identities,
    with_interval,
    with_patterns,
)
from cpesim.device.identities import parse_identities, spell_identities
from cpesim.device.identity import pools
from cpesim.device.language.compile import Compiled, compile_tree, misfits, set_interval
from cpesim.device.language.forms.profile import ProfileText
from cpesim.device.language.sections import (
    NEEDED,
    NOWHERE,
    Sections,
    circles,
    device_of,
    sections_of,
)
from cpesim.device.language.template import suggest
from cpesim.device.language.tree import Tree
from cpesim.device.profile import Behaviour, Profile
from cpesim.device.world import World
from cpesim.errors import ConfigError, Problem
from cpesim.yamltext import Node, build, parse

MOST_EXTENDS = 8
ROOTS = ("Device.", "InternetGatewayDevice.")
DUMPS = (".csv", ".json")


def find_profiles_dir() -> Path:
    """Where the shipped profiles are: in the installed package, or the checkout."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "profiles"
    return installed if installed.is_dir() else package.parent / "profiles"


def profile_names() -> list[str]:
    """The names of the shipped profiles."""
    return sorted(path.stem for path in find_profiles_dir().glob("*.yaml"))


def load_profile(
    name_or_path: str,
    *,
    identities: str | None = None,
    first: int = 0,
    count: int | None = None,
    oui: str | None = None,
    serial: str | None = None,
    username: str | None = None,
    password: str | None = None,
    interval: float | None = None,
    behaviours: Sequence[Behaviour] | None = None,
) -> Profile:
    """
    A shipped profile by its name, a profile file, or a device's dump (CSV, JSON).

    The rest is what a group sets over it: patterns of its identity (*password* is
    taken as it is), the period of its Informs, and a file of *identities*, whose rows
    are those of *count* devices from number *first* on.
    """
    path = _path(name_or_path)
    if path.suffix.lower() in DUMPS:
        from cpesim.device.dumps.dump import load_dump

        profile = load_dump(read(path), str(path))
    else:
        profile = compile_profile(read(path), str(path))
    profile = with_behaviours(profile, behaviours)
    patterns = {
        "oui": oui,
        "serial": serial,
        "username": username,
        "password": password,
    }
    profile = with_interval(with_patterns(profile, patterns), interval)
    if identities is None:
        return profile
    text = read(Path(identities))
    found = parse_identities(text, identities, first=first, judge=judge_of(profile))
    if count is not None and len(found.rows) < count:
        raise ConfigError(
            f"{identities}: {len(found.rows):,} devices, but {count:,} are wanted:"
            " expected a row for each"
        )
    return with_identities(profile, found)


def write_identities(
    profile: Profile, world: World, count: int, out: str | Path | TextIO
) -> None:
    """
    The identities of a fleet as a CSV, passwords included.

    A file is readable by its owner only.
    """
    lines = spell_identities(profile, world, count)
    if not isinstance(out, str | Path):
        out.writelines(lines)
        return
    path = Path(out)
    new = path.with_name(f".{path.name}.new")
    try:
        new.unlink(missing_ok=True)
        new.touch(mode=0o600, exist_ok=False)
        with new.open("w", encoding="utf-8", newline="") as file:
            file.writelines(lines)
        new.replace(path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}") from None


def _path(name_or_path: str, near: Path | None = None) -> Path:
    path = Path(name_or_path)
    if path.suffix.lower() in (".yaml", ".yml", *DUMPS) or len(path.parts) > 1:
        return near / path if near is not None else path
    shipped = find_profiles_dir() / f"{name_or_path}.yaml"
    if not shipped.is_file():
        names = profile_names()
        hint = suggest(name_or_path, names) or f": expected {', '.join(names)}"
        raise ConfigError(
            f"no profile is called {name_or_path!r}{hint}, or a file's path"
        )
    return shipped


def read(path: Path) -> str:
    """The text of a user's file; a BOM, as Excel writes it, is left out."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8", "replace")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise ConfigError(
            Problem(str(path), line, column, "not UTF-8 text: expected UTF-8")
        ) from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None


def compile_profile(text: str, file: str) -> Profile:
    """A profile's YAML text as a Profile, still without behaviours."""
    tree = Tree("")
    problems: list[Problem] = []
    sections = _layer(text, file, tree, problems, ())
    if sections is None:
        problems += compile_tree(tree).problems
        raise ConfigError(*sorted(set(problems)))
    top = Node(file, 1, 1)
    if not sections.root:
        problems.append(
            top.problem(f"'root' is missing: expected {' or '.join(ROOTS)}")
        )
    for name in NEEDED:
        if name not in sections.device and not problems:
            problems.append(top.problem(f"'device.{name}' is missing"))
    for name in circles(sections.device):
        problems.append(top.problem(f"device.{name} is made of itself"))
    set_interval(sections, tree, problems)
    compiled = compile_tree(tree)
    problems += compiled.problems
    if not problems:
        profile = _profile(sections, compiled)
        problems += misfits(profile, tree)
    if problems:
        raise ConfigError(*sorted(set(problems)))
    return profile


def _layer(
    text: str, file: str, tree: Tree, problems: list[Problem], above: tuple[str, ...]
) -> Sections | None:
    """Put one file, and what it extends below it, into the tree."""
    try:
        node = parse(text, file)
    except ConfigError as error:
        problems += [p for p in error.problems if isinstance(p, Problem)]
        return None
    given: dict[str, Any] | None = None
    try:
        given = build(node, ProfileText).model_dump()
    except ConfigError as error:
        problems += [p for p in error.problems if isinstance(p, Problem)]
    below: Sections | None = None
    base = node.members.get("extends")
    if base is not None and base.text:
        below = _extended(base, tree, problems, (*above, file))
    device = device_of(node, problems)
    root = node.members.get("root")
    if root is not None and root.text in ROOTS:
        if below is not None and below.root and below.root != root.text:
            problems.append(
                root.problem(f"expected {below.root}, as {base and base.text}")
            )
        _root(tree, root.text)
    if not tree.root and below is None:
        _root(tree, ROOTS[0])  # to find what else is wrong
    for path in node.members.get("remove", NOWHERE).items:
        tree.remove(path)
    parameters = node.members.get("parameters")
    if parameters is not None:
        tree.merge(parameters)
    if given is None:
        return None
    sections = sections_of(given, node, device)
    return sections if below is None else sections.over(below)


def _root(tree: Tree, root: str) -> None:
    if not tree.root:
        tree.root, tree.objects = root, {root: None}


def _extended(
    base: Node, tree: Tree, problems: list[Problem], above: tuple[str, ...]
) -> Sections | None:
    try:
        path = _path(base.text, Path(base.file).parent)
        text = read(path)
    except ConfigError as error:
        problems.append(base.problem(str(error)))
        return None
    file = str(path)
    if file in above or len(above) > MOST_EXTENDS:
        problems.append(base.problem(f"{base.text} extends itself in the end"))
        return None
    return _layer(text, file, tree, problems, above)


def _profile(sections: Sections, compiled: Compiled) -> Profile:
    fields = sections.profile_fields()
    path = f"{sections.root}ManagementServer.PeriodicInformInterval"
    parameter = compiled.parameters.get(path)
    if parameter is not None and isinstance(parameter.default, str):
        fields["interval"] = float(parameter.default)
    return Profile(
        names=compiled.names,
        parameters=compiled.parameters,
        objects=compiled.objects,
        tables=compiled.tables,
        rendered=compiled.rendered,
        inform=compiled.inform,
        pools=pools(compiled.pools),
        **fields,
    )
