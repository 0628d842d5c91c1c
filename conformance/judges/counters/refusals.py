"""How many messages of ours a target has to count as refused, and under which names as unknown (METRIC-6).

Each ends its connection: whatever follows on it is not looked at (BAD-9), and so not counted.
"""

from collections import Counter as Tally
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from sync_check.conformance.contract.counters import OTHER
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.causes import causes
from sync_check.conformance.judges.counters.reads import Growth
from sync_check.conformance.judges.lives import Cause
from sync_check.conformance.model.connections import Connection
from sync_check.conformance.model.ingress import COUNTED

INGRESS: Final = "ingress"
"""The scope of all that is refused."""
_MOST_NAMED: Final = 6


class Bounds(NamedTuple):
    """How much a counter must grow at least and may at most, and what `sent` are called that is counted."""

    least: int
    most: int
    sent: Sequence[str]

    def __str__(self) -> str:
        wanted = str(self.least) if self.least == self.most else f"{self.least} to {self.most}"
        named = ", ".join(self.sent[:_MOST_NAMED])
        rest = f" and {len(self.sent) - _MOST_NAMED} more" if len(self.sent) > _MOST_NAMED else ""
        return f"+{wanted} for {named}{rest}" if named else f"+{wanted}"


@dataclass(slots=True, kw_only=True)
class Refused:
    """What has to be counted, and may be, between two reads: by label, and of unknown names by name."""

    least: Tally[str] = field(default_factory=Tally)
    most: Tally[str] = field(default_factory=Tally)
    names: Tally[str] = field(default_factory=Tally)
    sent: dict[str, list[str]] = field(default_factory=dict)

    def of(self, label: str) -> Bounds:
        """The bounds of all that is counted as refused under a label."""
        return Bounds(self.least[label], self.most[label], self.sent.get(label, ()))

    def of_name(self, name: str) -> int:
        """How often an unknown name may be counted; beyond a number of them all are `other` (METRIC-7)."""
        return self.names.total() if name == OTHER else self.names[name]


class _Refusal(NamedTuple):
    """Something that may be refused, and whether nothing before it may have ended its connection."""

    connection: Connection
    cause: Cause
    is_first: bool


class Refusals:
    """What was sent in a run up to a position that has to be refused, or may be."""

    def __init__(self, case: Case, until: int) -> None:
        self._all = list(_refusals(case, until))

    def between(self, growth: Growth) -> Refused:
        """What is refused between two reads."""
        before, after = growth.before.call, growth.after.call
        found = Refused()
        for connection, cause, is_first in self._all:
            if cause.position < after.acknowledged and connection.ended > before.invoked:
                for label in cause.labels & COUNTED.keys():
                    found.most[label] += 1
                    found.sent.setdefault(label, []).append(cause.name)
                found.names.update([] if cause.event is None else [cause.event])
            surely_ended = is_first and connection.is_lost and connection.ended < after.invoked
            if surely_ended and cause.label in COUNTED and before.acknowledged < cause.position:
                found.least.update([cause.label or ""])
        return found


def _refusals(case: Case, until: int) -> Iterator[_Refusal]:
    for connection in case.ledger.connections.values():
        if connection.opened > until:
            continue
        if case.offences(connection) or case.commands_of(connection):
            for place, cause in enumerate(causes(case, connection)):
                yield _Refusal(connection, cause, place == 0)
