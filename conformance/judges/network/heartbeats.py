"""A connection that is dead without a word is found out by its unanswered pings (GW-6).

Pings come at least every interval, and one that has answered none for two intervals is to be ended: the last
answer may have come just before it died, and the first ping that it misses an interval later.
"""

from collections.abc import Sequence
from typing import Final

from sync_check.conformance.history import EndedBy
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.judgement import Judgement
from sync_check.conformance.model.connections import Connection
from sync_check.conformance.verdict import Kind

_HALF_OPEN: Final = "half_open"
_INTERVALS: Final = 3
_END_WINDOW_US: Final = 5_000_000
"""The end window (contract 0.4), in microseconds."""


def judge(case: Case, judgement: Judgement, disturbed: Sequence[Connection]) -> None:
    """Judge when the target ended the half-open connections of a scenario."""
    patience = round(_INTERVALS * case.header.limits.ping_interval * 1e6) + _END_WINDOW_US
    patience = round(patience * case.header.time_scale)
    for connection in disturbed:
        died_at = next((one.put_at for one in connection.faults if one.name == _HALF_OPEN), None)
        if died_at is None or connection.born != case.scenario.index:
            continue
        by_target = connection.far_ended_by is EndedBy.TARGET
        known_at = case.ledger.latest_at if connection.far_ended_at is None else connection.far_ended_at
        if known_at - died_at > patience:
            _find(judgement, connection, patience, (known_at - died_at) / 1e6)
        elif by_target:
            judgement.witness("GW-6")


def _find(judgement: Judgement, connection: Connection, patience: int, seconds: float) -> None:
    judgement.find(
        Kind.LIVENESS,
        "GW-6",
        "a connection that has died was not ended in time",
        client=connection.name,
        expected=f"an end within {patience / 1e6:g} s",
        received=f"none for {seconds:.0f} s",
    )
