"""What covers each requirement: scenarios by `covers`, judges by naming it, tests of our own by a marker.

Markers and names are read from the sources, so the answer does not depend on what runs, or in which process.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from sync_check.conformance.contract.requirements import REQUIREMENTS, Level, Requirement, Subject
from sync_check.scenarios.catalogue import catalogue
from tests.house.checkout import ROOT, files_below

COVERAGE_FILE: Final = ROOT / "docs" / "COVERAGE.md"
PHASES: Final = range(8)
JUDGING: Final = ("conformance/judges", "conformance/model")
"""The folders whose modules say which requirement was broken, or seen to hold, in a run."""
_LEVELS: Final = (Level.MUST, Level.SHOULD)
_TESTS: Final = "tests/"
_MARKER: Final = "witnesses"
_Coverage = Mapping[str, tuple[str, ...]]
_HEAD: Final = """\
# What covers the requirements

By phase of the [plan](PLAN.md). *Any target* is what a run against any server gets: a scenario that covers
the requirement, and passes only if it was witnessed. Where there is none, but a judge (or the model that it
asks) names the requirement, no run insists on having seen it; it is judged where it shows, and no seeded
defect need prove that each way of breaking it is found. *Own tests* are files with tests of this project
(`@pytest.mark.witnesses`): they hold the reference server, the web shell and the judges themselves to it,
and say nothing of another server. What one run has witnessed is in its report. Generated; `make docs` renews
it, and a test fails when it is out of date.

In the first table, rules for clients count among own tests alone: a target is a server.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A statement that something covers a requirement: a scenario, a judging module or a test file."""

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
    if _MARKER not in source:
        return
    tree = ast.parse(source)
    called = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _is_marker(node):
            names = _names(called.get(id(node)), where, node.lineno)
            yield from (Witness(requirement_id=name, source=where) for name in names)


def _is_marker(node: ast.Attribute) -> bool:
    return node.attr == _MARKER and isinstance(node.value, ast.Attribute) and node.value.attr == "mark"


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


def named(source: str, where: str) -> Iterator[Witness]:
    """The requirements that a judging module names: in strings that are an id and nothing else."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in REQUIREMENTS:
            yield Witness(requirement_id=node.value, source=where)


@cache
def all_citations(root: Path = ROOT) -> tuple[Witness, ...]:
    """Every requirement that a judging module names, modules in alphabetical order."""
    modules = sorted(path for folder in JUDGING for path in (root / folder).rglob("*.py"))
    return tuple(
        citation
        for path in modules
        for citation in named(path.read_text(encoding="utf-8"), path.relative_to(root).as_posix())
    )


def unknown(witnesses: tuple[Witness, ...]) -> list[str]:
    """The ids named that the contract does not have, each with where."""
    return [
        f"{one.source} names {one.requirement_id}, which is no requirement"
        for one in witnesses
        if one.requirement_id not in REQUIREMENTS
    ]


def coverage(witnesses: tuple[Witness, ...]) -> _Coverage:
    """For every requirement what covers it, each source once."""
    found: dict[str, dict[str, None]] = {name: {} for name in REQUIREMENTS}
    for one in witnesses:
        found[one.requirement_id][one.source] = None
    return {name: tuple(sources) for name, sources in found.items()}


def uncovered_musts(phase: int, covered: _Coverage) -> list[str]:
    """The MUSTs of a phase that nothing covers."""
    return [rule.id for rule in _of(phase) if rule.level is Level.MUST and not covered[rule.id]]


def coverage_text(covered: _Coverage, cited: _Coverage) -> str:
    """`docs/COVERAGE.md`: of what covers a requirement, and of the judging modules that name it."""
    anywhere = {name: _scenarios(covered[name]) or cited[name] for name in REQUIREMENTS}
    own = {name: _tests(covered[name]) for name in REQUIREMENTS}
    blocks = (_HEAD.rstrip(), _summary(anywhere, own), *(_phase(phase, anywhere, own) for phase in PHASES))
    return "\n\n".join(blocks) + "\n"


def _scenarios(sources: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(source for source in sources if not source.startswith(_TESTS))


def _tests(sources: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(source for source in sources if source.startswith(_TESTS))


def _of(phase: int) -> list[Requirement]:
    return [rule for rule in REQUIREMENTS.values() if rule.phase == phase]


def _summary(anywhere: _Coverage, own: _Coverage) -> str:
    lines = [
        "| Phase | MUST, any target | SHOULD, any target | MUST, own tests | SHOULD, own tests |",
        "| --- | --- | --- | --- | --- |",
    ]
    for phase in PHASES:
        rules = _of(phase)
        servers = [rule for rule in rules if rule.subject is Subject.SERVER]
        shares = [_share(servers, level, anywhere) for level in _LEVELS]
        shares += [_share(rules, level, own) for level in _LEVELS]
        lines.append(f"| {phase} | {' | '.join(shares)} |")
    return "\n".join(lines)


def _share(rules: list[Requirement], level: Level, covered: _Coverage) -> str:
    weighed = [rule for rule in rules if rule.level is level]
    return f"{sum(bool(covered[rule.id]) for rule in weighed)} of {len(weighed)}" if weighed else "-"


def _phase(phase: int, anywhere: _Coverage, own: _Coverage) -> str:
    lines = [
        f"## Phase {phase}",
        "",
        "| Requirement | Level | Any target | Own tests |",
        "| --- | --- | --- | --- |",
    ]
    for rule in _of(phase):
        nothing = "**nothing**" if rule.subject is Subject.SERVER else "a rule for clients"
        cells = (_cell(anywhere[rule.id], nothing), _cell(own[rule.id], "nothing"))
        lines.append(f"| {rule.id} | {rule.level} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(sources: tuple[str, ...], nothing: str) -> str:
    return ", ".join(f"`{source}`" for source in sources) or nothing
