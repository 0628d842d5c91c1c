"""Findings that have one cause, put together and set in order: the worst group first."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Finding, Kind, Level

LEVELS: Final = (Level.FAIL, Level.LAX, Level.INFO)
"""The worst first."""
_NAMING: Final = "limits"
"""The judge that says why others find a wrong status."""
_JUDGES: Final = ("delivery", "answers", "schema", "leaks", "convergence")
"""From the judge that sees a fault itself to the one that sees what it leads to."""
_KINDS: Final = (Kind.SAFETY, Kind.LIVENESS, Kind.CONTRACT, Kind.LIMIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingGroup:
    """Findings of one cause, or of causes that showed themselves alike, worst first.

    Of equal ones those lead that are closest to the cause: a missing event explains a replica that differs,
    not the other way round. Then the one that came first, and the one with the shortest slice of history.
    """

    findings: tuple[Finding, ...]

    @property
    def lead(self) -> Finding:
        """The finding to show."""
        return self.findings[0]

    @property
    def others(self) -> tuple[Finding, ...]:
        """The findings behind the lead."""
        return self.findings[1:]

    @property
    def clients(self) -> tuple[str, ...]:
        """All clients concerned, once each, in the order of their findings."""
        return tuple(dict.fromkeys(f.client for f in self.findings if f.client is not None))

    @property
    def scenarios(self) -> tuple[str, ...]:
        """All scenarios concerned, once each, the lead's first."""
        return tuple(dict.fromkeys(finding.scenario for finding in self.findings))

    @property
    def causes(self) -> int:
        """How many causes there are."""
        return len({finding.group for finding in self.findings})

    @property
    def requirements(self) -> tuple[str, ...]:
        """All requirements concerned, once each, the lead's first."""
        return tuple(dict.fromkeys(finding.requirement for finding in self.findings))


def group_findings(results: Iterable[ScenarioResult]) -> tuple[FindingGroup, ...]:
    """All findings of a run in groups: fail before lax before info, safety first, then the larger group."""
    by_cause: dict[tuple[str | None, ...], list[Finding]] = {}
    for result in results:
        for finding in result.findings:
            by_cause.setdefault(finding.group, []).append(finding)
    return in_order(by_cause.values())


def in_order(found: Iterable[list[Finding]]) -> tuple[FindingGroup, ...]:
    """Groups of these findings, the worst first, and of equal ones the larger."""
    groups = [FindingGroup(findings=tuple(sorted(findings, key=_closeness))) for findings in found]
    return tuple(sorted(groups, key=lambda group: (*_weight(group.lead)[:2], -len(group.findings))))


def _closeness(finding: Finding) -> tuple[int, bool, bool, tuple[int, int, int, bool, int, int]]:
    weight = _weight(finding)
    is_harmless = finding.kind not in (Kind.SAFETY, Kind.LIVENESS)
    return weight[0], is_harmless, finding.judge != _NAMING, weight


def _weight(finding: Finding) -> tuple[int, int, int, bool, int, int]:
    shown = len(finding.excerpt)
    return (
        LEVELS.index(finding.level),
        _KINDS.index(finding.kind),
        _JUDGES.index(finding.judge) if finding.judge in _JUDGES else 0,
        shown == 0,
        max((line.at_us for line in finding.excerpt), default=0),
        shown,
    )
