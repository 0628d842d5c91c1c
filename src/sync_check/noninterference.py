"""Noninterference: a program is played again with other secrets, or without what is secret, for one observer.

In virtual time nothing else differs between the two runs. So whatever the observer sees otherwise is a leak.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Final

from sync_check.conformance.contract.operations import OPERATIONS
from sync_check.conformance.history import Outcome
from sync_check.conformance.judges.noninterference import NAME, judged
from sync_check.conformance.judges.noninterference.comparison import Difference, first_difference
from sync_check.conformance.judges.noninterference.observation import Renaming
from sync_check.conformance.judges.noninterference.secrecy import Mark
from sync_check.conformance.verdict import Finding
from sync_check.harness.explorer.drawing import draw_one
from sync_check.harness.explorer.observers import WORDS, Observer, Watched, answers_alike, watched_programs
from sync_check.harness.explorer.program import Step
from sync_check.harness.explorer.transforming import otherwise, removable
from sync_check.observing import Played, play
from sync_check.stopping import Stop
from sync_check.targets import EMBEDDED_FEATURES

_SEEDS: Final = 10_000_000
"""So far apart are the numbers of one seed from those of the next."""
OTHER_VALUES: Final = "with other secret values"
REMOVED: Final = "without secret operations"
_INERT: Final = frozenset(name for name, kind in OPERATIONS.items() if kind.method == "GET") | {
    *("request_friend", "accept_friend", "delete_friend_request", "remove_friend"),
    *("create_message", "edit_message", "delete_message", "add_reaction", "remove_reaction"),
}
"""What, being secret, has no consequence that is not. Anything else may have one, and then stays in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What came of one program.

    `changed` and `removed` are how many steps said something else, and were left out. `pairs` of runs were
    compared; of `incomparable` ones the model cannot say that they should look alike to the observer.
    """

    finding: Finding | None = None
    changed: int = 0
    removed: int = 0
    pairs: int = 0
    incomparable: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A part of an examination, for one process: `programs` of them, from the one of number `first`.

    Which program has a number depends on the seed alone.
    """

    seed: int
    programs: int
    steps: int
    defect: str | None = None
    first: int = 0


@dataclass(slots=True, kw_only=True)
class Examined:
    """What a share came to; `findings` is by their kind, so that each is told once."""

    programs: int = 0
    steps: int = 0
    changed: int = 0
    removed: int = 0
    pairs: int = 0
    incomparable: int = 0
    findings: dict[tuple[str, str, str | None], Finding] = field(default_factory=dict)

    def take(self, watched: Watched, compared: Compared) -> None:
        """Count one program."""
        self.programs += 1
        self.steps += len(watched.program.steps)
        self.changed += compared.changed
        self.removed += compared.removed
        self.pairs += compared.pairs
        self.incomparable += compared.incomparable
        if compared.finding is not None:
            self._find(compared.finding)

    def add(self, other: "Examined") -> list[Finding]:
        """Count another share; returns those of its findings that are new."""
        self.programs += other.programs
        self.steps += other.steps
        self.changed += other.changed
        self.removed += other.removed
        self.pairs += other.pairs
        self.incomparable += other.incomparable
        return [finding for finding in other.findings.values() if self._find(finding)]

    def _find(self, finding: Finding) -> bool:
        """Keep a finding; whether it is the first of its kind."""
        kind = (finding.scenario, finding.requirement, finding.event)
        return self.findings.setdefault(kind, finding) is finding


def examine(share: Share, stop: Stop | None = None) -> Examined:
    """Draw the programs of a share and compare each with its transformations, until `stop` is set."""
    examined = Examined()
    observers = [
        watched_programs(features=EMBEDDED_FEATURES, steps=share.steps, observer=one) for one in Observer
    ]
    for number in range(share.first, share.first + share.programs):
        if stop is not None and stop.is_set():
            break
        own = share.seed * _SEEDS + number
        watched = draw_one(observers[number % len(observers)], own)
        examined.take(watched, compare(watched, own, defect=share.defect))
    return examined


