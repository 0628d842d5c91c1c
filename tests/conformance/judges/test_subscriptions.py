"""What a connection is subscribed to at a moment: live, lost, and what nobody tells it of."""

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.judges.ledger import Ledger
from sync_check.conformance.judges.subscriptions import Subscriptions, subscriptions_of
from tests.conformance.histories import user
from tests.conformance.stories import ACCEPTED, Story


class _Told(Story):
    """Ben's first connection is subscribed to a second channel as well."""

    def __init__(self) -> None:
        super().__init__()
        self.other = self.new_channel("other")
        self.subscribe(self.ben, self.guild, self.other)

    def new_channel(self, name: str) -> str:
        channel_id = self.id()
        body = {"channel_id": channel_id, "name": name, "kind": "text"}
        self.call("ana", ops.CreateChannel(guild_id=self.guild, channel_name=name), body=body)
        return channel_id

    def override(self, channel: str, *deny: str) -> None:
        target = {"target_kind": "member", "target_id": user("ben")}
        override = ops.OverridePermission.model_validate(
            {"guild_id": self.guild, "channel_id": channel, **target, "allow": [], "deny": list(deny)}
        )
        self.call("ana", override, body=ACCEPTED)

    def shut(self, channel: str) -> None:
        self.override(channel, "create_message")

    def remove(self, channel: str) -> None:
        self.call("ana", ops.DeleteChannel(guild_id=self.guild, channel_id=channel), body=ACCEPTED)

    def known(self) -> Subscriptions:
        ledger = Ledger()
        for record in self.records:
            ledger.take(record)
        return subscriptions_of(ledger.timeline, ledger.connections[self.ben], len(self.records) + 1)


def test_both_are_live_until_one_is_lost() -> None:
    story = _Told()
    assert story.known().live == {story.channel, story.other}
    story.shut(story.channel)
    known = story.known()
    assert known.live == {story.other}
    assert known.lost == {story.channel}


def test_the_loss_of_the_last_one_is_told() -> None:
    story = _Told()
    story.shut(story.channel)
    story.shut(story.other)
    assert story.known().lost == {story.channel, story.other}


def test_what_came_back_and_went_is_told_as_long_as_another_one_is_live() -> None:
    story = _Told()
    story.shut(story.channel)
    story.override(story.channel)
    story.remove(story.channel)
    assert story.known().lost == {story.channel}


def test_what_came_back_and_went_is_not_told_where_nothing_else_is_live() -> None:
    story = _Told()
    story.shut(story.channel)
    story.override(story.channel)
    story.shut(story.other)
    story.remove(story.channel)
    assert story.known().lost == {story.other}


def test_one_more_channel_shows_nothing_of_what_the_guild_told_meanwhile() -> None:
    story = _Told()
    for channel in (story.channel, story.other):
        story.shut(channel)
        story.override(channel)
    third = story.new_channel("third")
    story.subscribe(story.ben, story.guild, third)
    known = story.known()
    assert known.live == {third}
    assert (set(known.guilds), set(known.unheard)) == (set(), {story.guild})
    story.subscribe(story.ben, story.guild, story.other)
    assert story.known().guilds == {story.guild}


def test_one_more_channel_is_a_fresh_start_where_it_is_known_that_nothing_else_is_heard() -> None:
    story = _Told()
    for channel in (story.channel, story.other):
        story.shut(channel)
    third = story.new_channel("third")
    story.subscribe(story.ben, story.guild, third)
    assert story.known().guilds == {story.guild}


def test_what_was_heard_all_the_time_is_no_gap() -> None:
    story = _Told()
    story.shut(story.channel)
    story.override(story.channel)
    third = story.new_channel("third")
    story.subscribe(story.ben, story.guild, third)
    assert story.known().guilds == {story.guild}
