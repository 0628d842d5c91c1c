"""The cone of a finding holds what may have influenced it, and nothing else."""

from collections.abc import Sequence

import pytest

from sync_check.conformance.cone import Act, Cone, Part, Step
from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import EndOfConnection, Purpose, decode_record, encode_record
from sync_check.conformance.judges.cones import MOST_LANES, MOST_STEPS, OTHERS
from sync_check.conformance.rejudging import rejudge
from sync_check.conformance.run import RunFinished
from sync_check.conformance.verdict import Finding
from tests.conformance.histories import NOW, user
from tests.conformance.judges.test_restarts import down, restarted, up
from tests.conformance.live_stories import LiveStory
from tests.conformance.stories import ACCEPTED, Story
from tests.conformance.test_narration import planned


def cones(story: Story) -> dict[Finding, Cone]:
    """The cones of a story, which comes to its end."""
    story.end()
    story.finish()
    *_, last = rejudge(planned(story, "test/story"))
    assert isinstance(last, RunFinished)
    assert last.faults == ()
    return dict(last.cones)


def cone(story: Story, requirement: str, client: str | None = None, cause: str = "") -> Cone:
    """The cone of the finding of a requirement."""
    found = {
        finding: one
        for finding, one in cones(story).items()
        if finding.requirement == requirement
        and client in (None, finding.client)
        and (finding.cause or "").startswith(cause)
    }
    assert len(found) == 1, found.keys()
    return next(iter(found.values()))


def lines(cone: Cone) -> list[tuple[str, str, str]]:
    """What the steps say: part, lane, text."""
    return [(step.part, step.lane, step.text) for step in cone.steps]


def bad(cone: Cone) -> Step:
    (step,) = [step for step in cone.steps if step.part is Part.BAD]
    return step


def _other_things_happen(story: Story) -> None:
    """What no finding about a message that ben gets depends on."""
    story.post("ana", "another")
    story.rename("ana", "other room")
    story.about("eve", "nobody")
    story.call("ana", ops.AddMember(guild_id=story.guild, user_id=user("eve")), body=ACCEPTED)
    story.call("ana", ops.KickMember(guild_id=story.guild, user_id=user("eve")), body=ACCEPTED)
    elsewhere = {"guild_id": story.id(), "name": "elsewhere", "visibility": "private"}
    story.call("ana", ops.CreateGuild(guild_name="elsewhere"), body=elsewhere)
    story.call("ben", ops.EditMessage(**story.place, message_id="x", content="refused"), status=404)


# --- frames


def test_a_missing_event_has_all_that_made_it_due_and_what_proves_that_it_is_missing() -> None:
    story = Story()
    note = story.post("ben", "first")
    story.edit("ben", note, "second", to=[story.ana, story.ben])
    story.post("ana", "later", purpose=Purpose.FENCE)
    assert lines(cone(story, "SCOPE-2")) == [
        ("context", "ana", "create_guild(guild_name=room) \u2192 200 g1"),
        ("context", "ana", "create_channel(channel_name=general) \u2192 200 c1"),
        ("context", "ana", "add_member(ben) \u2192 200"),
        ("context", "ben#2", "connect"),
        ("context", "ben#2", "subscribe(c1) \u2192 subscribed"),
        ("context", "ben", "create_message(c1, content=first) \u2192 200 m1"),
        ("context", "ben#2", "message_create(m1, c1, content=first)"),
        ("cause", "ben", f"edit_message(c1, m1, content=second) (op {story.last_op - 1})"),
        ("other", "ana#1", "message_update(c1, m1, content=second)"),
        ("cause", "ben", "200"),
        ("bad", "ben#2", "message_update(c1, m1)"),
        ("proof", "ana", "fence: create_message(c1, content=later) \u2192 200 m2"),
        ("proof", "ben#2", "message_create(m2, c1, content=later)"),
    ]


@pytest.mark.parametrize(("killed", "words"), [(False, "is stopped"), (True, "is killed")])
def test_a_restart_on_the_way_is_told(killed: bool, words: str) -> None:
    story = restarted(killed=killed)
    story.post("ana", "after", to=[story.subscribed[0]])
    story.post("ana", "later", purpose=Purpose.FENCE)
    drawn = lines(cone(story, "SCOPE-2"))
    at = drawn.index(("context", "", f"the server {words}"))
    assert drawn[at + 1] == ("context", "", "the server runs again")
    assert ("context", "ana", "create_guild(guild_name=room) \u2192 200 g1") in drawn[:at]
    assert ("context", "ben#3", "connect") in drawn[at:]


