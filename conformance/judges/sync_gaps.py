"""What the contract itself leaves stale: counted and told as INFO, never taken for a pass (CLIENT-10).

What can be seen of it is where a replica and the fresh snapshot differ although no event was owed: the guilds
in which a session is not subscribed, names in pending friend requests, attachments of a message one of which
was deleted, and reactions beyond the cut-off. Replicas hold no profiles of others, and a view names no
reactors, so nothing of these can be stale.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sync_check.conformance.contract.operations import DeleteAttachment
from sync_check.conformance.contract.slices import (
    ASSIGNMENTS,
    ATTACHMENTS,
    CHANNELS,
    MEMBERS,
    REACTIONS,
    REQUEST_NAMES,
    ROLES,
    WORKSPACES,
)
from sync_check.conformance.history import Outcome
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.differences import Difference, differences
from sync_check.conformance.judges.judgement import Judgement
from sync_check.conformance.judges.lives import Taken
from sync_check.conformance.judges.subscriptions import Subscriptions
from sync_check.conformance.model.connections import Connection
from sync_check.conformance.model.transitions import DEFAULT_LIMITS
from sync_check.conformance.verdict import Kind, Level

_GUILDS: Final = "guilds in which the session is not subscribed"
_REQUESTS: Final = "names in pending friend requests"
_FILES: Final = "attachments of a message one of which was deleted"
_REACTIONS: Final = "reactions beyond those that REST tells of a message"
_OF_GUILDS: Final = (CHANNELS, MEMBERS, ROLES, ASSIGNMENTS)
_MOST: Final = 1000
"""Differences of one slice that are counted."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """Where something stale was seen first."""

    client: str
    difference: Difference


@dataclass(slots=True)
class SyncGaps:
    """What was seen in a scenario: by kind, each stale thing of each connection once."""

    case: Case
    _seen: dict[str, dict[tuple[int, str], _Seen]] = field(default_factory=dict)

    def look(
        self, connection: Connection, subscriptions: Subscriptions, replica: Taken, snapshot: Taken
    ) -> list[Difference]:
        """Note what is stale of one connection at one settle.

        Returns the differences of attachments that no deletion explains, which are no gap.
        """
        unexplained = []
        for key in sorted(replica.slices.keys() | snapshot.slices.keys()):
            given, told = replica.slices.get(key), snapshot.slices.get(key)
            if given == told or not self.case.views.compares(key):
                continue
            left, right = self._value(told), self._value(given)
            kind = self._kind(key, subscriptions)
            if kind is None:
                continue
            for found in differences(left, right, _MOST):
                if kind == _FILES and not self._is_deletion(found.entity, left, right):
                    unexplained.append(found)
                elif _is_outside(key, found.entity, subscriptions, left, right):
                    where = (connection.number, f"{key} {found.path}")
                    self._seen.setdefault(kind, {}).setdefault(where, _Seen(connection.name, found))
        return unexplained

    def tell(self, judgement: Judgement) -> None:
        """One INFO for each kind, with its count."""
        for kind, seen in self._seen.items():
            first = next(iter(seen.values()))
            judgement.find(
                Kind.CONTRACT,
                "CLIENT-10",
                f"known sync gap: {kind} ({len(seen)})",
                level=Level.INFO,
                client=first.client,
                expected=first.difference.left,
                received=first.difference.right,
            )
            judgement.witness("CLIENT-10")
            judgement.evidence["known_sync_gaps"] += len(seen)

    def _kind(self, key: str, subscriptions: Subscriptions) -> str | None:
        """What may be stale of a slice; None if nothing may."""
        name, _, owner_id = key.partition("/")
        if name == REQUEST_NAMES:
            return _REQUESTS
        if name == ATTACHMENTS:
            return _FILES if owner_id in subscriptions.live else None
        if name == REACTIONS:
            return _REACTIONS if owner_id in subscriptions.live else None
        if name == WORKSPACES or (name in _OF_GUILDS and owner_id in subscriptions.unheard):
            return _GUILDS
        return None

    def _is_deletion(self, message_id: str | None, told: Any, given: Any) -> bool:
        """Whether the replica just has attachments more that were deleted."""
        there, held = _of(told, message_id), _of(given, message_id)
        return there < held and held - there <= self._deleted()

    def _deleted(self) -> set[str]:
        return {
            str(call.arguments.get("attachment_id"))
            for call in self.case.ledger.named(DeleteAttachment.name)
            if call.outcome is not Outcome.FAIL
        }

    def _value(self, digest: str | None) -> Any:
        text = self.case.ledger.slices.get(digest or "")
        return None if text is None else json.loads(text)


def _is_outside(key: str, entity: str | None, subscriptions: Subscriptions, told: Any, given: Any) -> bool:
    """Whether a difference lies outside of what is compared, if only a part of the slice is."""
    name = key.partition("/")[0]
    if name == WORKSPACES:
        return entity in subscriptions.unheard
    if name == REACTIONS:
        most = DEFAULT_LIMITS.reactions_per_message
        return max(len(_of(told, entity)), len(_of(given, entity))) > most
    return True


def _of(things: Any, message_id: str | None) -> set[str]:
    """The attachments or emojis of one message."""
    held = things.get(message_id, ()) if isinstance(things, Mapping) else ()
    return set(held)
