"""Which features a target has: each is asked for once, about things of the probe's own (contract 0.2)."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.history import Purpose
from sync_check.harness.accounts import NOBODY
from sync_check.harness.rest import Answer
from sync_check.harness.room import Place
from sync_check.probing.bench import Bench, member
from sync_check.probing.sights import Sight, sight_of, unseen

_NO_CHANNEL: Final = unseen("there is no channel to look at it in")
_NO_MESSAGE: Final = unseen("there is no message to look at it with")
_Look = Callable[[Bench], Awaitable[Sight]]


async def look_at_features(bench: Bench) -> dict[Feature, Sight]:
    """Every feature: True where it is there, False where it is not, unseen where nobody can tell."""
    return {feature: await look(bench) for feature, look in _LOOKS.items()}


def _path(operation: type[ops.Operation] | ops.Operation) -> str:
    return f"{operation.method} {operation.path}"


async def _seen(bench: Bench, operation: ops.Operation) -> Sight:
    return sight_of(_path(operation), await bench.ask(operation))


def _by(make: Callable[[Bench], ops.Operation]) -> _Look:
    """By one call about the workspace or the account."""

    async def look(bench: Bench) -> Sight:
        return await _seen(bench, make(bench))

    return look


def _in_channel(make: Callable[[Bench, Place], ops.Operation]) -> _Look:
    """By one call about the first channel."""

    async def look(bench: Bench) -> Sight:
        place = bench.place
        return _NO_CHANNEL if place is None else await _seen(bench, make(bench, place))

    return look


# --- channels


async def _channels_create(bench: Bench) -> Sight:
    answer = bench.channel_created
    return unseen("nothing was made") if answer is None else sight_of(_path(ops.CreateChannel), answer)


async def _channels_delete(bench: Bench) -> Sight:
    """The last channel goes, if there is another one."""
    if len(bench.channels) < 2:
        return unseen("there is no second channel to delete")
    sight = await _seen(bench, ops.DeleteChannel(guild_id=bench.guild_id, channel_id=bench.channels[-1]))
    if sight.value:
        bench.channels.pop()
    return sight


# --- what is said in a channel


async def _message(bench: Bench) -> tuple[Answer, Place] | None:
    place = bench.place
    if place is None:
        return None
    said = ops.CreateMessage(guild_id=place.guild_id, channel_id=place.channel_id, content=bench.token())
    return await bench.ask(said), place


async def _messages(bench: Bench) -> Sight:
    said = await _message(bench)
    return _NO_CHANNEL if said is None else sight_of(_path(ops.CreateMessage), said[0])


async def _reactions(bench: Bench) -> Sight:
    said = await _message(bench)
    message_id = None if said is None else member(said[0], "message_id")
    if said is None or message_id is None:
        return _NO_MESSAGE
    place = said[1]
    add = ops.AddReaction(
        guild_id=place.guild_id, channel_id=place.channel_id, message_id=message_id, emoji="👍"
    )
    return await _seen(bench, add)


async def _attachments(bench: Bench) -> Sight:
    place = bench.place
    if place is None:
        return _NO_CHANNEL
    at = {"guild_id": place.guild_id, "channel_id": place.channel_id}
    upload = ops.UploadAttachment(**at, content_type="text/plain", data=b"probe", filename="probe.txt")
    answer = await bench.ask(upload)
    attachment_id = member(answer, "attachment_id")
    if attachment_id is not None:
        await bench.ask(ops.DeleteAttachment(**at, attachment_id=attachment_id))
    return sight_of(_path(ops.UploadAttachment), answer)


# --- members


async def _members_leave(bench: Bench) -> Sight:
    """The other user is let in and goes again."""
    if not await _is_let_in(bench):
        return unseen("nobody could be added who might leave")
    leave = ops.LeaveGuild(guild_id=bench.guild_id)
    return sight_of(_path(leave), await bench.ask(leave, bench.other))


async def _bans_lift(bench: Bench) -> Sight:
    """The other user is banned and let off again."""
    await _is_let_in(bench)
    about = {"guild_id": bench.guild_id, "user_id": bench.other.user_id}
    if (await bench.ask(ops.BanMember(**about))).status != ops.BanMember.success:
        return unseen("nobody could be banned who might be let off")
    return await _seen(bench, ops.LiftBan(**about))


async def _is_let_in(bench: Bench) -> bool:
    add = ops.AddMember(guild_id=bench.guild_id, user_id=bench.other.user_id)
    return (await bench.ask(add)).status == ops.AddMember.success


# --- what shows on a connection alone, or without an account


async def _presence(bench: Bench) -> Sight:
    """A subscribe is answered with who is online (SUB-1)."""
    if bench.place is None:
        return _NO_CHANNEL
    told = "presence_sync" in bench.heard.names
    return Sight(value=told, why=f"a subscribe tells {'' if told else 'nothing of '}who is online")


async def _metrics(bench: Bench) -> Sight:
    bench.calls += 1
    reply = await bench.company.caller.call(NOBODY, ops.ReadMetrics(), purpose=Purpose.SETUP)
    answer = reply.answer
    if answer.status in (401, 403):
        return unseen(f"{_path(ops.ReadMetrics)} answers {answer.status}: give metrics.authorization")
    return sight_of(_path(ops.ReadMetrics), answer)


_LOOKS: Final[Mapping[Feature, _Look]] = {
    Feature.CHANNELS_CREATE: _channels_create,
    Feature.MESSAGES: _messages,
    Feature.REACTIONS: _reactions,
    Feature.ATTACHMENTS: _attachments,
    Feature.CHANNELS_UPDATE: _in_channel(
        lambda _, place: ops.UpdateChannel(
            guild_id=place.guild_id, channel_id=place.channel_id, channel_name="renamed"
        )
    ),
    Feature.CHANNELS_REORDER: _by(
        lambda bench: ops.ReorderChannels(guild_id=bench.guild_id, channel_ids=bench.channels[::-1])
    ),
    Feature.WORKSPACE_UPDATE: _by(
        lambda bench: ops.UpdateGuild(guild_id=bench.guild_id, guild_name=f"{bench.guild_name} again")
    ),
    Feature.MEMBERS: _by(lambda bench: ops.ListMembers(guild_id=bench.guild_id)),
    Feature.MEMBERS_LEAVE: _members_leave,
    Feature.BANS_LIFT: _bans_lift,
    Feature.ROLES: _by(lambda bench: ops.ListRoles(guild_id=bench.guild_id)),
    Feature.OVERRIDES_ROLE: _in_channel(
        lambda _, place: ops.OverrideRole(
            guild_id=place.guild_id,
            channel_id=place.channel_id,
            role="moderator",
            allow=[],
            deny=["publish_video"],
        )
    ),
    Feature.OVERRIDES_PERMISSION: _in_channel(
        lambda bench, place: ops.OverridePermission(
            guild_id=place.guild_id,
            channel_id=place.channel_id,
            target_kind="member",
            target_id=bench.owner.user_id,
            allow=["publish_video"],
            deny=[],
        )
    ),
    Feature.IP_BANS: _by(lambda bench: ops.ListIpBans(guild_id=bench.guild_id)),
    Feature.AUDIT: _by(lambda bench: ops.ReadAudit(guild_id=bench.guild_id)),
    Feature.DIRECTORY: _by(lambda _: ops.ListPublicGuilds()),
    Feature.PROFILE: _by(lambda bench: ops.UpdateProfile(username=bench.owner.account.username)),
    # No picture, so that whatever the account shows stays.
    Feature.PROFILE_AVATAR: _by(lambda _: ops.UploadAvatar(content_type="image/png", data=b"none")),
    Feature.PROFILE_BANNER: _by(lambda _: ops.UploadBanner(content_type="image/png", data=b"none")),
    Feature.FRIENDS: _by(lambda _: ops.ListFriends()),
    Feature.PRESENCE: _presence,
    Feature.VOICE: _in_channel(
        lambda _, place: ops.LeaveVoice(guild_id=place.guild_id, channel_id=place.channel_id)
    ),
    Feature.SEARCH: _by(lambda bench: ops.Search(guild_id=bench.guild_id, q="probe")),
    Feature.METRICS: _metrics,
    Feature.CHANNELS_DELETE: _channels_delete,
}
"""In this order: deleting comes last."""
