"""The audit log of a guild: who did what (contract 2.4), stored before its event is enqueued."""

from sync_check.conformance.contract.shapes import AuditEvent
from sync_check.reference_server.backend import Backend
from sync_check.reference_server.guild import Guild


def record(
    backend: Backend,
    guild: Guild,
    action: str,
    *,
    actor_id: str,
    target_id: str | None = None,
    ip_ban_match: bool = False,
) -> None:
    """Add a row; `target_id` is the user concerned, and `ip_ban_match` says that a banned address tried."""
    guild.audit.append(
        AuditEvent(
            audit_id=backend.ids.audit(),
            actor_user_id=actor_id,
            target_user_id=target_id,
            action=action,
            created_at_unix=backend.clock.unix(),
            ip_ban_match=ip_ban_match,
        )
    )
