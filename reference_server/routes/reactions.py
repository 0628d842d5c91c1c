"""Reactions (contract 2.5, feature `reactions`)."""

from typing import Annotated, Final
from urllib.parse import unquote_to_bytes

from fastapi import Depends, Request

from sync_check.conformance.contract.events import MessageReaction
from sync_check.conformance.contract.shapes import Reaction
from sync_check.conformance.contract.values import ReactionChange
from sync_check.reference_server import access
from sync_check.reference_server.content import Message
from sync_check.reference_server.errors import Forbidden, InvalidRequest, NotFound
from sync_check.reference_server.guild import Channel, Guild
from sync_check.reference_server.routes.caller import Caller, ThisCaller
from sync_check.reference_server.routes.strict import strict_router

router = strict_router()

_REACTION: Final = "/guilds/{guild_id}/channels/{channel_id}/messages/{message_id}/reactions/{emoji}"


async def _spelled(request: Request) -> str:
    """The last segment of the path, decoded once: it may hold an encoded slash, which no route's path can.

    Empty, which is no emoji, where it is not UTF-8: who may not react at all is told that first.
    """
    segment = request.scope["raw_path"].rpartition(b"/")[2]
    try:
        return unquote_to_bytes(segment).decode()
    except UnicodeDecodeError:
        return ""


Emoji = Annotated[str, Depends(_spelled)]


@router.post(_REACTION)
async def add_reaction(
    guild_id: str, channel_id: str, message_id: str, caller: ThisCaller, spelled: Emoji
) -> Reaction:
    """React once with an emoji (REACT-1); doing so again changes nothing (REACT-5)."""
    guild, channel, message = _asked_for(caller, guild_id, channel_id, message_id, spelled)
    reactors = message.reactions.setdefault(spelled, {})
    if caller.user_id not in reactors:
        reactors[caller.user_id] = None
        _tell(caller, guild, channel, message, spelled, "add")
    return message.reaction(spelled, caller.user_id, caller.backend.settings.limits)


@router.delete(_REACTION)
async def remove_reaction(
    guild_id: str, channel_id: str, message_id: str, caller: ThisCaller, spelled: Emoji
) -> Reaction:
    """Take back the caller's own reaction; the emoji goes with its last reactor (REACT-2)."""
    guild, channel, message = _asked_for(caller, guild_id, channel_id, message_id, spelled)
    reactors = message.reactions.get(spelled, {})
    if caller.user_id in reactors:
        del reactors[caller.user_id]
        if not reactors:
            del message.reactions[spelled]
        _tell(caller, guild, channel, message, spelled, "remove")
    return message.reaction(spelled, caller.user_id, caller.backend.settings.limits)


def _asked_for(
    caller: Caller, guild_id: str, channel_id: str, message_id: str, emoji: str
) -> tuple[Guild, Channel, Message]:
    """What the path names; raises `Forbidden` for an unknown channel too (2.5)."""
    guild = caller.content(guild_id)
    channel = guild.channels.get(channel_id)
    if channel is None or not access.can_read(guild, channel, caller.user_id):
        raise Forbidden
    message = channel.messages.get(message_id)
    if message is None:
        raise NotFound
    is_short = 1 <= len(emoji) <= caller.backend.settings.limits.emoji_characters
    if not is_short or any(character.isspace() for character in emoji):
        raise InvalidRequest
    return guild, channel, message


def _tell(
    caller: Caller, guild: Guild, channel: Channel, message: Message, emoji: str, operation: ReactionChange
) -> None:
    event = MessageReaction(
        guild_id=guild.guild_id,
        channel_id=channel.channel_id,
        message_id=message.message_id,
        emoji=emoji,
        count=len(message.reactions.get(emoji, ())),
        operation=operation,
        actor_user_id=caller.user_id,
    )
    caller.backend.fanout.to_channel(event, guild=guild, channel=channel, cause=caller.user_id)
