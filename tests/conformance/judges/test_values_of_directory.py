"""The public list holds public guilds whose name contains the query, and no other (GUILD-3)."""

from typing import Any

import pytest

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.verdict import Verdict
from tests.conformance.address_stories import AddressStory
from tests.conformance.histories import ulid

ELSEWHERE = {"guild_id": ulid(70), "name": "Roomy", "visibility": "public"}


def _guild(story: AddressStory, **told: Any) -> dict[str, Any]:
    return {"guild_id": story.guild, "name": "room", "visibility": "public", **told}


def _secret(story: AddressStory, name: str = "room of mine") -> dict[str, Any]:
    """A private guild of ben's."""
    guild = {"guild_id": story.id(), "name": name, "visibility": "private"}
    story.call("ben", ops.CreateGuild(guild_name=name), 200, guild)
    return guild


def _list(story: AddressStory, *guilds: dict[str, Any], **asked: Any) -> None:
    story.call("eve", ops.ListPublicGuilds(**asked), 200, {"guilds": list(guilds)})


@pytest.mark.parametrize("query", [None, "", "ROO", "room", "%_"])
def test_a_list_that_is_right(query: str | None) -> None:
    story = AddressStory("GUILD-3")
    _secret(story)
    _list(story, _guild(story), ELSEWHERE, q=query)
    if query == "%_":
        _list(story, _guild(story), q="room")
    result = story.judged()
    assert (result.findings, result.verdict) == ((), Verdict.PASS)


def test_an_empty_list_shows_nothing() -> None:
    story = AddressStory()
    _secret(story)
    _list(story, q="no such guild")
    assert "GUILD-3" not in story.judged().witnesses


@pytest.mark.parametrize("visibility", ["private", "public"])
def test_a_private_guild(visibility: str) -> None:
    story = AddressStory()
    guild = _secret(story)
    _list(story, _guild(story), guild | {"visibility": visibility})
    assert story.broken() == {"GUILD-3"}


def test_a_guild_of_somebody_else_that_calls_itself_private() -> None:
    story = AddressStory()
    _list(story, ELSEWHERE | {"visibility": "private"})
    assert story.broken() == {"GUILD-3"}


def test_a_guild_of_another_name() -> None:
    story = AddressStory()
    _list(story, _guild(story), ELSEWHERE, q="roomy")
    assert story.broken() == {"GUILD-3"}


def test_a_guild_under_a_false_name() -> None:
    story = AddressStory()
    _list(story, _guild(story, name="roomy"), q="roomy")
    assert story.broken() == {"DELIV-10"}


def test_a_guild_twice() -> None:
    story = AddressStory()
    _list(story, _guild(story), _guild(story))
    assert story.broken() == {"PAGE-1"}


def test_more_guilds_than_were_asked_for() -> None:
    story = AddressStory()
    _list(story, _guild(story), ELSEWHERE, limit=1)
    assert story.broken() == {"PAGE-2"}
