"""Reading the public list and the audit log in the model, and the rows that operations leave."""

from dataclasses import replace
from typing import Any

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.values import LegacyRole
from sync_check.conformance.model.auditing import AUDITED, with_audit
from sync_check.conformance.model.emissions import Standing
from sync_check.conformance.model.transitions import RULES, Effect, Situation
from sync_check.conformance.model.world import Channel, Guild, Message, Person, World
from tests.conformance.histories import ulid

G, C, M = ulid(1), ulid(2), ulid(3)
ANA, MOD, BEN, EVE = (ulid(number) for number in (11, 12, 13, 14))
ROLES: dict[str, LegacyRole] = {ANA: "owner", MOD: "moderator", BEN: "member"}
WORLD = World(
    people={user: Person(user_id=user, username=user) for user in (ANA, MOD, BEN, EVE)},
    guilds={
        G: Guild(
            guild_id=G,
            name="room",
            visibility="public",
            members=ROLES,
            channels={C: Channel(channel_id=C, name="general", kind="text")},
        )
    },
    messages={C: {M: Message(message_id=M, author_id=BEN, content="hello", created_at_unix=1)}},
)


@pytest.mark.parametrize(
    ("query", "limit", "statuses"),
    [
        (None, None, {200}),
        ("x" * 64, 50, {200}),
        ("x" * 65, 1, {400}),
        ("é" * 33, 1, {400}),
        ("room", 0, {400}),
        ("room", 51, {400}),
    ],
)
def test_the_public_list(query: str | None, limit: int | None, statuses: set[int]) -> None:
    operation = ops.ListPublicGuilds(q=query, limit=limit)
    situation = Situation(world=WORLD, actor=EVE)
    assert RULES[ops.ListPublicGuilds].expect(situation, operation).statuses == statuses


@pytest.mark.parametrize(
    ("actor", "limit", "prefix", "statuses"),
    [
        (ANA, None, None, {200}),
        (MOD, 100, "member.", {200}),
        (MOD, 101, None, {400}),
        (MOD, 0, None, {400}),
        (MOD, 1, "", {400}),
        (MOD, 1, "x" * 65, {400}),
        (MOD, 1, "Member", {400}),
        (BEN, 1, None, {403}),
        (EVE, 1, None, {403}),
    ],
)
def test_the_audit_log(actor: str, limit: int | None, prefix: str | None, statuses: set[int]) -> None:
    operation = ops.ReadAudit(guild_id=G, limit=limit, action_prefix=prefix)
    situation = Situation(world=WORLD, actor=actor)
    assert RULES[ops.ReadAudit].expect(situation, operation).statuses == statuses


# --- the rows


def _rows(actor: str, operation: ops.Operation, standing: Standing = Standing.DUE) -> list[Any]:
    """The row that an operation leaves, as actions and target; nothing where it leaves none."""
    situation = Situation(world=WORLD, actor=actor, standing=standing, asked_at=1, answered_at=2)
    effect = with_audit(situation, operation, RULES[type(operation)].effect(situation, operation))
    assert effect.world is not None
    trail = effect.world.audit.get(G)
    assert all((row.actor_id, row.asked_at, row.answered_at) == (actor, 1, 2) for row in trail or ())
    return [(set(row.actions), row.target_id) for row in trail or ()]


