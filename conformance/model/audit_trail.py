"""The rows that must stand in a guild's audit log (contract 2.4, AUDIT-1), as far as operations tell."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One row: an action out of `actions`, who did it, and to whom where the operation names a user.

    The operation was sent at `asked_at` and answered at `answered_at`, in microseconds. `doubtful` says that
    another one about the same was under way with it, so that it may have found nothing to change.
    """

    actions: frozenset[str]
    actor_id: str | None
    target_id: str | None
    asked_at: int
    answered_at: int
    doubtful: bool = False

    def is_told_by(self, action: str, actor_id: str, target_id: str | None) -> bool:
        """Whether a row of the log may be this one."""
        named = self.target_id is None or target_id == self.target_id
        return action in self.actions and actor_id == self.actor_id and named


@dataclass(frozen=True, slots=True)
class AuditTrail:
    """A row and all earlier ones: trails share what they have in common."""

    row: AuditRow
    earlier: "AuditTrail | None" = None

    def __iter__(self) -> Iterator[AuditRow]:
        """The rows, newest first."""
        trail: AuditTrail | None = self
        while trail is not None:
            yield trail.row
            trail = trail.earlier
