"""Several connections of a user and several subscriptions of a connection, seen to work at once (GW-4)."""

import pytest

from sync_check.conformance.contract import operations as ops
from tests.conformance.stories import Story


class TwoChannels(Story):
    """There is a channel `side` besides."""

    def __init__(self) -> None:
        super().__init__()
        self.first, side = self.channel, self.id()
        channel = {"channel_id": side, "name": "side", "kind": "text"}
        op = self.invoke("ana", ops.CreateChannel(guild_id=self.guild, channel_name="side"))
        self.frames(self.subscribed, "channel_create", {"guild_id": self.guild, "channel": channel})
        self.answer(op, 200, channel)
        self.side = side

    def speak(self, channel: str, to: list[int]) -> None:
        self.channel = channel
        self.post("ana", "hello", to=to)
        self.channel = self.first


def witnessed(story: Story) -> int:
    story.post("ana", "the last one")
    story.end()
    return story.result().witnesses.get("GW-4", 0)


@pytest.mark.witnesses("GW-4")
def test_two_connections_of_which_one_hears_two_channels() -> None:
    story = TwoChannels()
    story.subscribe(story.ben, story.guild, story.side)
    story.speak(story.first, story.subscribed)
    story.speak(story.side, [story.ben])
    assert witnessed(story) == 1


def test_two_connections_that_hear_one_channel_show_it_in_part() -> None:
    story = TwoChannels()
    story.speak(story.first, story.subscribed)
    assert witnessed(story) == 0


def test_what_comes_to_who_is_not_subscribed_shows_nothing() -> None:
    story = TwoChannels()
    story.speak(story.first, story.subscribed)
    story.speak(story.side, [story.ben])
    assert witnessed(story) == 0