@pytest.mark.parametrize(
    ("actor", "operation", "action", "target"),
    [
        (EVE, ops.JoinGuild(guild_id=G), "directory.join.accepted", None),
        (ANA, ops.KickMember(guild_id=G, user_id=BEN), "member.kick", BEN),
        (ANA, ops.BanMember(guild_id=G, user_id=EVE), "member.ban", EVE),
        (BEN, ops.LeaveGuild(guild_id=G), "member.leave", None),
        (ANA, ops.ChangeMemberRole(guild_id=G, user_id=BEN, role="moderator"), "member.role.update", BEN),
        (ANA, ops.UpdateChannel(guild_id=G, channel_id=C, channel_name="den"), "channel.update", None),
        (ANA, ops.DeleteChannel(guild_id=G, channel_id=C), "channel.delete", None),
        (
            ANA,
            ops.OverrideRole(guild_id=G, channel_id=C, role="member", allow=[], deny=["create_message"]),
            "channel.override.update",
            None,
        ),
        (
            MOD,
            ops.EditMessage(guild_id=G, channel_id=C, message_id=M, content="no"),
            "message.edit.moderation",
            None,
        ),
        (
            MOD,
            ops.DeleteMessage(guild_id=G, channel_id=C, message_id=M),
            "message.delete.moderation",
            None,
        ),
    ],
)
def test_a_change_leaves_a_row(actor: str, operation: ops.Operation, action: str, target: str | None) -> None:
    assert _rows(actor, operation) == [({action}, target)]


@pytest.mark.parametrize(
    ("actor", "operation"),
    [
        (BEN, ops.JoinGuild(guild_id=G)),
        (ANA, ops.ChangeMemberRole(guild_id=G, user_id=BEN, role="member")),
        (ANA, ops.UpdateChannel(guild_id=G, channel_id=C, channel_name="general")),
        (BEN, ops.EditMessage(guild_id=G, channel_id=C, message_id=M, content="my own")),
        (BEN, ops.DeleteMessage(guild_id=G, channel_id=C, message_id=M)),
        (ANA, ops.SetDefaultRole(guild_id=G, role_id=None)),
        (ANA, ops.UpdateGuild(guild_id=G, guild_name="other")),
        (ANA, ops.ListMembers(guild_id=G)),
    ],
)
def test_what_changes_nothing_or_is_no_moderation_leaves_none(actor: str, operation: ops.Operation) -> None:
    assert _rows(actor, operation) == []


@pytest.mark.parametrize("standing", [Standing.REFUSED, Standing.OPTIONAL])
def test_what_did_not_happen_leaves_none(standing: Standing) -> None:
    assert _rows(ANA, ops.KickMember(guild_id=G, user_id=BEN), standing) == []


def test_a_new_default_join_role_leaves_one() -> None:
    guild = WORLD.guilds[G]
    named = {key: replace(role, role_id=ulid(90)) for key, role in guild.roles.items() if key == "moderator"}
    world = WORLD.with_guild(replace(guild, roles={**guild.roles, **named}))
    operation = ops.SetDefaultRole(guild_id=G, role_id=ulid(90))
    situation = Situation(world=world, actor=ANA)
    effect = with_audit(situation, operation, RULES[ops.SetDefaultRole].effect(situation, operation))
    assert effect.world is not None
    assert [row.actions for row in effect.world.audit[G]] == [{"role.default_join.update"}]


def test_rows_are_kept_newest_first_and_shared() -> None:
    kick = ops.KickMember(guild_id=G, user_id=BEN)
    first = with_audit(Situation(world=WORLD, actor=ANA), kick, Effect(world=replace(WORLD)))
    assert first.world is not None
    second = with_audit(Situation(world=first.world, actor=MOD), kick, Effect(world=replace(first.world)))
    assert second.world is not None
    assert [row.actor_id for row in second.world.audit[G]] == [MOD, ANA]
    assert second.world.audit[G].earlier is first.world.audit[G]


def test_the_actions_are_those_of_the_contract() -> None:
    told = {action for audited in AUDITED.values() for action in audited.actions}
    assert told == {
        *("directory.join.accepted", "moderation.ip_ban.add", "moderation.ip_ban.remove"),
        *("member.role.update", "member.kick", "member.ban", "member.ban.lift", "member.leave"),
        *("role.create", "role.update", "role.permissions.update", "role.color.update", "role.delete"),
        *("role.reorder", "role.assign", "role.unassign", "role.default_join.update"),
        *("channel.override.update", "channel.permission_override.update"),
        *("channel.update", "channel.delete", "channel.reorder"),
        *("message.edit.moderation", "message.delete.moderation", "media.token.issue"),
    }
