"""Whose business a friend request is: its sender's and its recipient's, whatever anybody else is told."""

from collections.abc import Iterable, Mapping

from sync_check.conformance.contract import shapes
from sync_check.conformance.contract.operations import RequestFriend
from sync_check.conformance.history import Outcome
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.judges.readings import ids_in
from sync_check.conformance.model.results import read_result

Parties = Mapping[str, frozenset[str | None]]
"""The two users of each friend request, by its id."""


def parties_of(calls: Iterable[Call]) -> Parties:
    """The friend requests of these calls that were accepted by the target."""
    found: dict[str, frozenset[str | None]] = {}
    for call in calls:
        if call.outcome is not Outcome.OK:
            continue
        answer = read_result(RequestFriend, call.body).value
        if isinstance(answer, shapes.CreatedFriendRequest):
            found[answer.request_id] = frozenset((call.actor, str(call.arguments.get("recipient_user_id"))))
    return found


def told_requests(text: str, parties: Parties) -> frozenset[str]:
    """The ids of friend requests in a text."""
    return ids_in(text) & parties.keys() if parties else frozenset()
