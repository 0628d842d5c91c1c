"""What holds between the voice events that one connection gets."""

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.verdict import Kind, Verdict
from tests.conformance.histories import NOW
from tests.conformance.live_stories import ENDED, LEFT, LiveStory, findings
from tests.conformance.stories import ACCEPTED

# --- VOICE-4


def test_time_goes_on_or_stands_still() -> None:
    story = LiveStory("VOICE-4")
    story.token("ben")
    story.state("ben", is_muted=True)
    story.state("ben", is_deafened=True, at=NOW + 2)
    result = story.judged()
    assert (result.verdict, result.findings) == (Verdict.PASS, ())


def test_time_goes_back_between_updates() -> None:
    story = LiveStory()
    story.token("ben")
    story.state("ben", is_muted=True, at=NOW + 2)
    story.state("ben", is_muted=False, at=NOW + 1)
    result = story.judged()
    assert findings(result, "voice") == [("VOICE-4", name) for name in ("ana#1", "ben#1", "ben#2")]
    finding = next(found for found in result.findings if found.judge == "voice")
    assert (finding.expected, finding.received) == (f"{NOW + 2} or later", str(NOW + 1))
    assert finding.cause is not None
    assert finding.cause.startswith("update_voice_state by ben")


def test_time_goes_back_behind_the_join() -> None:
    story = LiveStory()
    story.token("ben")
    story.state("ben", to=[story.ana], is_muted=True, at=NOW - 1)
    assert findings(story.judged(), "voice") == [("VOICE-4", "ana#1")]


def test_time_goes_back_in_a_list() -> None:
    story = LiveStory()
    story.token("ben")
    story.state("ben", is_muted=True, at=NOW + 2)
    story.ask(story.ana)
    story.list_online(story.ana)
    story.confirm(story.ana)
    story.list_voices(story.ana, [story.voices["ben"] | {"updated_at_unix": NOW}])
    assert findings(story.judged(), "voice") == [("VOICE-4", "ana#1")]


# --- CHAN-5


def _delete(story: LiveStory, *order: str) -> None:
    """The channel is deleted while ben is in it; the events are told in this order."""
    op = story.invoke("ana", ops.DeleteChannel(**story.place))
    for name in order:
        if name == "channel_delete":
            story.frames(story.subscribed, name, {**story.place, "deleted_at_unix": NOW})
        elif name == ENDED:
            story.end_stream("ben", "microphone")
        else:
            story.end_voice("ben")
    story.answer(op, 200, ACCEPTED)
    story.end()


@pytest.mark.parametrize(
    ("order", "late"),
    [
        ((ENDED, LEFT, "channel_delete"), ()),
        ((ENDED, "channel_delete", LEFT), (LEFT,)),
        (("channel_delete", ENDED, LEFT), (ENDED, LEFT)),
    ],
)
def test_departures_come_before_the_deletion(order: tuple[str, ...], late: tuple[str, ...]) -> None:
    story = LiveStory()
    story.token("ben")
    story.rest()
    _delete(story, *order)
    found = [finding for finding in story.result().findings if finding.judge == "voice"]
    assert {(finding.requirement, finding.event) for finding in found} == {("CHAN-5", name) for name in late}
    assert len(found) == 3 * len(late)
    assert {finding.kind for finding in found} <= {Kind.CONTRACT}


def test_another_channel_goes_on() -> None:
    story = LiveStory()
    other = story.id()
    made = {"channel_id": other, "name": "other", "kind": "text"}
    story.call("ana", ops.CreateChannel(guild_id=story.guild, channel_name="other"), body=made)
    story.call("ana", ops.DeleteChannel(guild_id=story.guild, channel_id=other), body=ACCEPTED)
    deleted = {"guild_id": story.guild, "channel_id": other, "deleted_at_unix": NOW}
    story.frames(story.subscribed, "channel_delete", deleted)
    story.token("ben")
    story.end()
    assert findings(story.result(), "voice") == []
