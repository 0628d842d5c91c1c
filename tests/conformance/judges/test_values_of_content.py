"""Answers about reactions, attachments and files: what holds, and what does not."""

from typing import Any

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.verdict import Verdict
from tests.conformance.content_stories import PNG, ContentStory
from tests.conformance.histories import found, only, ulid, user

ANA, BEN, EVE = user("ana"), user("ben"), user("eve")


def _reacted(story: ContentStory) -> str:
    note = story.post("ana", "first")
    story.react("ana", note)
    story.react("ben", note)
    return note


# --- reactions


@pytest.mark.parametrize(
    "answer",
    [
        {"count": 2},
        {"count": 0},
        {"reacted_by_me": False},
        {"reactor_user_ids": [ANA, EVE]},
        {"reactor_user_ids": [ANA, ANA]},
    ],
)
def test_a_wrong_answer_to_a_reaction(answer: dict[str, Any]) -> None:
    story = ContentStory()
    note = story.post("ana", "first")
    story.react("ana", note, answer=answer)
    assert story.broken() == {"REACT-1"}


def test_the_answer_names_the_emoji_that_was_sent() -> None:
    story = ContentStory()
    note = story.post("ana", "first")
    story.react("ana", note, answer={"emoji": "coffee"})
    assert only(story.judged()).requirement == "REST-1"


def test_reactor_ids_may_be_left_out_and_cut_off() -> None:
    story = ContentStory()
    _reacted(story)
    entry = {"emoji": "tea", "count": 2, "reacted_by_me": True}
    story.history("ben", reactions=[entry])
    story.history("ben", reactions=[entry | {"reactor_user_ids": [ANA]}])
    assert found(story.judged()) == []


def test_removing_from_an_unknown_message_may_succeed_with_none() -> None:
    story = ContentStory()
    _reacted(story)
    story.call("ana", story.asked(ulid(99), add=False), 200, story.entry("ana", ulid(99)))
    assert found(story.judged()) == []


def test_removing_from_an_unknown_message_counts_nobody() -> None:
    story = ContentStory()
    note = _reacted(story)
    story.call("ana", story.asked(ulid(99), add=False), 200, story.entry("eve", note))
    assert story.broken() == {"REACT-1"}


@pytest.mark.parametrize(
    ("entries", "requirement"),
    [
        ([], "REACT-1"),
        ([{"emoji": "tea", "count": 3, "reacted_by_me": True}], "REACT-1"),
        ([{"emoji": "tea", "count": 2, "reacted_by_me": False}], "REACT-1"),
        ([{"emoji": "tea", "count": 2, "reacted_by_me": True, "reactor_user_ids": [EVE]}], "REACT-1"),
        ([{"emoji": "tea", "count": 2, "reacted_by_me": True}] * 2, "REACT-1"),
        (
            [
                {"emoji": "tea", "count": 2, "reacted_by_me": True},
                {"emoji": "coffee", "count": 0, "reacted_by_me": False},
            ],
            "REACT-2",
        ),
        (
            [
                {"emoji": "tea", "count": 2, "reacted_by_me": True},
                {"emoji": "coffee", "count": 1, "reacted_by_me": False},
            ],
            "REACT-1",
        ),
    ],
)
def test_a_history_with_wrong_reactions(entries: list[dict[str, Any]], requirement: str) -> None:
    story = ContentStory()
    _reacted(story)
    story.history("ben", reactions=entries)
    assert only(story.judged()).requirement == requirement


def test_an_edit_keeps_reactions() -> None:
    story = ContentStory("MSG-EDIT-2")
    note = _reacted(story)
    op = story.invoke("ana", ops.EditMessage(**story.place, message_id=note, content="second"))
    message = story.seen("ana", note, content="second")
    story.frames(story.subscribed, "message_update", story.edited(message))
    story.messages[note]["content"] = "second"
    story.answer(op, 200, message)
    assert found(story.judged()) == []


def test_an_edit_that_loses_reactions() -> None:
    story = ContentStory()
    note = _reacted(story)
    story.edit("ana", note, "second")
    assert only(story.judged()).requirement == "MSG-EDIT-2"


# --- upload and read


