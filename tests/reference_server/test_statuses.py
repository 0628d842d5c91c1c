"""Who gets which status, and who is told what, for every operation and standing.

REST-1, REST-2, REST-5, REST-6, CHAN-3, DELIV-3, DELIV-4, DELIV-8 and each endpoint's events in their order.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import anyio.to_thread
import pytest

from sync_check.conformance.contract.features import ALL_FEATURES, Feature
from sync_check.conformance.contract.operations import OPERATIONS
from tests.reference_server.running import command, running
from tests.reference_server.scene import (
    PIXEL,
    STANDINGS,
    Scene,
    bind,
    join_voice,
    person_for_each,
    publish,
    stage,
)

ANYBODY = (200, 200, 200, 200, 200)
EVERYBODY = (200, 200, 200, 200, 401)
MEMBERS = (200, 200, 200, 403, 401)
MODERATORS = (200, 200, 403, 403, 401)
OWNER = (200, 403, 403, 403, 401)
NOBODY = (403, 403, 403, 403, 401)
GUILD = "/guilds/{guild}"
CHANNEL = GUILD + "/channels/{channel}"
MESSAGE = CHANNEL + "/messages/{message}"
TARGET = GUILD + "/members/{target}"
REQUIRED_HERE = frozenset((Feature.MESSAGES, Feature.CHANNELS_CREATE, Feature.MEMBERS, Feature.PROFILE))
DENIED = {"allow": [], "deny": ["publish_video"]}

Told = tuple[tuple[str, str], ...]
"""Event names in order, each with the people who get it."""
MEMBER_GOES = (("workspace_member_remove", "members"), ("presence_update", "owner moderator member"))
OVERRIDDEN = ("workspace_channel_{}override_update", "workspace_channel_override_update")


def to_members(*names: str) -> Told:
    return tuple((name, "members") for name in names)


def with_success(expected: tuple[int, ...], success: int) -> tuple[int, ...]:
    return tuple(success if status == 200 else status for status in expected)


@dataclass(frozen=True, kw_only=True)
class Row:
    """What an operation answers to each of `STANDINGS`, and what a success tells (by standing if need be)."""

    operation: str
    path: str
    expected: tuple[int, ...]
    sends: Any = None
    told: Told | dict[str, Told] = ()
    prepare: Callable[[Scene], None] | None = None

    def told_to(self, standing: str) -> Told:
        return self.told.get(standing, ()) if isinstance(self.told, dict) else self.told


def row(operation: str, path: str, expected: tuple[int, ...], sends: Any = None, **more: Any) -> Row:
    return Row(operation=operation, path=path, expected=expected, sends=sends, **more)


TABLE = [
    row("register", "/auth/register", ANYBODY, {"username": "somebody", "password": "long enough, too"}),
    row("login", "/auth/login", ANYBODY, {"username": "{username}", "password": "correct horse battery"}),
    row("login", "/auth/login", (401,) * 5, {"username": "{username}", "password": "wrong"}),
    row("refresh", "/auth/refresh", ANYBODY, {"refresh_token": "{refresh}"}),
    row("refresh", "/auth/refresh", (401,) * 5, {"refresh_token": "x"}),
    row("logout", "/auth/logout", (204,) * 5, {"refresh_token": "{refresh}"}),
    row("logout", "/auth/logout", (401,) * 5, {"refresh_token": "x"}),
    row("own_profile", "/auth/me", EVERYBODY),
    row("look_up_users", "/users/lookup", EVERYBODY, {"user_ids": ["{target}"]}),
    row("read_profile", "/users/{target}/profile", EVERYBODY),
    row("read_profile", "/users/{unknown}/profile", (404, 404, 404, 404, 401)),
    row("read_profile", "/users/malformed/profile", (400, 400, 400, 400, 401)),
    row(
        "update_profile",
        "/users/me/profile",
        EVERYBODY,
        {"about_markdown": "x"},
        told=(("profile_update", "caller pal"),),
    ),
    row("read_avatar", "/users/{target}/avatar", ANYBODY),
    row("read_avatar", "/users/{newcomer}/avatar", (404,) * 5),
    row("read_banner", "/users/{target}/banner", ANYBODY),
    row("read_banner", "/users/{unknown}/banner", (404,) * 5),
    row(
        "upload_avatar",
        "/users/me/profile/avatar",
        EVERYBODY,
        PIXEL,
        told=(("profile_avatar_update", "caller pal"),),
    ),
    row(
        "upload_banner",
        "/users/me/profile/banner",
        EVERYBODY,
        PIXEL,
        told=(("profile_banner_update", "caller pal"),),
    ),
    row("list_friends", "/friends", EVERYBODY),
    row("list_friend_requests", "/friends/requests", EVERYBODY),
    row(
        "request_friend",
        "/friends/requests",
        EVERYBODY,
        {"recipient_user_id": "{newcomer}"},
        told=(("friend_request_create", "caller newcomer"),),
    ),
    row("request_friend", "/friends/requests", (400, 400, 400, 400, 401), {"recipient_user_id": "{target}"}),
    row("request_friend", "/friends/requests", (400, 400, 400, 400, 401), {"recipient_user_id": "{unknown}"}),
    row(
        "accept_friend",
        "/friends/requests/{received}/accept",
        EVERYBODY,
        told=(("friend_request_update", "caller target"),),
    ),
    row("accept_friend", "/friends/requests/{sent}/accept", (404, 404, 404, 404, 401)),
    row(
        "delete_friend_request",
        "/friends/requests/{sent}",
        (204, 204, 204, 204, 401),
        told=(("friend_request_delete", "caller target"),),
    ),
    row("delete_friend_request", "/friends/requests/{unknown}", (404, 404, 404, 404, 401)),
    row(
        "remove_friend", "/friends/{pal}", (204, 204, 204, 204, 401), told=(("friend_remove", "caller pal"),)
    ),
    row("remove_friend", "/friends/{unknown}", (204, 204, 204, 204, 401)),
    row("remove_friend", "/friends/malformed", (400, 400, 400, 400, 401)),
    row("create_guild", "/guilds", EVERYBODY, {"name": "x"}),
    row("list_guilds", "/guilds", EVERYBODY),
    row("list_public_guilds", "/guilds/public", EVERYBODY),
    row("update_guild", GUILD, OWNER, {"name": "x"}, told=to_members("workspace_update")),
    row("update_guild", GUILD, OWNER, {"name": "guild"}),
    row("update_guild", "/guilds/{unknown}", NOBODY, {"name": "x"}),
    row("update_guild", "/guilds/malformed", NOBODY, {"name": "x"}),
    row(
        "join_guild",
        GUILD + "/join",
        EVERYBODY,
        prepare=publish,
        told={"stranger": (("workspace_member_add", "members caller"),)},
    ),
    row("join_guild", GUILD + "/join", (200, 200, 200, 404, 401)),
    row("join_guild", "/guilds/{unknown}/join", (404, 404, 404, 404, 401)),
    row(
        "leave_guild",
        GUILD + "/leave",
        (403, 200, 200, 403, 401),
        told={
            "moderator": (("workspace_member_remove", "members"), ("presence_update", "owner member target")),
            "member": (("workspace_member_remove", "members"), ("presence_update", "owner moderator target")),
        },
    ),
    row("read_audit", GUILD + "/audit", MODERATORS),
    row("list_channels", GUILD + "/channels", MEMBERS),
    row("list_channels", "/guilds/{unknown}/channels", NOBODY),
    row("create_channel", GUILD + "/channels", MODERATORS, {"name": "x"}, told=to_members("channel_create")),
    row("update_channel", CHANNEL, MODERATORS, {"name": "x"}, told=to_members("channel_update")),
    row("update_channel", GUILD + "/channels/{unknown}", (404, 404, 404, 403, 401), {"name": "x"}),
    row("delete_channel", CHANNEL, MODERATORS, told=to_members("channel_delete")),
    row("delete_channel", GUILD + "/channels/{unknown}", (404, 404, 404, 403, 401)),
    row(
        "reorder_channels",
        GUILD + "/channels/reorder",
        MODERATORS,
        {"channel_ids": ["{other}"]},
        told=to_members("channel_reorder"),
    ),
    row("own_permissions", CHANNEL + "/permissions/self", MEMBERS),
    row("own_permissions", GUILD + "/channels/{unknown}/permissions/self", (404, 404, 404, 403, 401)),
    row(
        "override_role",
        CHANNEL + "/overrides/member",
        OWNER,
        DENIED,
        told=to_members(OVERRIDDEN[0].format("role_"), OVERRIDDEN[1]),
    ),
    row(
        "override_permission",
        CHANNEL + "/permission-overrides/role/{crew}",
        MODERATORS,
        DENIED,
        told=to_members(OVERRIDDEN[0].format("permission_"), OVERRIDDEN[1]),
    ),
    row(
        "override_permission",
        CHANNEL + "/permission-overrides/member/{newcomer}",
        (404, 404, 403, 403, 401),
        DENIED,
    ),
    row("list_members", GUILD + "/members", MEMBERS),
    row(
        "add_member",
        GUILD + "/members/{newcomer}",
        MODERATORS,
        told=(("workspace_member_add", "members newcomer"),),
    ),
    row("add_member", TARGET, MODERATORS),
    row("add_member", GUILD + "/members/{unknown}", (404, 404, 403, 403, 401)),
    row("add_member", GUILD + "/members/malformed", (400, 400, 403, 403, 401)),
    row(
        "change_member_role",
        TARGET,
        OWNER,
        {"role": "moderator"},
        told=to_members("workspace_member_update", "workspace_role_assignment_add"),
    ),
    row("change_member_role", TARGET, MODERATORS, {"role": "member"}),
    row("change_member_role", TARGET, NOBODY, {"role": "owner"}),
    row("change_member_role", GUILD + "/members/{newcomer}", (404, 404, 403, 403, 401), {"role": "member"}),
    row("change_member_role", GUILD + "/members/malformed", (400, 400, 400, 403, 401), {"role": "member"}),
    row("kick_member", TARGET + "/kick", MODERATORS, told=MEMBER_GOES),
    row("kick_member", GUILD + "/members/{newcomer}/kick", (404, 404, 403, 403, 401)),
    row("kick_member", GUILD + "/members/malformed/kick", (400, 400, 403, 403, 401)),
    row(
        "ban_member",
        TARGET + "/ban",
        MODERATORS,
        told=(("workspace_member_ban", "members"), *MEMBER_GOES),
    ),
    row("ban_member", GUILD + "/members/{newcomer}/ban", MODERATORS, told=to_members("workspace_member_ban")),
    row("ban_member", GUILD + "/members/{unknown}/ban", (404, 404, 403, 403, 401)),
    row("lift_ban", GUILD + "/bans/{banned}", MODERATORS),
    row("lift_ban", GUILD + "/bans/{target}", (404, 404, 403, 403, 401)),
    row("list_roles", GUILD + "/roles", MEMBERS),
    row(
        "create_role",
        GUILD + "/roles",
        OWNER,
        {"name": "x", "permissions": []},
        told=to_members("workspace_role_create"),
    ),
    row(
        "update_role", GUILD + "/roles/{crew}", OWNER, {"name": "x"}, told=to_members("workspace_role_update")
    ),
    row("update_role", GUILD + "/roles/{unknown}", (404, 403, 403, 403, 401), {"name": "x"}),
    row("delete_role", GUILD + "/roles/{crew}", OWNER, told=to_members("workspace_role_delete")),
    row(
        "reorder_roles",
        GUILD + "/roles/reorder",
        OWNER,
        {"role_ids": ["{held}", "{crew}"]},
        told=to_members("workspace_role_reorder"),
    ),
    row("set_default_role", GUILD + "/roles/default", OWNER, {"role_id": "{crew}"}),
    row(
        "assign_role",
        GUILD + "/roles/{crew}/members/{target}",
        MODERATORS,
        told=to_members("workspace_role_assignment_add"),
    ),
    row("assign_role", GUILD + "/roles/{held}/members/{target}", MODERATORS),
    row("assign_role", GUILD + "/roles/{crew}/members/{newcomer}", (404, 404, 403, 403, 401)),
    row(
        "unassign_role",
        GUILD + "/roles/{held}/members/{target}",
        MODERATORS,
        told=to_members("workspace_role_assignment_remove"),
    ),
    row("unassign_role", GUILD + "/roles/{crew}/members/{target}", MODERATORS),
    row("list_ip_bans", GUILD + "/ip-bans", MODERATORS),
    row(
        "ban_addresses_of",
        GUILD + "/ip-bans/by-user",
        MODERATORS,
        {"target_user_id": "{target}"},
        told=(("workspace_ip_ban_sync", "managers"),),
    ),
    row("ban_addresses_of", GUILD + "/ip-bans/by-user", MODERATORS, {"target_user_id": "{newcomer}"}),
    row("remove_ip_ban", GUILD + "/ip-bans/{ban}", MODERATORS, told=(("workspace_ip_ban_sync", "managers"),)),
    row("remove_ip_ban", GUILD + "/ip-bans/{unknown}", (404, 404, 403, 403, 401)),
    row(
        "create_message", CHANNEL + "/messages", MEMBERS, {"content": "x"}, told=to_members("message_create")
    ),
    row(
        "create_message", GUILD + "/channels/{unknown}/messages", (404, 404, 404, 403, 401), {"content": "x"}
    ),
    row("history", CHANNEL + "/messages", MEMBERS),
    row("history", GUILD + "/channels/{unknown}/messages", (404, 404, 404, 403, 401)),
    row("edit_message", MESSAGE, MODERATORS, {"content": "x"}, told=to_members("message_update")),
    row("edit_message", CHANNEL + "/messages/{unknown}", (404, 404, 404, 403, 401), {"content": "x"}),
    row("delete_message", MESSAGE, (204, 204, 403, 403, 401), told=to_members("message_delete")),
    row("delete_message", CHANNEL + "/messages/{unknown}", (404, 404, 404, 403, 401)),
    row("add_reaction", MESSAGE + "/reactions/new", MEMBERS, told=to_members("message_reaction")),
    row("add_reaction", MESSAGE + "/reactions/done", MEMBERS),
    row("add_reaction", CHANNEL + "/messages/{unknown}/reactions/x", (404, 404, 404, 403, 401)),
    row("add_reaction", GUILD + "/channels/{unknown}/messages/{message}/reactions/x", NOBODY),
    row("remove_reaction", MESSAGE + "/reactions/done", MEMBERS, told=to_members("message_reaction")),
    row("remove_reaction", MESSAGE + "/reactions/new", MEMBERS),
    row("upload_attachment", CHANNEL + "/attachments?filename=x.png", MEMBERS, PIXEL),
    row("upload_attachment", GUILD + "/channels/{unknown}/attachments", (404, 404, 404, 403, 401), PIXEL),
    row("read_attachment", CHANNEL + "/attachments/{attachment}", MEMBERS),
    row("read_attachment", CHANNEL + "/attachments/{unknown}", (404, 404, 404, 403, 401)),
    row("delete_attachment", CHANNEL + "/attachments/{attachment}", (204, 204, 403, 403, 401)),
    row(
        "delete_attachment",
        CHANNEL + "/attachments/{attachment}",
        (204, 204, 403, 403, 401),
        prepare=bind,
        told=to_members("message_update"),
    ),
    row("search", GUILD + "/search?q=words", MEMBERS),
    row("rebuild_search", GUILD + "/search/rebuild", (204, 403, 403, 403, 401)),
    row("reconcile_search", GUILD + "/search/reconcile", OWNER),
    row(
        "issue_voice_token",
        CHANNEL + "/voice/token",
        MEMBERS,
        {},
        told=to_members("voice_participant_join", "voice_stream_publish"),
    ),
    row("issue_voice_token", GUILD + "/channels/{unknown}/voice/token", (404, 404, 404, 403, 401), {}),
    row(
        "update_voice_state",
        CHANNEL + "/voice/state",
        (204, 204, 204, 204, 401),
        {"is_muted": True},
        prepare=join_voice,
        told=dict.fromkeys(STANDINGS[:3], to_members("voice_participant_update")),
    ),
    row(
        "update_voice_state",
        GUILD + "/channels/{unknown}/voice/state",
        (204,) * 4 + (401,),
        {"is_muted": True},
    ),
    row(
        "leave_voice",
        CHANNEL + "/voice/leave",
        (204, 204, 204, 204, 401),
        prepare=join_voice,
        told=dict.fromkeys(STANDINGS[:3], to_members("voice_stream_unpublish", "voice_participant_leave")),
    ),
    row("leave_voice", CHANNEL + "/voice/leave", (204, 204, 204, 204, 401)),
    row("health", "/health", ANYBODY),
    row("metrics", "/metrics", ANYBODY),
]


def test_the_table_has_every_operation() -> None:
    assert {one.operation for one in TABLE} == set(OPERATIONS)


@pytest.mark.witnesses(
    "REST-1",
    "REST-2",
    "REST-5",
    "REST-6",
    "CHAN-3",
    "DELIV-3",
    "DELIV-4",
    "DELIV-8",
    "MEM-7",
    "MEM-10",
    "ENV-1",
    "ENV-2",
    "ENV-9",
    "ENV-10",
    "EVT-1",
    "EVT-4",
    "LEAK-JOIN-1",
    "PERM-HIER-1",
)
@pytest.mark.parametrize("one", TABLE, ids=[f"{one.operation} {one.path}" for one in TABLE])
async def test_status_and_events(one: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    forbid_threads(monkeypatch)
    method = OPERATIONS[one.operation].method
    async with running(without=frozenset()) as server:
        people = person_for_each(server)
        scene = None
        for standing, expected in zip(STANDINGS, one.expected, strict=True):
            scene = await stage(server, people, standing, before=scene)
            if one.prepare is not None:
                one.prepare(scene)
                await scene.heard()
            answer = await scene.call(method, one.path, one.sends)
            assert answer.status_code == expected, (standing, answer.text)
            assert expected < 400 or set(answer.json()) == {"error"}
            told = one.told_to(standing) if expected < 400 else ()
            due = {
                name: [event for event, who in told if name in scene.audience(who)] for name in scene.people
            }
            assert await scene.heard() == due, standing


@pytest.mark.witnesses("SCOPE-1", "SUB-1", "SUB-2", "BAD-7", "CMD-2")
@pytest.mark.parametrize("standing", STANDINGS[:4])
async def test_commands(standing: str) -> None:
    async with running(without=frozenset()) as server:
        scene = await stage(server, person_for_each(server), standing)
        is_member = standing != "stranger"
        await scene.ears[standing].send(scene.room.subscribe())
        answers = ["presence_sync", "subscribed", "voice_participant_sync"] if is_member else []
        heard = await scene.heard_after_commands()
        assert heard == {name: answers if name == standing else [] for name in scene.people}
        message = command(
            "message_create", guild_id=scene.guild.guild_id, channel_id=scene.room.channel_id, content="x"
        )
        await scene.ears[standing].send(message)
        if not is_member:
            assert await scene.ears[standing].ended() == (1008, "message_rejected")
            return
        audience = scene.audience("members")
        due = {name: ["message_create"] if name in audience else [] for name in scene.people}
        assert await scene.heard_after_commands() == due


def forbid_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """No endpoint may ever use a thread: virtual time has none."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a thread was asked for")

    monkeypatch.setattr(anyio.to_thread, "run_sync", refuse)


