"""Whether the values in a well-formed answer are those that the request set, or that hold.

A read is right if what it says held in one of the worlds of its window.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract import shapes
from sync_check.conformance.contract.values import WireModel
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.model.access import channel_permissions, in_canonical_order, may_access
from sync_check.conformance.model.emissions import Disagreement, same, shown
from sync_check.conformance.model.world import Message, World

_Check = Callable[[World, Call, Any, Any], list[Disagreement]]


def wrong_values(case: Case, call: Call, operation: ops.Operation, answer: WireModel) -> list[Disagreement]:
    """What an answer gets wrong; nothing if it is right in one of the worlds of its window."""
    check = _CHECKS.get(type(operation))
    if check is None or call.window(case.timeline).acknowledged > case.blind_from:
        return []
    newest_first = reversed(list(case.timeline.worlds(call.window(case.timeline).span)))
    wrong = check(next(newest_first), call, operation, answer)
    if not wrong or any(not check(world, call, operation, answer) for world in newest_first):
        return []
    return wrong


def _compared(requirement: str, wanted: Mapping[str, Any], told: Mapping[str, Any]) -> list[Disagreement]:
    return [
        Disagreement(requirement=requirement, path=path, expected=shown(value), received=shown(told[path]))
        for path, value in wanted.items()
        if not same(told[path], value)
    ]


# --- messages


def _created(
    _world: World, call: Call, asked: ops.CreateMessage, answer: shapes.Message
) -> list[Disagreement]:
    wanted = {
        "guild_id": asked.guild_id,
        "channel_id": asked.channel_id,
        "author_id": call.actor,
        "content": asked.content,
    }
    return _compared("REST-1", wanted, answer.wire())


def _edited(world: World, _call: Call, asked: ops.EditMessage, answer: shapes.Message) -> list[Disagreement]:
    told = answer.wire()
    wrong = _compared("REST-1", {"content": asked.content}, told)
    known = world.messages_of(asked.channel_id).get(asked.message_id)
    return wrong if known is None else wrong + _compared("MSG-EDIT-2", _kept(known), told)


def _kept(message: Message) -> dict[str, Any]:
    return {
        "message_id": message.message_id,
        "author_id": message.author_id,
        "created_at_unix": message.created_at_unix,
    }


def _history(world: World, _call: Call, asked: ops.History, answer: shapes.MessagePage) -> list[Disagreement]:
    known = world.messages_of(asked.channel_id)
    wrong: list[Disagreement] = []
    for message in answer.messages:
        stored = known.get(message.message_id)
        path = f"messages[{message.message_id}]"
        if stored is None:
            wrong.append(_unexpected("MSG-DEL-1", path))
            continue
        told = message.wire()
        wrong += _compared("MSG-EDIT-2", _kept(stored), told)
        wrong += _compared("DELIV-10", {"content": stored.content}, told)
    order = [message.message_id for message in answer.messages if message.message_id in known]
    wanted = [message_id for message_id in reversed(list(known)) if message_id in set(order)]
    return wrong + _listed("MSG-2", "messages", wanted, order)


def _unexpected(requirement: str, path: str) -> Disagreement:
    return Disagreement(requirement=requirement, path=path, expected="nothing", received=path)


def _listed(requirement: str, path: str, wanted: list[str], told: list[str]) -> list[Disagreement]:
    if wanted == told:
        return []
    return [Disagreement(requirement=requirement, path=path, expected=shown(wanted), received=shown(told))]


# --- guilds and channels


def _guild_made(
    _world: World, _call: Call, asked: ops.CreateGuild, answer: shapes.Guild
) -> list[Disagreement]:
    wanted = {"name": asked.guild_name, "visibility": asked.visibility or "private"}
    return _compared("REST-1", wanted, answer.wire())


def _guild_changed(
    world: World, _call: Call, asked: ops.UpdateGuild, answer: shapes.Guild
) -> list[Disagreement]:
    guild = world.guilds.get(asked.guild_id)
    if guild is None:
        return []
    wanted = {"guild_id": guild.guild_id, "name": guild.name, "visibility": guild.visibility}
    return _compared("DELIV-10", wanted, answer.wire())


def _guild_list(
    world: World, call: Call, _asked: ops.ListGuilds, answer: shapes.GuildList
) -> list[Disagreement]:
    # Of guilds that the run did not make the model knows nothing.
    told = sorted(guild.guild_id for guild in answer.guilds if guild.guild_id in world.guilds)
    wanted = sorted(guild_id for guild_id, guild in world.guilds.items() if call.actor in guild.members)
    return _listed("GUILD-2", "guilds", wanted, told)


def _channel_made(
    _world: World, _call: Call, asked: ops.CreateChannel, answer: shapes.Channel
) -> list[Disagreement]:
    wanted = {"name": asked.channel_name, "kind": asked.kind or "text"}
    return _compared("REST-1", wanted, answer.wire())


def _channel_list(
    world: World, call: Call, asked: ops.ListChannels, answer: shapes.ChannelList
) -> list[Disagreement]:
    guild = world.guilds.get(asked.guild_id)
    if guild is None:
        return []
    wanted = [channel for channel in guild.channels if may_access(guild, channel, call.actor)]
    return _listed("CHAN-1", "channels", wanted, [channel.channel_id for channel in answer.channels])


def _own_permissions(
    world: World, call: Call, asked: ops.OwnPermissions, answer: shapes.OwnPermissions
) -> list[Disagreement]:
    guild = world.guilds.get(asked.guild_id)
    role = guild.members.get(call.actor or "") if guild is not None else None
    if role is None:
        return []
    effective = channel_permissions(guild, asked.channel_id, call.actor)
    wanted = {"role": role, "permissions": in_canonical_order(effective)}
    return _compared("CHAN-2", wanted, answer.wire())


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
    return _listed("MEM-1", "members", wanted, told)


# --- profiles


def _profile_changed(
    world: World, call: Call, _asked: ops.UpdateProfile, answer: shapes.Profile
) -> list[Disagreement]:
    return _profile_of(world, call.actor, answer)


def _profile_read(
    world: World, _call: Call, asked: ops.ReadProfile, answer: shapes.Profile
) -> list[Disagreement]:
    return _profile_of(world, asked.user_id, answer)


def _own_profile(
    world: World, call: Call, _asked: ops.OwnProfile, answer: shapes.Profile
) -> list[Disagreement]:
    return _profile_of(world, call.actor, answer)


def _profile_of(world: World, user_id: str | None, answer: shapes.Profile) -> list[Disagreement]:
    person = world.people.get(user_id or "")
    if person is None or not person.is_known:
        return []
    wanted = {
        "user_id": person.user_id,
        "username": person.username,
        "about_markdown": person.about_markdown,
        "avatar_version": person.avatar_version,
        "banner_version": person.banner_version,
    }
    return _compared("DELIV-10", wanted, answer.wire())


_CHECKS: Final[Mapping[type[ops.Operation], _Check]] = {
    ops.CreateMessage: _created,
    ops.EditMessage: _edited,
    ops.History: _history,
    ops.CreateGuild: _guild_made,
    ops.UpdateGuild: _guild_changed,
    ops.ListGuilds: _guild_list,
    ops.CreateChannel: _channel_made,
    ops.ListChannels: _channel_list,
    ops.OwnPermissions: _own_permissions,
    ops.ListMembers: _member_page,
    ops.UpdateProfile: _profile_changed,
    ops.ReadProfile: _profile_read,
    ops.OwnProfile: _own_profile,
}
