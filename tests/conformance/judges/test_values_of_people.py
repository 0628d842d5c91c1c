"""Answers about people: look-ups, friends, pending requests, versions of images."""

from typing import Any

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import Purpose
from sync_check.conformance.verdict import Verdict
from tests.conformance.histories import NOW, found, ulid, user
from tests.conformance.people_stories import PNG, Asked, PeopleStory

ANA, BEN, EVE, NOBODY, UNSEEN = user("ana"), user("ben"), user("eve"), ulid(98), ulid(99)


def _entry(name: str, **told: Any) -> dict[str, Any]:
    return {"user_id": user(name), "username": name, "avatar_version": 0} | told


def _look_up(story: PeopleStory, asked: list[str], *users: dict[str, Any], status: int = 200) -> None:
    story.call("ben", ops.LookUpUsers(user_ids=asked), status, {"users": list(users)})


# --- look-ups


def test_a_look_up_in_the_order_asked_for_without_duplicates_and_unknown_ids() -> None:
    story = PeopleStory("PROF-1")
    _look_up(story, [EVE, NOBODY, ANA, EVE], _entry("eve"), _entry("ana"))
    result = story.judged()
    assert (result.findings, result.verdict) == ((), Verdict.PASS)


def test_a_look_up_that_nothing_could_have_gone_wrong_with_shows_nothing() -> None:
    story = PeopleStory()
    _look_up(story, [EVE], _entry("eve"))
    assert "PROF-1" not in story.judged().witnesses


@pytest.mark.parametrize(
    ("users", "requirement"),
    [
        ([_entry("ana"), _entry("eve")], "PROF-1"),
        ([_entry("eve"), _entry("ana"), _entry("eve")], "PROF-1"),
        ([_entry("eve")], "PROF-1"),
        ([_entry("eve"), _entry("ana"), _entry("ben")], "PROF-1"),
        ([_entry("eve"), _entry("ana", username="anna")], "DELIV-10"),
        ([_entry("eve", avatar_version=1), _entry("ana")], "DELIV-10"),
    ],
)
def test_a_look_up_that_is_wrong(users: list[dict[str, Any]], requirement: str) -> None:
    story = PeopleStory()
    _look_up(story, [EVE, NOBODY, ANA, EVE], *users)
    assert story.broken() == {requirement}


def test_of_users_that_the_run_does_not_know_nothing_is_claimed() -> None:
    story = PeopleStory()
    stranger = {"user_id": UNSEEN, "username": "somebody", "avatar_version": 12}
    _look_up(story, [EVE, UNSEEN], _entry("eve"), stranger)
    assert found(story.judged()) == []


def test_a_malformed_id_that_is_accepted() -> None:
    story = PeopleStory()
    _look_up(story, [EVE, "eve"], _entry("eve"))
    assert story.broken() == {"PROF-1"}


# --- friends


def _friends(*pairs: tuple[str, str]) -> PeopleStory:
    story = PeopleStory()
    for sender, recipient in pairs:
        story.befriend(sender, recipient)
    return story


def test_right_lists_of_friends() -> None:
    story = _friends(("ana", "ben"), ("eve", "ana"))
    story.list_friends("ana", "eve", "ben")
    story.list_friends("ben", "ana")
    result = story.judged()
    assert found(result) == []
    assert result.witnesses["FRIEND-3"] >= 2


def test_an_empty_list_of_friends_shows_nothing() -> None:
    story = PeopleStory()
    story.list_friends("ana")
    assert "FRIEND-3" not in story.judged().witnesses


@pytest.mark.parametrize("listed", [[], ["ana", "ana"], ["ana", "eve"], ["eve"]])
def test_a_wrong_list_of_friends(listed: list[str]) -> None:
    story = _friends(("ana", "ben"))
    story.list_friends("ben", *listed)
    assert story.broken() == {"FRIEND-3"}


def test_a_removed_friend_that_is_still_listed() -> None:
    story = _friends(("ana", "ben"))
    story.part("ana", "ben")
    story.list_friends("ben", "ana")
    assert story.broken() == {"FRIEND-3"}


def test_a_friend_by_a_former_name() -> None:
    story = _friends(("ana", "ben"))
    story.change_name("ana", "anna")
    story.list_friends("ben", "ana", username="ana")
    assert story.broken() == {"DELIV-10"}


def test_a_friendship_whose_age_changes() -> None:
    story = _friends(("ana", "ben"))
    story.list_friends("ben", "ana")
    story.list_friends("ben", "ana", created_at_unix=NOW + 1)
    assert story.broken() == {"DELIV-10"}


def test_friends_that_are_not_listed_newest_first() -> None:
    story = _friends(("ana", "ben"), ("eve", "ana"))
    friends = [
        {"user_id": user(name), "username": name, "created_at_unix": since}
        for name, since in (("ben", NOW), ("eve", NOW + 9))
    ]
    story.call("ana", ops.ListFriends(), 200, {"friends": friends})
    assert "REST-1" in story.broken()


