"""A defect, as the table of all of them describes it."""

from dataclasses import dataclass
from typing import Final, Literal

NONINTERFERENCE: Final = "noninterference"
"""The command, and the judge, that compares what somebody sees of two runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """A defect: in the scenario `shown_by`, `judge` has to find a fault of `kind` that breaks `requirement`.

    `scope` says what it spoils: events of one scope, or the answers of REST. In place of a scenario
    `NONINTERFERENCE` shows what no single run can: that something depends on what is hidden. It is `lax`
    where the contract only says SHOULD, in words that have no requirement of their own.
    """

    id: str
    title: str
    requirement: str
    judge: str
    kind: Literal["safety", "liveness", "limit", "contract"]
    scope: Literal["channel", "guild", "user", "connection", "rest"]
    shown_by: str
    lax: bool = False
