"""The convergence judge on friends and friend requests: replica, snapshot and model."""

from typing import Any

import pytest

from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Kind, Verdict
from tests.conformance.histories import NOW, found, only, ulid, user
from tests.conformance.people_stories import PeopleStory

FRIENDS, REQUESTS = f"friends/{user('ben')}", f"friend_requests/{user('ben')}"
NOTHING: dict[str, Any] = {"incoming": {}, "outgoing": {}}


def _friend(name: str) -> dict[str, Any]:
    return {user(name): {"username": name, "created_at_unix": NOW}}


def _settled(
    story: PeopleStory, *, replica: dict[str, Any] | None = None, snapshot: dict[str, Any] | None = None
) -> ScenarioResult:
    """The result after a settle in which slices of ben's first connection are these."""
    story.rest(
        replicas=None if replica is None else {story.ben: replica},
        snapshots=None if snapshot is None else {story.ben: snapshot},
    )
    return story.judged()


def _friends() -> PeopleStory:
    story = PeopleStory("FRIEND-3")
    story.befriend("ana", "ben")
    # A list says since when they are friends.
    story.list_friends("ben", "ana")
    return story


def test_right_friends_and_requests_are_evidence() -> None:
    story = _friends()
    story.request("ben", "eve")
    result = _settled(story)
    assert result.verdict is Verdict.PASS
    assert result.witnesses["FRIEND-3"]
    assert result.witnesses["CLIENT-6"]


@pytest.mark.parametrize("believed", [{}, _friend("eve"), _friend("ana") | _friend("eve")])
def test_a_replica_with_other_friends(believed: dict[str, Any]) -> None:
    finding = _settled(_friends(), replica={FRIENDS: believed}).findings[0]
    assert (finding.judge, finding.requirement, finding.client) == ("convergence", "DELIV-10", "ben#1")
    assert (finding.kind, finding.event) == (Kind.LIVENESS, "friend_request_update")


def test_a_replica_that_kept_a_removed_friend() -> None:
    story = _friends()
    op = story.part("ana", "ben")
    finding = only(_settled(story, replica={FRIENDS: _friend("ana")}))
    assert (finding.requirement, finding.event) == ("DELIV-10", "friend_remove")
    assert finding.cause == f"remove_friend by ana (op {op})"


@pytest.mark.parametrize("told", [{}, _friend("ana") | _friend("eve")])
def test_a_snapshot_that_does_not_know_who_was_accepted(told: dict[str, Any]) -> None:
    result = _settled(_friends(), replica={FRIENDS: told}, snapshot={FRIENDS: told})
    assert found(result) == [("convergence", "FRIEND-3", "ben#1")]


def test_a_snapshot_that_lists_a_removed_friend() -> None:
    story = _friends()
    story.part("ana", "ben")
    result = _settled(story, snapshot={FRIENDS: _friend("ana")})
    assert found(result) == [("convergence", "DELIV-10", "ben#1")]


def test_a_friend_keeps_up_with_the_name() -> None:
    story = _friends()
    story.change_name("ana", "anna")
    finding = only(_settled(story, replica={FRIENDS: _friend("ana")}))
    assert (finding.expected, finding.received) == ("anna", "ana")


def test_a_pending_request_that_is_not_listed() -> None:
    story = PeopleStory()
    story.request("ana", "ben")
    wrong = {REQUESTS: NOTHING}
    assert found(_settled(story, replica=wrong, snapshot=wrong)) == [("convergence", "DELIV-10", "ben#1")]


def test_an_accepted_request_that_stays() -> None:
    story = PeopleStory()
    asked = story.request("ana", "ben")
    stale = story.view("ben")[REQUESTS]
    story.accept(asked)
    result = _settled(story, snapshot={REQUESTS: stale})
    assert found(result) == [("convergence", "FRIEND-3", "ben#1")]
    finding = only(result)
    assert (finding.kind, finding.event) == (Kind.CONTRACT, "friend_request_update")


def test_a_replica_that_did_not_move_an_accepted_request() -> None:
    story = PeopleStory()
    asked = story.request("ana", "ben")
    stale = story.view("ben")[REQUESTS]
    story.accept(asked)
    result = _settled(story, replica={REQUESTS: stale})
    assert found(result) == [("convergence", "DELIV-10", "ben#1")]


def test_the_requests_of_others_are_none_of_ones_own() -> None:
    story = PeopleStory()
    asked = story.request("ana", "eve")
    listed = {
        "incoming": {asked.request_id: {"user_id": user("ana"), "created_at_unix": NOW}},
        "outgoing": {},
    }
    result = _settled(story, replica={REQUESTS: listed}, snapshot={REQUESTS: listed})
    assert found(result) == [("convergence", "DELIV-10", "ben#1")]


def test_lists_that_belong_to_others_are_not_compared() -> None:
    story = _friends()
    foreign: dict[str, Any] = {f"friends/{user('eve')}": {ulid(1): {}}}
    assert _settled(story, replica=foreign, snapshot=foreign).verdict is Verdict.PASS


def test_lists_that_were_not_read_are_not_compared() -> None:
    story = _friends()
    story.fence()
    view = {key: value for key, value in story.view("ben").items() if key not in (FRIENDS, REQUESTS)}
    story.settle({story.ben: ((story.guild,), view)})
    assert story.judged().verdict is Verdict.PASS