def test_a_restart_afterwards_is_not() -> None:
    story = Story()
    note = story.post("ben", "first")
    story.edit("ben", note, "second", to=[story.ana, story.ben])
    story.post("ana", "later", purpose=Purpose.FENCE)
    down(story)
    up(story)
    assert "" not in {lane for _, lane, _ in lines(cone(story, "SCOPE-2"))}


def _after_an_end(code: int | None) -> Cone:
    """Of an edit that ben's second session misses after ana's connection ended."""
    story = Story()
    note = story.post("ben", "first")
    story.close(story.ana, code=code)
    story.subscribed.remove(story.ana)
    story.edit("ben", note, "second", to=[story.ben])
    story.post("ben", "later", purpose=Purpose.FENCE)
    return cone(story, "SCOPE-2")


def test_who_broke_off_before_is_told_and_who_took_leave_is_not() -> None:
    broken = ("context", "ana#1", "the client breaks off")
    drawn = lines(_after_an_end(None))
    assert drawn.index(broken) < [part for part, _, _ in drawn].index("cause")
    assert {lane for _, lane, _ in lines(_after_an_end(1000))}.isdisjoint({"ana#1"})


def test_who_broke_off_afterwards_or_heard_nothing_of_it_is_not_told() -> None:
    story = Story()
    eve = story.open("eve")
    note = story.post("ben", "first")
    story.close(eve)
    story.edit("ben", note, "second", to=[story.ana, story.ben])
    story.post("ana", "later", purpose=Purpose.FENCE)
    story.close(story.ana)
    assert "the client breaks off" not in {text for _, _, text in lines(cone(story, "SCOPE-2"))}


def test_what_the_receiver_took_is_told() -> None:
    story = Story()
    note = story.post("ben", "first")
    for _ in range(100):
        story.taking(story.ben2)
        story.taking(story.ben2, 500)
    story.taking(story.ben2, 0)
    story.taking(story.ben2, 500)
    story.taking(story.ben2)
    story.edit("ben", note, "second", to=[story.ana, story.ben])
    story.post("ana", "later", purpose=Purpose.FENCE)
    drawn = cone(story, "SCOPE-2", "ben#2")
    assert drawn.left_out == 0
    takings = [step.text for step in drawn.steps if step.act is Act.TAKING]
    assert len(takings) == 6  # the latest ones, or all else would have no room
    assert takings[-3:] == [
        "takes nothing from here on",
        "takes 500 bytes/s from here on",
        "takes all that comes again",
    ]


def test_of_an_offline_that_nobody_is_told_of_the_connections_of_their_user_are_told() -> None:
    story = LiveStory()
    story.rest()
    story.leave(story.ben, to=[])
    story.leave(story.ben2, to=[])
    story.later(2)
    story.post("ana", "the last one")
    story.rest()
    drawn = lines(cone(story, "PRES-3"))
    for one in ("ben#1", "ben#2"):
        assert ("context", one, "connect") in drawn
        assert ("context", one, "the client breaks off") in drawn


def test_what_it_does_not_depend_on_is_left_out() -> None:
    told = []
    for eventful in (False, True):
        story = Story()
        note = story.post("ben", "first")
        if eventful:
            _other_things_happen(story)
        story.edit("ben", note, "second", to=[story.ana, story.ben])
        story.post("ana", "later", purpose=Purpose.FENCE)
        drawn = cone(story, "SCOPE-2")
        told.append([(part, lane, text.partition(" (op")[0]) for part, lane, text in lines(drawn)])
    assert told[0] == told[1]


def test_a_frame_after_a_removal_has_the_removal() -> None:
    story = Story()
    story.kick("ana", "ben", stop=False)
    story.post("ana", "to whom", to=[story.ana, story.ben])
    drawn = cone(story, "ACCESS-3", "ben#1")
    assert (bad(drawn).act, bad(drawn).lane, bad(drawn).text) == (
        Act.FRAME,
        "ben#1",
        "message_create(m1, c1, content=to whom)",
    )
    texts = [text.partition(" (op")[0] for _, _, text in lines(drawn)]
    assert "kick_member(ben)" in texts
    assert texts.index("kick_member(ben)") < texts.index("workspace_member_remove(ben, reason=kick)")
    assert texts[-1] == "200 m1"


