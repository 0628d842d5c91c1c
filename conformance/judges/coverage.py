"""What a run says about each requirement of the contract."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.requirements import REQUIREMENTS, Requirement
from sync_check.conformance.run import RequirementResult, ScenarioResult
from sync_check.conformance.verdict import Level, RequirementStatus

_FEATURES_OF_FAMILY: Final[dict[str, tuple[Feature, ...]]] = {
    "MSG": (Feature.MESSAGES,),
    "REACT": (Feature.REACTIONS,),
    "ATT": (Feature.ATTACHMENTS,),
    "MEM": (Feature.MEMBERS,),
    "ROLE": (Feature.ROLES,),
    "OVR": (Feature.OVERRIDES_ROLE, Feature.OVERRIDES_PERMISSION),
    "IPBAN": (Feature.IP_BANS,),
    "AUDIT": (Feature.AUDIT,),
    "JOIN": (Feature.DIRECTORY,),
    "PROF": (Feature.PROFILE,),
    "FRIEND": (Feature.FRIENDS,),
    "PRES": (Feature.PRESENCE,),
    "VOICE": (Feature.VOICE,),
    "SEARCH": (Feature.SEARCH,),
    "METRIC": (Feature.METRICS,),
}
"""Families that need one of these features; all others always apply."""


def requirement_results(
    results: Sequence[ScenarioResult], declared: Collection[str]
) -> tuple[RequirementResult, ...]:
    """Every requirement with its status and its number of witnesses, in the order of the contract."""
    witnesses: Counter[str] = Counter()
    violated: set[str] = set()
    for result in results:
        witnesses.update(result.witnesses)
        violated |= {f.requirement for f in result.findings if f.level is not Level.INFO}
    return tuple(_results(witnesses, violated, declared))


def _results(
    witnesses: Counter[str], violated: Collection[str], declared: Collection[str]
) -> Iterator[RequirementResult]:
    for rule in REQUIREMENTS.values():
        yield RequirementResult(
            id=rule.id,
            level=rule.level,
            status=_status(rule, witnesses[rule.id], rule.id in violated, declared),
            witnesses=witnesses[rule.id],
        )


def _status(
    rule: Requirement, witnesses: int, is_violated: bool, declared: Collection[str]
) -> RequirementStatus:
    if is_violated:
        return RequirementStatus.VIOLATED
    if witnesses:
        return RequirementStatus.WITNESSED
    needed = _FEATURES_OF_FAMILY.get(rule.id.partition("-")[0])
    if needed is not None and not any(feature in declared for feature in needed):
        return RequirementStatus.NOT_APPLICABLE
    return RequirementStatus.NOT_WITNESSED
