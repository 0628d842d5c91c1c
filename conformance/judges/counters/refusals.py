"""How many payloads of ours a target has to count as refused (METRIC-6).

A client sends none but commands `message_create` that break the rules of contents, each of which ends its
connection: whatever follows on it is not looked at (BAD-9).
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from sync_check.conformance.contract.operations import CreateMessage
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.counters.reads import Growth, Values
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.model.commands import is_malformed

REFUSED_MESSAGES: Final[Values] = ("ingress", "invalid_message_create_payload")
"""The series in which they are counted."""


class Bounds(NamedTuple):
    """How much a series must grow at least and may at most."""

    least: int
    most: int


def refused_between(case: Case, growth: Growth) -> Bounds:
    """By how much the series of refused messages grows between two reads."""
    before, after = growth.before.call, growth.after.call
    malformed = list(_malformed(case))
    least = sum(
        before.acknowledged < call.invoked and _surely_counted(case, call) < after.invoked
        for call in malformed
    )
    most = sum(call.invoked < after.acknowledged and _end(case, call) > before.invoked for call in malformed)
    return Bounds(least, most)


def _malformed(case: Case) -> Iterator[Call]:
    for call in case.ledger.commands:
        asked = call.operation
        if isinstance(asked, CreateMessage) and is_malformed(asked, case.header.limits):
            yield call


def _end(case: Case, call: Call) -> int:
    return case.ledger.connections[call.connection or 0].ended


def _surely_counted(case: Case, call: Call) -> int:
    """The position from which a refusal was counted for certain: its connection had ended because of it."""
    connection = case.ledger.connections[call.connection or 0]
    earlier = (one for one in case.ledger.commands if call.follows(one))
    is_first = all(one.made_message is not None for one in earlier)
    return connection.ended if is_first and connection.is_lost else case.until
