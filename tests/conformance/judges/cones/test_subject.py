"""What payloads and arguments name, and what they are about."""

from sync_check.conformance.judges.cones.subject import Subject, ids_in, leaf_of


def test_ids_are_found_by_kind_wherever_they_stand() -> None:
    payload = {
        "guild_id": "g",
        "channel": {"channel_id": "c", "name": "guild_id"},
        "participants": [{"user_id": "u"}, {"user_id": "v"}],
        "role_ids": ["r", 7, "s"],
        "author_id": "w",
        "actor_user_id": "x",
        "message_id": None,
    }
    assert ids_in(payload) == {
        "guild": {"g"},
        "channel": {"c"},
        "user": {"u", "v"},
        "role": {"r", "s"},
        "message": set(),
    }


def test_a_target_is_a_role_or_a_member() -> None:
    assert ids_in({"target_kind": "role", "target_id": "x"}) == {"role": {"x"}}
    assert ids_in({"target_kind": "member", "target_id": "x"}) == {"user": {"x"}}


def test_what_is_no_object_names_nothing() -> None:
    for value in (None, 7, "guild_id", [], [[[[[{"guild_id": "deep"}]]]]]):
        assert ids_in(value) == {}


def test_the_thing_itself_is_the_most_specific() -> None:
    assert leaf_of(ids_in({"guild_id": "g", "channel_id": "c", "message_id": "m"})) == {"m"}
    assert leaf_of(ids_in({"guild_id": "g", "user_id": "u"})) == {"u"}
    assert leaf_of({}) == frozenset()


def test_the_receiver_has_a_part_and_is_not_the_thing() -> None:
    subject = Subject.of([{}, ids_in({"guild_id": "g"})], users=["ben", None])
    assert subject.leaf == {"g"}
    assert subject.all_of("user") == {"ben"}
    assert subject.all_of("role") == frozenset()
