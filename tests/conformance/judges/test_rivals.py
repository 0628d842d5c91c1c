"""Operations at the same time that set the same thing: events show who came last, and who changed nothing."""

from collections.abc import Sequence
from itertools import permutations

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.judges.rivals import Rivals
from sync_check.conformance.model.emissions import Standing
from tests.conformance.door_stories import Asked, DoorStory, Told
from tests.conformance.histories import NOW, found, user
from tests.conformance.judges.test_races import folded
from tests.conformance.people_stories import PeopleStory
from tests.conformance.stories import ACCEPTED, Story

_TWO = list(permutations(range(2)))
_LISTENERS = ("ana#1", "ben#1", "ben#2")


def _adding(story: DoorStory) -> Asked:
    return [("ben", story.add_eve), ("ana", story.kick_eve)]


def _stands(story: Story, *events: str) -> dict[tuple[str, int], Standing]:
    """How what operations told stands, by event and operation."""
    ledger = folded(story)
    emitted = ledger.emitted_of[0]
    rivals = Rivals(emitted, ledger)
    named = (one for one in emitted if one.emission.name in events)
    return {(one.emission.name, one.call.op): rivals.standing(one) for one in named}


# --- events of several names


@pytest.mark.parametrize("answered", _TWO)
@pytest.mark.parametrize("inside", [False, True])
def test_whether_a_member_was_added_before_or_after_a_kick(inside: bool, answered: Sequence[int]) -> None:
    story = DoorStory(inside=True)
    told = [story.removed(), *([story.added("ben")] if inside else [])]
    story.at_once(_adding(story), told, [ACCEPTED, ACCEPTED], answered)
    story.fence()
    assert (user("eve") in folded(story).timeline.present.guilds[story.guild].members) is inside
    assert story.judged(inside=inside) == []


@pytest.mark.parametrize("answered", _TWO)
@pytest.mark.parametrize("held", [False, True])
def test_whether_a_role_was_taken_before_or_after_it_was_given(held: bool, answered: Sequence[int]) -> None:
    story = DoorStory("roles", inside=True)
    role = story.make_role("red")
    of_eve = {"guild_id": story.guild, "role_id": role, "user_id": user("eve")}
    given = story.assigned("eve", role, "ana")
    story.at_once([("ana", ops.AssignRole(**of_eve))], [given], [ACCEPTED])
    told = [story.unassigned("eve", role, "ben"), *([given] if held else [])]
    asked: Asked = [("ana", ops.AssignRole(**of_eve)), ("ben", ops.UnassignRole(**of_eve))]
    story.at_once(asked, told, [ACCEPTED, ACCEPTED], answered)
    story.fence()
    assert bool(folded(story).timeline.present.guilds[story.guild].assigned.get(user("eve"))) is held
    assert story.judged(inside=True) == []


@pytest.mark.parametrize("answered", _TWO)
@pytest.mark.parametrize("last", [0, 1])
def test_of_both_forms_of_an_override_the_last_one_holds(last: int, answered: Sequence[int]) -> None:
    story = DoorStory("roles", "overrides.role", "overrides.permission", "channels.create")
    role_id = story.learn_roles()
    lists = [{"allow": [], "deny": ["publish_video"]}, {"allow": ["publish_video"], "deny": []}]
    of_role = {**story.place, "role": "moderator"}
    of_target = {**story.place, "target_kind": "role", "target_id": role_id}
    asked: Asked = [
        ("ana", ops.OverrideRole.model_validate({**of_role, **lists[0]})),
        ("ana", ops.OverridePermission.model_validate({**of_target, **lists[1]})),
    ]
    names = ("workspace_channel_role_override_update", "workspace_channel_permission_override_update")
    payloads = [
        {**where, "updated_fields": fields, "updated_at_unix": NOW}
        for where, fields in zip((of_role, of_target), lists, strict=True)
    ]
    started = [story.invoke(who, operation) for who, operation in asked]
    for number in (1 - last, last):
        story.frames(story.subscribed, names[number], payloads[number])
    for number in answered:
        story.answer(started[number], 200, ACCEPTED)
    story.fence()
    overrides = folded(story).timeline.present.guilds[story.guild].overrides[story.channel]
    assert bool(overrides["moderator"].allow) is (last == 1)


