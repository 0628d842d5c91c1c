"""Who may have reacted, while several do."""

from sync_check.conformance.judges.reactors import reactors
from sync_check.conformance.model.world import World
from tests.conformance.histories import ulid

NOTE = ulid(1)


def _world(*users: str) -> World:
    return World().with_reactors(NOTE, "tea", frozenset(users))


def test_nobody_is_in_doubt_in_one_world() -> None:
    who = reactors([_world("ana", "ben")], NOTE, "tea")
    assert who.surely == {"ana", "ben"}
    assert who.possibly == {"ana", "ben"}
    assert list(who.counts) == [2]
    assert who.shown == "2"


def test_whoever_changed_meanwhile_is_in_doubt() -> None:
    who = reactors([_world("ben"), _world("ana", "ben"), _world("ana")], NOTE, "tea")
    assert who.surely == frozenset()
    assert who.possibly == {"ana", "ben"}
    assert list(who.counts) == [0, 1, 2]
    assert who.shown == "0 to 2"


def test_who_reacts_is_certain_of_it() -> None:
    who = reactors([_world(), _world("ana"), _world("ana", "ben")], NOTE, "tea")
    assert list(who.with_own("ana", reacted=True).counts) == [1, 2]
    assert list(who.with_own("ana", reacted=False).counts) == [0, 1]


def test_other_emojis_and_messages_do_not_count() -> None:
    assert list(reactors([_world("ana")], NOTE, "coffee").counts) == [0]
    assert list(reactors([_world("ana")], ulid(2), "tea").counts) == [0]
