"""REST bodies become parts of a state, or are refused as a whole."""

from typing import Any

import pytest

from sync_check.conformance.contract.features import ALL_FEATURES
from sync_check.harness import bodies
from sync_check.harness.bodies import UnreadableBody
from sync_check.harness.refetch import Fetched, Reading, Refetch
from sync_check.harness.state import Channel, Guild, Override, Role
from tests.harness.portrait import portrait_of
from tests.harness.wire import (
    ATTACHMENT,
    BEN,
    EVE,
    FIRST,
    GENERAL,
    ME,
    NOW,
    RANDOM,
    SECOND,
    THIRD,
    filled_replica,
    make_id,
    message,
    reaction,
)

CREW, MODERATOR = make_id(40), make_id(41)
HOUSE = Guild(name="house", visibility="private")
ROLE = {
    "role_id": CREW,
    "name": "crew",
    "position": 2,
    "is_system": False,
    "permissions": ["create_message", "fly"],
    "color_hex": None,
}
REQUEST = {
    "sender_user_id": BEN,
    "sender_username": "ben",
    "recipient_user_id": ME,
    "recipient_username": "ana",
    "created_at_unix": NOW,
}


def test_roles_are_read_with_known_permissions_and_the_default() -> None:
    guild = bodies.roles_from(HOUSE, {"roles": [ROLE], "default_join_role_id": CREW})
    known = ("create_message",)
    role = Role(name="crew", position=2, is_system=False, permissions=known, color_hex=None)
    assert (guild.roles, guild.default_join_role_id) == ({CREW: role}, CREW)


def test_role_forms_find_their_seed_role_when_roles_are_read() -> None:
    override = Override(allow=("create_message",), deny=())
    guild = Guild(name="a", visibility="public", overrides={GENERAL: {"moderator": override}})
    seed = {**ROLE, "role_id": MODERATOR, "name": "moderator", "color_hex": "#00FF00"}
    read = bodies.roles_from(guild, {"roles": [ROLE, seed], "default_join_role_id": None})
    assert read.overrides == {GENERAL: {f"role:{MODERATOR}": override}}


def test_members_keep_the_legacy_roles_that_events_told() -> None:
    guild = Guild(name="a", visibility="public", members={ME: "moderator", EVE: "member"})
    items = [{"user_id": ME, "role_ids": [CREW]}, {"user_id": BEN, "role_ids": []}]
    read = bodies.members_from(guild, {"members": items})
    assert read.members == {ME: "moderator", BEN: None}
    assert read.assignments == {ME: {CREW}}


def test_channels_that_are_gone_take_their_overrides_along() -> None:
    override = {f"member:{BEN}": Override(allow=(), deny=("create_message",))}
    guild = Guild(name="a", visibility="public", overrides={GENERAL: override, RANDOM: override})
    body = {"channels": [{"channel_id": RANDOM, "name": "r", "kind": "voice"}]}
    read = bodies.channels_from(guild, body)
    assert read.channels == (Channel(channel_id=RANDOM, name="r", kind="voice"),)
    assert read.overrides == {RANDOM: override}
    assert bodies.channels_from(read, body) is read


def test_a_guild_that_is_listed_as_it_was_stays_itself() -> None:
    assert bodies.guild_from(HOUSE, {"name": "house", "visibility": "private"}) is HOUSE
    assert bodies.guild_from(HOUSE, {"name": "home", "visibility": "private"}).name == "home"


def test_messages_are_read_with_attachments_and_reactions() -> None:
    reactions = [
        {"emoji": "tea", "count": 2, "reactor_user_ids": [ME, BEN]},
        {"emoji": "pie", "count": 1},
    ]
    item = {**message(FIRST), "attachments": [ATTACHMENT], "reactions": reactions}
    content = bodies.content_from(None, {"messages": [item]})
    (attachment,) = content.messages[FIRST].attachments
    assert (attachment.filename, attachment.size_bytes) == ("a.png", 3)
    assert content.reactions[FIRST]["tea"].users == {ME, BEN}
    assert (content.reactions[FIRST]["pie"].count, content.reactions[FIRST]["pie"].users) == (1, frozenset())


