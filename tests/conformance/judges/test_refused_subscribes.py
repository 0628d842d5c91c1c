"""Refused subscribes are silent, and those to unknown and to forbidden channels cannot be told apart."""

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import CommandSent, ConnectionEnded, EndOfConnection
from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Kind
from tests.conformance.histories import NOW, found, ulid, user
from tests.conformance.stories import ACCEPTED, Story

UNKNOWN = ulid(99_999)


class Refusing(Story):
    """ben may not see the channel `hidden`."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = self.id()
        channel = {"channel_id": self.hidden, "name": "hidden", "kind": "text"}
        op = self.invoke("ana", ops.CreateChannel(guild_id=self.guild, channel_name="hidden"))
        self.frames(self.subscribed, "channel_create", {"guild_id": self.guild, "channel": channel})
        self.answer(op, 200, channel)
        self.shut("ben")

    def shut(self, name: str) -> None:
        override = ops.OverridePermission(
            guild_id=self.guild,
            channel_id=self.hidden,
            target_kind="member",
            target_id=user(name),
            allow=[],
            deny=["create_message"],
        )
        op = self.invoke("ana", override)
        lists = {"allow": override.allow, "deny": override.deny}
        told = override.model_dump(exclude=set(lists)) | {"updated_fields": lists, "updated_at_unix": NOW}
        self.frames(self.subscribed, "workspace_channel_permission_override_update", told)
        self.answer(op, 200, ACCEPTED)

    def ask(self, connection: int, channel: str) -> None:
        place = {"guild_id": self.guild, "channel_id": channel}
        self.add(CommandSent(at=self.now(), connection=connection, command="subscribe", arguments=place))

    def cut(self, connection: int, how: EndOfConnection = EndOfConnection.CLOSED_BY_TARGET) -> None:
        self.add(ConnectionEnded(at=self.now(), connection=connection, how=how, code=1008))
        self.owners.pop(connection)
        self.subscribed.remove(connection)

    def judged(self) -> ScenarioResult:
        self.post("ana", "the last one")
        self.fence()
        self.end()
        return self.result()


def broken(result: ScenarioResult) -> set[tuple[str, str | None]]:
    return {(one.requirement, one.client) for one in result.findings if one.judge == "subscribing"}


@pytest.mark.witnesses("SUB-2", "LEAK-SUB-1")
def test_what_is_unknown_and_what_is_forbidden_is_refused_alike() -> None:
    story = Refusing()
    story.ask(story.ben, story.hidden)
    story.ask(story.ben, UNKNOWN)
    story.subscribe(story.ben, story.guild, story.channel)
    result = story.judged()
    assert broken(result) == set()
    assert result.witnesses["LEAK-SUB-1"] == 1
    assert result.witnesses["SUB-2"]


def test_one_kind_of_refusal_shows_nothing() -> None:
    story = Refusing()
    story.ask(story.ben, story.hidden)
    story.subscribe(story.ben, story.guild, story.channel)
    assert "LEAK-SUB-1" not in story.judged().witnesses


def test_a_refused_subscribe_leaves_its_connection_open() -> None:
    story = Refusing()
    story.ask(story.ben, UNKNOWN)
    story.cut(story.ben)
    result = story.judged()
    assert broken(result) == {("SUB-2", "ben#1")}
    assert ("delivery", "DELIV-1", "ben#1") in found(result)


def test_who_is_cut_off_for_the_one_and_not_for_the_other_learns_what_exists() -> None:
    story = Refusing()
    story.ask(story.ben, UNKNOWN)
    story.subscribe(story.ben, story.guild, story.channel)
    story.ask(story.ben2, story.hidden)
    story.cut(story.ben2)
    result = story.judged()
    assert broken(result) == {("SUB-2", "ben#2"), ("LEAK-SUB-1", "ben#2")}
    (leak,) = (one for one in result.findings if one.requirement == "LEAK-SUB-1")
    assert leak.kind is Kind.SAFETY


def test_of_two_refusals_before_an_end_nobody_knows_which_caused_it() -> None:
    story = Refusing()
    story.ask(story.ben, UNKNOWN)
    story.subscribe(story.ben, story.guild, story.channel)
    story.ask(story.ben2, story.hidden)
    story.ask(story.ben2, UNKNOWN)
    story.cut(story.ben2)
    assert broken(story.judged()) == {("SUB-2", "ben#2")}


def test_what_was_permitted_did_not_end_the_connection() -> None:
    story = Refusing()
    story.ask(story.ben2, story.hidden)
    story.subscribe(story.ben2, story.guild, story.channel, confirmed=False)
    story.cut(story.ben2)
    assert broken(story.judged()) == {("SUB-2", "ben#2")}


def test_a_logout_may_end_a_connection() -> None:
    story = Refusing()
    story.ask(story.ben2, UNKNOWN)
    story.call("ben", ops.Logout(refresh_token="token"), 204)
    story.cut(story.ben2)
    assert broken(story.judged()) == set()


def test_an_answer_to_what_is_forbidden_is_found() -> None:
    story = Refusing()
    story.ask(story.ben, story.hidden)
    story.frame(story.ben, "subscribed", {"guild_id": story.guild, "channel_id": story.hidden})
    result = story.judged()
    assert ("delivery", "SUB-2", "ben#1") in found(result)
    assert "LEAK-SUB-1" not in result.witnesses


def test_whose_connection_we_close_was_not_cut_off() -> None:
    story = Refusing()
    story.ask(story.ben, UNKNOWN)
    story.cut(story.ben, EndOfConnection.CLOSED_BY_US)
    assert broken(story.judged()) == set()


def test_a_refused_message_may_be_why_a_connection_ends() -> None:
    story = Refusing()
    story.ask(story.ben, UNKNOWN)
    story.send(story.ben, ops.SendMessage(guild_id=story.guild, channel_id=UNKNOWN, content="hello?"))
    story.cut(story.ben)
    assert broken(story.judged()) == set()
