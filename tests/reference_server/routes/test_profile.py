from typing import Any

import pytest

from tests.reference_server.running import running

UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


@pytest.mark.witnesses("PROF-2", "SCOPE-7")
async def test_a_change_is_told_to_all_own_connections_and_nobody_else() -> None:
    async with running() as server:
        ana, ben, eve = server.person("ana"), server.person("ben"), server.person("eve")
        room = server.room(ana, ben)
        own, idle = await ana.connect(room), await ana.connect()
        member, stranger = await ben.connect(room), await eve.connect()
        profile = (
            await ana.patch("/users/me/profile", {"username": "ana2", "about_markdown": "hello"})
        ).json()
        [(name, payload)] = await own.until_now()
        assert name == "profile_update"
        fields = ("username", "about_markdown", "about_markdown_tokens")
        assert payload["updated_fields"] == {field: profile[field] for field in fields}
        assert (await idle.until_now())[0] == (name, payload)
        assert await member.until_now() == await stranger.until_now() == []
        seen = (await ben.get(f"/users/{ana.user_id}/profile")).json()
        assert seen["username"] == "ana2"


@pytest.mark.parametrize(
    ("before", "body", "told"),
    [
        ("", {"username": "other"}, {"username": "other"}),
        ("x", {"about_markdown": ""}, {"about_markdown": "", "about_markdown_tokens": []}),
        ("x", {"username": "other", "about_markdown": "x"}, {"username": "other"}),
    ],
)
@pytest.mark.witnesses("PROF-2", "EVT-2")
async def test_only_what_changed_is_told(before: str, body: dict[str, str], told: dict[str, Any]) -> None:
    async with running() as server:
        ana = server.person("ana")
        server.backend.store.users[ana.user_id].about_markdown = before
        watcher = await ana.connect()
        assert (await ana.patch("/users/me/profile", body)).status_code == 200
        [(_, payload)] = await watcher.until_now()
        assert payload["updated_fields"] == told


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"username": "ana"}, 200),
        ({"about_markdown": ""}, 200),
        ({}, 400),
        ({"username": "ben"}, 400),
        ({"username": "ab"}, 400),
        ({"username": "a b c"}, 400),
        ({"about_markdown": "x" * 2049}, 400),
        ({"about_markdown": "\0"}, 400),
        ({"username": "fine", "about_markdown": "\0"}, 400),
        ({"username": None}, 422),
        ({"more": 1}, 422),
    ],
)
@pytest.mark.witnesses("REST-3", "REST-4", "DELIV-4", "DELIV-6")
async def test_what_changes_nothing_is_not_told(body: dict[str, Any], status: int) -> None:
    async with running() as server:
        ana, _ = server.person("ana"), server.person("ben")
        watcher = await ana.connect()
        before = (await ana.get("/auth/me")).json()
        assert (await ana.patch("/users/me/profile", body)).status_code == status
        assert (await ana.get("/auth/me")).json() == before
        assert await watcher.until_now() == []


async def test_a_given_up_name_is_free_again() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        assert (await ana.patch("/users/me/profile", {"username": "other"})).status_code == 200
        assert (await ben.patch("/users/me/profile", {"username": "ana"})).status_code == 200


@pytest.mark.witnesses("PROF-1")
async def test_lookup_answers_in_request_order_without_unknown_and_duplicate_ids() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        wanted = [ben.user_id, UNKNOWN, ana.user_id, ben.user_id]
        found = (await ana.post("/users/lookup", {"user_ids": wanted})).json()
        assert found == {
            "users": [
                {"user_id": ben.user_id, "username": "ben", "avatar_version": 0},
                {"user_id": ana.user_id, "username": "ana", "avatar_version": 0},
            ]
        }


async def test_lookup_takes_as_many_as_the_contract_says() -> None:
    async with running() as server:
        ana = server.person("ana")
        wanted = [ana.user_id, *(f"{number:026}" for number in range(63))]
        assert len((await ana.post("/users/lookup", {"user_ids": wanted})).json()["users"]) == 1


@pytest.mark.parametrize("user_ids", [[], [UNKNOWN] * 65, [UNKNOWN, "x"], [UNKNOWN.lower()]])
@pytest.mark.witnesses("PROF-1", "REST-4")
async def test_lookup_refuses_other_lists(user_ids: list[str]) -> None:
    async with running() as server:
        ana = server.person("ana")
        assert (await ana.post("/users/lookup", {"user_ids": user_ids})).status_code == 400
