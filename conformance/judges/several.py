"""Several connections of a user, and several subscriptions of a connection, work at the same time (GW-4)."""

from collections import Counter

from sync_check.conformance.contract.events import Scope
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.judgement import Judgement
from sync_check.conformance.model.duties import Duty


def witness_several(case: Case, judgement: Judgement) -> None:
    """Note each user one of whose connections got the events of two channels, and another one the same."""
    users = {connection.number: connection.user_id for connection in case.connections}
    sessions = Counter(users.values())
    # Who has one connection only shows nothing here.
    several = {number for number, user_id in users.items() if sessions[user_id] > 1}
    channels: dict[int, set[str | None]] = {}
    sharing: set[int] = set()
    for emitted in case.emitted if several else ():
        if emitted.emission.scope is not Scope.CHANNEL or not case.counts_for_witness(emitted.call):
            continue
        dues = case.reaches.of(emitted)
        got = [
            number
            for number in several & case.receipts(emitted).keys()
            if number in dues and dues[number].duty is Duty.MUST
        ]
        told = Counter(users[number] for number in got)
        for number in got:
            channels.setdefault(number, set()).add(emitted.emission.channel_id)
            if told[users[number]] > 1:
                sharing.add(number)
    for _ in {users[number] for number in sharing if len(channels[number]) > 1}:
        judgement.witness("GW-4")
