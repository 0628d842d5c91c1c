"""Searches: only what the viewer may read, what exists and what matches; all of that for a random word."""

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.verdict import Verdict
from tests.conformance.content_stories import ContentStory
from tests.conformance.histories import found, only, ulid

WORD, OTHER = "sc0123456789ab", "scba9876543210"


def test_searches_that_find_what_they_must() -> None:
    story = ContentStory("SEARCH-1", "SEARCH-2")
    story.add_hidden_channel()
    secret = story.post_hidden(f"{WORD} in the den")
    note, other = story.post("ana", f"{WORD} first"), story.post("ben", "first")
    story.search("ana", WORD, note, secret)
    story.search("ben", WORD, note)
    story.search("ben", WORD, note, channel_id=story.channel)
    story.search("ben", WORD, channel_id=story.hidden)
    story.edit("ana", note, "changed")
    story.search("ben", WORD)
    story.search("ben", "first", other)
    story.delete("ben", other)
    story.search("ben", "first")
    result = story.judged()
    assert found(result) == []
    assert result.verdict is Verdict.PASS


def test_a_hidden_channel_is_searched() -> None:
    story = ContentStory()
    story.add_hidden_channel()
    secret = story.post_hidden("in the den")
    story.search("ben", "den", secret)
    assert story.broken() == {"SEARCH-1", "LEAK-READ-1"}


def test_a_hidden_channel_is_searched_when_it_is_named() -> None:
    story = ContentStory()
    story.add_hidden_channel()
    secret = story.post_hidden("in the den")
    story.search("ben", "den", secret, channel_id=story.hidden)
    assert story.broken() == {"SEARCH-1", "LEAK-READ-1"}


def test_another_channel_than_was_named_is_searched() -> None:
    story = ContentStory()
    story.add_hidden_channel()
    note = story.post("ana", "den")
    story.search("ana", "den", note, channel_id=story.hidden)
    assert only(story.judged()).requirement == "SEARCH-1"


def test_a_new_message_is_not_found() -> None:
    story = ContentStory()
    story.post("ana", f"{WORD} first")
    story.search("ben", WORD)
    assert only(story.judged()).requirement == "SEARCH-2"


def test_a_deleted_message_is_found() -> None:
    story = ContentStory()
    note = story.post("ana", "first")
    gone = story.messages[note]
    story.delete("ana", note)
    story.messages[note] = gone
    story.search("ben", "first", note)
    del story.messages[note]
    assert only(story.judged()).requirement == "SEARCH-2"


def test_an_edited_message_is_found_by_its_former_text() -> None:
    story = ContentStory()
    note = story.post("ana", WORD)
    story.edit("ana", note, "changed")
    story.search("ben", WORD, note)
    assert only(story.judged()).requirement == "SEARCH-2"


def test_an_edited_message_is_found_with_its_former_text() -> None:
    story = ContentStory()
    note = story.post("ana", "first")
    before = dict(story.messages[note])
    story.edit("ana", note, "second")
    body = {"message_ids": [note], "messages": [before]}
    story.call("ben", ops.Search(guild_id=story.guild, q="second"), 200, body)
    assert only(story.judged()).requirement == "SEARCH-2"


def test_an_edited_message_is_not_found_by_its_new_text() -> None:
    story = ContentStory()
    note = story.post("ana", OTHER)
    story.edit("ana", note, f"now {WORD} here")
    story.search("ben", WORD)
    assert only(story.judged()).requirement == "SEARCH-2"


@pytest.mark.parametrize("query", ["FIRST", "fir", "frist", "primary"])
def test_how_words_match_is_left_open(query: str) -> None:
    story = ContentStory()
    note = story.post("ana", "first")
    story.search("ben", query)
    story.search("ben", query, note)
    assert found(story.judged()) == []


@pytest.mark.parametrize("text", [f"x{WORD}", f"{WORD}x", WORD.upper(), f"**{WORD}**"])
def test_a_random_word_inside_another_may_be_found(text: str) -> None:
    story = ContentStory()
    note = story.post("ana", text)
    story.search("ben", WORD)
    story.search("ben", WORD, note)
    assert found(story.judged()) == []


def test_what_does_not_fit_need_not_be_found() -> None:
    story = ContentStory()
    notes = [story.post("ana", f"{WORD} {number}") for number in range(3)]
    story.search("ben", WORD, notes[0], notes[1], limit=2)
    assert found(story.judged()) == []


def test_more_than_the_limit() -> None:
    story = ContentStory()
    notes = [story.post("ana", f"{WORD} {number}") for number in range(3)]
    story.search("ben", WORD, *notes, limit=2)
    assert only(story.judged()).requirement == "PAGE-2"


def test_the_same_message_twice() -> None:
    story = ContentStory()
    note = story.post("ana", "first")
    story.search("ben", "first", note, note)
    assert only(story.judged()).requirement == "PAGE-1"


def test_ids_of_other_messages() -> None:
    story = ContentStory()
    note = story.post("ana", "first")
    body = {"message_ids": [ulid(99)], "messages": [story.seen("ben", note)]}
    story.call("ben", ops.Search(guild_id=story.guild, q="first"), 200, body)
    assert only(story.judged()).requirement == "REST-1"


def test_results_show_reactions_as_they_are() -> None:
    story = ContentStory()
    note = story.post("ana", "first")
    story.react("ana", note)
    body = {"message_ids": [note], "messages": [story.seen("ben", note, reactions=[])]}
    story.call("ben", ops.Search(guild_id=story.guild, q="first"), 200, body)
    assert only(story.judged()).requirement == "REACT-1"


def test_a_search_while_a_message_is_edited_finds_it_or_not() -> None:
    story = ContentStory()
    note = story.post("ana", WORD)
    searches = [story.invoke("ben", ops.Search(guild_id=story.guild, q=WORD)) for _ in range(2)]
    before = story.seen("ben", note)
    story.edit("ana", note, "changed")
    story.answer(searches[0], 200, {"message_ids": [note], "messages": [before]})
    story.answer(searches[1], 200, {"message_ids": [], "messages": []})
    assert found(story.judged()) == []
