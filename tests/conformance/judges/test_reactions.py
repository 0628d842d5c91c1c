"""The reactions judge: what an event counts, alone and while others react."""

from typing import Any

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.verdict import Verdict
from tests.conformance.content_stories import ContentStory
from tests.conformance.histories import found, only, ulid, user

NOBODY: tuple[int, ...] = ()


def test_reactions_that_are_told_as_they_are() -> None:
    story = ContentStory("REACT-1", "REACT-2", "REACT-4", "REACT-5", "DELIV-10")
    note = story.post("ana", "first")
    story.react("ana", note)
    story.react("ben", note)
    story.call("ben", story.asked(note), 200, story.entry("ben", note))
    story.react("ana", note, add=False)
    story.react("ana", note, "a/b")
    story.react("ben", note, add=False)
    story.call("ben", story.asked(note, add=False), 200, story.entry("ben", note))
    story.call("ben", story.asked(ulid(99)), 404, {"error": "not_found"})
    story.history("ben")
    result = story.judged()
    assert found(result) == []
    assert result.verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("told", "requirement"),
    [
        ({"count": 3}, "DELIV-10"),
        ({"count": 0}, "DELIV-10"),
        ({"actor_user_id": user("ana")}, "SCOPE-2"),
        ({"operation": "remove"}, "SCOPE-2"),
    ],
)
def test_an_event_that_tells_another_reaction(told: dict[str, Any], requirement: str) -> None:
    story = ContentStory()
    note = story.post("ana", "first")
    story.react("ana", note)
    story.react("ben", note, **told)
    assert requirement in story.broken()


def test_the_last_removal_counts_none() -> None:
    story = ContentStory()
    note = story.post("ana", "first")
    story.react("ana", note)
    story.react("ana", note, add=False, count=1)
    assert only(story.judged()).requirement == "REACT-2"


def test_a_removal_that_leaves_others_is_not_the_last() -> None:
    story = ContentStory()
    note = story.post("ana", "first")
    story.react("ana", note)
    story.react("ben", note)
    story.react("ana", note, add=False, count=0)
    assert only(story.judged()).requirement == "DELIV-10"


def test_an_event_that_never_came() -> None:
    story = ContentStory()
    note = story.post("ana", "first")
    story.react("ben", note, to=[story.ben, story.ben2])
    assert found(story.judged()) == [("delivery", "SCOPE-2", "ana#1")]


def test_an_event_of_what_was_refused() -> None:
    story = ContentStory()
    note = story.post("ana", "first")
    op = story.invoke("eve", story.asked(note))
    story.frames(story.subscribed, "message_reaction", story.told("eve", note) | {"count": 1})
    story.answer(op, 403, {"error": "forbidden"})
    assert story.broken() == {"DELIV-4"}


def test_an_event_of_a_reaction_that_was_there() -> None:
    story = ContentStory()
    note = story.post("ana", "first")
    story.react("ana", note)
    op = story.invoke("ana", story.asked(note))
    story.frames(story.subscribed, "message_reaction", story.told("ana", note))
    story.answer(op, 200, story.entry("ana", note))
    assert story.broken() == {"REACT-5"}


def test_an_event_of_a_removal_of_nothing() -> None:
    story = ContentStory()
    note = story.post("ana", "first")
    op = story.invoke("ana", story.asked(note, add=False))
    story.frames(story.subscribed, "message_reaction", story.told("ana", note, add=False))
    story.answer(op, 200, story.entry("ana", note))
    assert story.broken() == {"REACT-5"}


def test_deletion_takes_the_reactions_along() -> None:
    story = ContentStory("MSG-DEL-1")
    note = story.post("ana", "first")
    story.react("ben", note)
    story.delete("ana", note)
    story.call("ben", story.asked(note, add=False), 404, {"error": "not_found"})
    assert found(story.judged()) == []


# --- at the same time


def _race(story: ContentStory, note: str, counts: tuple[int, int], answers: tuple[int, int]) -> None:
    """Ana is answered first, ben's reaction was carried out first; the counts are in that order."""
    ana, ben = story.invoke("ana", story.asked(note)), story.invoke("ben", story.asked(note))
    for name, count in zip(("ben", "ana"), counts, strict=True):
        story.happen(name, note)
        event = story.told(name, note) | {"count": count}
        story.frames(story.subscribed, "message_reaction", event)
    said = {name: story.entry(name, note) for name in ("ana", "ben")}
    said["ben"] |= {"count": answers[1]}
    said["ana"] |= {"count": answers[0]}
    story.answer(ana, 200, said["ana"])
    story.answer(ben, 200, said["ben"])


