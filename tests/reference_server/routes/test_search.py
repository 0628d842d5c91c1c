"""Search (SEARCH-1, SEARCH-2, PERM-2, LIMIT-1)."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.reference_server.routes.test_channels import create, hide
from tests.reference_server.running import Person, Room, Running, running

UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


async def find(person: Person, room: Room, words: str, more: str = "") -> list[str]:
    answer = await person.get(f"{room.guild}/search?q={quote(words)}{more}")
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert [message["message_id"] for message in body["messages"]] == body["message_ids"]
    return [message["content"] for message in body["messages"]]


@pytest.mark.witnesses("SEARCH-2")
async def test_found_is_what_holds_every_word_newest_first() -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        for content in ("Green apples", "red APPLES", "green pears"):
            await ana.say(room, content)
        assert await find(ana, room, "apples") == ["red APPLES", "Green apples"]
        assert await find(ana, room, "  APPLES   green ") == ["Green apples"]
        assert await find(ana, room, "apples pears") == []
        assert await find(ana, room, "apples", "&limit=1") == ["red APPLES"]


@pytest.mark.witnesses("SEARCH-2")
async def test_edits_and_deletions_are_found_at_once() -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        message = await ana.say(room, "before")
        path = f"{room.messages}/{message['message_id']}"
        await ana.patch(path, {"content": "after"})
        assert (await find(ana, room, "before"), await find(ana, room, "after")) == ([], ["after"])
        await ana.delete(path)
        assert await find(ana, room, "after") == []


@pytest.mark.witnesses("SEARCH-1", "LEAK-READ-1")
async def test_only_readable_channels_are_searched() -> None:
    async with running() as server:
        ana, ben, eve = server.person("ana"), server.person("ben"), server.person("eve")
        room, foreign = server.room(ana, ben), server.room(ana)
        hidden = Room(guild_id=room.guild_id, channel_id=await create(ana, room, "hidden"))
        for place in (room, hidden, foreign):
            await ana.say(place, f"word of {'hidden' if place is hidden else 'all'}")
        await hide(ana, room, hidden.channel_id)
        assert await find(ana, room, "word") == ["word of hidden", "word of all"]
        assert await find(ben, room, "word") == ["word of all"]
        assert await find(ben, room, "word", f"&channel_id={hidden.channel_id}") == []
        assert await find(ben, room, "word", f"&channel_id={foreign.channel_id}") == []
        assert await find(ben, room, "word", f"&channel_id={UNKNOWN}") == []
        assert await find(ben, room, "word", f"&channel_id={room.channel_id}") == ["word of all"]
        assert (await eve.get(f"{room.guild}/search?q=word")).status_code == 403


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("q=x", 200),
        (f"q={'x' * 256}", 200),
        (f"q={'x' * 257}", 400),
        (f"q={'x+' * 20}", 200),
        (f"q={'x+' * 21}", 400),
        ("q=", 400),
        ("q=%20", 400),
        ("q=from:ana", 400),
        ("", 400),
        ("q=x&limit=0", 400),
        ("q=x&limit=50", 200),
        ("q=x&limit=51", 400),
        ("q=x&limit=x", 400),
    ],
)
@pytest.mark.witnesses("LIMIT-1", "REST-4")
async def test_what_is_a_search(query: str, status: int) -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        assert (await ana.get(f"{room.guild}/search?{query}")).status_code == status


async def test_without_the_right_to_write_there_is_no_search() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        guild = server.backend.store.guilds[room.guild_id]
        for role in guild.roles.values():
            if role.name in ("@everyone", "member"):
                role.permissions = frozenset()
        guild.access_changed()
        assert (await ben.get(f"{room.guild}/search?q=x")).status_code == 403


def spoil(server: Running, room: Room, wrong: dict[str, str]) -> None:
    """Leave an index that misses what is stored and holds what is not."""
    server.backend.store.guilds[room.guild_id].channels[room.channel_id].searchable = wrong


async def test_an_index_that_went_wrong_is_mended() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        first, second = [(await ana.say(room, word))["message_id"] for word in ("first", "second")]
        wrong = {first: "other", UNKNOWN: "gone"}
        spoil(server, room, dict(wrong))
        assert await find(ana, room, "second") == []
        calls: list[Any] = [await ana.post(f"{room.guild}/search/reconcile") for _ in range(2)]
        assert [call.json() for call in calls] == [
            {"upserted": 2, "deleted": 1},
            {"upserted": 0, "deleted": 0},
        ]
        assert (await find(ana, room, "first"), await find(ana, room, "second")) == (["first"], ["second"])
        spoil(server, room, dict(wrong))
        assert (await ana.post(f"{room.guild}/search/rebuild")).status_code == 204
        assert await find(ana, room, "second") == ["second"]
        for way in ("rebuild", "reconcile"):
            assert (await ben.post(f"{room.guild}/search/{way}")).status_code == 403
        assert second != first
