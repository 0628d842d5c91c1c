"""Reactions (REACT-1 to 5, LIMIT-1)."""

import asyncio
from urllib.parse import quote

import pytest

from tests.reference_server.routes.test_channels import create
from tests.reference_server.running import RAISED, Person, Room, running

UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


def reaction(room: Room, message_id: str, emoji: str) -> str:
    return f"{room.messages}/{message_id}/reactions/{quote(emoji, safe='')}"


async def shown(person: Person, room: Room) -> list[dict[str, object]]:
    return list((await person.get(room.messages)).json()["messages"][0]["reactions"])


@pytest.mark.witnesses("REACT-1", "REACT-2", "REACT-5", "DELIV-6")
async def test_a_reaction_comes_once_and_goes_with_its_reactor() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        message_id = (await ana.say(room, "text"))["message_id"]
        path = reaction(room, message_id, "👍")
        watcher = await ana.connect(room)
        assert (await ben.post(path)).status_code == 200
        assert (await ben.post(path)).json() == {
            "emoji": "👍",
            "count": 1,
            "reacted_by_me": True,
            "reactor_user_ids": [ben.user_id],
        }
        assert (await ana.post(path)).json()["count"] == 2
        assert await shown(ben, room) == [
            {
                "emoji": "👍",
                "count": 2,
                "reacted_by_me": True,
                "reactor_user_ids": [ben.user_id, ana.user_id],
            }
        ]
        assert (await ben.delete(path)).json() == {
            "emoji": "👍",
            "count": 1,
            "reacted_by_me": False,
            "reactor_user_ids": [ana.user_id],
        }
        assert (await ana.delete(path)).status_code == 200
        assert (await ana.delete(path)).json() == {"emoji": "👍", "count": 0, "reacted_by_me": False}
        assert await shown(ana, room) == []
        told = await watcher.until_now()
        assert {name for name, _ in told} == {"message_reaction"}
        assert [
            (payload["operation"], payload["count"], payload["actor_user_id"]) for _, payload in told
        ] == [
            ("add", 1, ben.user_id),
            ("add", 2, ana.user_id),
            ("remove", 1, ben.user_id),
            ("remove", 0, ana.user_id),
        ]


@pytest.mark.parametrize("emoji", ["a", "/", "a/b", "%2F", "%", "?", "#", "x" * 32, "👩‍👩‍👧", "..", "+"])
@pytest.mark.witnesses("LIMIT-1")
async def test_an_emoji_is_any_word(emoji: str) -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        message_id = (await ana.say(room, "text"))["message_id"]
        watcher = await ana.connect(room)
        answer = await server.http.post(reaction(room, message_id, emoji), headers=ana.headers)
        if emoji == "..":
            # Clients take dots for steps along the path, wherever they are encoded.
            assert answer.status_code in (200, 404, 405)
            return
        assert answer.json()["emoji"] == emoji
        ((_, payload),) = await watcher.until_now()
        assert payload["emoji"] == emoji


@pytest.mark.parametrize("segment", ["x" * 33, "a%20b", "%09", "%E2%80%83", "%ff", "%ED%A0%80"])
@pytest.mark.witnesses("LIMIT-1", "REST-4")
async def test_what_is_no_emoji(segment: str) -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        message_id = (await ana.say(room, "text"))["message_id"]
        path = f"{room.messages}/{message_id}/reactions/{segment}"
        for method in ("POST", "DELETE"):
            assert (await ana.call(method, path)).status_code == 400
        assert await shown(ana, room) == []


