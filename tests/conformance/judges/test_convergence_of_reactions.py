"""Reactions at a settle: replica, snapshot and model count the same, and each viewer's own."""

from typing import Any

import pytest

from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.run import ScenarioResult
from tests.conformance.content_stories import ContentStory
from tests.conformance.histories import found, only

NOTHING: dict[str, Any] = {}


def _settled(wrong: dict[str, Any], where: str, *, removed: bool = False) -> ScenarioResult:
    """A story after which ben's connection holds something wrong of a message on which ana reacted."""
    story = ContentStory()
    note = story.post("ana", "first")
    story.react("ana", note)
    if removed:
        story.react("ana", note, add=False)
    key = f"reactions/{story.channel}"
    taken = {story.ben: {key: {note: wrong} if wrong else {}}}
    story.rest(
        snapshots=taken if where == "snapshots" else None, replicas=taken if where == "replicas" else None
    )
    return story.result()


@pytest.mark.parametrize(
    "wrong",
    [
        NOTHING,
        {"tea": {"count": 2, "mine": False}},
        {"tea": {"count": 1, "mine": True}},
        {"tea": {"count": 1, "mine": False}, "coffee": {"count": 1, "mine": False}},
    ],
)
def test_rest_tells_other_reactions(wrong: dict[str, Any]) -> None:
    finding = only(_settled(wrong, "snapshots"))
    assert (finding.judge, finding.requirement, finding.client) == ("convergence", "REACT-1", "ben#1")
    assert finding.cause is not None
    assert finding.cause.startswith("add_reaction by ana")


@pytest.mark.parametrize("wrong", [NOTHING, {"tea": {"count": 2, "mine": False}}])
def test_events_left_other_reactions(wrong: dict[str, Any]) -> None:
    finding = only(_settled(wrong, "replicas"))
    assert (finding.requirement, finding.event) == ("DELIV-10", "message_reaction")


def test_an_emoji_that_nobody_reacts_with_is_no_entry() -> None:
    finding = only(_settled({"tea": {"count": 0, "mine": False}}, "snapshots", removed=True))
    assert finding.requirement == "REACT-1"


def test_reactions_that_outlive_their_message() -> None:
    story = ContentStory()
    note = story.post("ana", "first")
    story.react("ana", note)
    story.delete("ana", note)
    view = {f"reactions/{story.channel}": {note: {"tea": {"count": 1, "mine": False}}}}
    story.rest(snapshots={story.ben: view})
    assert only(story.result()).requirement == "MSG-DEL-1"


@pytest.mark.witnesses("CLIENT-10")
@pytest.mark.parametrize(("surplus", "requirement"), [(0, "REACT-1"), (1, "CLIENT-10")])
def test_more_different_reactions_than_are_told_are_a_known_gap(surplus: int, requirement: str) -> None:
    story = ContentStory()
    note = story.post("ana", "first")
    emojis = [f"e{number}" for number in range(Limits().reactions_per_message + surplus)]
    for emoji in emojis:
        story.react("ben", note, emoji)
    told = {emoji: {"count": 1, "mine": False} for emoji in emojis[1:]}
    story.rest(snapshots={story.ana: {f"reactions/{story.channel}": {note: told}}})
    assert found(story.result()) == [("convergence", requirement, "ana#1")]
