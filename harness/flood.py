"""How much a target may send before it is a flood: more than all that was done can have caused.

Nothing else bounds what a hostile target sends, and all of it is kept until it is judged.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from sync_check.conformance.history import BodySeen, FramesReceived, Record

if TYPE_CHECKING:
    from sync_check.harness.company import Company

RECORD_BYTES: Final = 1024
"""What a record of frames costs beside its body's bytes: about what is kept of one until it is judged."""
_AT_FIRST: Final = 1024 * 1024
_PER_CALL: Final = 8 * RECORD_BYTES
"""Presence and departures: events that a call brings about at some distance."""
_PART: Final = 4
"""One connection's share, divided by this, is what all may get before each is looked at alone."""
_WHY: Final = "a flood: more came than anything that was done can have caused"


def owed_at_most(company: Company) -> int:
    """The bytes, with `RECORD_BYTES` a record, that one connection can have been sent by now for a reason.

    Each mutation may bring an event of the largest size, and each call some small ones.
    """
    largest = company.target.limits.max_gateway_event_bytes + RECORD_BYTES
    return _AT_FIRST + company.caller.calls * _PER_CALL + company.caller.mutations * largest


class FloodGauge:
    """Cuts a connection that is sent more than `owed_at_most`.

    Listens to the journal, where a body that many received is one record: so what it costs grows with the
    records, not with the deliveries. As long as all connections together have not got a fair part of what one
    of them may, none is looked at alone; what a flood brought until then does not count.
    """

    __slots__ = ("_company", "_fresh", "_heavy", "_in_all", "_owed", "_taken")

    def __init__(self, company: Company) -> None:
        self._company = company
        self._fresh: dict[int, int] = {}
        self._taken: Counter[int] = Counter()
        self._heavy: set[int] = set()
        self._in_all = self._owed = 0

    def add(self, record: Record) -> None:
        """Take note of a record."""
        if isinstance(record, FramesReceived):
            self._weigh(record)
        elif isinstance(record, BodySeen):
            self._fresh[record.body] = record.size

    def _weigh(self, record: FramesReceived) -> None:
        weight = RECORD_BYTES + self._fresh.pop(record.body, 0)
        self._in_all += weight
        if self._in_all > self._owed // _PART:
            self._owed = owed_at_most(self._company)
            if self._in_all > self._owed // _PART:
                for connection in record.connections:
                    self._take(connection, weight)

    def _take(self, connection: int, weight: int) -> None:
        self._taken[connection] += weight
        if self._taken[connection] > self._owed and connection not in self._heavy:
            self._heavy.add(connection)
            self._cut(connection)

    def _cut(self, number: int) -> None:
        connection = self._company.open.get(number)
        if connection is not None:
            connection.give_up(_WHY)
