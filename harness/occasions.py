"""What has to be read again after an event (table 9.3 of the contract)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from sync_check.conformance.contract import events
from sync_check.conformance.contract.features import Feature
from sync_check.harness.refetch import Reading, Refetch
from sync_check.harness.state import State

FEATURE_OF_READING: Final[Mapping[Reading, Feature]] = {
    Reading.PROFILE: Feature.PROFILE,
    Reading.ROLES: Feature.ROLES,
    Reading.MEMBERS: Feature.MEMBERS,
    Reading.MESSAGES: Feature.MESSAGES,
    Reading.FRIENDS: Feature.FRIENDS,
    Reading.FRIEND_REQUESTS: Feature.FRIENDS,
}
"""Where the feature is not in force there is nothing to read; other readings are always possible."""

PERSONAL: Final = (
    Refetch(Reading.PROFILE),
    Refetch(Reading.FRIENDS),
    Refetch(Reading.FRIEND_REQUESTS),
)
"""What a user sees without any guild."""


def asked_by(state: State, event: events.Event, features: frozenset[Feature]) -> tuple[Refetch, ...]:
    """What to read after `event`, which `state` has not taken in yet."""
    asks = _ASKS.get(type(event))
    return () if asks is None else in_force(asks(state, event, features), features)


def in_force(wanted: Iterable[Refetch], features: frozenset[Feature]) -> tuple[Refetch, ...]:
    """Those of `wanted` whose feature is in force, each once."""
    return tuple(
        dict.fromkeys(
            refetch for refetch in wanted if FEATURE_OF_READING.get(refetch.what) in (None, *features)
        )
    )


def whole_guild(guild_id: str, channels: Iterable[str]) -> tuple[Refetch, ...]:
    """Everything of a guild and of these channels in it."""
    lists = (Reading.CHANNELS, Reading.ROLES, Reading.MEMBERS)
    contents = (
        Refetch(what, guild_id, channel_id)
        for channel_id in channels
        for what in (Reading.PERMISSIONS, Reading.MESSAGES)
    )
    return (*(Refetch(what, guild_id) for what in lists), *contents)


_Asks = Callable[[State, Any, frozenset[Feature]], tuple[Refetch, ...]]


def _on_ready(_: State, _event: events.Ready, _features: frozenset[Feature]) -> tuple[Refetch, ...]:
    return PERSONAL


def _on_subscribed(state: State, event: events.Subscribed, _: frozenset[Feature]) -> tuple[Refetch, ...]:
    if state.asked.get(event.channel_id) != event.guild_id:
        return ()
    # Until its first subscription a connection gets no event of a guild. One that was lost and regained in
    # between, unnoticed, told nothing for a while (ACCESS-6): subscribing again is a fresh start.
    if event.channel_id in state.live or not state.live_in(event.guild_id):
        return (Refetch(Reading.GUILDS), *whole_guild(event.guild_id, (event.channel_id,)))
    return tuple(
        Refetch(what, event.guild_id, event.channel_id) for what in (Reading.PERMISSIONS, Reading.MESSAGES)
    )


def _on_member_add(
    state: State, event: events.WorkspaceMemberAdd, _: frozenset[Feature]
) -> tuple[Refetch, ...]:
    if event.user_id != state.user_id:
        return ()
    return (Refetch(Reading.GUILDS), *whole_guild(event.guild_id, ()))


def _on_member_update(
    state: State, event: events.WorkspaceMemberUpdate, features: frozenset[Feature]
) -> tuple[Refetch, ...]:
    """Roles and the member's assignments, which exist with the feature `roles` only; for oneself access."""
    if event.guild_id not in state.guilds:
        return ()
    wanted: tuple[Refetch, ...] = ()
    if Feature.ROLES in features:
        wanted = tuple(Refetch(what, event.guild_id) for what in (Reading.ROLES, Reading.MEMBERS))
    if event.user_id == state.user_id:
        wanted = (*_access(state, event.guild_id), *wanted)
    return wanted


def _on_assignment(
    state: State,
    event: events.WorkspaceRoleAssignmentAdd | events.WorkspaceRoleAssignmentRemove,
    _: frozenset[Feature],
) -> tuple[Refetch, ...]:
    return _access(state, event.guild_id) if event.user_id == state.user_id else ()


def _on_role(state: State, event: Any, _: frozenset[Feature]) -> tuple[Refetch, ...]:
    """Any role may be one's own: those of the legacy role and `@everyone` are held without assignment."""
    return _access(state, event.guild_id)


def _on_override(state: State, event: Any, _: frozenset[Feature]) -> tuple[Refetch, ...]:
    """An override touches one channel, and not oneself if it is aimed at another member."""
    if getattr(event, "target_kind", None) == "member" and event.target_id != state.user_id:
        return ()
    return tuple(
        refetch for refetch in _access(state, event.guild_id) if refetch.channel_id in ("", event.channel_id)
    )


def _access(state: State, guild_id: str) -> tuple[Refetch, ...]:
    """What shows a change of one's own access in a held guild."""
    if guild_id not in state.guilds:
        return ()
    permissions = (Refetch(Reading.PERMISSIONS, guild_id, channel) for channel in state.live_in(guild_id))
    return (Refetch(Reading.CHANNELS, guild_id), *permissions)


_ASKS: Final[Mapping[type[events.Event], _Asks]] = {
    events.Ready: _on_ready,
    events.Subscribed: _on_subscribed,
    events.WorkspaceMemberAdd: _on_member_add,
    events.WorkspaceMemberUpdate: _on_member_update,
    events.WorkspaceRoleUpdate: _on_role,
    events.WorkspaceRoleDelete: _on_role,
    events.WorkspaceRoleReorder: _on_role,
    events.WorkspaceRoleAssignmentAdd: _on_assignment,
    events.WorkspaceRoleAssignmentRemove: _on_assignment,
    events.WorkspaceChannelOverrideUpdate: _on_override,
    events.WorkspaceChannelRoleOverrideUpdate: _on_override,
    events.WorkspaceChannelPermissionOverrideUpdate: _on_override,
}
ASKING: Final = frozenset(_ASKS)
"""The events after which something may have to be read."""
