"""Taking over what REST said into a state: the other half, beside events, of what a replica is built from."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from sync_check.conformance.contract.permissions import CANONICAL_ORDER
from sync_check.harness.refetch import Fetched, Reading, Refetch
from sync_check.harness.state import (
    Channel,
    Guild,
    Message,
    Profile,
    State,
    drop_channels,
    drop_guild,
    put,
)


class UnreadableBody(ValueError):
    """A REST body from which a client cannot take what it needs: `member` is missing or of another type."""

    def __init__(self, member: str) -> None:
        super().__init__(member)
        self.member = member

    def __str__(self) -> str:
        return f"member {self.member!r} is missing or of another type"


def load(state: State, wanted: Refetch, body: Any) -> State:
    """The state after a successful read; what it holds of guilds and channels that are gone is dropped.

    Raises `UnreadableBody`; unknown members are ignored, as in events.
    """
    return _LOADERS[wanted.what](state, wanted, body)


def prune(state: State, wanted: Refetch) -> tuple[State, tuple[Refetch, ...]]:
    """The state after a 403 or 404 for something held, and what to read then (CLIENT-7, table 9.3)."""
    if wanted.channel_id and wanted.channel_id in state.live:
        state = drop_channels(state, (wanted.channel_id,))
        return state, (Refetch(Reading.CHANNELS, wanted.guild_id),)
    if wanted.guild_id and not wanted.channel_id and wanted.guild_id in state.guilds:
        return drop_guild(state, wanted.guild_id), (Refetch(Reading.GUILDS),)
    return state, ()


def in_order(results: Iterable[Fetched]) -> list[Fetched]:
    """The results in the order in which they can be taken over."""
    return sorted(results, key=lambda fetched: fetched.wanted.what)


def _load_profile(state: State, _: Refetch, body: Any) -> State:
    profile = Profile(
        username=_text(body, "username"),
        about_markdown=_text(body, "about_markdown"),
        avatar_version=_number(body, "avatar_version"),
        banner_version=_number(body, "banner_version"),
    )
    return replace(state, profiles=put(state.profiles, _text(body, "user_id"), profile))


def _load_guilds(state: State, _: Refetch, body: Any) -> State:
    told = {_text(item, "guild_id"): item for item in _items(body, "guilds")}
    for gone in [guild_id for guild_id in state.guilds if guild_id not in told]:
        state = drop_guild(state, gone)
    guilds = {guild_id: _guild(state.guilds.get(guild_id), item) for guild_id, item in told.items()}
    return replace(state, guilds=guilds)


def _guild(held: Guild | None, item: Mapping[str, Any]) -> Guild:
    name, visibility = _text(item, "name"), _text(item, "visibility")
    if held is None:
        return Guild(name=name, visibility=visibility)
    return replace(held, name=name, visibility=visibility)


def _load_channels(state: State, wanted: Refetch, body: Any) -> State:
    guild = state.guilds.get(wanted.guild_id)
    channels = tuple(
        Channel(channel_id=_text(item, "channel_id"), name=_text(item, "name"), kind=_text(item, "kind"))
        for item in _items(body, "channels")
    )
    if guild is None:
        return state
    listed = {channel.channel_id for channel in channels}
    gone = tuple(channel for channel in state.live_in(wanted.guild_id) if channel not in listed)
    state = drop_channels(state, gone)
    return replace(state, guilds=put(state.guilds, wanted.guild_id, replace(guild, channels=channels)))


def _load_members(state: State, wanted: Refetch, body: Any) -> State:
    guild = state.guilds.get(wanted.guild_id)
    members = frozenset(_text(item, "user_id") for item in _items(body, "members"))
    if guild is None:
        return state
    return replace(state, guilds=put(state.guilds, wanted.guild_id, replace(guild, members=members)))


def _load_permissions(state: State, wanted: Refetch, body: Any) -> State:
    told = body.get("permissions") if isinstance(body, dict) else None
    if not isinstance(told, list):
        raise UnreadableBody("permissions")
    if not _is_live(state, wanted):
        return state
    # Unknown names are skipped (9.1); order and repetitions stay, because they can be wrong (CHAN-2).
    known = tuple(name for name in told if name in CANONICAL_ORDER)
    return replace(state, permissions=put(state.permissions, wanted.channel_id, known))


def _load_messages(state: State, wanted: Refetch, body: Any) -> State:
    messages = {
        message.message_id: message for message in (_message(item) for item in _items(body, "messages"))
    }
    if not _is_live(state, wanted):
        return state
    return replace(state, messages=put(state.messages, wanted.channel_id, messages))


def _message(item: Mapping[str, Any]) -> Message:
    return Message(
        message_id=_text(item, "message_id"),
        author_id=_text(item, "author_id"),
        content=_text(item, "content"),
        created_at_unix=_number(item, "created_at_unix"),
    )


def _is_live(state: State, wanted: Refetch) -> bool:
    return wanted.guild_id in state.guilds and state.live.get(wanted.channel_id) == wanted.guild_id


def _items(body: Any, member: str) -> list[Any]:
    items = body.get(member) if isinstance(body, dict) else None
    if not isinstance(items, list):
        raise UnreadableBody(member)
    return items


def _text(item: Any, member: str) -> str:
    value = item.get(member) if isinstance(item, dict) else None
    if type(value) is not str:
        raise UnreadableBody(member)
    return value


def _number(item: Any, member: str) -> int:
    value = item.get(member) if isinstance(item, dict) else None
    if type(value) is not int:
        raise UnreadableBody(member)
    return value


_LOADERS: Final[Mapping[Reading, Callable[[State, Refetch, Any], State]]] = {
    Reading.PROFILE: _load_profile,
    Reading.GUILDS: _load_guilds,
    Reading.CHANNELS: _load_channels,
    Reading.MEMBERS: _load_members,
    Reading.PERMISSIONS: _load_permissions,
    Reading.MESSAGES: _load_messages,
}
