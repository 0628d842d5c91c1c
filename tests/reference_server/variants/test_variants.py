"""Each variant really chooses otherwise, in its one point; and without it the same steps do not."""

import json
from typing import Any

import pytest
from websockets.asyncio.client import connect

from sync_check.conformance.contract.features import Feature
from sync_check.reference_server.settings import Settings
from sync_check.reference_server.variants import VARIANTS
from sync_check.reference_server.variants.deviations import VARIED
from tests.reference_server.running import AMBIENT, Gateway, Person, Room, Running, running


def chosen(variant: str) -> pytest.MarkDecorator:
    """Run a test without the variant, and with it."""
    return pytest.mark.parametrize("variants", [(), (variant,)], ids=["without", "with"])


def test_every_variant_can_be_chosen_and_together_with_every_other() -> None:
    assert VARIED.keys() == VARIANTS.keys()
    assert len(VARIANTS) >= 5
    assert Settings(variants=tuple(VARIANTS)).variants == tuple(VARIANTS)
    with pytest.raises(ValueError, match="no variant is called 'none'"):
        Settings(variants=("none",))


def cast(server: Running) -> tuple[Person, Person, Room]:
    ana, ben = server.person("ana"), server.person("ben")
    return ana, ben, server.room(ana, ben)


def seed_id(server: Running, room: Room, name: str) -> str:
    return server.backend.store.guilds[room.guild_id].seed_ids[name]


@chosen("implied-role-listed")
async def test_the_implied_role_is_listed(variants: tuple[str, ...]) -> None:
    async with running(variants=variants) as server:
        _, ben, room = cast(server)
        listed = (await ben.get(f"{room.guild}/members")).json()["members"]
        roles = {member["user_id"]: member["role_ids"] for member in listed}
        assert roles[ben.user_id] == ([seed_id(server, room, "member")] if variants else [])


@chosen("cursor-until-empty")
async def test_an_empty_page_ends_the_list(variants: tuple[str, ...]) -> None:
    async with running(variants=variants) as server:
        ana, ben, room = cast(server)
        page = (await ana.get(f"{room.guild}/members?limit=2")).json()
        assert page["next_cursor"] == (max(ana.user_id, ben.user_id) if variants else None)
        last = (await ana.get(f"{room.guild}/members?limit=2&cursor={ben.user_id}")).json()
        assert last == {"members": [], "next_cursor": None}
        await ana.patch(f"{room.guild}/members/{ben.user_id}", {"role": "moderator"})
        log = (await ana.get(f"{room.guild}/audit")).json()
        (row,) = log["events"]
        assert log["next_cursor"] == (row["audit_id"] if variants else None)


@chosen("reads-audited")
async def test_reads_of_an_audit_log_are_written_down(variants: tuple[str, ...]) -> None:
    async with running(variants=variants) as server:
        ana, ben, room = cast(server)
        assert (await ana.get(f"{room.guild}/audit")).json()["events"] == []
        assert (await ben.get(f"{room.guild}/audit")).status_code == 403
        rows = (await ana.get(f"{room.guild}/audit")).json()["events"]
        told = [(row["action"], row["actor_user_id"]) for row in rows]
        assert told == ([("audit.read", ana.user_id)] if variants else [])


@chosen("guild-events-to-all-sessions")
async def test_idle_sessions_of_members_hear_of_the_guild(variants: tuple[str, ...]) -> None:
    async with running(variants=variants) as server:
        ana, ben, room = cast(server)
        eve = server.person("eve")
        idle, outside = await ben.connect(), await eve.connect()
        await ana.patch(room.guild, {"name": "renamed"})
        await ana.patch(room.channel, {"name": "for those with access alone"})
        await ana.say(room, "for subscribers alone")
        assert await idle.names_until_now() == (["workspace_update"] if variants else [])
        assert await outside.names_until_now() == []


@chosen("profiles-to-co-members")
async def test_co_members_hear_of_a_profile(variants: tuple[str, ...]) -> None:
    async with running(variants=variants) as server:
        ana, ben, _ = cast(server)
        eve = server.person("eve")
        near, far = await ben.connect(), await eve.connect()
        await ana.patch("/users/me/profile", {"about_markdown": "hello"})
        assert await near.names_until_now() == (["profile_update"] if variants else [])
        assert await far.names_until_now() == []


