"""Lists of the participants of voice channels are counted once each, under `subscribe` (METRIC-1)."""

import pytest

from sync_check.conformance.verdict import Kind, Level
from tests.conformance.histories import FEATURES, NOW, user
from tests.conformance.judges.counters.counting import Counting, broken, findings

REPAIRS = 'voice_sync_repairs_total{reason="subscribe"}'
WITH_VOICE = (*FEATURES, "voice")


class Listing(Counting):
    """A story in which somebody subscribes again, and is told who is in the voice channel."""

    def __init__(self, features: tuple[str, ...] = WITH_VOICE) -> None:
        super().__init__(declared=features, features=features)

    def listed(self, connection: int, *, counted: int = 1) -> None:
        self.extra[REPAIRS] += counted
        guild_id, channel_id = self.guild, self.channel
        where = {"guild_id": guild_id, "channel_id": channel_id}
        self.subscribe(connection, guild_id, channel_id, confirmed=False)
        self.frame(connection, "presence_sync", {"guild_id": guild_id, "user_ids": self.online()})
        self.frame(connection, "subscribed", where)
        told = {**where, "participants": [], "synced_at_unix": NOW}
        self.frame(connection, "voice_participant_sync", told)

    def online(self) -> list[str]:
        return sorted({user(self.owners[one]) for one in self.subscribed})


def repairs(story: Listing) -> list[tuple[str, str | None, str | None]]:
    """The findings about lists of participants."""
    told = [one for one in findings(story.judged()) if one.event == "voice_participant_sync"]
    assert all(
        (one.requirement, one.kind, one.level) == ("METRIC-1", Kind.CONTRACT, Level.FAIL) for one in told
    )
    return [(one.message, one.expected, one.received) for one in told]


def test_each_list_is_counted_once() -> None:
    story = Listing()
    story.listed(story.ben)
    story.listed(story.ana)
    story.proof()
    assert broken(story.judged()) == set()


@pytest.mark.parametrize(("counted", "word"), [(0, "fewer"), (2, "more"), (7, "more")])
def test_a_list_is_counted_otherwise(counted: int, word: str) -> None:
    story = Listing()
    story.listed(story.ben)
    story.listed(story.ana, counted=counted)
    story.proof()
    series = 'voice_sync_repairs_total{reason="subscribe"} grows by 2'
    message = f"metrics: {word} lists of voice participants are counted than came"
    assert repairs(story) == [(message, series, f"by {1 + counted}")]


def test_a_list_is_counted_that_nobody_got() -> None:
    story = Listing()
    story.listed(story.ben)
    story.proof()
    story.extra[REPAIRS] += 1
    story.proof()
    assert [received for _, _, received in repairs(story)] == ["by 1"]


def test_on_a_connection_that_ends_one_may_be_lost_and_none_can_come_that_was_not_counted() -> None:
    lost, uncounted = Listing(), Listing()
    for story, counted in ((lost, 2), (uncounted, 0)):
        story.listed(story.ben2, counted=counted)
        story.leave(story.ben2)
        story.proof()
    assert repairs(lost) == []
    assert [expected and expected[-10:] for _, expected, _ in repairs(uncounted)] == ["at least 1"]


def test_of_other_labels_and_of_targets_without_voice_nothing_is_known() -> None:
    other, without = Listing(), Listing(FEATURES)
    other.listed(other.ben)
    other.extra['voice_sync_repairs_total{reason="reconnect"}'] += 3
    without.extra[REPAIRS] += 3
    for story in (other, without):
        story.proof()
        assert broken(story.judged()) == set()
