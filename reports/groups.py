"""Findings that have one cause, put together and set in order: the worst group first.

For a reader with little room, groups that tell the same of other operations or scenarios become one.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Finding, Kind, Level

_LEVELS: Final = (Level.FAIL, Level.LAX, Level.INFO)
_JUDGES: Final = ("delivery", "answers", "schema", "leaks", "convergence")
"""From the judge that sees a fault itself to the one that sees what it leads to."""
_ID: Final = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}|[0-9]+")
"""What names a thing of one run in a message: an id (ULID) or a number."""
_KINDS: Final = (Kind.SAFETY, Kind.LIVENESS, Kind.CONTRACT, Kind.LIMIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingGroup:
    """Findings of one cause, or of causes that showed themselves alike, worst first.

    Of equal ones those lead that are closest to the cause: a missing event explains a replica that differs,
    not the other way round. Then the one with the shortest slice of history.
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
    return _in_order(by_cause.values())


def merge_alike(groups: Iterable[FindingGroup]) -> tuple[FindingGroup, ...]:
    """`groups` in the same order, those made one whose leads say the same: names, ids and numbers apart.

    That is level, kind, judge, requirement, event and message; the scenario and the operation may differ.
    """
    given = tuple(groups)
    names = _names(finding for group in given for finding in group.findings)
    by_looks: dict[tuple[str | None, ...], list[Finding]] = {}
    for group in given:
        by_looks.setdefault(_looks(group.lead, names), []).extend(group.findings)
    return _in_order(by_looks.values())


def _in_order(found: Iterable[list[Finding]]) -> tuple[FindingGroup, ...]:
    groups = [FindingGroup(findings=tuple(sorted(findings, key=_weight))) for findings in found]
    return tuple(sorted(groups, key=lambda group: (*_weight(group.lead)[:2], -len(group.findings))))


def _names(findings: Iterable[Finding]) -> re.Pattern[str]:
    """What finds the name of a client that any of `findings` concerns."""
    clients = {finding.client.partition("#")[0] for finding in findings if finding.client is not None}
    # Longer ones first, or a name would be found within another; nothing is found where there is none.
    names = "|".join(re.escape(name) for name in sorted(clients, key=len, reverse=True) if name)
    return re.compile(rf"(?<!\w)(?:{names or '(?!)'})(?!\w)")


def _looks(finding: Finding, names: re.Pattern[str]) -> tuple[str | None, ...]:
    message = _ID.sub("…", names.sub("…", finding.message))
    return (finding.level, finding.kind, finding.judge, finding.requirement, finding.event, message)


def _weight(finding: Finding) -> tuple[int, int, int, bool, int]:
    shown = len(finding.excerpt)
    return (
        _LEVELS.index(finding.level),
        _KINDS.index(finding.kind),
        _JUDGES.index(finding.judge) if finding.judge in _JUDGES else 0,
        shown == 0,
        shown,
    )
