"""The requirements of a run on shelves: what was broken first, what says nothing of the target shut."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sync_check.conformance.contract.requirements import REQUIREMENTS, Subject
from sync_check.conformance.run import RequirementResult
from sync_check.conformance.verdict import RequirementStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Requirements of which a run says the same; `is_open` if their list is shown without being asked for."""

    title: str
    is_open: bool
    results: tuple[RequirementResult, ...]


def shelves(results: Sequence[RequirementResult]) -> tuple[Shelf, ...]:
    """Every result on one shelf, in the order given; shelves that would be empty are left out."""
    found = (
        Shelf(title=title, is_open=is_open, results=tuple(result for result in results if belongs(result)))
        for title, is_open, belongs in _SHELVES
    )
    return tuple(shelf for shelf in found if shelf.results)


def _is_unseen_of_clients(result: RequirementResult) -> bool:
    rule = REQUIREMENTS.get(result.id)
    is_of_clients = rule is not None and rule.subject is Subject.CLIENT
    return is_of_clients and result.status is RequirementStatus.NOT_WITNESSED


def _has(status: RequirementStatus) -> Callable[[RequirementResult], bool]:
    return lambda result: result.status is status and not _is_unseen_of_clients(result)


_SHELVES: Final[Sequence[tuple[str, bool, Callable[[RequirementResult], bool]]]] = (
    ("violated", True, _has(RequirementStatus.VIOLATED)),
    (
        "not witnessed: this run showed neither that they hold nor that they do not",
        False,
        _has(RequirementStatus.NOT_WITNESSED),
    ),
    ("rules for clients, which a server cannot break", False, _is_unseen_of_clients),
    (
        "not applicable: they need a feature that the target does not have",
        False,
        _has(RequirementStatus.NOT_APPLICABLE),
    ),
    ("witnessed", True, _has(RequirementStatus.WITNESSED)),
)