def test_a_race_in_another_order_than_the_answers() -> None:
    story = ContentStory("REACT-3")
    note = story.post("ana", "first")
    _race(story, note, counts=(1, 2), answers=(2, 2))
    story.history("ana")
    result = story.judged()
    assert found(result) == []
    assert result.verdict is Verdict.PASS


@pytest.mark.parametrize("counts", [(1, 1), (2, 1)])
def test_the_last_event_of_a_race_with_a_stale_count(counts: tuple[int, int]) -> None:
    story = ContentStory()
    note = story.post("ana", "first")
    _race(story, note, counts=counts, answers=(2, 2))
    assert only(story.judged()).requirement == "REACT-3"


def test_a_race_counts_nobody_else() -> None:
    story = ContentStory()
    note = story.post("ana", "first")
    _race(story, note, counts=(3, 2), answers=(2, 2))
    assert only(story.judged()).requirement == "DELIV-10"


def test_answers_of_a_race_count_nobody_else() -> None:
    story = ContentStory()
    note = story.post("ana", "first")
    _race(story, note, counts=(1, 2), answers=(3, 2))
    assert only(story.judged()).requirement == "REACT-1"


def test_a_removal_that_was_carried_out_before_an_addition_answered_first() -> None:
    """The answers tell of none, two, one; what happened is one, none, one."""
    story = ContentStory()
    note = story.post("ana", "first")
    story.react("ben", note)
    ana = story.invoke("ana", story.asked(note))
    ben = story.invoke("ben", story.asked(note, add=False))
    story.happen("ben", note, add=False)
    story.frames(story.subscribed, "message_reaction", story.told("ben", note, add=False))
    gone = story.entry("ben", note)
    story.happen("ana", note)
    story.frames(story.subscribed, "message_reaction", story.told("ana", note))
    story.answer(ana, 200, story.entry("ana", note))
    story.answer(ben, 200, gone)
    assert found(story.judged()) == []


def test_who_missed_the_end_of_a_race_is_not_asked_for_its_count() -> None:
    story = ContentStory()
    note = story.post("ana", "first")
    ana, ben = story.invoke("ana", story.asked(note)), story.invoke("ben", story.asked(note))
    for name in ("ben", "ana"):
        story.happen(name, note)
        hearers = story.subscribed if name == "ben" else [story.ben, story.ben2]
        story.frames(hearers, "message_reaction", story.told(name, note))
    story.answer(ana, 200, story.entry("ana", note))
    story.answer(ben, 200, story.entry("ben", note))
    assert found(story.judged()) == [("delivery", "SCOPE-2", "ana#1")]


def test_a_message_deleted_while_others_react() -> None:
    story = ContentStory()
    note = story.post("ana", "first")
    react = story.invoke("ben", story.asked(note))
    story.happen("ben", note)
    story.frames(story.subscribed, "message_reaction", story.told("ben", note))
    said = story.entry("ben", note)
    story.delete("ana", note)
    story.answer(react, 200, said)
    assert found(story.judged()) == []


def test_one_user_who_adds_and_removes_at_the_same_time_is_no_race() -> None:
    story = ContentStory()
    note = story.post("ana", "first")
    add, remove = story.invoke("ben", story.asked(note)), story.invoke("ben", story.asked(note, add=False))
    story.happen("ben", note)
    story.frames(story.subscribed, "message_reaction", story.told("ben", note))
    said = story.entry("ben", note)
    story.happen("ben", note, add=False)
    story.frames(story.subscribed, "message_reaction", story.told("ben", note, add=False))
    story.answer(add, 200, said)
    story.answer(remove, 200, story.entry("ben", note))
    assert found(story.judged()) == []


def test_nothing_is_counted_after_an_unknown_outcome() -> None:
    story = ContentStory()
    note = story.post("ana", "first")
    for emoji in ("tea", "rice", "salt", "soup"):
        story.answer(story.invoke("ana", story.asked(note, emoji)), None, error="no answer")
    story.react("ben", note, count=2)
    assert "DELIV-10" not in story.broken()


def test_a_reaction_to_another_channels_message_is_unknown() -> None:
    story = ContentStory()
    note = story.post("ana", "first")
    hidden = story.add_hidden_channel()
    through = ops.AddReaction(guild_id=story.guild, channel_id=hidden, message_id=note, emoji="tea")
    story.call("ana", through, 200, story.entry("ana", note))
    assert story.broken() == {"REACT-4"}
