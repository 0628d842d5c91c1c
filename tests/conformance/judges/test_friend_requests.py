"""That there is a friend request, and its id, is for its two users (SCOPE-6, LEAK-READ-1)."""

import json

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.judges.friend_requests import told_requests
from sync_check.conformance.run import ScenarioResult
from tests.conformance.histories import ulid, user
from tests.conformance.people_stories import Asked, PeopleStory

PARTIES = {ulid(1): frozenset({user("ana"), user("ben")})}


def _leaks(result: ScenarioResult) -> list[tuple[str, str | None, str | None]]:
    return [
        (found.requirement, found.client, found.received)
        for found in result.findings
        if found.judge == "leaks"
    ]


def _pending() -> tuple[PeopleStory, Asked]:
    story = PeopleStory()
    return story, story.request("ana", "ben")


def _refuse(story: PeopleStory, client: str, told: str, operation: ops.Operation | None = None) -> None:
    """A refusal whose text says something."""
    body = '{"error":"not_found","detail":"' + told + '"}'
    story.call(client, operation or ops.AcceptFriend(request_id=ulid(77)), 404, body)


@pytest.mark.parametrize(
    "spell",
    [
        str,
        str.lower,
        lambda one: f"request-{one}.",
        lambda one: f"{one}{one}",
        lambda one: "".join(f"\\u00{ord(letter):x}" for letter in one),
    ],
)
def test_a_stranger_is_told_of_a_request_in_an_error_text(spell: type[str]) -> None:
    story, asked = _pending()
    _refuse(story, "eve", spell(asked.request_id))
    assert _leaks(story.judged()) == [("LEAK-READ-1", "eve", asked.request_id)]


@pytest.mark.parametrize("client", ["ana", "ben"])
def test_the_two_parties_may_know(client: str) -> None:
    story, asked = _pending()
    _refuse(story, client, asked.request_id)
    assert _leaks(story.judged()) == []


def test_an_answer_may_repeat_what_its_caller_sent() -> None:
    story, asked = _pending()
    _refuse(story, "eve", asked.request_id, ops.AcceptFriend(request_id=asked.request_id))
    assert _leaks(story.judged()) == []


def test_what_was_said_once_may_not_be_told_later() -> None:
    story, asked = _pending()
    _refuse(story, "eve", asked.request_id, ops.AcceptFriend(request_id=asked.request_id))
    _refuse(story, "eve", asked.request_id)
    assert [requirement for requirement, *_ in _leaks(story.judged())] == ["LEAK-READ-1"]


def test_a_request_that_is_over_is_still_the_business_of_two() -> None:
    story, asked = _pending()
    story.drop("ben", asked)
    _refuse(story, "eve", asked.request_id)
    assert [requirement for requirement, *_ in _leaks(story.judged())] == ["LEAK-READ-1"]


def test_a_stranger_is_told_by_a_frame() -> None:
    story, asked = _pending()
    story.frame(story.eve, "friend_request_create", story.listed_request(asked))
    result = story.judged()
    assert _leaks(result) == [("SCOPE-6", "eve#1", asked.request_id)]
    assert ("delivery", "SCOPE-6") in {(found.judge, found.requirement) for found in result.findings}


def test_a_stranger_is_told_within_another_event() -> None:
    story, asked = _pending()
    story.frame(story.eve, "typing_start", {"about": json.dumps({"request": asked.request_id})})
    assert _leaks(story.judged()) == [("SCOPE-6", "eve#1", asked.request_id)]


def test_a_refused_request_has_no_id_to_tell() -> None:
    story = PeopleStory()
    story.call("ana", ops.RequestFriend(recipient_user_id=user("ana")), 400, {"error": ulid(500)})
    _refuse(story, "eve", ulid(500))
    assert _leaks(story.judged()) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (ulid(1), {ulid(1)}),
        (ulid(2), set()),
        (ulid(1)[:-1], set()),
        (f"7{ulid(1)}", {ulid(1)}),
        ("", set()),
    ],
)
def test_ids_are_found_at_every_place_of_a_text(text: str, told: set[str]) -> None:
    assert told_requests(text, PARTIES) == told
    assert told_requests(text, {}) == set()