def test_files_that_are_told_as_they_are() -> None:
    story = ContentStory("ATT-1", "ATT-2", "ATT-3")
    picture, other = story.upload("ana"), story.upload("ana", data=PNG + b"2")
    story.upload("ana", data=b"hello", kind="image/png", status=400)
    note = story.attach("ana", picture, other)
    create = ops.CreateMessage(**story.place, content="again", attachment_ids=[picture])
    story.call("ana", create, 400, {"error": "invalid_request"})
    story.react("ben", note)
    story.history("ben")
    text = PNG.decode(errors="replace")
    read = ops.ReadAttachment(**story.place, attachment_id=picture)
    story.call("ben", read, 200, text)
    story.detach("ana", picture, told=story.updated(note, [story.files[other]]))
    story.call("ben", read, 404, {"error": "not_found"})
    story.detach("ana", other)
    story.history("ben")
    result = story.judged()
    assert found(result) == []
    assert result.verdict is Verdict.PASS


@pytest.mark.parametrize(
    "told",
    [
        {"owner_id": BEN},
        {"channel_id": ulid(99)},
        {"filename": "other.png"},
        {"size_bytes": 1},
        {"sha256_hex": "00"},
    ],
)
def test_an_upload_that_is_told_otherwise(told: dict[str, Any]) -> None:
    story = ContentStory()
    story.upload("ana", **told)
    assert only(story.judged()).requirement == "REST-1"


def test_an_upload_of_another_kind() -> None:
    story = ContentStory()
    story.upload("ana", mime_type="image/gif")
    assert only(story.judged()).requirement == "ATT-1"


@pytest.mark.parametrize("body", ["other bytes", "", PNG.decode(errors="replace") + "!"])
def test_other_bytes_than_were_uploaded(body: str) -> None:
    story = ContentStory()
    picture = story.upload("ana")
    story.call("ben", ops.ReadAttachment(**story.place, attachment_id=picture), 200, body)
    assert only(story.judged()).requirement == "ATT-3"


# --- attachments of messages


def test_a_message_that_binds_something_else() -> None:
    story = ContentStory()
    picture, other = story.upload("ana"), story.upload("ana")
    story.attach("ana", picture, attachments=[story.files[other]])
    assert "ATT-2" in story.broken()


def test_a_message_that_binds_nothing() -> None:
    story = ContentStory()
    story.attach("ana", story.upload("ana"), attachments=[])
    assert only(story.judged()).requirement == "ATT-2"


def test_a_new_message_has_no_reactions() -> None:
    story = ContentStory()
    entry = {"emoji": "tea", "count": 1, "reacted_by_me": False}
    story.attach("ana", story.upload("ana"), reactions=[entry])
    assert only(story.judged()).requirement == "MSG-1"


def test_a_history_without_an_attachment() -> None:
    story = ContentStory()
    story.attach("ana", story.upload("ana"))
    story.history("ben", attachments=[])
    assert only(story.judged()).requirement == "DELIV-10"


def test_a_history_with_an_attachment_described_otherwise() -> None:
    story = ContentStory()
    picture = story.upload("ana")
    story.attach("ana", picture)
    story.history("ben", attachments=[story.files[picture] | {"filename": "other.png"}])
    assert only(story.judged()).requirement == "DELIV-10"


def test_a_history_with_an_attachment_twice() -> None:
    story = ContentStory()
    picture = story.upload("ana")
    story.attach("ana", picture)
    story.history("ben", attachments=[story.files[picture]] * 2)
    assert only(story.judged()).requirement == "ATT-2"


def test_a_history_with_an_attachment_that_was_deleted() -> None:
    story = ContentStory()
    picture = story.upload("ana")
    story.attach("ana", picture)
    story.detach("ana", picture)
    story.history("ben", attachments=[story.files[picture]])
    assert only(story.judged()).requirement == "ATT-3"


def test_a_history_with_an_attachment_of_another_message() -> None:
    story = ContentStory()
    picture = story.upload("ana")
    story.attach("ana", picture)
    story.post("ana", "without")
    story.history("ben", attachments=[story.files[picture]])
    assert only(story.judged()).requirement == "ATT-2"


def test_an_edit_that_loses_attachments() -> None:
    story = ContentStory()
    note = story.attach("ana", story.upload("ana"))
    story.edit("ana", note, "second")
    assert only(story.judged()).requirement == "MSG-EDIT-2"


def test_a_deletion_tells_the_attachments_that_are_left() -> None:
    story = ContentStory()
    picture, other = story.upload("ana"), story.upload("ana")
    note = story.attach("ana", picture, other)
    story.detach("ana", picture, told=story.updated(note, [story.files[picture], story.files[other]]))
    assert only(story.judged()).requirement == "EVT-2"


def test_a_deletion_of_what_no_message_binds_tells_nothing() -> None:
    story = ContentStory()
    picture, note = story.upload("ana"), story.post("ana", "first")
    story.detach("ana", picture, told=story.updated(note, []))
    assert story.broken() == {"DELIV-1"}


