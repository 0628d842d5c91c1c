"""The whole table 9.2: which part of a state an event changes, and the state that comes of it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from sync_check.conformance.contract import events
from sync_check.harness.reducers import (
    messages,
    overrides,
    own_reactions,
    people,
    presence,
    roles,
    stretches,
    voice,
    workspace,
)
from sync_check.harness.sharing import Take, directly
from sync_check.harness.state import (
    NOTHING,
    Content,
    State,
    drop_channels,
    drop_guild,
    make_live,
    put,
    with_contents,
    with_presence,
)

_Reducer = Callable[[State, Any, Take], State]


def reduce(
    state: State, event: events.Event | stretches.Edits | stretches.Updates, take: Take = directly
) -> State:
    """The state after `event`; the same object if the event has no effect (CLIENT-3, CLIENT-4, CLIENT-5).

    `take` carries out the steps of the parts that many clients hold alike.
    """
    reducer = _ALL.get(type(event))
    return state if reducer is None else reducer(state, event, take)


def _in_guild(step: Callable[..., Any]) -> _Reducer:
    """A reducer of held guilds."""

    def reducer(state: State, event: Any, take: Take) -> State:
        guild = state.guilds.get(event.guild_id)
        if guild is None:
            return state
        changed = take(step, guild, event)
        if changed is guild:
            return state
        return replace(state, guilds=put(state.guilds, event.guild_id, changed))

    return reducer


def _in_content(step: Callable[..., Any], own_step: own_reactions.Step | None) -> _Reducer:
    """A reducer of the contents of live channels that were read, and of the own reactions there."""

    def reducer(state: State, event: Any, take: Take) -> State:
        content = state.contents.get(event.channel_id)
        if content is None or state.live.get(event.channel_id) != event.guild_id:
            return state
        changed = take(step, content, event)
        if own_step is not None:
            state = _with_own_reactions(state, own_step, event, changed)
        if changed is content:
            return state
        return with_contents(state, put(state.contents, event.channel_id, changed))

    return reducer


def _in_voice(step: Callable[..., Any]) -> _Reducer:
    """A reducer of the voices in live channels."""

    def reducer(state: State, event: Any, take: Take) -> State:
        if state.live.get(event.channel_id) != event.guild_id:
            return state
        return _with_voices(state, event.channel_id, step, event, take)

    return reducer


def _in_presence(step: Callable[..., Any]) -> _Reducer:
    """A reducer of presence, which a subscribe tells before the guild itself can be read."""

    def reducer(state: State, event: Any, take: Take) -> State:
        subscribed_to = {*state.asked.values(), *state.live.values()}
        if event.guild_id not in state.guilds and event.guild_id not in subscribed_to:
            return state
        return _with_online(state, step, event, take)

    return reducer


def _with_own_reactions(state: State, step: own_reactions.Step, event: Any, content: Content) -> State:
    own = state.own_reactions.get(event.channel_id, NOTHING)
    changed = step(own, event, content, state.user_id)
    if changed is own:
        return state
    return replace(state, own_reactions=put(state.own_reactions, event.channel_id, changed))


def _with_voices(state: State, channel_id: str, step: Callable[..., Any], event: Any, take: Take) -> State:
    voices = state.voice.get(channel_id, NOTHING)
    changed = take(step, voices, event)
    return state if changed is voices else replace(state, voice=put(state.voice, channel_id, changed))


def _with_online(state: State, step: Callable[..., Any], event: Any, take: Take) -> State:
    online = state.presence.get(event.guild_id, frozenset())
    changed = take(step, online, event)
    if changed is online:
        return state
    return with_presence(state, put(state.presence, event.guild_id, changed))


def _subscribed(state: State, event: events.Subscribed, _: Take) -> State:
    """Mark the channel live; what nobody asked for has no effect."""
    if state.asked.get(event.channel_id) != event.guild_id:
        return state
    return make_live(state, event.guild_id, event.channel_id)


_DELETE_IN_GUILD: Final = _in_guild(workspace.channel_delete)
_GONE_FROM_GUILD: Final = _in_guild(workspace.member_gone)


def _channel_delete(state: State, event: events.ChannelDelete, take: Take) -> State:
    guild = state.guilds.get(event.guild_id)
    if guild is None or not guild.has_channel(event.channel_id):
        return state
    return drop_channels(_DELETE_IN_GUILD(state, event, take), (event.channel_id,))


def _member_ban(state: State, event: events.WorkspaceMemberBan, take: Take) -> State:
    # One's own ban has no effect yet: the removal follows.
    return state if event.user_id == state.user_id else _other_gone(state, event, take)


def _member_remove(state: State, event: events.WorkspaceMemberRemove, take: Take) -> State:
    if event.user_id == state.user_id:
        return drop_guild(state, event.guild_id)
    return _other_gone(state, event, take)


def _other_gone(
    state: State, event: events.WorkspaceMemberBan | events.WorkspaceMemberRemove, take: Take
) -> State:
    state = _with_online(_GONE_FROM_GUILD(state, event, take), presence.gone, event, take)
    for channel_id in state.live_in(event.guild_id):
        state = _with_voices(state, channel_id, voice.gone, event, take)
    return state


def _in_state(step: Callable[..., State]) -> _Reducer:
    """A reducer of what is personal and shared with nobody."""
    return lambda state, event, _: step(state, event)


_REDUCERS: Final[Mapping[type[events.Event], _Reducer]] = {
    **{kind: _in_guild(step) for kind, step in workspace.STEPS.items()},
    **{kind: _in_guild(step) for kind, step in roles.STEPS.items()},
    **{kind: _in_guild(step) for kind, step in overrides.STEPS.items()},
    **{kind: _in_content(step, own_reactions.STEPS.get(kind)) for kind, step in messages.STEPS.items()},
    **{kind: _in_voice(step) for kind, step in voice.STEPS.items()},
    **{kind: _in_presence(step) for kind, step in presence.STEPS.items()},
    **{kind: _in_state(step) for kind, step in people.STEPS.items()},
    events.Subscribed: _subscribed,
    events.ChannelDelete: _channel_delete,
    events.WorkspaceMemberBan: _member_ban,
    events.WorkspaceMemberRemove: _member_remove,
}
"""Every event that has an effect; `workspace_ip_ban_sync` has none on a state."""
_ALL: Final[Mapping[type[Any], _Reducer]] = {
    **_REDUCERS,
    stretches.Edits: _in_content(stretches.edits, None),
    stretches.Updates: _in_presence(stretches.updates),
}
