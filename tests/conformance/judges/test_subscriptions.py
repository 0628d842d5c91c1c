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
        self.other = self.id()
        body = {"channel_id": self.other, "name": "other", "kind": "text"}
        self.call("ana", ops.CreateChannel(guild_id=self.guild, channel_name="other"), body=body)
        self.subscribe(self.ben, self.guild, self.other)

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
