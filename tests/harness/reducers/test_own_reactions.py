"""The own reactions follow what everybody is told, and go with what they hang on."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sync_check.conformance.contract import events
from sync_check.conformance.contract.events import Event
from sync_check.harness.decoding import Decoder
from sync_check.harness.reducers.own_reactions import message_delete, message_reaction
from sync_check.harness.reducers.reduction import reduce
from sync_check.harness.state import Content, Reaction
from tests.harness.portrait import reacted_by
from tests.harness.wire import (
    BEN,
    FIRST,
    GENERAL,
    GUILD,
    ME,
    NOW,
    SECOND,
    THIRD,
    create_frame,
    delete_frame,
    filled_replica,
    reaction_frame,
    update_frame,
)

TEXTS = [
    *(
        reaction_frame(operation, user_id, emoji, count, message_id)
        for operation in ("add", "remove")
        for user_id in (ME, BEN)
        for emoji in ("tea", "pie")
        for count in (0, 1, 2)
        for message_id in (FIRST, THIRD)
    ),
    *(step(message_id) for step in (create_frame, delete_frame) for message_id in (FIRST, THIRD)),
    update_frame(FIRST, "one!"),
]


def event_of(text: str) -> Event:
    event = Decoder().decode(text).event
    assert event is not None
    return event


def reacted(operation: str, user_id: str, emoji: str = "tea", count: int = 1) -> events.MessageReaction:
    event = event_of(reaction_frame(operation, user_id, emoji, count, FIRST))
    assert isinstance(event, events.MessageReaction)
    return event


def content(**counts: int) -> Content:
    """What FIRST shows after an event, with nobody known by name."""
    return Content(
        reactions={FIRST: {emoji: Reaction(count=n, users=frozenset()) for emoji, n in counts.items()}}
    )


def test_the_user_alone_adds_and_takes_away() -> None:
    both = content(tea=40, pie=40)
    own = message_reaction({}, reacted("add", ME), both, ME)
    assert own == {FIRST: {"tea"}}
    assert message_reaction(own, reacted("add", ME, "pie"), both, ME) == {FIRST: {"tea", "pie"}}
    assert message_reaction(own, reacted("remove", ME), both, ME) == {}
    assert message_reaction(own, reacted("remove", BEN), both, ME) is own
    assert message_reaction(own, reacted("add", ME), both, ME) is own


def test_what_a_message_shows_no_more_is_not_the_own() -> None:
    own = {FIRST: frozenset(("tea", "pie")), SECOND: frozenset(("tea",))}
    changed = message_reaction(own, reacted("remove", BEN, count=0), content(pie=1), ME)
    assert changed == {FIRST: {"pie"}, SECOND: {"tea"}}
    deleted = events.MessageDelete(guild_id=GUILD, channel_id=GENERAL, message_id=FIRST, deleted_at_unix=NOW)
    assert message_delete(changed, deleted, Content(), ME) == {SECOND: {"tea"}}


def test_a_message_that_is_told_anew_tells_the_reactors_too() -> None:
    told = [{"emoji": "tea", "count": 2, "reacted_by_me": False, "reactor_user_ids": [BEN, ME]}]
    replica = filled_replica()
    replica.apply(create_frame(THIRD, reactions=told))
    assert replica.state.own_reactions[GENERAL] == {THIRD: {"tea"}}
    replica.apply(create_frame(THIRD, at=NOW))
    assert replica.state.own_reactions[GENERAL] == {}


@settings(deadline=None)
@given(st.lists(st.sampled_from([event_of(text) for text in TEXTS]), max_size=15))
def test_as_long_as_every_reactor_is_known_both_agree(sequence: list[Event]) -> None:
    state = filled_replica().state
    for event in sequence:
        state = reduce(state, event)
        assert reduce(state, event) is state
        assert state.own_reactions[GENERAL] == reacted_by(ME, state.contents[GENERAL])
