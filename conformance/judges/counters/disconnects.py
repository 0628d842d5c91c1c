"""Whether each connection that ended was counted once, and under its label (METRIC-4).

All ends that we asked for are followed together, all others together, and those of each label that is known.
No fence bounds when an end is counted: from when a client sees it, the end window may pass. And how often a
target had counted before the run is unknown. So each read confines that number between two bounds: what it
tells, less all the ends that may be counted by then, or less only those that must be. Two reads whose bounds
exclude each other cannot both be right.
"""

from bisect import bisect_left, bisect_right
from collections import Counter as Tally
from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import Final, NamedTuple

from sync_check.conformance.contract.counters import CLIENT_CLOSE, DISCONNECTS, Counter
from sync_check.conformance.history import Ending
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.causes import ANY_OTHER, is_clean, is_lost_there, labels_of
from sync_check.conformance.judges.counters.pages import END_WINDOW_US
from sync_check.conformance.judges.counters.reads import Growth, Read
from sync_check.conformance.judges.judgement import Judgement, lines_of_call
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.model.connections import Connection
from sync_check.conformance.verdict import Kind

_OTHERS: Final = ANY_OTHER
_OURS: Final = frozenset((CLIENT_CLOSE,))
_TOTALS: Final = 2
"""Ours and the others are followed first, then the others label by label."""


def judge_disconnects(case: Case, judgement: Judgement, reads: Sequence[Read], life: int = 0) -> None:
    """Judge the ends that were counted up to the reads of a scenario, in one life of the target's process."""
    if not any(read.has(Counter.DISCONNECTS) for read in reads):
        return  # which is said already, if connections have ended (METRIC-1)
    ends = _Ends(case, life, max(read.call.acknowledged for read in reads))
    followed = (_OURS, _OTHERS, *(frozenset((label,)) for label in sorted(ends.known)))
    follows = [_Follow(case, judgement, ends, labels) for labels in followed]
    trail = case.memory.table(_Trails).setdefault((life, followed), _Trail())
    for index, read in enumerate(reads):
        step = _Step(read.call.op, _ending_of(case, read), ends.tally(read))
        bounds = trail.passed(index, step)
        if bounds is None or read.call.scenario == case.scenario.index:
            _take(follows, judgement, read)
            trail.note(index, step, [follow.bounds for follow in follows])
        else:
            for follow, known in zip(follows, bounds, strict=True):
                follow.bounds = known


def _take(follows: Sequence["_Follow"], judgement: Judgement, read: Read) -> None:
    """Judge the next read: what all ends together show is not said of each label again."""
    before = len(judgement.findings)
    for follow in follows[:_TOTALS]:
        follow.take(read)
    is_told = len(judgement.findings) > before
    for follow in follows[_TOTALS:]:
        follow.take(read, is_told=is_told)


def _ending_of(case: Case, read: Read) -> Ending | None:
    """How the scenario ended in which a read was made."""
    return case.ledger.scenarios[read.call.scenario].ending


def judge_labels(judgement: Judgement, growth: Growth) -> None:
    """Judge that ends were counted under labels that the contract has."""
    for (reason,), by in growth.of(Counter.DISCONNECTS).items():
        if reason not in DISCONNECTS and by > 0:
            judgement.find(
                Kind.CONTRACT,
                "METRIC-4",
                "metrics: ends of connections are counted under a label that the contract does not have",
                expected="a label of section 3.4",
                received=f"{reason} {by:+g}"[:160],
                cause=growth.after.call,
                excerpt=[*lines_of_call(growth.before.call), *lines_of_call(growth.after.call)],
            )


class _Tally(NamedTuple):
    """How many ends there are that a Close of ours asked for, and how many of each set of labels.

    Those that are `over` for long must have been counted, those `begun` may have been.
    """

    clean_over: int
    clean_begun: int
    over: Mapping[frozenset[str], int]
    begun: Mapping[frozenset[str], int]


class _Counted(dict[tuple[int, frozenset[str]], float]):
    """By read and labels what was counted under these."""


