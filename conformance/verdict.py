"""Findings, verdicts and how they add up: a lattice in which the worst wins."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final


class Level(StrEnum):
    """How much a finding weighs: a MUST broken, a SHOULD not met, or worth knowing."""

    FAIL = "fail"
    LAX = "lax"
    INFO = "info"


class Kind(StrEnum):
    """What sort of fault a finding is."""

    SAFETY = "safety"  # something arrived that must not: leak, unentitled, duplicate
    LIVENESS = "liveness"  # something did not arrive
    LIMIT = "limit"
    CONTRACT = "contract"  # shape, status, order


class Verdict(StrEnum):
    """The verdict of a scenario or of a run (a run knows pass, fail, inconclusive and invalid only)."""

    PASS = "pass"
    LAX = "lax"
    INCONCLUSIVE = "inconclusive"
    INVALID = "invalid"
    FLAKY = "flaky"
    FAIL = "fail"
    UNSUPPORTED = "unsupported"
    PENDING = "pending"


_WORST_LAST: Final = (
    Verdict.PASS,
    Verdict.LAX,
    Verdict.INCONCLUSIVE,
    Verdict.INVALID,
    Verdict.FLAKY,
    Verdict.FAIL,
)
_RUN_VERDICT: Final = {
    Verdict.PASS: Verdict.PASS,
    Verdict.LAX: Verdict.PASS,
    Verdict.INCONCLUSIVE: Verdict.INCONCLUSIVE,
    Verdict.INVALID: Verdict.INVALID,
    Verdict.FLAKY: Verdict.FAIL,
    Verdict.FAIL: Verdict.FAIL,
}


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of `verdicts`; unsupported and pending take no part, and nothing at all is inconclusive."""
    ranked = [verdict for verdict in verdicts if verdict in _WORST_LAST]
    return max(ranked, key=_WORST_LAST.index, default=Verdict.INCONCLUSIVE)


def run_verdict(verdicts: Iterable[Verdict], *, strict: bool = False) -> Verdict:
    """The verdict of a run from those of its scenarios; `strict` makes lax a failure."""
    given = tuple(verdicts)
    overall = _RUN_VERDICT[worst(given)]
    return Verdict.FAIL if strict and Verdict.LAX in given else overall


class RequirementStatus(StrEnum):
    """What a run says about one requirement."""

    WITNESSED = "witnessed"
    VIOLATED = "violated"
    NOT_WITNESSED = "not_witnessed"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """One line of history shown with a finding: `at_us` microseconds after the run's start.

    `record` is the number, counted from 1, of the record that it tells of; None where it tells of none.
    """

    at_us: int
    who: str
    text: str
    record: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault of the target.

    `client` is `name#connection` (or a name alone where no connection is concerned); `cause` names the
    operation behind it, such as `edit_message by ana (op 41)`. One that is `timed` rests on how long
    something took, as we measured it. All texts may hold what the target sent: sinks escape them.
    """

    scenario: str
    level: Level
    kind: Kind
    judge: str
    requirement: str
    message: str
    client: str | None = None
    event: str | None = None
    expected: str | None = None
    received: str | None = None
    cause: str | None = None
    excerpt: tuple[Excerpt, ...] = ()
    timed: bool = False

    @property
    def group(self) -> tuple[str | None, ...]:
        """Findings of equal group have one cause: the same operation, else the same rule broken alike."""
        if self.cause is not None:
            return (self.scenario, self.cause)
        return (self.scenario, self.judge, self.requirement, self.event)


class ExitCode(IntEnum):
    """What `sync-check run` tells its caller; `exit_code` picks the first that applies."""

    PASS = 0
    FAIL = 1
    USAGE = 2
    INTERNAL = 3
    UNAVAILABLE = 4
    NOTHING_RUN = 5
    INCONCLUSIVE = 6
    INTERRUPTED = 130


def exit_code(
    verdicts: Iterable[Verdict], *, strict: bool, interrupted: bool = False, faulty: bool = False
) -> ExitCode:
    """The exit code of a run that began; the first that applies wins. `faulty`: an exception of ours."""
    given = tuple(verdicts)
    if interrupted:
        return ExitCode.INTERRUPTED
    if all(verdict in (Verdict.UNSUPPORTED, Verdict.PENDING) for verdict in given):
        return ExitCode.NOTHING_RUN
    overall = run_verdict(given, strict=strict)
    if overall is Verdict.FAIL:
        return ExitCode.FAIL
    if faulty:
        return ExitCode.INTERNAL
    return ExitCode.PASS if overall is Verdict.PASS else ExitCode.INCONCLUSIVE
