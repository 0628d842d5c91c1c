"""What the contract leaves stale is counted and told as INFO; what it does not is found (CLIENT-10)."""

from typing import Any

import pytest

from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Finding, Kind, Level, Verdict
from tests.conformance.content_stories import ContentStory
from tests.conformance.histories import found, only, user
from tests.conformance.people_stories import PeopleStory
from tests.conformance.stories import Story

pytestmark = pytest.mark.witnesses("CLIENT-10")
NAMES = f"request_names/{user('ben')}"


def _gap(result: ScenarioResult) -> Finding:
    """The one finding, which changes no verdict."""
    finding = only(result)
    assert (finding.judge, finding.requirement, finding.level) == ("convergence", "CLIENT-10", Level.INFO)
    assert result.verdict is Verdict.PASS
    assert result.witnesses["CLIENT-10"] == 1
    return finding


# --- names in requests


def _renamed(*, settles: int = 1) -> ScenarioResult:
    """Ben's session knows the former name of who asked, and REST the present one."""
    story = PeopleStory()
    asked = story.request("ana", "ben")
    story.change_name("ana", "anna")
    names = {asked.request_id: {"sender": "ana", "recipient": "ben"}}
    now = {asked.request_id: {"sender": "anna", "recipient": "ben"}}
    for _ in range(settles):
        story.rest(
            replicas={connection: {NAMES: names} for connection in (story.ben, story.ben2)},
            snapshots={connection: {NAMES: now} for connection in (story.ben, story.ben2)},
        )
    return story.judged()


def test_names_in_pending_requests() -> None:
    finding = _gap(_renamed())
    assert finding.message == "known sync gap: names in pending friend requests (2)"
    assert (finding.client, finding.expected, finding.received) == ("ben#1", "anna", "ana")


def test_what_stays_stale_is_counted_once() -> None:
    result = _renamed(settles=3)
    assert _gap(result).message.endswith("(2)")
    assert result.evidence["known_sync_gaps"] == 2


def test_names_that_agree_are_no_gap() -> None:
    story = PeopleStory()
    asked = story.request("ana", "ben")
    names = {NAMES: {asked.request_id: {"sender": "ana", "recipient": "ben"}}}
    story.rest(replicas={story.ben: names}, snapshots={story.ben: names})
    result = story.judged()
    assert found(result) == []
    assert "CLIENT-10" not in result.witnesses


def test_a_feature_that_is_not_in_force_has_no_gaps() -> None:
    story = Story()
    story.post("ana", "first")
    story.rest(replicas={story.ben: {NAMES: {"x": {"sender": "y", "recipient": "z"}}}})
    story.end()
    assert found(story.result()) == []


# --- attachments


def _with_files(replica: list[int], snapshot: list[int], *, deleted: list[int]) -> ScenarioResult:
    """A message with two files; which of them replica and snapshot have, and which were deleted."""
    story = ContentStory()
    files = [story.upload("ben", data=b"\x89PNG\r\n\x1a\n%d" % number) for number in range(2)]
    note = story.attach("ben", *files)
    for number in deleted:
        story.detach("ben", files[number])
    key = f"attachments/{story.channel}"

    def view(numbers: list[int]) -> dict[str, Any]:
        held = {files[number]: story.files[files[number]]["sha256_hex"] for number in numbers}
        return {key: {note: held} if held else {}}

    story.rest(replicas={story.ben: view(replica)}, snapshots={story.ben: view(snapshot)})
    return story.judged()


@pytest.mark.parametrize(("replica", "snapshot", "deleted"), [([0, 1], [0], [1]), ([0, 1], [], [0, 1])])
def test_attachments_that_were_deleted(replica: list[int], snapshot: list[int], deleted: list[int]) -> None:
    finding = _gap(_with_files(replica, snapshot, deleted=deleted))
    assert finding.message.startswith("known sync gap: attachments of a message one of which was deleted")


def test_a_deletion_that_was_told() -> None:
    assert found(_with_files([0], [0], deleted=[1])) == []


@pytest.mark.parametrize(
    ("replica", "snapshot", "deleted"),
    [([0, 1], [0], []), ([0, 1], [0], [0]), ([0], [0, 1], []), ([], [0, 1], [])],
)
def test_attachments_that_no_deletion_explains(
    replica: list[int], snapshot: list[int], deleted: list[int]
) -> None:
    wrong = _with_files(replica, snapshot, deleted=deleted).findings
    assert {(one.requirement, one.kind, one.client) for one in wrong} == {
        ("DELIV-10", Kind.LIVENESS, "ben#1")
    }
    assert "other attachments than REST" in wrong[0].message


# --- guilds and reactions


def test_the_workspace_list_of_a_session_that_is_subscribed_to_nothing() -> None:
    story = Story()
    idle = story.open("ben")
    story.owners[idle] = "ben"
    before = story.view("ben")
    story.rename("ana", "new")
    members = {f"members/{story.guild}": [user("ben")]}
    story.rest(replicas={idle: {"workspaces": before["workspaces"], **members}})
    story.end()
    finding = _gap(story.result())
    assert finding.message == "known sync gap: guilds in which the session is not subscribed (2)"
    assert finding.client == "ben#3"


def test_a_subscribed_session_has_no_such_gap() -> None:
    story = Story()
    before = story.view("ben")
    story.rename("ana", "new")
    story.rest(replicas={story.ben: {"workspaces": before["workspaces"]}})
    story.end()
    assert found(story.result()) == [("convergence", "DELIV-10", "ben#1")]


def test_each_kind_is_told_once() -> None:
    story = ContentStory()
    note = story.post("ana", "first")
    emojis = [f"e{number}" for number in range(Limits().reactions_per_message + 1)]
    for emoji in emojis:
        story.react("ben", note, emoji)
    cut = {emoji: {"count": 1, "mine": False} for emoji in emojis[1:]}
    idle = story.open("ben")
    story.owners[idle] = "ben"
    story.rest(
        replicas={idle: {"workspaces": {}}},
        snapshots={story.ana: {f"reactions/{story.channel}": {note: cut}}},
    )
    story.end()
    told = {finding.message.partition(" (")[0] for finding in story.result().findings}
    assert told == {
        "known sync gap: guilds in which the session is not subscribed",
        "known sync gap: reactions beyond those that REST tells of a message",
    }