def test_a_frame_to_a_stranger_shows_that_nothing_made_them_a_member() -> None:
    story = Story()
    story.post("ana", "secret", to=[story.ana, story.ben, story.ben2, story.eve])
    drawn = cone(story, "SCOPE-3", "eve#1")
    assert (bad(drawn).lane, drawn.connections) == ("eve#1", ("eve#1",))
    assert [text for _, lane, text in lines(drawn) if lane == "eve#1"] == [
        "connect",
        "message_create(m1, c1, content=secret)",
    ]


def test_a_second_delivery_shows_the_first() -> None:
    story = Story()
    story.post("ana", "once", to=[story.ana, story.ben, story.ben2, story.ben])
    drawn = cone(story, "DELIV-1")
    frames = [(step.part, step.text) for step in drawn.steps if step.act is Act.FRAME]
    assert frames == [
        ("cause", "message_create(m1, c1, content=once)"),
        ("bad", "message_create(m1, c1, content=once)"),
    ]


def test_of_two_frames_out_of_order_the_later_one_is_wrong() -> None:
    story = Story()
    op = story.invoke("ana", ops.BanMember(guild_id=story.guild, user_id=user("ben")))
    banned = {"guild_id": story.guild, "user_id": user("ben"), "banned_at_unix": NOW}
    story.frame(story.ana, "workspace_member_remove", {**story.removal("ben"), "reason": "ban"})
    story.frame(story.ana, "workspace_member_ban", banned)
    story.answer(op, 200, ACCEPTED)
    drawn = cone(story, "MEM-7", "ana#1")
    frames = [(step.part, step.text) for step in drawn.steps if step.act is Act.FRAME]
    assert frames == [
        ("cause", "workspace_member_remove(ben, reason=ban)"),
        ("bad", "workspace_member_ban(ben)"),
    ]


# --- answers, ends, comparisons


def test_a_wrong_answer_has_what_its_caller_may_do() -> None:
    story = Story()
    story.role("ana", "ben", "moderator")
    story.call("ben", ops.BanMember(guild_id=story.guild, user_id=user("ana")), body=ACCEPTED)
    drawn = cone(story, "MEM-9")
    assert (bad(drawn).act, bad(drawn).lane, bad(drawn).text) == (Act.ANSWER, "ben", "200")
    texts = [text for _, _, text in lines(drawn)]
    assert "change_member_role(ben, role=moderator) \u2192 200" in texts


def test_a_wrong_list_has_what_happened_to_the_thing_that_is_wrong_in_it() -> None:
    story = Story()
    note = story.post("ben", "first")
    other = story.post("ben", "another")
    story.delete("ben", note)
    told = [story.message(other, "ben", "another"), story.message(note, "ben", "first")]
    listed = {"messages": told, "next_before": None}
    story.call("ana", ops.History(**story.place), body=listed)
    drawn = cone(story, "MSG-DEL-1")
    texts = [text.partition(" (op")[0] for part, _, text in lines(drawn) if part != "cause"]
    assert texts == [
        "create_guild(guild_name=room) \u2192 200 g1",
        "create_channel(channel_name=general) \u2192 200 c1",
        "create_message(c1, content=first) \u2192 200 m1",
        "delete_message(c1, m1) \u2192 204",
        "200",
    ]


def test_a_secret_in_an_answer_has_what_hides_it() -> None:
    story = Story()
    canary = "sc3k9x1m2q7v8b"
    note = story.post("ana", f"hidden {canary}")
    story.canary(canary, "message", story.last_op)
    hide = ops.OverridePermission(
        **story.place, target_kind="member", target_id=user("ben"), allow=[], deny=["create_message"]
    )
    story.call("ana", hide, body=ACCEPTED)
    found = {"messages": [story.message(note, "ana", f"hidden {canary}")]}
    story.call("ben", ops.Search(guild_id=story.guild, q="hidden"), body=found)
    drawn = cone(story, "LEAK-READ-1")
    assert (bad(drawn).act, bad(drawn).lane) == (Act.ANSWER, "ben")
    texts = [text for part, _, text in lines(drawn) if part == "context"]
    assert any(text.startswith("override_permission(c1, target_kind=member, ben") for text in texts)
    causes = [text.partition(" (op")[0] for part, _, text in lines(drawn) if part == "cause"]
    assert causes == [f"create_message(c1, content=hidden {canary})", "200 m1", "search(q=hidden)"]


