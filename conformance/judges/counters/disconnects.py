"""Whether each connection that ended was counted once, and under its label (METRIC-4).

No fence bounds when an end is counted: from when a client sees it, the end window may pass. And how often a
target had counted before the run is unknown. So each read confines that number between two bounds: what it
tells, less all the ends that may be counted by then, or less only those that must be. Two reads whose bounds
exclude each other cannot both be right.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sync_check.conformance.contract.counters import CLIENT_CLOSE, DISCONNECTS, Counter
from sync_check.conformance.history import EndedBy, Ending, EndOfConnection
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.counters.pages import END_WINDOW_US
from sync_check.conformance.judges.counters.reads import Growth, Read
from sync_check.conformance.judges.judgement import Judgement, lines_of_call
from sync_check.conformance.model.connections import NEVER, Connection
from sync_check.conformance.verdict import Kind

_NORMAL: Final = 1000
_LOST: Final = (EndOfConnection.CLOSED_BY_TARGET, EndOfConnection.DROPPED)


def judge_disconnects(case: Case, judgement: Judgement, reads: Sequence[Read]) -> None:
    """Judge the ends that were counted up to the reads of a scenario."""
    if not any(read.has(Counter.DISCONNECTS) for read in reads):
        return  # which is said already, if connections have ended (METRIC-1)
    ends = _Ends(case)
    for follow in (_Follow(case, judgement, ends, ours=True), _Follow(case, judgement, ends, ours=False)):
        for read in reads:
            follow.take(read)


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


def _is_clean(connection: Connection) -> bool:
    """Whether our Close was answered, so that there is only one label for the end."""
    return connection.how is EndOfConnection.CLOSED_BY_US and connection.code == _NORMAL


def _is_lost(connection: Connection) -> bool:
    """Whether it ended at the target's end without a Close of ours."""
    return connection.how in _LOST or connection.far_ended_by is EndedBy.TARGET


class _Ends:
    """How many ends a target may and must have counted at a read, those that we asked for or the others."""

    def __init__(self, case: Case) -> None:
        self._case = case
        connections = case.ledger.connections.values()
        clean = [connection for connection in connections if _is_clean(connection)]
        self._positions = sorted(connection.ended for connection in clean)
        self._times = sorted(connection.ended_at or 0 for connection in clean)
        self._others = [connection for connection in connections if not _is_clean(connection)]

    def must(self, read: Read, *, ours: bool) -> int:
        """The ends that were over before the end window."""
        limit = read.call.invoked_at - END_WINDOW_US
        if ours:
            return bisect_right(self._times, limit)
        return sum(_is_lost(one) and one.gone_at is not None and one.gone_at <= limit for one in self._others)

    def may(self, read: Read, *, ours: bool) -> int:
        """The ends that had come, or that the target may have known before their clients did."""
        known = sum(self._may_have_ended(one, read, ours=ours) for one in self._others)
        # We close no connection and wait for no answer to that while the counters are read.
        return known + (bisect_left(self._positions, read.call.acknowledged) if ours else 0)

    def _may_have_ended(self, connection: Connection, read: Read, *, ours: bool) -> bool:
        if connection.began > (read.call.answered_at or 0):
            return False
        if connection.ended > read.call.acknowledged < self._case.heard(connection):
            return False
        # Where no Close of ours was answered, nobody knows whether it was read.
        is_lost = _is_lost(connection) or connection.ended == NEVER
        return not is_lost or not ours


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bound:
    """A bound of what had been counted before the run, and the read that set it."""

    value: float
    read: Read


class _Follow:
    """Follows what is counted of ends, `ours` or others, from read to read."""

    def __init__(self, case: Case, judgement: Judgement, ends: _Ends, *, ours: bool) -> None:
        self._case = case
        self._judgement = judgement
        self._ends = ends
        self._ours = ours
        self._low: _Bound | None = None
        self._high: _Bound | None = None
        self._must = 0
        self._last = 0.0

    def take(self, read: Read) -> None:
        """Judge the next read."""
        scenario = self._case.ledger.scenarios[read.call.scenario]
        counted = self._counted(read)
        before, self._last = self._last, counted
        if scenario.ending is not Ending.COMPLETED or counted < before:
            # A connection may have come about and ended of which we know nothing, or a counter went back.
            self._low = self._high = None
            return
        must, may = (bound(read, ours=self._ours) for bound in (self._ends.must, self._ends.may))
        low, high = _Bound(value=counted - may, read=read), _Bound(value=counted - must, read=read)
        if self._high is not None and low.value > self._high.value:
            self._find(self._high.read, read)
        elif self._low is not None and high.value < self._low.value:
            self._find(self._low.read, read)
        else:
            self._held(read, must)
            low = low if self._low is None else max(self._low, low, key=lambda bound: bound.value)
            high = high if self._high is None else min(self._high, high, key=lambda bound: bound.value)
        self._low, self._high, self._must = low, high, must

    def _counted(self, read: Read) -> float:
        values = read.values(Counter.DISCONNECTS)
        of_clients = values.get((CLIENT_CLOSE,), 0.0)
        return of_clients if self._ours else sum(values.values()) - of_clients

    def _held(self, read: Read, must: int) -> None:
        """Ends that had to be counted since a former read, and were."""
        low = self._low
        if low is None or read.call.scenario != self._case.scenario.index:
            return
        known_then = self._ends.may(low.read, ours=self._ours)
        if must > max(known_then, self._must):
            self._judgement.witness("METRIC-4")

    def _find(self, before: Read, read: Read) -> None:
        if read.call.scenario != self._case.scenario.index:
            return
        labels = CLIENT_CLOSE if self._ours else f"other labels than {CLIENT_CLOSE}"
        least = max(0, self._ends.must(read, ours=self._ours) - self._ends.may(before, ours=self._ours))
        most = self._ends.may(read, ours=self._ours) - self._ends.must(before, ours=self._ours)
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