class _Other(NamedTuple):
    """A connection that we did not just close, and the labels of which one is that of its end.

    It is surely over for the target from the time `over_at` on; up to the position `alive` it is known not to
    be over, because it has not ended and something was caused later that came to it.
    """

    labels: frozenset[str]
    began: int
    alive: int
    over_at: float

    @classmethod
    def of(cls, case: Case, connection: Connection, labels: frozenset[str]) -> "_Other":
        """That connection."""
        gone_at = connection.gone_at if is_lost_there(connection) else None
        return cls(
            labels=labels,
            began=connection.began,
            alive=min(connection.ended, case.heard(connection)),
            over_at=inf if gone_at is None else gone_at,
        )


class _Ends:
    """How many ends a target may and must have counted at a read, under one of some labels."""

    def __init__(self, case: Case, life: int, until: int) -> None:
        self._positions: list[int] = []
        self._times: list[int] = []
        self._others: list[_Other] = []
        for connection in case.ledger.connections.values():
            if connection.opened > until or case.ledger.life_at(connection.opened) != life:
                continue
            labels = labels_of(case, connection)
            if labels == _OURS and is_clean(connection):
                self._positions.append(connection.ended)
                self._times.append(connection.ended_at or 0)
            else:
                self._others.append(_Other.of(case, connection, labels))
        self._positions.sort()
        self._times.sort()
        self._over = _by_labels((one.labels, one.over_at) for one in self._others if one.over_at < inf)
        self._silent = _by_labels((one.labels, one.began) for one in self._others if one.alive < 0)
        self._heard = [one for one in self._others if one.alive >= 0]
        self._tallies: dict[int, _Tally] = {}

    @property
    def known(self) -> frozenset[str]:
        """The labels to follow one by one: all others than ours, if that of any end is known."""
        is_any_known = any(not one.labels >= _OTHERS for one in self._others)
        return _OTHERS if is_any_known else frozenset()

    def must(self, read: Read, labels: frozenset[str]) -> int:
        """The ends that were over before the end window."""
        tally = self.tally(read)
        clean = tally.clean_over if labels >= _OURS else 0
        return clean + sum([count for under, count in tally.over.items() if under <= labels])

    def may(self, read: Read, labels: frozenset[str]) -> int:
        """The ends that had come, or that the target may have known before their clients did."""
        tally = self.tally(read)
        clean = tally.clean_begun if labels >= _OURS else 0
        return clean + sum([count for under, count in tally.begun.items() if not under.isdisjoint(labels)])

    def tally(self, read: Read) -> _Tally:
        """The ends that must and may have been counted at a read, by their labels; worked out once."""
        known = self._tallies.get(read.call.op)
        if known is None:
            known = self._tallies[read.call.op] = self._tally_of(read.call)
        return known

    def _tally_of(self, call: Call) -> _Tally:
        limit = call.invoked_at - END_WINDOW_US
        answered_at, acknowledged = call.answered_at or 0, call.acknowledged
        begun = Tally(
            [one.labels for one in self._heard if one.began <= answered_at and one.alive <= acknowledged]
        )
        begun.update({labels: bisect_right(began, answered_at) for labels, began in self._silent.items()})
        return _Tally(
            clean_over=bisect_right(self._times, limit),
            # We close no connection and wait for no answer to that while the counters are read.
            clean_begun=bisect_left(self._positions, acknowledged),
            over={labels: bisect_right(over_at, limit) for labels, over_at in self._over.items()},
            begun=begun,
        )


def _by_labels(moments: Iterable[tuple[frozenset[str], float]]) -> Mapping[frozenset[str], list[float]]:
    """The moments of each set of labels, in order."""
    found: dict[frozenset[str], list[float]] = {}
    for labels, moment in moments:
        found.setdefault(labels, []).append(moment)
    for several in found.values():
        several.sort()
    return found


class _Bound(NamedTuple):
    """A bound of what had been counted before the run, and the read that set it."""

    value: float
    read: Read


class _Bounds(NamedTuple):
    """What the reads so far say: how much had been counted before the run, at least and at most.

    `must` is what must have been counted by the `last` number.
    """

    low: _Bound | None = None
    high: _Bound | None = None
    must: int = 0
    last: float = 0.0


class _Step(NamedTuple):
    """All that the bounds after a read depend on, besides the page itself and the bounds before."""

    op: int
    ending: Ending | None
    tally: _Tally