@chosen("frames-spelled-otherwise")
async def test_frames_say_the_same_in_other_letters(variants: tuple[str, ...]) -> None:
    async with running(variants=variants) as server:
        ana = server.person("ana")
        token, about = ana.tokens["access_token"], "Grüße"
        url = f"ws://127.0.0.1:{server.port}/gateway/ws?access_token={token}"
        async with connect(url, proxy=None) as socket:
            connection = Gateway(person=ana, socket=socket)
            assert json.loads(await connection.raw())["t"] == "ready"
            await ana.patch("/users/me/profile", {"about_markdown": about})
            text = await connection.raw()
        assert json.loads(text)["d"]["updated_fields"]["about_markdown"] == about
        assert list(json.loads(text)) == (["d", "t", "v"] if variants else ["v", "t", "d"])
        assert (text.isascii(), text.strip() == text) == ((True, False) if variants else (False, True))


@chosen("permissions-reversed")
async def test_permissions_of_roles_stand_in_reverse(variants: tuple[str, ...]) -> None:
    async with running(variants=variants) as server:
        ana, _, room = cast(server)
        connection = await ana.connect(room)
        given = ["delete_message", "ban_member"]
        made = await ana.post(f"{room.guild}/roles", {"name": "crew", "permissions": given})
        (told,) = [payload["role"] for _, payload in await connection.until_now()]
        roles = (await ana.get(f"{room.guild}/roles")).json()["roles"]
        listed = next(role for role in roles if role["name"] == "crew")
        wanted = given[::-1] if variants else given
        assert [role["permissions"] for role in (made.json(), told, listed)] == [wanted] * 3
        own = (await ana.get(f"{room.channel}/permissions/self")).json()["permissions"]
        assert own.index("delete_message") < own.index("ban_member")


@chosen("old-override-name-first")
async def test_the_former_name_of_an_override_comes_first(variants: tuple[str, ...]) -> None:
    async with running(variants=variants) as server:
        ana, _, room = cast(server)
        connection = await ana.connect(room)
        for role in ("moderator", "member"):
            await ana.post(f"{room.channel}/overrides/{role}", {"allow": [], "deny": ["subscribe_streams"]})
        told = ["workspace_channel_role_override_update", "workspace_channel_override_update"]
        assert await connection.names_until_now() == (told[::-1] if variants else told) * 2


@chosen("actors-left-out")
async def test_only_reactions_name_their_actor(variants: tuple[str, ...]) -> None:
    async with running(variants=variants) as server:
        ana, ben, room = cast(server)
        connection = await ana.connect(room)
        posted = await ana.say(room, "hello")
        await ana.post(f"{room.messages}/{posted['message_id']}/reactions/tea")
        await ana.post(room.member(ben) + "/kick")
        named = {name: "actor_user_id" in payload for name, payload in await connection.until_now()}
        assert named == {
            "message_create": False,
            "message_reaction": True,
            "workspace_member_remove": not variants,
        }


@chosen("presence-reversed")
async def test_who_is_online_stands_in_reverse(variants: tuple[str, ...]) -> None:
    async with running(variants=variants, without=AMBIENT - {Feature.PRESENCE}) as server:
        ana, ben, room = cast(server)
        await ana.connect(room)
        connection = await ben.connect()
        await connection.send(room.subscribe())
        (name, payload) = await connection.next()
        online = [ana.user_id, ben.user_id]
        assert (name, payload["user_ids"]) == ("presence_sync", online[::-1] if variants else online)


@chosen("framework-errors-as-text")
async def test_malformed_requests_are_refused_in_plain_text(variants: tuple[str, ...]) -> None:
    async with running(variants=variants) as server:
        ana, _, room = cast(server)
        malformed = await ana.patch(room.guild, {"colour": "red"})
        invalid = await ana.patch(room.guild, {"name": ""})
        assert (malformed.status_code, invalid.status_code) == (422, 400)
        is_text = malformed.headers["content-type"] == "text/plain"
        assert is_text is bool(variants)
        assert invalid.json() == {"error": "invalid_request"}


@chosen("attachment-deletion-silent")
async def test_the_deletion_of_an_attachment_is_not_told(variants: tuple[str, ...]) -> None:
    async with running(variants=variants) as server:
        ana, _, room = cast(server)
        connection = await ana.connect(room)
        png = b"\x89PNG\r\n\x1a\n" + bytes(24)
        headers = {**ana.headers, "content-type": "image/png"}
        uploaded = await server.http.post(f"{room.channel}/attachments", content=png, headers=headers)
        attachment_id = uploaded.json()["attachment_id"]
        note: Any = await ana.post(room.messages, {"content": "see", "attachment_ids": [attachment_id]})
        await ana.delete(f"{room.channel}/attachments/{attachment_id}")
        await ana.patch(f"{room.messages}/{note.json()['message_id']}", {"content": "seen"})
        edits = [
            list(payload["updated_fields"])
            for name, payload in await connection.until_now()
            if name == "message_update"
        ]
        assert edits[-1] == ["content", "markdown_tokens"]
        assert len(edits) == (1 if variants else 2)
