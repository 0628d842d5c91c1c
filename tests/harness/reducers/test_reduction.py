"""Whatever comes in whatever order: events repeat without harm, and sharing makes no difference."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_check.conformance.contract.events import (
    EVENTS,
    Event,
    MessageDelete,
    MessageUpdate,
    PresenceUpdate,
    WorkspaceIpBanSync,
)
from sync_check.conformance.contract.vectors import Kind, all_vectors
from sync_check.harness.decoding import Decoder
from sync_check.harness.reducers import reduction
from sync_check.harness.reducers.reduction import reduce
from sync_check.harness.reducers.stretches import put_together
from sync_check.harness.sharing import Sharing
from sync_check.harness.state import State, put
from tests.harness.portrait import portrait_of, state_of

VECTORS = {vector.id: vector for vector in all_vectors()}
FULL = VECTORS["workspace_member_remove/valid"].before


def sound_events() -> Iterator[Event]:
    decoder = Decoder()
    for vector in VECTORS.values():
        event = decoder.decode(vector.text).event
        if event is not None and vector.kind is not Kind.ADDITIVE:
            yield event


EVENTS_SEEN = tuple(sound_events())
IN_STRETCHES = tuple(
    one for one in EVENTS_SEEN if isinstance(one, MessageDelete | MessageUpdate | PresenceUpdate)
)
SEQUENCES = st.lists(st.sampled_from(EVENTS_SEEN), max_size=15)


def after(events: list[Event]) -> State:
    state = state_of(FULL)
    for event in events:
        state = reduce(state, event)
    return state


def test_every_event_that_has_an_effect_has_a_reducer() -> None:
    assert {kind.name for kind in reduction._REDUCERS} == EVENTS.keys() - {WorkspaceIpBanSync.name}
    assert {event.name for event in EVENTS_SEEN} == EVENTS.keys()


@settings(deadline=None)
@given(SEQUENCES, st.sampled_from(EVENTS_SEEN))
def test_an_event_twice_in_a_row_is_as_once(before: list[Event], event: Event) -> None:
    once = reduce(after(before), event)
    assert reduce(once, event) is once


@settings(deadline=None)
@given(st.lists(st.sampled_from(IN_STRETCHES), max_size=15))
def test_stretches_of_one_kind_lead_to_the_same_state(events: list[Event]) -> None:
    state = state_of(FULL)
    for step in put_together(events):
        state = reduce(state, step)
    assert portrait_of(state) == portrait_of(after(events))


@settings(deadline=None)
@given(SEQUENCES)
def test_shared_steps_lead_to_the_same_state(events: list[Event]) -> None:
    sharing = Sharing()
    states = [state_of(FULL) for _ in range(3)]
    for event in events:
        states = [reduce(state, event, sharing.take) for state in states]
    assert all(portrait_of(state) == portrait_of(after(events)) for state in states)


@settings(deadline=None)
@given(SEQUENCES)
def test_nothing_but_the_other_workspace_is_left_after_the_own_removal(events: list[Event]) -> None:
    removal = next(event for event in EVENTS_SEEN if event.name == "workspace_member_remove")
    state = after(events)
    (gone,) = [guild for guild in FULL["workspaces"] if guild == getattr(removal, "guild_id", "")]
    own = removal.model_copy(update={"user_id": state.user_id})
    left = portrait_of(reduce(state, own))
    by_guild = ("workspaces", "channels", "members", "roles", "assignments", "overrides", "presence")
    assert [name for name in by_guild if gone in left.get(name, {})] == []
    assert gone not in left.get("live", {}).values()
    assert {*left.get("messages", {}), *left.get("voice", {}), *left.get("permissions", {})} <= {
        *left.get("live", {})
    }


@pytest.mark.parametrize("event", [event for event in EVENTS_SEEN if event.name.startswith("profile_")])
def test_what_is_personal_leaves_the_workspaces_as_they_are(event: Event) -> None:
    state = state_of(FULL)
    changed = reduce(state, event)
    assert changed.guilds is state.guilds
    assert changed.contents is state.contents


def test_a_channel_that_is_not_subscribed_holds_neither_messages_nor_voices() -> None:
    state = state_of({**FULL, "live": {}, "messages": {}, "reactions": {}, "voice": {}, "permissions": {}})
    talking = ("message_", "voice_")
    for event in EVENTS_SEEN:
        if event.name.startswith(talking):
            assert reduce(state, event) is state


def test_messages_wait_until_the_channel_was_read() -> None:
    vector = VECTORS["message_create/variant/first"]
    state = state_of(vector.before)
    (channel,) = state.live
    unread = state_of({**vector.before, "live": {}})
    unread = reduce(
        unread, EVENTS["subscribed"].model_validate({"guild_id": state.live[channel], "channel_id": channel})
    )
    event = Decoder().decode(vector.text).event
    assert event is not None
    assert unread.live == put({}, channel, state.live[channel])
    assert reduce(unread, event) is unread
    assert reduce(state, event) is not state
