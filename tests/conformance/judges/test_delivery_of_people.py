"""Who hears of friends and profiles, and that each side gets its own copy (FRIEND-4, SCOPE-6, SCOPE-7)."""

from collections.abc import Callable

import pytest

from sync_check.conformance.verdict import Verdict
from tests.conformance.histories import found, user
from tests.conformance.people_stories import Copies, PeopleStory

OF_BEN = (2, 3)
"""Connections of ben; ana's is the first and eve's the last."""


# --- mirrored copies


def test_the_right_copy_to_each_side() -> None:
    story = PeopleStory("FRIEND-3", "FRIEND-4", "FRIEND-5", "SCOPE-6", "DELIV-1")
    story.befriend("ana", "ben")
    story.list_friends("ana", "ben")
    story.part("ben", "ana")
    story.part("ana", "ben")
    result = story.judged()
    assert (result.findings, result.verdict) == ((), Verdict.PASS)
    # One copy for each side of both events.
    assert result.witnesses["FRIEND-4"] == 4


@pytest.mark.parametrize(
    ("copies", "requirement", "clients"),
    [
        ({1: ["ana"], 2: ["ana"], 3: ["ana"]}, "FRIEND-4", {"ben#1"}),
        ({1: ["ben"], 2: ["ben"], 3: ["ben"]}, "FRIEND-4", {"ana#1"}),
        ({1: ["ben"], 2: ["ana"], 3: ["ana"]}, "FRIEND-4", {"ana#1", "ben#1"}),
        ({1: ["ana"], 2: ["ben"], 3: ["ana"]}, "FRIEND-4", {"ben#2"}),
        ({1: ["ana", "ana"], 2: ["ben"], 3: ["ben"]}, "DELIV-1", {"ana#1"}),
        ({1: ["ana"], 2: ["ben", "ana"], 3: ["ben"]}, "DELIV-1", {"ben#1"}),
        ({1: ["ana"], 2: ["ben"]}, "SCOPE-6", {"ben#2"}),
        ({1: ["ana"], 2: ["ben"], 3: ["ben"], 4: ["ben"]}, "SCOPE-6", {"eve#1"}),
    ],
)
@pytest.mark.parametrize("step", ["accept", "part"])
def test_wrong_copies(step: str, copies: Copies, requirement: str, clients: set[str]) -> None:
    story = PeopleStory()
    asked = story.request("ana", "ben")
    if step == "accept":
        story.accept(asked, copies)
    else:
        story.accept(asked)
        story.part("ana", "ben", copies)
    wrong = {(one, client) for judge, one, client in found(story.judged()) if judge == "delivery"}
    assert wrong == {(requirement, client) for client in clients}


def test_a_copy_with_a_former_name() -> None:
    story = PeopleStory()
    asked = story.request("ana", "ben")
    story.change_name("ana", "anna")
    story.accept(asked, friend_username="ana")
    # Both copies say so, and of ben's side that is right: ana's copy names ben.
    assert found(story.judged()) == [
        ("delivery", "FRIEND-4", "ana#1"),
        ("delivery", "FRIEND-4", "ben#1"),
    ]


def test_an_event_for_who_was_no_friend() -> None:
    story = PeopleStory()
    story.part("ana", "ben", {1: ["ana"], 2: ["ben"], 3: ["ben"]})
    assert story.broken() == {"FRIEND-5"}


def test_a_removal_that_names_another_pair_is_explained_by_nothing() -> None:
    story = PeopleStory()
    story.befriend("ana", "ben")
    story.frame(story.ana, "friend_remove", story.parted_copy(frozenset({"ana", "eve"}), "ana"))
    assert "DELIV-1" in story.broken()


# --- whom requests concern


@pytest.mark.parametrize("event", ["request", "drop"])
def test_both_users_in_all_sessions_hear_of_a_request_and_nobody_else(event: str) -> None:
    for to, wrong in (
        ((1, *OF_BEN), None),
        ((1, OF_BEN[0]), "ben#2"),
        (OF_BEN, "ana#1"),
        ((1, *OF_BEN, 4), "eve#1"),
    ):
        story = PeopleStory()
        if event == "request":
            story.request("ana", "ben", to)
        else:
            story.drop("ben", story.request("ana", "ben"), to)
        told = [(one, client) for judge, one, client in found(story.judged()) if judge == "delivery"]
        assert told == ([] if wrong is None else [("SCOPE-6", wrong)])


def test_a_request_that_is_told_by_another_name() -> None:
    story = PeopleStory()
    story.request("ana", "ben", recipient_username="benny")
    assert story.broken() == {"DELIV-10"}


# --- profiles


def _about(story: PeopleStory, to: list[int] | None) -> None:
    story.about("eve", "has friends", to)


def _avatar(story: PeopleStory, to: list[int] | None) -> None:
    story.upload("eve", to=to)


def _banner(story: PeopleStory, to: list[int] | None) -> None:
    story.upload("eve", banner=True, to=to)


STEPS = pytest.mark.parametrize("step", [_about, _avatar, _banner])
Step = Callable[[PeopleStory, list[int] | None], None]


@STEPS
def test_friends_who_share_no_guild_hear_of_profiles(step: Step) -> None:
    story = PeopleStory("SCOPE-7")
    story.befriend("eve", "ben")
    step(story, None)
    result = story.judged()
    assert (result.findings, result.verdict) == ((), Verdict.PASS)
    assert result.witnesses["SCOPE-7"]


@STEPS
@pytest.mark.parametrize(("missing", "client"), [(2, "ben#1"), (3, "ben#2"), (4, "eve#1")])
def test_a_friend_or_session_that_is_not_told(step: Step, missing: int, client: str) -> None:
    story = PeopleStory()
    story.befriend("eve", "ben")
    step(story, [one for one in (*OF_BEN, 4) if one != missing])
    wrong = [(one, who) for judge, one, who in found(story.judged()) if judge == "delivery"]
    assert wrong == [("SCOPE-7", client)]


@STEPS
def test_strangers_never_hear_of_profiles(step: Step) -> None:
    story = PeopleStory()
    story.befriend("eve", "ben")
    step(story, [1, *OF_BEN, 4])
    assert found(story.judged()) == [("delivery", "SCOPE-7", "ana#1")]


@STEPS
def test_who_was_a_friend_is_a_stranger(step: Step) -> None:
    story = PeopleStory()
    story.befriend("eve", "ben")
    story.part("eve", "ben")
    step(story, [2, 4])
    assert found(story.judged()) == [("delivery", "SCOPE-7", "ben#1")]


def test_an_event_with_the_former_version() -> None:
    story = PeopleStory()
    story.upload("ben", 1, told=0)
    assert found(story.judged()) == [("delivery", "PROF-4", "ben#1")]


def test_a_member_of_the_same_guild_may_hear_of_a_profile() -> None:
    story = PeopleStory()
    story.about("ana", "in the guild", [1, *OF_BEN])
    assert found(story.judged()) == []
    assert user("ana") not in story.friends_of("ben")
