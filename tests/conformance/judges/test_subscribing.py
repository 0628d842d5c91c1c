"""The answers to subscribes: all of them, in their order, once."""

import pytest

from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Kind, Verdict
from tests.conformance.histories import FEATURES, ulid
from tests.conformance.live_stories import LIVE, LiveStory, findings, only_of
from tests.conformance.stories import Story


def _judged(story: LiveStory) -> ScenarioResult:
    return story.judged()


def _again(*parts: str) -> LiveStory:
    """Ben subscribes again and is answered by these parts, in this order."""
    story = LiveStory("SUB-1", "SUB-3")
    story.ask(story.ben)
    for part in parts:
        getattr(story, part)(story.ben)
    return story


LIST, CONFIRM, VOICES = "list_online", "confirm", "list_voices"


def test_all_parts_in_their_order() -> None:
    story = _again(LIST, CONFIRM, VOICES)
    result = _judged(story)
    assert (result.verdict, result.findings) == (Verdict.PASS, ())
    assert (result.witnesses["SUB-3"], findings(result, "subscribing")) == (1, [])


@pytest.mark.parametrize(
    ("parts", "requirements"),
    [
        ((CONFIRM, VOICES), ["SUB-1"]),  # a part is missing
        ((LIST, CONFIRM), ["SUB-1"]),
        ((CONFIRM, LIST, VOICES), ["SUB-1", "DELIV-1"]),
        ((LIST, VOICES, CONFIRM), ["SUB-1", "SUB-1"]),  # too early, and missing where it is due
        ((LIST, LIST, CONFIRM, VOICES), ["DELIV-1"]),
        ((LIST, CONFIRM, VOICES, VOICES), ["DELIV-1"]),
        ((LIST, CONFIRM, VOICES, LIST), ["DELIV-1"]),
    ],
)
def test_parts_that_are_missing_out_of_turn_or_too_many(
    parts: tuple[str, ...], requirements: list[str]
) -> None:
    found = findings(_judged(_again(*parts)), "subscribing")
    assert found == [(requirement, "ben#1") for requirement in requirements]


def test_a_list_of_voices_is_missing_once_something_later_came() -> None:
    story = _again(LIST, CONFIRM)
    story.end()
    assert findings(story.result(), "subscribing") == []
    story = _again(LIST, CONFIRM)
    finding = only_of(_judged(story), "subscribing")
    assert (finding.event, finding.kind) == ("voice_participant_sync", Kind.LIVENESS)


@pytest.mark.parametrize("part", [LIST, VOICES])
def test_a_refused_subscribe_that_is_answered(part: str) -> None:
    story = LiveStory()
    story.ask(story.eve)
    getattr(story, part)(story.eve)
    assert ("SUB-2", "eve#1") in findings(_judged(story), "subscribing")


def test_a_refused_subscribe_between_permitted_ones() -> None:
    story = LiveStory()
    story.ask(story.ben, channel=ulid(99))
    story.ask(story.ben)
    for part in (LIST, CONFIRM, VOICES):
        getattr(story, part)(story.ben)
    assert findings(_judged(story), "subscribing") == []


def test_subscribes_that_are_sent_at_once_are_answered_one_after_the_other() -> None:
    story = LiveStory()
    for _ in range(2):
        story.ask(story.ben)
    for part in (LIST, CONFIRM, VOICES) * 2:
        getattr(story, part)(story.ben)
    assert findings(_judged(story), "subscribing") == []


def test_a_frame_that_nobody_asked_for_is_judged_with_the_streams() -> None:
    story = LiveStory()
    story.list_online(story.eve)
    result = _judged(story)
    assert findings(result, "subscribing") == []
    assert ("SCOPE-1", "eve#1") in findings(result, "delivery")


@pytest.mark.parametrize("feature", ["presence", "voice"])
def test_parts_of_features_that_are_not_in_force_are_not_owed(feature: str) -> None:
    story = LiveStory(features=tuple(name for name in LIVE if name != feature))
    parts = (CONFIRM, VOICES) if feature == "presence" else (LIST, CONFIRM)
    story.ask(story.ben)
    for part in parts:
        getattr(story, part)(story.ben)
    assert findings(_judged(story), "subscribing") == []


def test_subscribed_alone_is_all_that_is_owed_without_both_features() -> None:
    story = Story("SUB-1", features=FEATURES)
    story.post("ana", "first")
    story.close_scenario()
    assert (story.result().verdict, story.result().findings) == (Verdict.PASS, ())