@pytest.mark.witnesses("FEAT-1")
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nowhere"),
        ("GET", "/health/"),
        ("POST", "/health"),
        ("GET", "/guilds/public"),
        ("POST", GUILD + "/join"),
        ("POST", GUILD + "/leave"),
        ("GET", GUILD + "/audit"),
        ("PATCH", CHANNEL),
        ("DELETE", CHANNEL),
        ("POST", GUILD + "/channels/reorder"),
        ("POST", CHANNEL + "/overrides/member"),
        ("POST", CHANNEL + "/permission-overrides/role/{unknown}"),
        ("DELETE", GUILD + "/bans/{target}"),
        ("GET", GUILD + "/roles"),
        ("POST", GUILD + "/roles"),
        ("POST", GUILD + "/roles/{unknown}/members/{target}"),
        ("GET", GUILD + "/ip-bans"),
        ("POST", MESSAGE + "/reactions/x"),
        ("POST", CHANNEL + "/attachments"),
        ("GET", GUILD + "/search"),
        ("POST", CHANNEL + "/voice/token"),
        ("POST", "/users/me/profile/avatar"),
        ("GET", "/users/{target}/avatar"),
        ("GET", "/friends"),
        ("POST", "/friends/requests"),
    ],
)
async def test_what_is_not_declared_is_not_there(method: str, path: str) -> None:
    async with running(without=ALL_FEATURES - REQUIRED_HERE) as server:
        scene = await stage(server, person_for_each(server), "owner")
        answer = await scene.call(method, path, None)
        assert answer.status_code in (404, 405)
        assert not any((await scene.heard()).values())
