"""Taking over what REST said into a state: the other half, beside events, of what a replica is built from."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from sync_check.harness import bodies
from sync_check.harness.refetch import Fetched, Reading, Refetch
from sync_check.harness.sharing import Take, directly
from sync_check.harness.state import FriendRequests, Guild, State, drop_channels, drop_guild, put

_Loader = Callable[[State, Refetch, Any, Take], State]

_NO_GUILD: Final = Guild(name="", visibility="")


def load(state: State, wanted: Refetch, body: Any, take: Take = directly) -> State:
    """The state after a successful read; what it holds of guilds and channels that are gone is dropped.

    `take` carries out the steps of the parts that many clients hold alike. Raises `UnreadableBody`; unknown
    members are ignored, as in events.
    """
    return _LOADERS[wanted.what](state, wanted, body, take)


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


def _load_profile(state: State, _: Refetch, body: Any, _take: Take) -> State:
    user_id, profile = bodies.profile_from(body)
    return replace(state, profiles=put(state.profiles, user_id, profile))


def _load_guilds(state: State, _: Refetch, body: Any, take: Take) -> State:
    told = {bodies.text_of(item, "guild_id"): item for item in bodies.items_of(body, "guilds")}
    for gone in [guild_id for guild_id in state.guilds if guild_id not in told]:
        state = drop_guild(state, gone)
    held = state.guilds
    guilds = {guild_id: take(bodies.guild_from, held.get(guild_id), item) for guild_id, item in told.items()}
    return replace(state, guilds=guilds)


def _load_channels(state: State, wanted: Refetch, body: Any, take: Take) -> State:
    listed = {bodies.text_of(item, "channel_id") for item in bodies.items_of(body, "channels")}
    gone = tuple(channel for channel in state.live_in(wanted.guild_id) if channel not in listed)
    loaded = _load_into_guild(bodies.channels_from)(state, wanted, body, take)
    return drop_channels(loaded, gone) if wanted.guild_id in state.guilds else loaded


def _load_into_guild(step: Callable[[Guild, Any], Guild]) -> _Loader:
    def loader(state: State, wanted: Refetch, body: Any, take: Take) -> State:
        # Read even if the guild is gone meanwhile: a senseless body is one in any case.
        guild = state.guilds.get(wanted.guild_id)
        changed = take(step, guild or _NO_GUILD, body)
        if guild is None or changed is guild:
            return state
        return replace(state, guilds=put(state.guilds, wanted.guild_id, changed))

    return loader


def _permissions(_: None, body: Any) -> tuple[str, ...]:
    return bodies.known_permissions_from(body)


def _load_permissions(state: State, wanted: Refetch, body: Any, take: Take) -> State:
    known = take(_permissions, None, body)
    if not _is_live(state, wanted):
        return state
    return replace(state, permissions=put(state.permissions, wanted.channel_id, known))


def _load_messages(state: State, wanted: Refetch, body: Any, take: Take) -> State:
    content = take(bodies.content_from, None, bodies.impersonal(body))
    own = bodies.own_reactions_from(body)
    if not _is_live(state, wanted):
        return state
    return replace(
        state,
        contents=put(state.contents, wanted.channel_id, content),
        own_reactions=put(state.own_reactions, wanted.channel_id, own),
    )


def _load_friends(state: State, _: Refetch, body: Any, _take: Take) -> State:
    return replace(state, friends=bodies.friends_from(body))


def _load_requests(state: State, _: Refetch, body: Any, _take: Take) -> State:
    requests = FriendRequests(
        incoming=bodies.requests_from(body, "incoming"), outgoing=bodies.requests_from(body, "outgoing")
    )
    return replace(state, requests=requests)


def _is_live(state: State, wanted: Refetch) -> bool:
    return wanted.guild_id in state.guilds and state.live.get(wanted.channel_id) == wanted.guild_id


_LOADERS: Final[Mapping[Reading, _Loader]] = {
    Reading.PROFILE: _load_profile,
    Reading.GUILDS: _load_guilds,
    Reading.CHANNELS: _load_channels,
    Reading.ROLES: _load_into_guild(bodies.roles_from),
    Reading.MEMBERS: _load_into_guild(bodies.members_from),
    Reading.PERMISSIONS: _load_permissions,
    Reading.MESSAGES: _load_messages,
    Reading.FRIENDS: _load_friends,
    Reading.FRIEND_REQUESTS: _load_requests,
}