def test_a_refused_deletion_tells_nothing() -> None:
    story = ContentStory()
    picture = story.upload("ana")
    note = story.attach("ana", picture)
    op = story.invoke("ben", ops.DeleteAttachment(**story.place, attachment_id=picture))
    story.frames(story.subscribed, "message_update", story.updated(note, []))
    story.answer(op, 403, {"error": "forbidden"})
    assert story.broken() == {"DELIV-4"}


def test_what_is_left_may_be_told_in_any_order() -> None:
    story = ContentStory()
    picture, *others = (story.upload("ana", data=PNG + bytes([n])) for n in range(3))
    note = story.attach("ana", picture, *others)
    left = [story.files[other] for other in reversed(others)]
    story.detach("ana", picture, told=story.updated(note, left))
    assert found(story.judged()) == []


# --- pages of a history


def _page(
    *places: int, before: int | None = None, following: int | None = None, gone: int | None = None
) -> set[str]:
    """What is found of a page with these of four messages, the oldest being 0, `before` one of them."""
    story = ContentStory("PAGE-1")
    notes = [story.post("ana", f"note {place}") for place in range(4)]
    shown = [story.seen("ben", notes[place]) for place in places]
    asked = ops.History(**story.place, before=None if before is None else notes[before])
    if gone is not None:
        story.delete("ana", notes[gone])
    body = {"messages": shown, "next_before": None if following is None else notes[following]}
    story.call("ben", asked, 200, body)
    return story.broken()


@pytest.mark.parametrize(
    ("places", "more"),
    [
        ((3, 2, 1, 0), {"following": 0}),
        ((3, 2, 1, 0), {}),
        ((3, 2), {"following": 2}),
        ((1,), {"before": 2, "following": 1}),
        ((1, 0), {"before": 2}),
        ((), {"before": 0}),
        ((3, 1, 0), {"following": 0, "gone": 2}),
        ((2, 1), {"before": 3, "gone": 3, "following": 1}),
    ],
)
def test_a_page_without_a_gap(places: tuple[int, ...], more: dict[str, int]) -> None:
    assert _page(*places, **more) == set()


@pytest.mark.parametrize(
    ("places", "more"),
    [
        ((3, 1, 0), {"following": 0}),
        ((2, 1), {"following": 1}),
        ((3,), {}),
        ((3,), {"following": 2}),
        ((0,), {"before": 2, "following": 0}),
        ((2,), {"before": 3, "following": 1}),
        ((), {"before": 2}),
        ((), {}),
    ],
)
def test_a_page_that_leaves_a_message_out(places: tuple[int, ...], more: dict[str, int]) -> None:
    assert _page(*places, **more) == {"PAGE-1"}


def test_which_of_two_messages_at_once_is_older_is_open() -> None:
    story = ContentStory()
    first = story.message(story.id(), "ana", "first")
    second = story.message(story.id(), "ben", "second")
    ops_of = [
        story.invoke(author, ops.CreateMessage(**story.place, content=text))
        for author, text in (("ana", "first"), ("ben", "second"))
    ]
    for op, message in zip(ops_of, (first, second), strict=True):
        story.frames(story.subscribed, "message_create", message)
        story.answer(op, 200, message)
        story.messages[message["message_id"]] = message
    page = {"messages": [first], "next_before": first["message_id"]}
    story.call("ben", ops.History(**story.place, limit=1), 200, page)
    assert story.broken() == set()


# --- formatting


@pytest.mark.parametrize("tokens", [[], [{"type": "text", "text": "first"}], [{"type": "other"}]])
def test_a_history_with_another_formatting(tokens: list[dict[str, str]]) -> None:
    story = ContentStory()
    note = story.post("ana", "first")
    story.edit("ana", note, "second")
    story.history("ben")
    story.history("ben", markdown_tokens=tokens)
    assert only(story.judged()).requirement == "DELIV-10"


def test_the_formatting_is_that_of_the_content() -> None:
    story = ContentStory("DELIV-10")
    note = story.post("ana", "first")
    story.history("ben")
    story.edit("ana", note, "second")
    story.history("ben")
    story.search("ben", "second", note)
    assert found(story.judged()) == []


def test_a_search_with_another_formatting() -> None:
    story = ContentStory()
    note = story.post("ana", "first")
    story.messages[note]["markdown_tokens"] = []
    story.search("ben", "first", note)
    assert story.broken() == {"DELIV-10"}
