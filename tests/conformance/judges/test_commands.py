"""A `message_create` by command: carried out in its turn like by REST, or the end of its connection."""

from collections.abc import Callable

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import EndOfConnection, Purpose
from sync_check.conformance.run import ScenarioResult
from sync_check.conformance.verdict import Finding, Kind, Level
from tests.conformance.command_stories import CommandStory
from tests.conformance.histories import found, only, ulid, user
from tests.conformance.live_stories import only_of

UNKNOWN = ulid(99_999)
TOO_LONG = "x" * 2001


def of_commands(result: ScenarioResult) -> Finding:
    """The one finding of the judge."""
    return only_of(result, "commands")


def newcomer(story: CommandStory) -> int:
    """A connection of ben that is subscribed to nothing."""
    connection = story.open("ben")
    story.owners[connection] = "ben"
    return connection


# --- carried out


@pytest.mark.witnesses("CMD-2", "CMD-1")
def test_what_is_said_by_command_is_told_stored_and_read_like_what_is_posted() -> None:
    story = CommandStory("CMD-1", "CMD-2")
    story.say(story.ben, "one")
    story.say(story.ben, "two")
    story.rest()
    story.read_history()
    result = story.judged()
    assert found(result) == []
    for requirement in ("CMD-1", "CMD-2", "SCOPE-2", "DELIV-1", "DELIV-8", "MSG-1", "CLIENT-6"):
        assert result.witnesses[requirement], requirement


def test_several_are_judged_before_anything_bounds_them() -> None:
    story = CommandStory("CMD-1")
    sent = [story.speak(story.ben, text) for text in ("one", "two", "three")]
    for op in sent:
        story.carry_out(op)
    story.bound(story.ben)
    result = story.judged()
    assert found(result) == []
    assert result.witnesses["CMD-1"]


def test_a_message_may_be_read_before_its_event_comes() -> None:
    story = CommandStory()
    op = story.speak(story.ben, "one")
    story.store(op)
    story.read_history()
    story.carry_out(op)
    story.bound(story.ben)
    assert found(story.judged()) == []


def test_a_message_that_shows_late_stands_where_it_was_made() -> None:
    story = CommandStory()
    connection, hearers = newcomer(story), list(story.subscribed)
    op = story.speak(connection, "one")
    story.bound(connection)
    story.subscribed.append(connection)
    story.store(op)
    second = story.messages[story.post("ana", "two", to=())]
    story.carry_out(op, hearers)
    story.frames(story.subscribed, "message_create", second)
    story.read_history()
    assert found(story.judged()) == []


def test_a_message_can_be_edited_by_rest() -> None:
    story = CommandStory()
    message_id = story.say(story.ben, "one")
    story.edit("ben", message_id, "one, edited")
    assert found(story.judged()) == []


def test_a_command_of_which_nobody_knows_whether_it_came_to_its_turn_is_left_open() -> None:
    story = CommandStory()
    story.speak(story.ben2, "perhaps")
    story.cut(story.ben2, None, EndOfConnection.CLOSED_BY_US)
    assert found(story.judged()) == []


# --- not as it must be


def test_a_permitted_command_without_effect_is_found() -> None:
    story = CommandStory()
    story.speak(story.ben, "lost")
    story.bound(story.ben)
    finding = of_commands(story.judged())
    assert (finding.requirement, finding.kind, finding.client) == ("CMD-2", Kind.LIVENESS, "ben#1")


def test_the_history_alone_shows_that_a_command_had_no_effect() -> None:
    story = CommandStory()
    story.speak(story.ben, "lost")
    story.bound(story.ben)
    story.read_history()
    story.end()
    assert of_commands(story.result()).requirement == "CMD-2"


