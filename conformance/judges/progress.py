"""Judge `progress`: a run in virtual time went on until it was over."""

from collections.abc import Iterator
from typing import Final

from sync_check.conformance.history import Stalled
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.judgement import Judgement
from sync_check.conformance.verdict import Excerpt, Kind

NAME: Final = "progress"
_SHOWN: Final = 20


def judge(case: Case) -> Judgement:
    """Say where a scenario hung; on sockets each wait has a budget instead, which names who is missing."""
    judgement = Judgement(scenario=case.scenario.id, judge=NAME)
    for index, stalled in case.ledger.stalls:
        if index == case.scenario.index:
            owed = list(_owed(case, stalled.at))[:_SHOWN]
            judgement.find(
                Kind.LIVENESS,
                "HEALTH-1",
                "nothing happened any more but periodic timers",
                expected="progress, or an end",
                received="; ".join([*(one.text for one in owed), *_places(stalled)]) or "nobody waits",
                excerpt=[
                    *owed,
                    *(Excerpt(at_us=stalled.at, who="harness", text=place) for place in _places(stalled)),
                ],
            )
    return judgement


def _places(stalled: Stalled) -> list[str]:
    return [f"waits in {one}" for one in stalled.waiting]


def _owed(case: Case, at: int) -> Iterator[Excerpt]:
    """Who waits for what: answers and confirmations that had not come at a time in microseconds."""
    for call in case.calls:
        if call.invoked_at <= at and (call.answered_at is None or call.answered_at > at):
            text = f"{call.client} waits for the answer to {call.name} (op {call.op})"
            yield Excerpt(at_us=call.invoked_at, who=call.client, text=text)
    for connection in case.connections:
        for lease in connection.leases:
            is_open = connection.ended_at is None or connection.ended_at > at
            if is_open and lease.confirmed is None and lease.asked_at <= at:
                text = f"{connection.name} waits for subscribed in channel {lease.channel_id}"
                yield Excerpt(at_us=lease.asked_at, who=connection.name, text=text)