def compare(watched: Watched, number: int, *, defect: str | None = None) -> Compared:
    """Play a program, then both transformations of it; `number` is the seed of all its runs."""
    steps = watched.program.steps
    drawn = play(watched, steps, number, defect=defect)
    secret = drawn.secrecy.secret()
    others = [otherwise(step) if at in secret else step for at, step in enumerate(steps)]
    gone = removable(steps, secret, _alike(watched, drawn))
    changed = frozenset(at for at, step in enumerate(steps) if others[at] is not step)
    pair = _Pair(watched, drawn, number, defect)
    if changed:
        pair.play(others, OTHER_VALUES, changed)
    if gone and pair.finding is None and not pair.play(_without(steps, gone), REMOVED, gone):
        gone = removable(
            steps, [at for at in gone if _is_inert(steps[at], drawn, at)], _alike(watched, drawn)
        )
        if gone:
            pair.play(_without(steps, gone), REMOVED, gone)
    return Compared(
        finding=pair.finding,
        changed=len(changed),
        removed=len(gone),
        pairs=pair.comparable,
        incomparable=pair.incomparable,
    )


def _without(steps: Sequence[Step], gone: frozenset[int]) -> list[Step | None]:
    return [None if at in gone else step for at, step in enumerate(steps)]


def _is_inert(step: Step, drawn: Played, at: int) -> bool:
    """Whether leaving a secret step out has no consequence for any other one that is not secret."""
    mark = drawn.marks[at]
    refused = mark.op is not None and drawn.ledger.calls[mark.op].outcome is Outcome.FAIL
    return refused or step.do in _INERT


def _alike(watched: Watched, drawn: Played) -> Callable[[int, str], bool]:
    steps = watched.program.steps
    channels = {step.makes for step in steps if step.do == "create_channel"}

    def alike(at: int, name: str) -> bool:
        step, mark = steps[at], drawn.marks.get(at)
        if step.by != watched.name or mark is None:
            return False
        as_member = drawn.secrecy.is_member(mark)
        return answers_alike(step, as_member=as_member) or (as_member and name not in channels)

    return alike


class _Pair:
    """The run as drawn, and each other one that is compared with it."""

    def __init__(self, watched: Watched, drawn: Played, number: int, defect: str | None) -> None:
        self._watched = watched
        self._drawn = drawn
        self._number = number
        self._defect = defect
        self.finding: Finding | None = None
        self.comparable = 0
        self.incomparable = 0

    def play(self, steps: Sequence[Step | None], how: str, secret: frozenset[int]) -> bool:
        """Play it so and compare; whether the two runs can be compared."""
        other = play(self._watched, steps, self._number, defect=self._defect)
        difference = first_difference(self._drawn.observed, other.observed)
        if difference is not None and self._should_differ(other, difference):
            self.incomparable += 1
            return False
        self.comparable += 1
        if difference is not None:
            self.finding = judged(
                f"{NAME}/{self._watched.observer}",
                difference,
                (self._drawn.observed, other.observed),
                observer=WORDS[self._watched.observer],
                otherwise=how,
                cause=self._cause(difference, secret),
            )
        return True

    def _should_differ(self, other: Played, difference: Difference) -> bool:
        """Whether, by the model, the observer was entitled to see another world before they did."""
        drawn = self._drawn
        began = takewhile(lambda mark: mark.began <= difference.at, drawn.marks.values())
        for mark in began:
            counterpart = other.marks.get(mark.number)
            if counterpart is None:
                continue
            if _accepted(drawn, mark) != _accepted(other, counterpart) and not self._is_own(mark):
                return True
            sights = (drawn.secrecy.sight(mark.after), other.secrecy.sight(counterpart.after))
            if Renaming()(sights[0]) != Renaming()(sights[1]):
                return True
        return False

    def _is_own(self, mark: Mark) -> bool:
        return self._watched.program.steps[mark.number].by == self._watched.name

    def _cause(self, difference: Difference, secret: frozenset[int]) -> str | None:
        """The last secret operation before the difference showed."""
        marks = [self._drawn.marks[at] for at in sorted(secret)]
        before = [mark for mark in marks if mark.began <= difference.at and mark.op is not None]
        return None if not before else self._drawn.ledger.calls[before[-1].op or 0].label


def _accepted(played: Played, mark: Mark) -> bool:
    """Whether a step was done: an operation, or a subscribe on any connection."""
    if mark.op is not None:
        return played.ledger.calls[mark.op].outcome is Outcome.OK
    return any(
        lease.asked_at == mark.began and lease.confirmed is not None
        for connection in played.ledger.connections.values()
        if connection.user_id == mark.user_id
        for lease in connection.leases
    )