def test_where_nobody_hears_or_reads_nothing_is_known_of_it() -> None:
    story = CommandStory()
    heard, quiet = story.channel, story.id()
    create = ops.CreateChannel(guild_id=story.guild, channel_name="quiet")
    story.call("ana", create, body={"channel_id": quiet, "name": "quiet", "kind": "text"})
    story.channel = quiet
    story.speak(story.ben, "anybody there?")
    story.channel = heard
    story.bound(story.ben)
    assert [finding for finding in story.judged().findings if finding.judge == "commands"] == []


@pytest.mark.parametrize(("regained", "judges"), [(False, ["commands"]), (True, [])])
def test_a_subscription_that_ended_before_shows_nothing_of_it(regained: bool, judges: list[str]) -> None:
    story = CommandStory()
    story.cut(story.ana, None, EndOfConnection.CLOSED_BY_US)
    if regained:
        _override(story, "create_message")
        _override(story)
        story.subscribed.clear()
    story.speak(story.ben, "anybody there?")
    story.bound(story.ben)
    story.subscribed = [story.ben]
    assert [one.judge for one in story.judged().findings if one.judge == "commands"] == judges


def _override(story: CommandStory, *deny: str) -> None:
    """What ben may do in the channel is overridden."""
    override = ops.OverridePermission(
        **story.place, target_kind="member", target_id=user("ben"), allow=[], deny=list(deny)
    )
    story.call("ana", override, body={"accepted": True})


@pytest.mark.parametrize(("missed", "judges"), [(False, ["commands"]), (True, [])])
def test_a_connection_that_misses_a_fence_shows_nothing_of_it(missed: bool, judges: list[str]) -> None:
    story = CommandStory()
    for connection in (story.ana, story.ben):
        story.cut(connection, None, EndOfConnection.CLOSED_BY_US)
    speaker = newcomer(story)
    story.speak(speaker, "anybody there?")
    story.bound(speaker)
    fence = story.invoke("ana", ops.CreateMessage(**story.place, content="fence"), Purpose.FENCE)
    told = story.message(story.id(), "ana", "fence")
    if not missed:
        story.frame(story.ben2, "message_create", told)
    story.answer(fence, 201, told)
    if missed:
        story.missed(fence, story.ben2)
    story.end()
    assert [one.judge for one in story.result().findings if one.judge == "commands"] == judges


@pytest.mark.parametrize(("older", "judges"), [(True, ["commands"]), (False, [])])
def test_a_page_shows_nothing_of_what_is_older(older: bool, judges: list[str]) -> None:
    story = CommandStory()
    first = story.post("ana", "first")
    for connection in story.subscribed:
        story.cut(connection, None, EndOfConnection.CLOSED_BY_US)
    speaker = newcomer(story)
    story.speak(speaker, "lost")
    story.bound(speaker)
    later = [story.messages[story.post("ana", text)] for text in ("second", "third")]
    shown = [later[1], later[0], *([story.messages[first]] if older else [])]
    page = {"messages": shown, "next_before": shown[-1]["message_id"]}
    story.call("ana", ops.History(**story.place, limit=len(shown)), body=page, purpose=Purpose.SCENARIO)
    assert [one.judge for one in story.judged().findings if one.judge == "commands"] == judges


def test_what_is_stored_and_told_to_nobody_is_missing_everywhere() -> None:
    story = CommandStory()
    op = story.speak(story.ben, "untold")
    story.carry_out(op, to=())
    story.bound(story.ben)
    story.read_history()
    result = story.judged()
    missing = [one for one in result.findings if one.judge == "delivery"]
    assert {(one.requirement, one.client) for one in missing} == {
        ("SCOPE-2", "ana#1"),
        ("SCOPE-2", "ben#1"),
        ("SCOPE-2", "ben#2"),
    }
    assert {one.cause for one in missing} == {f"message_create by ben (op {op})"}


def test_one_that_does_not_hear_of_it_is_found() -> None:
    story = CommandStory()
    story.say(story.ben, "one", to=[story.ana, story.ben])
    finding = only(story.judged())
    assert (finding.judge, finding.requirement, finding.client) == ("delivery", "SCOPE-2", "ben#2")


