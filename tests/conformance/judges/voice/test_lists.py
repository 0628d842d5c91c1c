"""Who is listed in a voice channel to a subscriber, and how."""

from typing import Any

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Kind, Verdict
from tests.conformance.live_stories import LIVE, LiveStory, findings, only_of


def _listed(*participants: dict[str, Any], story: LiveStory | None = None) -> ScenarioResult:
    """Ana subscribes again and is told that these take part."""
    story = story or _talking()
    story.ask(story.ana)
    story.list_online(story.ana)
    story.confirm(story.ana)
    story.list_voices(story.ana, participants)
    return story.judged()


def _talking() -> LiveStory:
    """Ben is in the channel, muted, and proved to be connected."""
    story = LiveStory("DELIV-10")
    story.token("ben")
    story.state("ben", is_muted=True)
    story.rest()
    return story


def test_who_is_there_as_they_are() -> None:
    story = _talking()
    result = _listed(story.voices["ben"], story=story)
    assert (result.verdict, result.findings) == (Verdict.PASS, ())


def test_who_is_there_and_missing() -> None:
    finding = only_of(_listed(), "voice")
    assert (finding.requirement, finding.client, finding.kind) == ("DELIV-10", "ana#1", Kind.LIVENESS)


@pytest.mark.parametrize(
    "wrong",
    [
        {"is_muted": False},
        {"is_deafened": True},
        {"identity": "another"},
    ],
)
def test_who_is_there_otherwise(wrong: dict[str, Any]) -> None:
    story = _talking()
    finding = only_of(_listed(story.voices["ben"] | wrong, story=story), "voice")
    assert (finding.requirement, finding.client, finding.kind) == ("DELIV-10", "ana#1", Kind.CONTRACT)
    assert next(iter(wrong)) in finding.message


@pytest.mark.parametrize("flag", ["is_speaking", "is_video_enabled", "is_screen_share_enabled"])
def test_flags_of_which_nothing_is_promised(flag: str) -> None:
    story = _talking()
    assert findings(_listed(story.voices["ben"] | {flag: True}, story=story), "voice") == []


def test_somebody_who_is_not_there() -> None:
    story = _talking()
    others = (story.voices["ben"], story.participant("ana"))
    finding = only_of(_listed(*others, story=story), "voice")
    assert (finding.requirement, finding.kind) == ("DELIV-10", Kind.SAFETY)


def test_somebody_twice() -> None:
    story = _talking()
    finding = only_of(_listed(*[story.voices["ben"]] * 2, story=story), "voice")
    assert finding.message.endswith("is listed twice")


def test_who_has_left_is_listed() -> None:
    story = _talking()
    ben = story.voices["ben"]
    story.go("ben")
    story.rest()
    assert only_of(_listed(ben, story=story), "voice").kind is Kind.SAFETY


@pytest.mark.parametrize("listed", [True, False])
def test_who_joins_at_the_same_time_may_be_listed(listed: bool) -> None:
    story = LiveStory()
    op = story.invoke("ben", ops.IssueVoiceToken(**story.place))
    ben = story.participant("ben")
    story.ask(story.ana)
    story.list_online(story.ana)
    story.confirm(story.ana)
    story.list_voices(story.ana, [ben] if listed else [])
    story.voices["ben"], story.streams["ben"] = ben, ["microphone"]
    story.frames(story.subscribed, "voice_participant_join", {**story.place, "participant": ben})
    published = story.of("ben", stream="microphone", published_at_unix=1)
    story.frames(story.subscribed, "voice_stream_publish", published)
    story.answer(op, 200, story.granted("ben", "microphone"))
    assert findings(story.judged(), "voice") == []


@pytest.mark.parametrize(("seconds", "found"), [(200.0, 1), (301.0, 0)])
def test_who_may_have_expired_need_not_be_listed(seconds: float, found: int) -> None:
    story = _talking()
    story.later(seconds)
    assert len(findings(_listed(story=story), "voice")) == found


@pytest.mark.parametrize("listed", [True, False])
def test_who_has_just_lost_the_last_connection_may_be_listed(listed: bool) -> None:
    story = _talking()
    ben = story.voices["ben"]
    story.leave(story.ben)
    story.leave(story.ben2)
    result = _listed(*([ben] if listed else []), story=story)
    assert findings(result, "voice") == []


def test_without_voice_nothing_is_judged() -> None:
    story = LiveStory(features=tuple(name for name in LIVE if name != "voice"))
    assert findings(_listed(story.participant("ben"), story=story), "voice") == []
