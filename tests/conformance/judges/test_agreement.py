"""The agreement judge: whoever is told of an event is told the same."""

import json

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Level, Verdict
from tests.conformance.histories import NOW
from tests.conformance.stories import Story


def _judged(story: Story) -> ScenarioResult:
    story.close_scenario()
    return story.result()


def _found(result: ScenarioResult) -> list[tuple[str, Level, str | None]]:
    return [(f.requirement, f.level, f.client) for f in result.findings if f.judge == "agreement"]


def _post(story: Story, *differing: dict[str, object]) -> None:
    """Ben posts; the connections after the first are told with these members changed."""
    message = story.message(story.id(), "ben", "first")
    op = story.invoke("ben", ops.CreateMessage(**story.place, content="first"))
    for connection, change in zip(story.subscribed, ({}, *differing), strict=True):
        story.frame(connection, "message_create", {**message, **change})
    story.answer(op, 200, message)
    story.messages[message["message_id"]] = message


def test_equal_bodies_agree() -> None:
    story = Story()
    _post(story, {}, {})
    result = _judged(story)
    assert result.verdict is Verdict.PASS
    assert result.evidence["agreements"]
    assert _found(result) == []


def test_another_content_for_one_receiver_is_found() -> None:
    story = Story()
    _post(story, {}, {"content": "second"})
    assert _found(_judged(story)) == [("DELIV-10", Level.FAIL, "ben#2")]


def test_another_time_for_one_receiver_is_found() -> None:
    story = Story()
    op = story.invoke("ana", ops.UpdateGuild(guild_id=story.guild, guild_name="new"))
    told = {"guild_id": story.guild, "updated_fields": {"name": "new"}, "updated_at_unix": NOW}
    story.frames(story.subscribed[:2], "workspace_update", told)
    story.frame(story.ben2, "workspace_update", {**told, "updated_at_unix": NOW + 1})
    story.answer(op, 200, {"guild_id": story.guild, "name": "new", "visibility": "private"})
    story.name = "new"
    result = _judged(story)
    assert _found(result) == [("DELIV-10", Level.FAIL, "ben#2")]


def test_a_member_that_one_receiver_gets_besides_is_found() -> None:
    story = Story()
    _post(story, {"nonce": 1}, {})
    assert _found(_judged(story)) == [("DELIV-10", Level.FAIL, "ben#1")]


def test_the_same_in_other_bytes_is_worth_knowing() -> None:
    story = Story()
    message = story.message(story.id(), "ben", "first")
    op = story.invoke("ben", ops.CreateMessage(**story.place, content="first"))
    story.frames(story.subscribed[:2], "message_create", message)
    spaced = json.dumps({"v": 1, "t": "message_create", "d": message}, indent=1)
    story.text(story.ben2, spaced)
    story.answer(op, 200, message)
    story.messages[message["message_id"]] = message
    result = _judged(story)
    assert _found(result) == [("ENV-1", Level.INFO, "ben#2")]
    assert result.verdict is Verdict.PASS
