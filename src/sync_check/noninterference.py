"""Noninterference: a program is played again with other secrets, or without what is secret, for one observer.

In virtual time nothing else differs between the two runs. So whatever the observer sees otherwise is a leak.
"""

from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass, field, replace
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
from sync_check.harness.explorer.program import Step, words
from sync_check.harness.explorer.transforming import Alike, otherwise, removable
from sync_check.observing import Played, play
from sync_check.stopping import Stop
from sync_check.targets import EMBEDDED_FEATURES

_SEEDS: Final = 10_000_000
"""So far apart are the numbers of one seed from those of the next."""
_SUSPECTS: Final = 12
"""So many operations are tried, the latest first, for whether they make a difference alone."""
_Kind = tuple[str, str, str | None]
"""What makes two findings the same: the class of observer, the requirement, the event."""
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
    findings: dict[_Kind, Finding] = field(default_factory=dict)

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
        return self.findings.setdefault(_kind(finding), finding) is finding


def _kind(finding: Finding) -> _Kind:
    return finding.scenario, finding.requirement, finding.event


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
        examined.take(watched, compare(watched, own, defect=share.defect, known=examined.findings))
    return examined


def compare(
    watched: Watched, number: int, *, defect: str | None = None, known: Container[_Kind] = ()
) -> Compared:
    """Play a program, then both transformations of it; `number` is the seed of all its runs.

    For the cause of a finding more runs are needed, which one of a `known` kind is not worth.
    """
    steps = watched.program.steps
    drawn = play(watched, steps, number, defect=defect)
    alike = _alike(watched, drawn)
    secret = drawn.secrecy.secret()
    changed = _Changed(steps, [otherwise(step) if at in secret else step for at, step in enumerate(steps)])
    gone = removable(steps, secret, alike)
    pair = _Pair(watched, drawn, number, defect, known)
    if changed.secret:
        pair.play(changed)
    if gone and pair.finding is None and not pair.play(_Removed(steps, gone, alike)):
        gone = removable(steps, [at for at in gone if _is_inert(steps[at], drawn, at)], alike)
        if gone:
            pair.play(_Removed(steps, gone, alike))
    return Compared(
        finding=pair.finding,
        changed=len(changed.secret),
        removed=len(gone),
        pairs=pair.comparable,
        incomparable=pair.incomparable,
    )


class _Changed:
    """The steps with other secret values; `secret` are those that say something else."""

    how = OTHER_VALUES

    def __init__(self, steps: Sequence[Step], others: Sequence[Step]) -> None:
        self._drawn = steps
        self.steps: Sequence[Step | None] = others
        self.secret = frozenset(at for at, step in enumerate(steps) if others[at] is not step)

    def alone(self, at: int) -> Sequence[Step | None]:
        """The steps as drawn, but for this one."""
        return [self.steps[at] if number == at else step for number, step in enumerate(self._drawn)]


class _Removed:
    """The steps without those that are `secret`."""

    how = REMOVED

    def __init__(self, steps: Sequence[Step], secret: frozenset[int], alike: Alike) -> None:
        self._drawn = steps
        self._alike = alike
        self.secret = secret
        self.steps = self._without(secret)

    def alone(self, at: int) -> Sequence[Step | None] | None:
        """The steps as drawn without this one and those that need it; None where others do."""
        gone = {at}
        made = {self._drawn[at].makes}
        for number in sorted(self.secret):
            if number > at and self._drawn[number].uses & made:
                gone.add(number)
                made.add(self._drawn[number].makes)
        return self._without(gone) if removable(self._drawn, gone, self._alike) == gone else None

    def _without(self, gone: Collection[int]) -> list[Step | None]:
        return [None if at in gone else step for at, step in enumerate(self._drawn)]


def _is_inert(step: Step, drawn: Played, at: int) -> bool:
    """Whether leaving a secret step out has no consequence for any other one that is not secret."""
    mark = drawn.marks[at]
    refused = mark.op is not None and drawn.ledger.calls[mark.op].outcome is Outcome.FAIL
    return refused or step.do in _INERT


def _alike(watched: Watched, drawn: Played) -> Alike:
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

    def __init__(
        self, watched: Watched, drawn: Played, number: int, defect: str | None, known: Container[_Kind]
    ) -> None:
        self._watched = watched
        self._drawn = drawn
        self._number = number
        self._defect = defect
        self._known = known
        self.finding: Finding | None = None
        self.comparable = 0
        self.incomparable = 0

    def play(self, variation: _Changed | _Removed) -> bool:
        """Play it so and compare; whether the two runs can be compared."""
        other = self._played(variation.steps)
        difference = first_difference(self._drawn.observed, other.observed)
        if difference is not None and self._should_differ(other, difference):
            self.incomparable += 1
            return False
        self.comparable += 1
        if difference is not None:
            finding = judged(
                f"{NAME}/{self._watched.observer}",
                difference,
                (self._drawn.observed, other.observed),
                observer=WORDS[self._watched.observer],
                otherwise=variation.how,
            )
            is_new = _kind(finding) not in self._known
            self.finding = replace(finding, cause=self._cause(difference, variation)) if is_new else finding
        return True

    def _played(self, steps: Sequence[Step | None]) -> Played:
        return play(self._watched, steps, self._number, defect=self._defect)

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

    def _cause(self, difference: Difference, variation: _Changed | _Removed) -> str | None:
        """The secret operation that makes the same difference alone, or else the last one before it."""
        marks = [self._drawn.marks[at] for at in sorted(variation.secret)]
        before = [mark for mark in marks if mark.began <= difference.at and mark.op is not None]
        for mark in before[: -_SUSPECTS - 1 : -1]:
            steps = variation.alone(mark.number)
            if steps is not None and self._differs_alike(steps, difference):
                return self._told(mark)
        return f"perhaps {self._told(before[-1])}, the last secret operation before it" if before else None

    def _differs_alike(self, steps: Sequence[Step | None], difference: Difference) -> bool:
        other = self._played(steps)
        found = first_difference(self._drawn.observed, other.observed)
        if found is None or self._should_differ(other, found):
            return False
        return (found.requirement, found.subject) == (difference.requirement, difference.subject)

    def _told(self, mark: Mark) -> str:
        label = self._drawn.ledger.calls[mark.op or 0].label
        return f"{label}, {words(self._watched.program.steps[mark.number])}"


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