class _Trail:
    """The bounds after each read of a life, and upon what: a scenario begins where the one before it was."""

    def __init__(self) -> None:
        self._steps: list[_Step] = []
        self._bounds: list[Sequence[_Bounds]] = []

    def passed(self, index: int, step: _Step) -> Sequence[_Bounds] | None:
        """The bounds after the read at an index; None where they, or those before, are not known."""
        if index >= len(self._steps) or self._steps[index] != step:
            return None
        return self._bounds[index]

    def note(self, index: int, step: _Step, bounds: Sequence[_Bounds]) -> None:
        """Keep the bounds after a read; what followed upon others is known no more."""
        if self.passed(index, step) == bounds:
            return
        self._steps[index:] = [step]
        self._bounds[index:] = [bounds]


class _Trails(dict[tuple[int, tuple[frozenset[str], ...]], _Trail]):
    """By life and the sets of labels that are followed."""


class _Follow:
    """Follows what is counted of ends under some labels from read to read."""

    def __init__(self, case: Case, judgement: Judgement, ends: _Ends, labels: frozenset[str]) -> None:
        self._case = case
        self._judgement = judgement
        self._ends = ends
        self._labels = labels
        self._memory = case.memory.table(_Counted)
        self.bounds = _Bounds()

    def take(self, read: Read, *, is_told: bool = False) -> None:
        """Judge the next read; what is wrong with it may have been told already."""
        counted, known = self._counted(read), self.bounds
        if _ending_of(self._case, read) is not Ending.COMPLETED or counted < known.last:
            # A connection may have come about and ended of which we know nothing, or a counter went back.
            self.bounds = known._replace(low=None, high=None, last=counted)
            return
        must, may = self._ends.must(read, self._labels), self._ends.may(read, self._labels)
        low, high = _Bound(counted - may, read), _Bound(counted - must, read)
        wrong = None
        if known.high is not None and low.value > known.high.value:
            wrong = known.high.read
        elif known.low is not None and high.value < known.low.value:
            wrong = known.low.read
        if wrong is None:
            self._held(read, must, counted)
            if known.low is not None and known.low.value >= low.value:
                low = known.low
            if known.high is not None and known.high.value <= high.value:
                high = known.high
        elif not is_told:
            self._find(wrong, read)
        self.bounds = _Bounds(low, high, must, counted)

    def _counted(self, read: Read) -> float:
        key = read.call.op, self._labels
        known = self._memory.get(key)
        if known is None:
            known = self._memory[key] = self._added_up(read)
        return known

    def _added_up(self, read: Read) -> float:
        values = read.values(Counter.DISCONNECTS)
        if self._labels != _OTHERS:
            return sum(values.get((label,), 0.0) for label in self._labels)
        # Those of labels that the contract does not have, too.
        return sum(values.values()) - values.get((CLIENT_CLOSE,), 0.0)

    def _held(self, read: Read, must: int, counted: float) -> None:
        """Ends that had to be counted since a former read, and were."""
        low = self.bounds.low
        if low is None or read.call.scenario != self._case.scenario.index:
            return
        may = self._ends.may(low.read, self._labels)
        # As many as there can have been: each was counted, whenever that has to be.
        is_exact = counted > self.bounds.last and low.value == counted - self._ends.may(read, self._labels)
        if must > max(may, self.bounds.must) or (len(self._labels) == 1 and is_exact):
            self._judgement.witness("METRIC-4")

    def _find(self, before: Read, read: Read) -> None:
        if read.call.scenario != self._case.scenario.index:
            return
        labels = f"other labels than {CLIENT_CLOSE}" if self._labels == _OTHERS else min(self._labels)
        at_first, now = self._ends.must(before, self._labels), self._ends.must(read, self._labels)
        least = max(0, now - self._ends.may(before, self._labels))
        most = self._ends.may(read, self._labels) - at_first
        grown = self._counted(read) - self._counted(before)
        wanted = str(most) if least == most else f"{least} to {most}"
        self._judgement.find(
            Kind.CONTRACT,
            "METRIC-4",
            f"metrics: ends of connections are not counted once each under {labels}",
            expected=f"{wanted} since op {before.call.op}",
            received=f"{grown:+g}",
            cause=read.call,
            excerpt=[*lines_of_call(before.call), *lines_of_call(read.call)],
        )