@pytest.mark.parametrize("answered", _TWO)
@pytest.mark.parametrize("friends", [False, True])
def test_whether_a_friend_was_dropped_before_or_after_the_request_was_accepted(
    friends: bool, answered: Sequence[int]
) -> None:
    story = PeopleStory()
    asked = story.request("ana", "ben")
    accepting = story.invoke("ben", ops.AcceptFriend(request_id=asked.request_id))
    parting = story.invoke("ana", ops.RemoveFriend(user_id=user("ben")))
    for number, name in ((story.ana, "ana"), (story.ben, "ben"), (story.ben2, "ben")):
        story.frame(number, "friend_request_update", story.accepted_copy(asked, name))
        if not friends:
            story.frame(number, "friend_remove", story.parted_copy(frozenset(asked.both), name))
    for op, status, body in [((accepting, 200, ACCEPTED), (parting, 204, None))[one] for one in answered]:
        story.answer(op, status, body)
    story.fence()
    story.end()
    assert found(story.result()) == []
    assert bool(folded(story).timeline.present.friends_of(user("ana"))) is friends


# --- how they stand


def _renamed(story: Story) -> Told:
    fields = {"updated_fields": {"name": "x"}, "updated_at_unix": NOW}
    return "workspace_update", {"guild_id": story.guild, **fields}


def _rename_both(to: Sequence[Sequence[int]]) -> Story:
    """Ana names the guild twice at once, both times alike; `to` are the connections told of either."""
    story = Story()
    rename = ops.UpdateGuild(guild_id=story.guild, guild_name="x")
    started = [story.invoke("ana", rename) for _ in range(2)]
    for some in to:
        story.frames(some, *_renamed(story))
    for op in started:
        story.answer(op, 200, {"guild_id": story.guild, "name": "x", "visibility": "private"})
    story.fence()
    story.end()
    return story


def test_of_two_equal_changes_one_is_told_whichever_that_is() -> None:
    for to in ([(1, 2, 3)], [(1, 2, 3), (1, 2, 3)], [(1, 2), (3,)]):
        assert found(_rename_both(to).result()) == []
    stands = _stands(_rename_both([(1, 2, 3)]), "workspace_update")
    assert list(stands.values()) == [Standing.OPTIONAL, Standing.OPTIONAL]


def test_of_two_equal_changes_none_that_is_told_is_missed() -> None:
    assert found(_rename_both([]).result()) == [("delivery", "SCOPE-4", name) for name in _LISTENERS]
    assert found(_rename_both([(1, 2)]).result()) == [("delivery", "SCOPE-4", "ben#2")]


@pytest.mark.parametrize("answered", _TWO)
def test_what_events_have_put_in_order_is_owed_to_everybody(answered: Sequence[int]) -> None:
    story = DoorStory(inside=True)
    story.at_once(_adding(story), [story.removed()], [ACCEPTED, ACCEPTED], answered)
    del story.records[-2:]
    story.frames([story.ana, story.ben], *story.added("ben"))
    started = (story.last_op - 1, story.last_op)
    for number in answered:
        story.answer(started[number], 200, ACCEPTED)
    assert ("delivery", "SCOPE-4", "ben#2") in story.judged(inside=True)


def test_a_removal_is_owed_whether_somebody_was_added_before_or_after_it() -> None:
    story = DoorStory(inside=True)
    adding, removing = story.at_once(_adding(story), [], [ACCEPTED, ACCEPTED], (1, 0))
    stands = _stands(story, "workspace_member_remove", "workspace_member_add")
    assert stands["workspace_member_remove", removing] is Standing.DUE
    assert stands["workspace_member_add", adding] is Standing.OPTIONAL


def test_of_more_than_can_be_tried_in_every_order_none_beside_a_quiet_one_is_owed() -> None:
    story = Story()
    rename = ops.UpdateGuild(guild_id=story.guild, guild_name="x")
    started = [story.invoke("ana", rename) for _ in range(5)]
    story.frames(story.subscribed, *_renamed(story))
    for op in started:
        story.answer(op, 200, {"guild_id": story.guild, "name": "x", "visibility": "private"})
    assert set(_stands(story, "workspace_update").values()) == {Standing.OPTIONAL}
    story.fence()
    story.end()
    assert found(story.result()) == []
