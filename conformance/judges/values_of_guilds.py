"""Whether answers about guilds, channels, members and roles say what the request set, or what holds."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract import shapes
from sync_check.conformance.contract.permissions import ROLE_OF_LEGACY
from sync_check.conformance.judges.comparing import Check, compared, listed, unexpected
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.model.access import (
    channel_permissions,
    held_keys,
    in_canonical_order,
    may_access,
    position,
)
from sync_check.conformance.model.emissions import Disagreement
from sync_check.conformance.model.world import Guild, Role, World

# --- guilds


def _guild_made(
    _world: World, _call: Call, asked: ops.CreateGuild, answer: shapes.Guild
) -> list[Disagreement]:
    wanted = {"name": asked.guild_name, "visibility": asked.visibility or "private"}
    return compared("REST-1", wanted, answer.wire())


def guild_changed(
    world: World, _call: Call, asked: ops.UpdateGuild, answer: shapes.Guild
) -> list[Disagreement]:
    """What the answer to a change of a guild gets wrong, where the world is as it made it."""
    guild = world.guilds.get(asked.guild_id)
    return [] if guild is None else compared("DELIV-10", _shape(guild), answer.wire())


def _shape(guild: Guild) -> dict[str, str]:
    return {"guild_id": guild.guild_id, "name": guild.name, "visibility": guild.visibility}


def _guild_list(
    world: World, call: Call, _asked: ops.ListGuilds, answer: shapes.GuildList
) -> list[Disagreement]:
    # Of guilds that the run did not make the model knows nothing.
    told = {guild.guild_id: guild.wire() for guild in answer.guilds if guild.guild_id in world.guilds}
    wanted = sorted(guild_id for guild_id, guild in world.guilds.items() if call.actor in guild.members)
    wrong = listed("GUILD-2", "guilds", wanted, sorted(told))
    for guild_id, shape in told.items():
        wrong += compared("DELIV-10", _shape(world.guilds[guild_id]), shape)
    return wrong


def _joined(world: World, call: Call, asked: ops.JoinGuild, answer: shapes.JoinResult) -> list[Disagreement]:
    if asked.guild_id not in world.guilds:
        return []
    outcome = "accepted" if call.made is not None else "already_member"
    return compared("JOIN-2", {"guild_id": asked.guild_id, "outcome": outcome}, answer.wire())


# --- channels


def _channel_made(
    _world: World, _call: Call, asked: ops.CreateChannel, answer: shapes.Channel
) -> list[Disagreement]:
    wanted = {"name": asked.channel_name, "kind": asked.kind or "text"}
    return compared("REST-1", wanted, answer.wire())


def _channel_changed(
    world: World, _call: Call, asked: ops.UpdateChannel, answer: shapes.Channel
) -> list[Disagreement]:
    guild = world.guilds.get(asked.guild_id)
    channel = guild.channels.get(asked.channel_id) if guild is not None else None
    if channel is None:
        return []
    wanted = {"channel_id": channel.channel_id, "name": channel.name, "kind": channel.kind}
    return compared("DELIV-10", wanted, answer.wire())


def _channel_list(
    world: World, call: Call, asked: ops.ListChannels, answer: shapes.ChannelList
) -> list[Disagreement]:
    guild = world.guilds.get(asked.guild_id)
    if guild is None:
        return []
    wanted = [channel for channel in guild.channels if may_access(guild, channel, call.actor)]
    told_ids = [channel.channel_id for channel in answer.channels]
    broken = "GUILD-1" if _is_as_created(guild) else "CHAN-1"
    wrong = listed(broken, "channels", guild.in_one_order(wanted), guild.in_one_order(told_ids))
    for told in answer.channels:
        known = guild.channels.get(told.channel_id)
        if known is not None:
            wrong += compared("DELIV-10", {"name": known.name, "kind": known.kind}, told.wire())
    return wrong


def _is_as_created(guild: Guild) -> bool:
    """Whether nothing was done in a guild that would show: its creator is alone, and there is no channel."""
    return not guild.channels and list(guild.members.values()) == ["owner"] and not guild.assigned


def _kept_by_channel_list(worlds: Sequence[World], _call: Call, asked: ops.ListChannels) -> list[str]:
    """GUILD-1 is witnessed by whoever may list the channels of a new guild, and finds none."""
    guilds = [world.guilds.get(asked.guild_id) for world in worlds]
    return ["GUILD-1"] if all(one is not None and _is_as_created(one) for one in guilds) else []


def _own_permissions(
    world: World, call: Call, asked: ops.OwnPermissions, answer: shapes.OwnPermissions
) -> list[Disagreement]:
    guild = world.guilds.get(asked.guild_id)
    role = guild.members.get(call.actor or "") if guild is not None else None
    if role is None:
        return []
    effective = in_canonical_order(channel_permissions(guild, asked.channel_id, call.actor))
    wrong = compared("CHAN-2", {"role": role}, answer.wire())
    return wrong + listed("CHAN-2", "permissions", effective, answer.permissions)


# --- members


def _member_page(
    world: World, _call: Call, asked: ops.ListMembers, answer: shapes.MemberPage
) -> list[Disagreement]:
    guild = world.guilds.get(asked.guild_id)
    if guild is None:
        return []
    told = [member.user_id for member in answer.members]
    wanted = sorted(guild.members)
    if answer.next_cursor is not None or asked.cursor is not None:
        # A page of several: it must hold a stretch of the list.
        wanted = [user for user in wanted if told and told[0] <= user <= told[-1]]
    wrong = listed("MEM-1", "members", wanted, told)
    for member in answer.members:
        if guild.knows_roles and member.user_id in guild.members:
            wrong += _wrong_roles(guild, member)
    return wrong


def _wrong_roles(guild: Guild, member: shapes.MemberEntry) -> list[Disagreement]:
    """The role that the legacy role implies may be listed or not."""
    implied = ROLE_OF_LEGACY[guild.members[member.user_id]].name
    held = {guild.roles[key].role_id or "" for key in held_keys(guild, member.user_id) if key in guild.roles}
    optional = {guild.roles[implied].role_id} if implied in guild.roles else set()
    path = f"members[{member.user_id}].role_ids"
    return listed("ROLE-7", path, sorted(held - optional), sorted(set(member.role_ids) - optional))


# --- roles


def _role_made(world: World, call: Call, asked: ops.CreateRole, answer: shapes.Role) -> list[Disagreement]:
    wanted: dict[str, Any] = {
        "name": asked.role_name.strip(),
        "permissions": asked.permissions,
        "is_system": False,
        "color_hex": None if asked.color_hex is None else asked.color_hex.upper(),
    }
    guild = world.guilds.get(asked.guild_id)
    if asked.position is not None:
        wanted["position"] = asked.position
    elif guild is not None and call.actor is not None:
        wanted["position"] = position(guild, call.actor) - 1
    return compared("REST-1", wanted, answer.wire())


def role_changed(world: World, _call: Call, asked: ops.UpdateRole, answer: shapes.Role) -> list[Disagreement]:
    """What the answer to a change of a role gets wrong, where the world is as it made it."""
    guild = world.guilds.get(asked.guild_id)
    role = guild.role(asked.role_id) if guild is not None else None
    return [] if role is None else compared("ROLE-3", _role_shape(role), answer.wire())


def _role_shape(role: Role) -> dict[str, Any]:
    return {
        "role_id": role.role_id,
        "name": role.name,
        "position": role.position,
        "is_system": role.is_system,
        "permissions": in_canonical_order(role.permissions),
        "color_hex": role.color_hex,
    }


def _role_list(
    world: World, _call: Call, asked: ops.ListRoles, answer: shapes.RoleList
) -> list[Disagreement]:
    guild = world.guilds.get(asked.guild_id)
    if guild is None or not guild.knows_roles:
        return []
    told = {role.role_id: role for role in answer.roles}
    known = {role.role_id: role for role in guild.roles.values()}
    wrong = [unexpected("ROLE-4", f"roles[{role_id}]") for role_id in told if role_id not in known]
    for role_id, role in known.items():
        if role_id not in told:
            wrong += listed("DELIV-10", "roles", [role_id], [])
        else:
            wrong += compared("DELIV-10", _role_shape(role), told[role_id].wire())
    heights = [role.position for role in answer.roles]
    wrong += listed("REST-1", "roles (highest first)", sorted(heights, reverse=True), heights)
    default = guild.roles.get(guild.default_role or "")
    chosen = {"default_join_role_id": None if default is None else default.role_id}
    return wrong + compared("ROLE-4", chosen, answer.wire())


CHECKS: Final[Mapping[type[ops.Operation], Check]] = {
    ops.CreateGuild: _guild_made,
    ops.UpdateGuild: guild_changed,
    ops.ListGuilds: _guild_list,
    ops.JoinGuild: _joined,
    ops.CreateChannel: _channel_made,
    ops.UpdateChannel: _channel_changed,
    ops.ListChannels: _channel_list,
    ops.OwnPermissions: _own_permissions,
    ops.ListMembers: _member_page,
    ops.CreateRole: _role_made,
    ops.UpdateRole: role_changed,
    ops.ListRoles: _role_list,
}
KEPT: Final[Mapping[type[ops.Operation], Any]] = {ops.ListChannels: _kept_by_channel_list}
