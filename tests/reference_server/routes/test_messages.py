import pytest

from tests.reference_server.running import RAISED, Person, running


@pytest.mark.witnesses("MSG-1", "SCOPE-2", "SCOPE-3", "DELIV-8")
async def test_the_event_equals_the_response() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        own, other, unsubscribed = await ana.connect(room), await ben.connect(room), await ben.connect()
        posted = await ana.say(room, "hello")
        assert posted["markdown_tokens"] == [
            {"type": "paragraph_start"},
            {"type": "text", "text": "hello"},
            {"type": "paragraph_end"},
        ]
        assert await own.until_now() == await other.until_now() == [("message_create", posted)]
        assert await unsubscribed.until_now() == []
        assert (await ben.get(room.messages)).json()["messages"] == [posted]


@pytest.mark.parametrize("content", ["x", "x" * 2000, "ä" * 1000, "\0", " ", "\U0001f980 &<>\"'\\ \u2028"])
@pytest.mark.witnesses("MSG-1", "LIMIT-1")
async def test_takes_content_within_the_rules(content: str) -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        watcher = await ana.connect(room)
        posted = await ana.say(room, content)
        edited = await ana.patch(f"{room.messages}/{posted['message_id']}", {"content": content + "!"})
        assert posted["content"] == content
        assert edited.status_code == (200 if len(content.encode()) < 2000 else 400)
        assert (await watcher.until_now())[0] == ("message_create", posted)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"content": ""}, 400),
        ({"content": "x" * 2001}, 400),
        ({"content": "ä" * 1001}, 400),
        ({"content": "x", "attachment_ids": ["01ARZ3NDEKTSV4RRFFQ69G5FAV"]}, 400),
        ({"content": "x", "attachment_ids": None}, 422),
        ({"content": "x", "attachment_ids": [1]}, 422),
        ({"content": None}, 422),
        ({}, 422),
        ({"content": "x", "nonce": "y"}, 422),
    ],
)
@pytest.mark.witnesses("REST-3", "REST-4", "LIMIT-1", "DELIV-4")
async def test_refuses_other_messages(body: dict[str, object], status: int) -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        watcher = await ana.connect(room)
        assert (await ana.post(room.messages, body)).status_code == status
        assert await watcher.until_now() == []
        assert (await ana.get(room.messages)).json() == {"messages": [], "next_before": None}


@pytest.mark.witnesses("MSG-EDIT-2", "EVT-2", "EVT-6", "DELIV-6")
async def test_an_edit_tells_the_new_content_and_keeps_the_rest() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        watcher = await ben.connect(room)
        posted = await ana.say(room, "first")
        path = f"{room.messages}/{posted['message_id']}"
        edited = (await ana.patch(path, {"content": "second"})).json()
        again = (await ana.patch(path, {"content": "second"})).json()
        assert edited == again
        assert posted | {key: edited[key] for key in ("content", "markdown_tokens")} == edited
        _, (name, payload) = await watcher.until_now()
        assert name == "message_update"
        assert payload["updated_fields"] == {key: edited[key] for key in ("content", "markdown_tokens")}
        assert payload.keys() == {"guild_id", "channel_id", "message_id", "updated_fields", "updated_at_unix"}


@pytest.mark.witnesses("MSG-DEL-1", "MSG-EDIT-1")
async def test_a_deletion_is_told_once() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        watcher = await ben.connect(room)
        posted = await ana.say(room, "first")
        path = f"{room.messages}/{posted['message_id']}"
        assert [(await ana.delete(path)).status_code for _ in range(2)] == [204, 404]
        assert (await ana.patch(path, {"content": "x"})).status_code == 404
        _, (name, payload) = await watcher.until_now()
        assert (name, payload["message_id"]) == ("message_delete", posted["message_id"])
        assert (await ana.get(room.messages)).json()["messages"] == []


@pytest.mark.witnesses("MSG-3")
async def test_a_message_is_unknown_in_any_other_place() -> None:
    async with running() as server:
        ana = server.person("ana")
        room, elsewhere = server.room(ana), server.room(ana)
        posted = await ana.say(room, "first")
        crossed = f"{room.guild}/channels/{elsewhere.channel_id}/messages/{posted['message_id']}"
        for path in (f"{elsewhere.messages}/{posted['message_id']}", crossed):
            assert (await ana.patch(path, {"content": "x"})).status_code == 404
            assert (await ana.delete(path)).status_code == 404
        assert (await ana.get(room.messages)).json()["messages"] == [posted]


async def walk(person: Person, path: str, limit: int) -> list[str]:
    seen: list[str] = []
    before = ""
    while True:
        page = (await person.get(f"{path}?limit={limit}{before}")).json()
        if not page["messages"]:
            assert page["next_before"] is None
            return seen
        seen += [message["content"] for message in page["messages"]]
        assert page["next_before"] == page["messages"][-1]["message_id"]
        before = f"&before={page['next_before']}"


@pytest.mark.parametrize("limit", [1, 3, 6, 100])
@pytest.mark.witnesses("MSG-2", "PAGE-1", "PAGE-2")
async def test_history_is_newest_first_page_by_page(limit: int) -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        posted = [await ana.say(room, str(number)) for number in range(7)]
        await ana.delete(f"{room.messages}/{posted[3]['message_id']}")
        assert await walk(ana, room.messages, limit) == ["6", "5", "4", "2", "1", "0"]
        before = f"{room.messages}?before={posted[3]['message_id']}"
        assert [message["content"] for message in (await ana.get(before)).json()["messages"]] == [
            "2",
            "1",
            "0",
        ]


@pytest.mark.witnesses("LIMIT-SIZE-2")
async def test_what_could_not_be_delivered_is_not_stored() -> None:
    async with running(limits=RAISED.model_copy(update={"max_gateway_event_bytes": 700})) as server:
        ana = server.person("ana")
        room = server.room(ana)
        posted = await ana.say(room, "short")
        path = f"{room.messages}/{posted['message_id']}"
        assert (await ana.post(room.messages, {"content": "x" * 400})).status_code == 400
        assert (await ana.patch(path, {"content": "x" * 400})).status_code == 400
        assert (await ana.patch("/users/me/profile", {"about_markdown": "x" * 400})).status_code == 400
        assert (await ana.get(room.messages)).json()["messages"] == [posted]
