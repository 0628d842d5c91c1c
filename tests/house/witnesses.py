"""What covers each requirement: tests that say so by a marker, and scenarios by `covers`.

Markers are read from the sources, so the answer does not depend on which tests run, or in which process.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from sync_check.conformance.contract.requirements import REQUIREMENTS, Level, Requirement
from sync_check.scenarios.catalogue import catalogue
from tests.house.checkout import ROOT, files_below

COVERAGE_FILE: Final = ROOT / "docs" / "COVERAGE.md"
PHASES: Final = range(8)
_HEAD: Final = """\
# What covers the requirements

By phase of the [plan](PLAN.md): each requirement of the contract with the scenarios that cover it against any
target, and the files with tests of our own that witness it (`@pytest.mark.witnesses`). Generated; `make docs`
renews it, and a test fails when it is out of date.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A statement that something covers a requirement: by a test file (its path) or a scenario (its id)."""

    requirement_id: str
    source: str


class UnreadableMarker(ValueError):
    """A marker that does not name its requirements as plain strings."""

    def __init__(self, where: str, line: int) -> None:
        super().__init__(where, line)
        self.where = where
        self.line = line

    def __str__(self) -> str:
        return f"{self.where}:{self.line}: a `witnesses` marker takes requirement ids as plain strings"


def marked(source: str, where: str) -> Iterator[Witness]:
    """The witnesses that a test module's markers name; raises `UnreadableMarker`."""
    tree = ast.parse(source)
    called = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _is_marker(node):
            names = _names(called.get(id(node)), where, node.lineno)
            yield from (Witness(requirement_id=name, source=where) for name in names)


def _is_marker(node: ast.Attribute) -> bool:
    return node.attr == "witnesses" and isinstance(node.value, ast.Attribute) and node.value.attr == "mark"


def _names(call: ast.Call | None, where: str, line: int) -> Iterator[str]:
    if call is None or not call.args or call.keywords:
        raise UnreadableMarker(where, line)
    for argument in call.args:
        if not isinstance(argument, ast.Constant) or not isinstance(argument.value, str):
            raise UnreadableMarker(where, line)
        yield argument.value


@cache
def all_witnesses(root: Path = ROOT) -> tuple[Witness, ...]:
    """Every witness there is: scenarios first, then test files in alphabetical order."""
    covering = (Witness(requirement_id=name, source=one.id) for one in catalogue() for name in one.covers)
    modules = sorted(path for path in files_below(root / "tests") if path.suffix == ".py")
    testing = (
        witness
        for path in modules
        for witness in marked(path.read_text(encoding="utf-8"), path.relative_to(root).as_posix())
    )
    return (*covering, *testing)


def unknown(witnesses: tuple[Witness, ...]) -> list[str]:
    """The ids named that the contract does not have, each with where."""
    return [
        f"{one.source} names {one.requirement_id}, which is no requirement"
        for one in witnesses
        if one.requirement_id not in REQUIREMENTS
    ]


def coverage(witnesses: tuple[Witness, ...]) -> Mapping[str, tuple[str, ...]]:
    """For every requirement what covers it, each source once."""
    found: dict[str, dict[str, None]] = {name: {} for name in REQUIREMENTS}
    for one in witnesses:
        found[one.requirement_id][one.source] = None
    return {name: tuple(sources) for name, sources in found.items()}


def uncovered_musts(phase: int, covered: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The MUSTs of a phase that nothing covers."""
    return [rule.id for rule in _of(phase) if rule.level is Level.MUST and not covered[rule.id]]


def coverage_text(covered: Mapping[str, tuple[str, ...]]) -> str:
    """`docs/COVERAGE.md`."""
    summary = ["| Phase | MUST covered | SHOULD covered |", "| --- | --- | --- |"]
    summary += [
        f"| {phase} | {_share(phase, Level.MUST, covered)} | {_share(phase, Level.SHOULD, covered)} |"
        for phase in PHASES
    ]
    blocks = (_HEAD.rstrip(), "\n".join(summary), *(_phase(phase, covered) for phase in PHASES))
    return "\n\n".join(blocks) + "\n"


def _of(phase: int) -> list[Requirement]:
    return [rule for rule in REQUIREMENTS.values() if rule.phase == phase]


def _share(phase: int, level: Level, covered: Mapping[str, tuple[str, ...]]) -> str:
    rules = [rule for rule in _of(phase) if rule.level is level]
    return f"{sum(bool(covered[rule.id]) for rule in rules)} of {len(rules)}"


def _phase(phase: int, covered: Mapping[str, tuple[str, ...]]) -> str:
    lines = [f"## Phase {phase}", "", "| Requirement | Level | Covered by |", "| --- | --- | --- |"]
    for rule in _of(phase):
        sources = ", ".join(f"`{source}`" for source in covered[rule.id])
        lines.append(f"| {rule.id} | {rule.level} | {sources or '**nothing**'} |")
    return "\n".join(lines)