@pytest.mark.witnesses("REACT-4", "LEAK-READ-1")
async def test_only_known_messages_of_the_very_channel() -> None:
    async with running() as server:
        ana, ben, eve = server.person("ana"), server.person("ben"), server.person("eve")
        room, foreign = server.room(ana, ben), server.room(ana)
        other = Room(guild_id=room.guild_id, channel_id=await create(ana, room, "other"))
        message_id = (await ana.say(room, "text"))["message_id"]
        watcher = await ana.connect(room)
        assert (await ana.post(reaction(room, UNKNOWN, "x"))).status_code == 404
        assert (await ana.delete(reaction(room, UNKNOWN, "x"))).status_code == 404
        assert (await ana.post(reaction(other, message_id, "x"))).status_code == 404
        assert (await ana.post(reaction(foreign, message_id, "x"))).status_code == 404
        nowhere = Room(guild_id=room.guild_id, channel_id=UNKNOWN)
        assert (await ana.post(reaction(nowhere, message_id, "x"))).status_code == 403
        assert (await eve.post(reaction(room, message_id, "x"))).status_code == 403
        for segment in ("%ff", "a%20b"):
            path = f"{room.messages}/{message_id}/reactions/{segment}"
            assert (await eve.post(path)).status_code == 403
            assert (await ana.post(path.replace(message_id, UNKNOWN))).status_code == 404
        assert await watcher.until_now() == []
        assert await shown(ana, room) == []


@pytest.mark.witnesses("REACT-3", "DELIV-7")
async def test_the_last_event_has_the_final_count() -> None:
    async with running() as server:
        ana = server.person("ana")
        others = [server.person(f"other{number}") for number in range(8)]
        room = server.room(ana, *others)
        path = reaction(room, (await ana.say(room, "text"))["message_id"], "x")
        watcher = await ana.connect(room)
        await asyncio.gather(*(other.post(path) for other in others))
        await asyncio.gather(*(other.delete(path) for other in others[:3]))
        counts = [payload["count"] for _, payload in await watcher.until_now()]
        assert counts == [1, 2, 3, 4, 5, 6, 7, 8, 7, 6, 5]
        (entry,) = await shown(ana, room)
        assert entry["count"] == 5


@pytest.mark.witnesses("MSG-EDIT-2", "MSG-DEL-1")
async def test_reactions_stay_with_an_edited_message_and_go_with_a_deleted_one() -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        message_id = (await ana.say(room, "text"))["message_id"]
        await ana.post(reaction(room, message_id, "x"))
        edited = (await ana.patch(f"{room.messages}/{message_id}", {"content": "new"})).json()
        assert [entry["emoji"] for entry in edited["reactions"]] == ["x"]
        await ana.delete(f"{room.messages}/{message_id}")
        assert (await ana.post(reaction(room, message_id, "x"))).status_code == 404


async def test_what_is_told_is_cut_off_and_counts_stay_exact() -> None:
    limits = RAISED.model_copy(update={"reactor_ids": 1, "reactions_per_message": 2})
    async with running(limits=limits) as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        message_id = (await ana.say(room, "text"))["message_id"]
        for emoji in "abc":
            for person in (ana, ben):
                assert (await person.post(reaction(room, message_id, emoji))).status_code == 200
        entries = await shown(ben, room)
        assert [(entry["emoji"], entry["count"]) for entry in entries] == [("a", 2), ("b", 2)]
        assert entries[0]["reactor_user_ids"] == [ana.user_id]
        assert entries[0]["reacted_by_me"] is True


async def test_the_contract_says_how_much_is_told() -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        message_id = (await ana.say(room, "text"))["message_id"]
        message = server.backend.store.guilds[room.guild_id].channels[room.channel_id].messages[message_id]
        message.reactions["old"] = {f"{number:026}": None for number in range(32)}
        watcher = await ana.connect(room)
        crowded = (await ana.post(reaction(room, message_id, "old"))).json()
        assert (crowded["count"], crowded["reacted_by_me"]) == (33, True)
        assert crowded["reactor_user_ids"] == [f"{number:026}" for number in range(32)]
        for number in range(64):
            answer = await ana.post(reaction(room, message_id, f"x{number}"))
            assert (answer.status_code, answer.json()["count"]) == (200, 1)
        assert [entry["emoji"] for entry in await shown(ana, room)] == [
            "old",
            *(f"x{number}" for number in range(63)),
        ]
        assert [payload["emoji"] for _, payload in await watcher.until_now()][-1] == "x63"
