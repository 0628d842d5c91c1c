"""Answers need not come in the order in which operations were carried out: what they say tells that order."""

from collections.abc import Sequence
from itertools import permutations

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import Ending
from tests.conformance.address_stories import AddressStory
from tests.conformance.door_stories import Asked, DoorStory
from tests.conformance.histories import NOW, user
from tests.conformance.judges.test_races import folded
from tests.conformance.stories import ACCEPTED, Story

_TWO = list(permutations(range(2)))
_THREE = list(permutations(range(3)))


# --- one that makes sense only before the other


@pytest.mark.parametrize("answered", _TWO)
@pytest.mark.parametrize("bans", [False, True])
def test_who_is_a_member_already_was_removed_later(bans: bool, answered: Sequence[int]) -> None:
    story = DoorStory(inside=True)
    removal = story.ban_eve if bans else story.kick_eve
    told = [story.banned(), story.removed("ban")] if bans else [story.removed()]
    bodies = [story.joined("already_member"), ACCEPTED]
    story.at_once([("eve", story.join), ("ana", removal)], told, bodies, answered)
    assert user("eve") not in folded(story).timeline.present.guilds[story.guild].members
    assert story.judged(inside=False) == []


@pytest.mark.parametrize("answered", _TWO)
def test_who_was_removed_first_has_joined_anew(answered: Sequence[int]) -> None:
    story = DoorStory(inside=True)
    asked: Asked = [("eve", story.join), ("ana", story.kick_eve)]
    story.at_once(asked, [story.removed(), story.added("eve")], [story.joined(), ACCEPTED], answered)
    assert story.judged(inside=True) == []


@pytest.mark.parametrize("answered", _THREE)
@pytest.mark.parametrize("first", ["accepted", "already_member"])
def test_of_three_at_once_the_one_between_is_found(first: str, answered: Sequence[int]) -> None:
    story = DoorStory("members.leave", inside=first == "already_member")
    asked: Asked = [
        ("eve", story.join),
        ("ana", story.kick_eve),
        ("eve", ops.LeaveGuild(guild_id=story.guild)),
    ]
    told = [story.added("eve")] if first == "accepted" else []
    bodies = [story.joined(first), {"error": "not_found"}, ACCEPTED]
    story.at_once(asked, [*told, story.removed("leave")], bodies, answered, (200, 404, 200))
    assert story.judged(inside=False) == []


@pytest.mark.parametrize("answered", _THREE)
def test_three_that_make_sense_in_one_order_only(answered: Sequence[int]) -> None:
    story = DoorStory()
    asked: Asked = [
        ("eve", story.join),
        ("ana", story.kick_eve),
        ("ben", ops.BanMember(guild_id=story.guild, user_id=user("eve"))),
    ]
    bodies = [story.joined(), ACCEPTED, ACCEPTED]
    story.at_once(asked, [story.added("eve"), story.removed(), story.banned()], bodies, answered)
    present = folded(story).timeline.present.guilds[story.guild]
    assert user("eve") in present.banned - present.members.keys()
    assert story.judged(inside=False) == []


def test_an_answer_that_makes_sense_in_no_order_is_wrong() -> None:
    story = DoorStory()
    asked: Asked = [
        ("eve", story.join),
        ("ana", ops.UpdateGuild(guild_id=story.guild, guild_name="x")),
    ]
    fields = {"updated_fields": {"name": "x"}, "updated_at_unix": NOW}
    told = [story.added("eve"), ("workspace_update", {"guild_id": story.guild, **fields})]
    renamed = {"guild_id": story.guild, "name": "x", "visibility": "public"}
    story.at_once(asked, told, [story.joined("already_member"), renamed], (0, 1))
    assert ("answers", "JOIN-2", "eve") in story.judged(inside=True)


@pytest.mark.parametrize("answered", _TWO)
def test_what_a_guild_is_said_to_be_tells_who_named_it_last(answered: Sequence[int]) -> None:
    story = DoorStory()
    asked: Asked = [
        ("ana", ops.UpdateGuild(guild_id=story.guild, guild_name="x", visibility="private")),
        ("ana", ops.UpdateGuild(guild_id=story.guild, guild_name="y")),
    ]
    bodies = [{"guild_id": story.guild, "name": name, "visibility": "private"} for name in "xy"]
    story.at_once(asked, [], bodies, answered)
    assert folded(story).timeline.present.guilds[story.guild].name == "y"


# --- one that makes sense only after the other


@pytest.mark.parametrize("bans", [False, True])
@pytest.mark.parametrize("is_told", [True, False])
def test_who_was_removed_while_joining_has_joined_before(bans: bool, is_told: bool) -> None:
    story = DoorStory()
    removal = story.ban_eve if bans else story.kick_eve
    removed = ([story.banned()] if bans else []) + (
        [story.removed("ban" if bans else "kick")] if is_told else []
    )
    asked: Asked = [("eve", story.join), ("ana", removal)]
    story.at_once(asked, [story.added("eve"), *removed], [story.joined(), ACCEPTED], (1, 0))
    broken = {(judge, client) for judge, _, client in story.judged(inside=False)}
    missing = {("delivery", client) for client in ("ana#1", "ben#1", "ben#2", "eve#1")}
    assert broken == (set() if is_told else missing)


def test_the_audit_row_of_a_removal_that_made_sense_only_later_is_owed() -> None:
    story = DoorStory("audit")
    asked: Asked = [("eve", story.join), ("ana", story.kick_eve)]
    story.at_once(asked, [story.added("eve"), story.removed()], [story.joined(), ACCEPTED], (1, 0))
    rows = folded(story).timeline.present.audit[story.guild]
    (row,) = [row for row in rows if row.target_id == user("eve")]
    assert not row.doubtful


def test_what_was_given_up_with_its_scenario_makes_sense_of_nothing_later() -> None:
    story = Story()
    story.invoke("ana", ops.UpdateGuild(guild_id=story.guild, guild_name="never answered"))
    early = story.call("ana", ops.CreateMessage(**story.place, content="early"), 200, {})
    story.end(ending=Ending.TIMED_OUT)
    calls = folded(story).calls
    assert calls[early].blind
    story.begin("test/next")
    late = story.call("ana", ops.CreateMessage(**story.place, content="late"), 200, {})
    assert folded(story).calls[late].blind


def test_what_was_asked_for_after_an_answer_makes_no_sense_of_it() -> None:
    story = Story()
    post = story.invoke("ana", ops.CreateMessage(**story.place, content="what"))
    story.answer(post, 200, {})
    story.invoke("ana", ops.UpdateGuild(guild_id=story.guild, guild_name="later"))
    assert folded(story).calls[post].blind


# --- addresses


@pytest.mark.parametrize("answered", _TWO)
@pytest.mark.parametrize("count", [0, 1])
def test_how_many_addresses_were_banned_tells_whether_one_had_been_seen(
    count: int, answered: Sequence[int]
) -> None:
    story = AddressStory(joined=False)
    ban_ids = [story.id() for _ in range(count)]
    started = [
        story.invoke("ben", ops.JoinGuild(guild_id=story.guild)),
        story.invoke("ana", story.asked("ben")),
    ]
    if count:
        story.frames(story.managers(), "workspace_ip_ban_sync", story.sync(count=count))
    bodies = [
        {"guild_id": story.guild, "outcome": "already_member"},
        {"created_count": count, "ban_ids": ban_ids},
    ]
    for number in answered:
        story.answer(started[number], 200, bodies[number])
    if count:
        story.silence("ben")
    story.channel_list("ben", 403 if count else 200)
    assert story.broken() == set()