def test_friends_who_part_and_ask_again_at_once_may_be_answered_in_either_order() -> None:
    story = _friends(("ana", "ben"))
    story.befriend_again("ana", "ben")
    assert found(story.judged()) == []


def test_a_request_between_friends_that_is_accepted() -> None:
    story = _friends(("ana", "ben"))
    story.request("ana", "ben")
    assert "FRIEND-1" in story.broken()


def test_a_second_request_at_once_that_is_accepted_too() -> None:
    story = PeopleStory()
    first = story.invoke("ben", ops.RequestFriend(recipient_user_id=ANA))
    story.request("ana", "ben")
    crossed = Asked(story.id(), "ben", "ana")
    event = story.listed_request(crossed)
    story.frames(story.sessions("ana", "ben"), "friend_request_create", event)
    story.answer(first, 200, {name: value for name, value in event.items() if "username" not in name})
    story.pending.append(crossed)
    assert "FRIEND-1" in story.broken()


# --- requests


def test_right_lists_of_requests() -> None:
    story = PeopleStory()
    asked = story.request("ana", "ben")
    story.list_requests("ana", outgoing=[asked])
    story.list_requests("ben", incoming=[asked])
    story.list_requests("eve")
    assert found(story.judged()) == []


def test_names_in_requests_may_be_as_they_were() -> None:
    story = PeopleStory()
    asked = story.request("ana", "ben")
    before = story.listed_request(asked)
    story.change_name("ana", "anna")
    story.call("ben", ops.ListFriendRequests(), 200, {"incoming": [before], "outgoing": []})
    story.list_requests("ben", incoming=[asked])
    assert [one for one in found(story.judged()) if one[0] == "answers"] == []


@pytest.mark.parametrize("incoming", [0, 2])
def test_a_request_that_is_listed_not_at_all_or_twice(incoming: int) -> None:
    story = PeopleStory()
    asked = story.request("ana", "ben")
    story.list_requests("ben", incoming=[asked] * incoming)
    assert story.broken() == {"DELIV-10"}


def test_a_request_on_the_wrong_side() -> None:
    story = PeopleStory()
    asked = story.request("ana", "ben")
    story.list_requests("ben", outgoing=[asked])
    assert story.broken() == {"DELIV-10"}


def test_an_accepted_request_that_is_still_listed() -> None:
    story = PeopleStory()
    asked = story.request("ana", "ben")
    story.accept(asked)
    story.list_requests("ben", incoming=[asked])
    assert story.broken() == {"FRIEND-3"}


def test_a_declined_request_that_is_still_listed() -> None:
    story = PeopleStory()
    asked = story.request("ana", "ben")
    story.drop("ben", asked)
    story.list_requests("ben", incoming=[asked])
    assert story.broken() == {"DELIV-10"}


def test_the_requests_of_others() -> None:
    story = PeopleStory()
    asked = story.request("ana", "ben")
    story.list_requests("eve", incoming=[asked])
    assert story.broken() == {"LEAK-READ-1"}


@pytest.mark.parametrize("member", ["sender_user_id", "recipient_user_id"])
def test_a_request_between_others(member: str) -> None:
    story = PeopleStory()
    asked = story.request("ana", "ben")
    listed = story.listed_request(asked) | {member: EVE}
    story.call("ben", ops.ListFriendRequests(), 200, {"incoming": [listed], "outgoing": []})
    assert "DELIV-10" in story.broken()


def test_the_answer_to_a_request_names_both() -> None:
    story = PeopleStory()
    asked = Asked(story.id(), "ana", "ben")
    op = story.invoke("ana", ops.RequestFriend(recipient_user_id=BEN))
    event = story.listed_request(asked)
    story.frames(story.sessions("ana", "ben"), "friend_request_create", event)
    answer = {"request_id": asked.request_id, "sender_user_id": BEN, "recipient_user_id": BEN}
    story.answer(op, 200, answer | {"created_at_unix": NOW})
    story.pending.append(asked)
    assert story.broken() == {"REST-1"}


# --- images


@pytest.mark.parametrize("banner", [False, True])
def test_versions_that_rise(banner: bool) -> None:
    story = PeopleStory("PROF-4")
    story.upload("ben", 1, banner=banner)
    story.upload("ben", 5, banner=banner)
    result = story.judged()
    assert (result.findings, result.verdict) == ((), Verdict.PASS)


@pytest.mark.parametrize("version", [4, 3])
def test_a_version_that_does_not_rise(version: int) -> None:
    story = PeopleStory()
    story.upload("ben", 4)
    story.upload("ben", version)
    assert "PROF-4" in story.broken()


def test_a_refused_upload_that_raised_the_version() -> None:
    story = PeopleStory()
    upload = ops.UploadAvatar(data=PNG, content_type="image/gif")
    story.call("ben", upload, 400, {"error": "invalid_request"})
    story.call("ben", ops.OwnProfile(), 200, story.profile("ben") | {"avatar_version": 1}, Purpose.SETUP)
    assert "DELIV-10" in story.broken()