def test_an_end_without_cause_is_what_is_wrong() -> None:
    story = Story()
    story.close(story.ben2, EndOfConnection.DROPPED)
    drawn = cone(story, "DELIV-1")
    assert (bad(drawn).act, bad(drawn).text) == (Act.CUT, "the connection is cut")
    assert bad(drawn).at_us is not None


def test_a_replica_that_differs_is_what_is_wrong() -> None:
    story = Story()
    note = story.post("ben", "first")
    story.edit("ben", note, "second")
    wrong = [{**story.messages[note], "content": "first"}]
    shown = ("message_id", "author_id", "content", "created_at_unix")
    wrong = [{name: message[name] for name in shown} for message in wrong]
    story.rest(replicas={story.ben2: {f"messages/{story.channel}": wrong}})
    drawn = cone(story, "DELIV-10", cause="edit_message")
    assert (bad(drawn).act, bad(drawn).lane, bad(drawn).text) == (
        Act.COMPARED,
        "ben#2",
        "client has first, not second",
    )
    heard = [step.text for step in drawn.steps if step.act is Act.FRAME]
    assert heard[-1] == "message_update(c1, m1, content=second)"


# --- bounds


def test_a_long_cone_keeps_what_matters_and_counts_what_it_leaves_out() -> None:
    story = Story()
    note = story.post("ben", "first")
    for number in range(40):
        story.edit("ben", note, f"version {number}")
    story.edit("ben", note, "last", to=[story.ana, story.ben])
    story.post("ana", "later", purpose=Purpose.FENCE)
    drawn = cone(story, "SCOPE-2")
    assert len(drawn.steps) == MOST_STEPS
    assert drawn.left_out == 7 + 2 * 40 + 6 - MOST_STEPS
    assert bad(drawn).text == "message_update(c1, m1)"
    parts = [step.part for step in drawn.steps]
    assert parts[-6:] == ["cause", "other", "cause", "bad", "proof", "proof"]
    assert set(parts[:-6]) == {"context"}
    assert drawn.steps[0].text.startswith(("edit_message(c1, m1, content=version", "message_update(c1, m1"))


def test_many_callers_share_a_lane() -> None:
    story = Story()
    note = story.post("ben", "first")
    for name in (f"mod{number}" for number in range(MOST_LANES + 3)):
        story.client(name)
        story.call("ana", ops.AddMember(guild_id=story.guild, user_id=user(name)), body=ACCEPTED)
        story.edit(name, note, f"by {name}")
    story.edit("ben", note, "last", to=[story.ana, story.ben])
    story.post("ana", "later", purpose=Purpose.FENCE)
    drawn = cone(story, "SCOPE-2")
    assert len(drawn.callers) == MOST_LANES
    assert drawn.callers[-1] == OTHERS
    assert {step.lane for step in drawn.steps} <= {*drawn.callers, *drawn.connections}


def test_what_a_target_sent_is_kept_short() -> None:
    story = Story()
    story.post("ana", "x" * 5000, to=[story.ana, story.ben, story.ben2, story.eve])
    drawn = cone(story, "SCOPE-3", "eve#1")
    assert max(len(step.text) for step in drawn.steps) <= 120
    assert max(len(step.detail) for step in drawn.steps) <= 240


# --- always the same


@pytest.mark.parametrize("strict", [False, True])
def test_the_file_gives_the_same_cones(strict: bool) -> None:
    story = Story()
    story.kick("ana", "ben", stop=False)
    story.post("ana", "to whom", to=[story.ana, story.ben, story.eve])
    live = cones(story)
    records = planned(story, "test/story")
    read = [decode_record(encode_record(record), number) for number, record in enumerate(records, 1)]
    *_, last = rejudge(read, strict=strict)
    assert isinstance(last, RunFinished)
    assert live
    assert dict(last.cones) == live


def test_remarks_have_none() -> None:
    story = Story()
    story.post("ben", "first")
    story.rest()
    assert cones(story) == {}


def _named(cone: Cone) -> Sequence[str]:
    return [named.name for named in cone.names]


def test_names_are_given_in_the_order_of_the_steps() -> None:
    story = Story()
    story.post("ana", "secret", to=[story.ana, story.ben, story.ben2, story.eve])
    drawn = cone(story, "SCOPE-3", "eve#1")
    assert _named(drawn) == ["g1", "c1", "m1"]
    assert {named.id for named in drawn.names} == {story.guild, story.channel, *story.messages}
