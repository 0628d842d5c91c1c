"""Which rows an accepted operation leaves in its guild's audit log (contract 2.4, AUDIT-1)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.model.audit_trail import AuditRow, AuditTrail
from sync_check.conformance.model.transitions import Effect, Situation
from sync_check.conformance.model.world import World, with_entry


def _always(_situation: Situation, _after: World, _operation: Any) -> bool:
    return True


def _of_another(situation: Situation, _after: World, operation: ops.EditMessage | ops.DeleteMessage) -> bool:
    """Whether it is a moderator's doing: authors' own edits and deletions leave no row."""
    message = situation.world.messages_of(operation.channel_id).get(operation.message_id)
    return message is not None and message.author_id != situation.actor


def _changes_default(situation: Situation, after: World, operation: ops.SetDefaultRole) -> bool:
    before, guild = (world.guilds.get(operation.guild_id) for world in (situation.world, after))
    return before is not None and guild is not None and before.default_role != guild.default_role


@dataclass(frozen=True, slots=True, kw_only=True)
class _Audited:
    """One of `actions` is written, if `applies`; `target` is the field that names the user concerned."""

    actions: frozenset[str]
    target: str | None = None
    applies: Callable[[Situation, World, Any], bool] = _always


def _audited(
    *actions: str,
    target: str | None = None,
    applies: Callable[[Situation, World, Any], bool] = _always,
) -> _Audited:
    return _Audited(actions=frozenset(actions), target=target, applies=applies)


AUDITED: Final[Mapping[type[ops.Operation], _Audited]] = {
    ops.JoinGuild: _audited("directory.join.accepted"),
    ops.BanAddressesOf: _audited("moderation.ip_ban.add", target="target_user_id"),
    ops.RemoveIpBan: _audited("moderation.ip_ban.remove"),
    ops.ChangeMemberRole: _audited("member.role.update", target="user_id"),
    ops.KickMember: _audited("member.kick", target="user_id"),
    ops.BanMember: _audited("member.ban", target="user_id"),
    ops.LiftBan: _audited("member.ban.lift", target="user_id"),
    ops.LeaveGuild: _audited("member.leave"),
    ops.CreateRole: _audited("role.create"),
    # Which of several changed fields is told by a row of its own is left open.
    ops.UpdateRole: _audited("role.update", "role.permissions.update", "role.color.update"),
    ops.DeleteRole: _audited("role.delete"),
    ops.ReorderRoles: _audited("role.reorder"),
    ops.AssignRole: _audited("role.assign", target="user_id"),
    ops.UnassignRole: _audited("role.unassign", target="user_id"),
    ops.SetDefaultRole: _audited("role.default_join.update", applies=_changes_default),
    ops.OverrideRole: _audited("channel.override.update"),
    ops.OverridePermission: _audited("channel.permission_override.update"),
    ops.UpdateChannel: _audited("channel.update"),
    ops.DeleteChannel: _audited("channel.delete"),
    ops.ReorderChannels: _audited("channel.reorder"),
    ops.EditMessage: _audited("message.edit.moderation", applies=_of_another),
    ops.DeleteMessage: _audited("message.delete.moderation", applies=_of_another),
    ops.IssueVoiceToken: _audited("media.token.issue"),
}
"""The operations that are audited."""


def _is_about_the_same(one: ops.Operation, other: ops.Operation) -> bool:
    """Whether two operations of one kind name the same things."""
    return type(one) is type(other) and all(
        value == getattr(other, name) for name, value in one if name.endswith("_id")
    )


def with_audit(situation: Situation, operation: ops.Operation, effect: Effect) -> Effect:
    """`effect`, and the row in the audit log that an operation leaves which changed something."""
    audited = AUDITED.get(type(operation))
    after = effect.world
    if audited is None or after is None or not situation.happened or after is situation.world:
        return effect
    if not audited.applies(situation, after, operation):
        return effect
    guild_id = str(getattr(operation, "guild_id", ""))
    row = AuditRow(
        actions=audited.actions,
        actor_id=situation.actor,
        target_id=None if audited.target is None else getattr(operation, audited.target),
        asked_at=situation.asked_at,
        answered_at=situation.answered_at,
        doubtful=any(_is_about_the_same(operation, other) for _, other in situation.beside),
    )
    trail = AuditTrail(row, after.audit.get(guild_id))
    return replace(effect, world=replace(after, audit=with_entry(after.audit, guild_id, trail)))