def test_it_must_say_the_same_to_all() -> None:
    story = CommandStory()
    op = story.speak(story.ben, "one")
    story.carry_out(op, to=[story.ana, story.ben])
    story.frame(story.ben2, "message_create", story.made[op] | {"created_at_unix": 1_700_000_001})
    story.bound(story.ben)
    told = {(one.judge, one.requirement) for one in story.judged().findings}
    assert told == {("delivery", "MSG-1"), ("agreement", "DELIV-10")}


def test_it_comes_once() -> None:
    story = CommandStory()
    op = story.speak(story.ben, "one")
    story.carry_out(op)
    story.carry_out(op, to=[story.ana])
    story.bound(story.ben)
    assert found(story.judged()) == [("delivery", "DELIV-1", "ana#1")]


def test_a_stranger_gets_nothing_of_it() -> None:
    story = CommandStory()
    story.say(story.ben, "one", to=[*story.subscribed, story.eve])
    assert ("delivery", "SCOPE-3", "eve#1") in found(story.judged())


def test_a_new_message_has_no_reactions() -> None:
    story = CommandStory()
    reaction = {"emoji": "x", "count": 1, "reacted_by_me": False}
    story.say(story.ben, "one", reactions=[reaction])
    finding = of_commands(story.judged())
    assert (finding.requirement, finding.kind) == ("MSG-1", Kind.CONTRACT)


def test_a_file_that_was_not_asked_for_is_found() -> None:
    story = CommandStory()
    file = {"attachment_id": UNKNOWN, "owner_id": user("ben"), "filename": "a.png", "mime_type": "image/png"}
    story.say(
        story.ben, "one", attachments=[{**story.place, **file, "size_bytes": 1, "sha256_hex": "0" * 64}]
    )
    assert of_commands(story.judged()).requirement == "ATT-2"


# --- in turn (CMD-1)


def test_commands_take_effect_in_the_order_in_which_they_were_sent() -> None:
    story = CommandStory()
    one, two = story.speak(story.ben, "one"), story.speak(story.ben, "two")
    story.carry_out(two)
    story.carry_out(one)
    story.bound(story.ben)
    told = [one for one in story.judged().findings if one.judge == "commands"]
    assert {(one.requirement, one.client) for one in told} == {
        ("CMD-1", "ana#1"),
        ("CMD-1", "ben#1"),
        ("CMD-1", "ben#2"),
    }


def test_commands_of_two_connections_have_no_order() -> None:
    story = CommandStory()
    one, two = story.speak(story.ben, "one"), story.speak(story.ben2, "two")
    story.carry_out(two)
    story.carry_out(one)
    story.bound(story.ben)
    story.bound(story.ben2)
    assert found(story.judged()) == []


def test_an_event_comes_before_the_answer_to_a_subscribe_sent_later() -> None:
    story = CommandStory()
    op = story.speak(story.ben, "one")
    story.bound(story.ben)
    story.carry_out(op)
    finding = of_commands(story.judged())
    assert (finding.requirement, finding.client) == ("CMD-1", "ben#1")


def test_a_sender_who_subscribes_later_gets_no_copy() -> None:
    story = CommandStory()
    connection = newcomer(story)
    op = story.speak(connection, "one")
    story.carry_out(op)
    story.bound(connection)
    story.subscribed.append(connection)
    assert found(story.judged()) == []


def test_a_copy_by_a_later_subscribe_is_found() -> None:
    story = CommandStory()
    connection = newcomer(story)
    op = story.speak(connection, "one")
    story.carry_out(op, to=[*story.subscribed, connection])
    story.bound(connection)
    story.subscribed.append(connection)
    finding = only(story.judged())
    assert (finding.judge, finding.requirement, finding.client) == ("commands", "CMD-1", "ben#3")


# --- refused


def _by_a_stranger(story: CommandStory) -> int:
    story.speak(story.eve, "let me in")
    return story.eve