def test_the_own_reactions_are_those_that_the_reader_is_told_of() -> None:
    items = [
        {**message(FIRST), "reactions": [reaction("tea", 2, True, BEN), reaction("pie", 1, False, ME)]},
        {**message(SECOND), "reactions": [reaction("tea", 1, False, BEN)]},
        message(THIRD),
    ]
    assert bodies.own_reactions_from({"messages": items}) == {FIRST: {"tea"}}


@pytest.mark.parametrize("odd", [None, 1, "true", []])
def test_whether_the_reader_reacted_is_true_or_false(odd: object) -> None:
    item = {**message(FIRST), "reactions": [{"emoji": "tea", "count": 1, "reacted_by_me": odd}]}
    with pytest.raises(UnreadableBody, match="reacted_by_me"):
        bodies.own_reactions_from({"messages": [item]})


def test_friends_and_requests_are_taken_into_a_state() -> None:
    replica = filled_replica(ALL_FEATURES)
    friends = {"friends": [{"user_id": EVE, "username": "eve", "created_at_unix": NOW}]}
    requests = {"incoming": [{"request_id": CREW, **REQUEST}], "outgoing": []}
    replica.begin_refetch()
    replica.finish_refetch(
        Fetched(wanted=Refetch(what), status=200, body=body)
        for what, body in ((Reading.FRIENDS, friends), (Reading.FRIEND_REQUESTS, requests))
    )
    portrait = portrait_of(replica.state)
    assert portrait["friends"] == {EVE: {"username": "eve", "created_at_unix": NOW}}
    assert portrait["friend_requests"] == {"incoming": {CREW: REQUEST}, "outgoing": {}}


@pytest.mark.parametrize(
    ("change", "member"),
    [
        ({"role_id": 7}, "role_id"),
        ({"name": None}, "name"),
        ({"position": "2"}, "position"),
        ({"position": True}, "position"),
        ({"is_system": 0}, "is_system"),
        ({"permissions": "create_message"}, "permissions"),
        ({"color_hex": 255}, "color_hex"),
    ],
)
def test_a_senseless_role_is_refused(change: dict[str, Any], member: str) -> None:
    body = {"roles": [{**ROLE, **change}], "default_join_role_id": None}
    with pytest.raises(UnreadableBody, match=member) as caught:
        bodies.roles_from(HOUSE, body)
    assert caught.value.member == member


@pytest.mark.parametrize("odd", [7, [], {}])
def test_a_senseless_default_role_is_refused(odd: object) -> None:
    with pytest.raises(UnreadableBody, match="default_join_role_id"):
        bodies.roles_from(HOUSE, {"roles": [], "default_join_role_id": odd})


@pytest.mark.parametrize("odd", [None, "x", [7], [["x"]], {}])
def test_ids_are_texts(odd: object) -> None:
    with pytest.raises(UnreadableBody, match="role_ids"):
        bodies.members_from(HOUSE, {"members": [{"user_id": ME, "role_ids": odd}]})


@pytest.mark.parametrize("odd", [None, 7, [7], ["x"], [None]])
@pytest.mark.parametrize("member", ["attachments", "reactions"])
def test_senseless_parts_of_a_message_are_refused(member: str, odd: object) -> None:
    with pytest.raises(UnreadableBody):
        bodies.content_from(None, bodies.impersonal({"messages": [{**message(FIRST), member: odd}]}))


@pytest.mark.parametrize("odd", [None, 7, {}, {"messages": None}, {"messages": [7]}])
def test_what_is_no_page_is_refused(odd: object) -> None:
    with pytest.raises(UnreadableBody):
        bodies.impersonal(odd)
