"""Short words in place of ids."""

from sync_check.conformance.judges.cones.naming import TEXT, Names


def _names(*, several_guilds: bool = False) -> Names:
    return Names({"u-ben": "ben"}, several_guilds=several_guilds)


def test_ids_get_names_by_kind_and_users_those_of_clients() -> None:
    names = _names()
    assert names.said("x", {"channel_id": "A", "message_id": "B", "user_id": "u-ben"}) == "x(c1, m1, ben)"
    assert names.said("y", {"message_id": "C", "channel_id": "A", "user_id": "u-no"}) == "y(m2, c1, u1)"
    assert [(one.name, one.id) for one in names.given] == [
        ("c1", "A"),
        ("m1", "B"),
        ("m2", "C"),
        ("u1", "u-no"),
    ]


def test_the_only_guild_is_not_named_beside_others() -> None:
    members = {"guild_id": "G", "channel_id": "A"}
    assert _names().said("x", members) == "x(c1)"
    assert _names().said("x", {"guild_id": "G"}) == "x(g1)"
    assert _names(several_guilds=True).said("x", members) == "x(g1, c1)"


def test_what_changed_is_told_and_when_and_by_whom_is_not() -> None:
    members = {
        "updated_fields": {"name": "y", "permissions": []},
        "updated_at_unix": 1,
        "actor_user_id": "A",
        "count": 0,
        "absent": None,
        "role_ids": ["R", "S", 7],
    }
    assert _names().said("x", members) == "x(name=y, count=0, [r1, r2, 7])"


def test_words_are_short() -> None:
    said = _names().said("x" * 50, {"content": "y" * 500, "list": ["z"] * 500})
    assert len(said) <= TEXT