def _to_an_unknown_channel(story: CommandStory) -> int:
    story.speak(story.ben2, "hello?", channel_id=UNKNOWN)
    return story.ben2


def _too_long(story: CommandStory) -> int:
    story.speak(story.ben2, TOO_LONG)
    return story.ben2


REFUSED = [(_by_a_stranger, "BAD-7"), (_to_an_unknown_channel, "BAD-7"), (_too_long, "BAD-5")]


@pytest.mark.witnesses("BAD-5", "BAD-7", "BAD-9", "BAD-10", "BAD-11")
@pytest.mark.parametrize(("refused", "requirement"), REFUSED)
def test_a_refused_command_ends_its_connection_and_does_nothing_else(
    refused: Callable[[CommandStory], int], requirement: str
) -> None:
    story = CommandStory()
    connection = refused(story)
    story.speak(connection, "and this?")
    story.cut(connection)
    result = story.judged()
    assert found(result) == []
    for kept in (requirement, "BAD-9", "BAD-10", "BAD-11"):
        assert result.witnesses[kept], kept


@pytest.mark.parametrize(("refused", "requirement"), REFUSED)
def test_a_refused_command_must_end_its_connection(
    refused: Callable[[CommandStory], int], requirement: str
) -> None:
    story = CommandStory()
    refused(story)
    story.later(6)
    finding = of_commands(story.judged())
    assert (finding.requirement, finding.received) == (requirement, "an open connection")


def test_the_end_has_to_come_within_its_window() -> None:
    story = CommandStory()
    _too_long(story)
    story.later(6)
    story.cut(story.ben2)
    assert of_commands(story.judged()).requirement == "BAD-5"


@pytest.mark.parametrize(
    ("code", "how"), [(1011, EndOfConnection.CLOSED_BY_TARGET), (None, EndOfConnection.DROPPED)]
)
def test_another_end_than_close_1008_is_a_deviation(code: int | None, how: EndOfConnection) -> None:
    story = CommandStory()
    story.cut(_to_an_unknown_channel(story), code, how)
    result = story.judged()
    finding = of_commands(result)
    assert (finding.requirement, finding.level) == ("BAD-11", Level.LAX)
    assert result.witnesses["BAD-7"]


def test_a_refused_command_that_is_carried_out_is_found() -> None:
    story = CommandStory()
    op = story.speak(story.eve, "let me in")
    story.carry_out(op)
    story.cut(story.eve)
    finding = of_commands(story.judged())
    assert (finding.requirement, finding.kind, finding.client) == ("BAD-10", Kind.SAFETY, "eve#1")


def test_what_is_sent_after_a_refused_command_has_no_effect() -> None:
    story = CommandStory()
    connection = _too_long(story)
    story.carry_out(story.speak(connection, "still here"))
    story.cut(connection)
    finding = of_commands(story.judged())
    assert (finding.requirement, finding.kind) == ("BAD-9", Kind.SAFETY)


def test_a_permitted_command_gives_no_cause_to_end_a_connection() -> None:
    story = CommandStory()
    story.speak(story.ben2, "hello")
    story.cut(story.ben2)
    assert ("delivery", "DELIV-1", "ben#2") in found(story.judged())


def test_while_access_changes_a_command_may_be_carried_out() -> None:
    story = CommandStory()
    op = story.speak(story.eve, "am I in?")
    story.join_up("eve", hearers=[*story.subscribed, story.eve])
    story.carry_out(op)
    story.bound(story.eve)
    story.subscribed.append(story.eve)
    assert found(story.judged()) == []


def test_while_access_changes_a_command_may_be_refused() -> None:
    story = CommandStory()
    story.speak(story.eve, "am I in?")
    story.join_up("eve", hearers=[*story.subscribed, story.eve])
    story.speak(story.eve, "and now?")
    story.cut(story.eve)
    assert found(story.judged()) == []
