"""Every operation, command and trigger against the tables of the contract, copied here by hand.

Columns as in 2.3 to 2.5: call; what it takes (`?` optional); status and answer (`[]` array, `~` or null); who
may; feature; events in order. `{g}` and its like are the contract's placeholders.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from sync_check.conformance.contract import shapes
from sync_check.conformance.contract.events import EVENTS
from sync_check.conformance.contract.export.fields import members
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.operations import (
    COMMANDS,
    GATEWAY_PATH,
    OPERATIONS,
    TRIGGERS,
    AddReaction,
    Command,
    CreateChannel,
    CreateMessage,
    EditMessage,
    History,
    Login,
    Operation,
    ReadHealth,
    SendMessage,
    SetDefaultRole,
    Trigger,
    UpdateRole,
    UploadAttachment,
    UploadAvatar,
)
from sync_check.conformance.contract.values import WireModel

TABLES = """
POST /auth/register | username password captcha_token? | 200 Accepted | anybody | | -
POST /auth/login | username password | 200 access_token refresh_token expires_in_secs | anybody | | -
POST /auth/refresh | refresh_token | 200 access_token refresh_token expires_in_secs | anybody | | -
POST /auth/logout | refresh_token | 204 | anybody | | -
GET /auth/me | | 200 Profile | any user | | -
POST /users/lookup | user_ids | 200 users[] | any user | | -
GET /users/{u}/profile | | 200 Profile | any user | profile | -
GET /users/{u}/avatar | | 200 bytes | anybody | profile.avatar | -
GET /users/{u}/banner | | 200 bytes | anybody | profile.banner | -
PATCH /users/me/profile | username? about_markdown? | 200 Profile | any user | profile | profile_update
POST /users/me/profile/avatar | raw | 200 Profile | any user | profile.avatar | profile_avatar_update
POST /users/me/profile/banner | raw | 200 Profile | any user | profile.banner | profile_banner_update
GET /friends | | 200 friends[] | any user | friends | -
GET /friends/requests | | 200 incoming[] outgoing[] | any user | friends | -
POST /friends/requests | recipient_user_id | 200 request_id sender_user_id recipient_user_id created_at_unix \
| any user | friends | friend_request_create
POST /friends/requests/{id}/accept | | 200 Accepted | recipient of the request | friends \
| friend_request_update
DELETE /friends/requests/{id} | | 204 | sender or recipient of the request | friends | friend_request_delete
DELETE /friends/{u} | | 204 | any user | friends | friend_remove

POST /guilds | name visibility? | 200 Guild | any user | | -
GET /guilds | | 200 guilds[] | any user | | -
GET /guilds/public | q? limit? | 200 guilds[] | any user | directory | -
PATCH /guilds/{g} | name? visibility? | 200 Guild | manage_roles | workspace.update | workspace_update
POST /guilds/{g}/join | | 200 guild_id outcome | any user | directory | workspace_member_add
POST /guilds/{g}/leave | | 200 Accepted | member | members.leave | workspace_member_remove
GET /guilds/{g}/audit | limit? cursor? action_prefix? | 200 events[] next_cursor~ | view_audit_log | audit | -
GET /guilds/{g}/channels | | 200 channels[] | member | | -
POST /guilds/{g}/channels | name kind? | 200 Channel | manage_channel_overrides | channels.create \
| channel_create
PATCH …/{c} | name? | 200 Channel | manage_channel_overrides in the channel | channels.update | channel_update
DELETE …/{c} | | 200 Accepted | manage_channel_overrides in the channel | channels.delete | channel_delete
POST /guilds/{g}/channels/reorder | channel_ids | 200 Accepted | manage_channel_overrides | channels.reorder \
| channel_reorder
GET …/{c}/permissions/self | | 200 role permissions[] | access | | -
POST …/{c}/overrides/{role} | allow deny | 200 Accepted | legacy role owner | overrides.role \
| workspace_channel_role_override_update
POST …/{c}/permission-overrides/{target_kind}/{target_id} | allow deny | 200 Accepted \
| manage_channel_overrides in the channel | overrides.permission \
| workspace_channel_permission_override_update
GET /guilds/{g}/members | limit? cursor? | 200 members[] next_cursor~ | member | members | -
POST /guilds/{g}/members/{u} | | 200 Accepted | manage_member_roles | members | workspace_member_add
PATCH /guilds/{g}/members/{u} | role | 200 Accepted | legacy rank | members | workspace_member_update
POST /guilds/{g}/members/{u}/kick | | 200 Accepted | ban_member and rank | members | workspace_member_remove
POST /guilds/{g}/members/{u}/ban | | 200 Accepted | ban_member and rank | members \
| workspace_member_ban workspace_member_remove
DELETE /guilds/{g}/bans/{u} | | 200 Accepted | ban_member | bans.lift | -
GET /guilds/{g}/roles | | 200 roles[] default_join_role_id~ | member | roles | -
POST /guilds/{g}/roles | name permissions position? color_hex? | 200 Role | manage_workspace_roles | roles \
| workspace_role_create
PATCH /guilds/{g}/roles/{r} | name? permissions? color_hex? | 200 Role | manage_workspace_roles | roles \
| workspace_role_update
DELETE /guilds/{g}/roles/{r} | | 200 Accepted | manage_workspace_roles | roles | workspace_role_delete
POST /guilds/{g}/roles/reorder | role_ids | 200 Accepted | manage_workspace_roles | roles \
| workspace_role_reorder
POST /guilds/{g}/roles/default | role_id? | 200 Accepted | manage_workspace_roles | roles | -
POST /guilds/{g}/roles/{r}/members/{u} | | 200 Accepted | manage_member_roles | roles \
| workspace_role_assignment_add
DELETE /guilds/{g}/roles/{r}/members/{u} | | 200 Accepted | manage_member_roles | roles \
| workspace_role_assignment_remove
GET /guilds/{g}/ip-bans | limit? cursor? | 200 bans[] next_cursor~ | manage_ip_bans | ip_bans | -
POST /guilds/{g}/ip-bans/by-user | target_user_id reason? expires_in_secs? | 200 created_count ban_ids[] \
| manage_ip_bans | ip_bans | workspace_ip_ban_sync
DELETE /guilds/{g}/ip-bans/{ban_id} | | 200 Accepted | manage_ip_bans | ip_bans | workspace_ip_ban_sync

POST …/{c}/messages | content attachment_ids? | 200 Message | access | messages | message_create
GET …/{c}/messages | limit? before? | 200 messages[] next_before~ | access | messages | -
PATCH …/{c}/messages/{m} | content | 200 Message | author or delete_message | messages | message_update
DELETE …/{c}/messages/{m} | | 204 | author or delete_message | messages | message_delete
POST …/{c}/messages/{m}/reactions/{emoji} | | 200 Reaction | access | reactions | message_reaction
DELETE …/{c}/messages/{m}/reactions/{emoji} | | 200 Reaction | access | reactions | message_reaction
POST …/{c}/attachments | raw filename? | 200 Attachment | access | attachments | -
GET …/{c}/attachments/{a} | | 200 bytes | access | attachments | -
DELETE …/{c}/attachments/{a} | | 204 | uploader or delete_message | attachments | -
GET /guilds/{g}/search | q limit? channel_id? | 200 message_ids[] messages[] | create_message | search | -
POST /guilds/{g}/search/rebuild | | 204 | manage_workspace_roles | search | -
POST /guilds/{g}/search/reconcile | | 200 upserted deleted | manage_workspace_roles | search | -
POST …/{c}/voice/token | can_publish? can_subscribe? publish_sources? | 200 token livekit_url room identity \
can_publish can_subscribe publish_sources[] expires_in_secs | access | voice \
| voice_participant_join voice_stream_publish
POST …/{c}/voice/state | is_muted? is_deafened? | 204 | any user | voice | voice_participant_update
POST …/{c}/voice/leave | | 204 | any user | voice | voice_stream_unpublish voice_participant_leave
GET /health | | 200 status | anybody | | -
GET /metrics | | 200 text | anybody | metrics | -
"""

PLACEHOLDERS = {
    "…/{c}": "/guilds/{g}/channels/{c}",
    "{g}": "{guild_id}",
    "{c}": "{channel_id}",
    "{m}": "{message_id}",
    "{u}": "{user_id}",
    "{r}": "{role_id}",
    "{a}": "{attachment_id}",
    "{id}": "{request_id}",
}

# Appendix A: what may follow besides the events of the tables above, in order. "departure" as there.
DEPARTURE = ("voice_stream_unpublish", "voice_participant_leave")
REMOVAL = (*DEPARTURE, "presence_update")
SINGLE_OVERRIDE = "workspace_channel_override_update"
COMPANIONS = {
    "POST /guilds/{g}/join": ("workspace_role_assignment_add",),
    "PATCH /guilds/{g}/members/{u}": ("workspace_role_assignment_add", "workspace_role_assignment_remove"),
    "POST /guilds/{g}/members/{u}/kick": REMOVAL,
    "POST /guilds/{g}/leave": REMOVAL,
    "POST /guilds/{g}/members/{u}/ban": REMOVAL,
    "DELETE …/{c}": DEPARTURE,
    # VOICE-6 lets go of who loses access.
    "POST …/{c}/overrides/{role}": (SINGLE_OVERRIDE, *DEPARTURE),
    "POST …/{c}/permission-overrides/{target_kind}/{target_id}": (SINGLE_OVERRIDE, *DEPARTURE),
    "POST /guilds/{g}/roles/{r}/members/{u}": ("workspace_member_update",),
    "DELETE /guilds/{g}/roles/{r}/members/{u}": ("workspace_member_update",),
    "DELETE …/{c}/attachments/{a}": ("message_update",),
    "POST …/{c}/voice/token": (*DEPARTURE, "voice_participant_update"),
}

# The codes of 2.1 that only some calls answer.
CODES = {
    "register": {"captcha_failed"},
    "login": {"invalid_credentials"},
    "refresh": {"invalid_credentials"},
    "logout": {"invalid_credentials"},
    "create_guild": {"guild_creation_limit_reached"},
    "join_guild": {"directory_join_user_banned", "directory_join_ip_banned"},
    "read_audit": {"audit_access_denied"},
    "change_member_role": {"quota_exceeded"},
    "ban_addresses_of": {"quota_exceeded"},
    "create_role": {"quota_exceeded"},
    "assign_role": {"quota_exceeded"},
    "upload_attachment": {"quota_exceeded"},
}
STATUS_OF_CODE = {"invalid_credentials": 401, "quota_exceeded": 409}


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of the contract's tables."""

    call: str
    takes: tuple[str, ...]
    success: int
    answer: tuple[str, ...]
    authority: str
    feature: str
    events: tuple[str, ...]

    @property
    def is_raw(self) -> bool:
        return "raw" in self.takes


def _lines() -> Iterator[Line]:
    for text in filter(None, TABLES.splitlines()):
        call, takes, answer, authority, feature, told = (cell.strip() for cell in text.split("|"))
        success, *fields = answer.split()
        yield Line(
            call=call,
            takes=tuple(takes.split()),
            success=int(success),
            answer=tuple(fields),
            authority=authority,
            feature=feature,
            events=tuple(told.replace("-", "").split()),
        )


LINES = {line.call: line for line in _lines()}


def spelled_out(call: str) -> str:
    for short, long in PLACEHOLDERS.items():
        call = call.replace(short, long)
    return call


BY_CALL = {f"{one.method} {one.path}": one for one in OPERATIONS.values()}


def operation(line: Line) -> type[Operation]:
    return BY_CALL[spelled_out(line.call)]


def names(cause: type[Operation] | type[Command] | Trigger) -> tuple[str, ...]:
    return tuple(event.name for event in cause.causes)


each_line = pytest.mark.parametrize("line", LINES.values(), ids=LINES)


def test_the_tables_have_every_operation_and_no_other() -> None:
    assert sorted(map(spelled_out, LINES)) == sorted(BY_CALL)
    assert len(BY_CALL) == len(OPERATIONS)


def test_names_are_keys() -> None:
    assert [name for name, one in OPERATIONS.items() if one.name != name] == []
    assert [name for name, one in COMMANDS.items() if one.name != name] == []


@each_line
def test_what_a_call_takes(line: Line) -> None:
    found = {f"{name}{'' if needed else '?'}" for name, needed in operation(line).sent_fields().items()}
    assert found == set(line.takes) - {"raw"}
    assert (operation(line).sending == "bytes") == line.is_raw
    if found and not line.is_raw:
        assert operation(line).sending == ("query" if line.call.startswith("GET ") else "json")
    if not line.takes:
        assert operation(line).sending == "nothing"


def shown(shape: type[WireModel]) -> set[str]:
    return {
        f"{member.name}{'[]' if member.type.items else ''}{'~' if member.type.nullable else ''}"
        for member in members(shape)
    }


@each_line
def test_what_a_call_answers(line: Line) -> None:
    one = operation(line)
    assert one.success == line.success
    if line.answer in ((), ("bytes",), ("text",)):
        assert one.result is None
    elif line.answer[0][0].isupper():
        assert one.result is getattr(shapes, line.answer[0])
    else:
        assert one.result is not None
        assert shown(one.result) == set(line.answer)


@each_line
def test_who_may_call(line: Line) -> None:
    one = operation(line)
    assert f"{one.authority}{' in the channel' if one.in_channel else ''}" == line.authority


@each_line
def test_the_feature_of_a_call(line: Line) -> None:
    assert (operation(line).feature or "") == line.feature


@each_line
def test_the_events_of_a_call(line: Line) -> None:
    assert names(operation(line)) == line.events
    companions = tuple(event.name for event in operation(line).companions)
    assert companions == COMPANIONS.get(line.call, ())


@each_line
def test_what_may_happen_is_explained(line: Line) -> None:
    one = operation(line)
    assert bool(one.companions) <= bool(one.remark or one.remark_since_2)


@each_line
def test_placeholders_are_fields(line: Line) -> None:
    one = operation(line)
    assert one.placeholders() == tuple(re.findall(r"\{(\w+)\}", spelled_out(line.call)))
    assert set(one.placeholders()) <= one.model_fields.keys()


@each_line
def test_codes_of_their_own(line: Line) -> None:
    refusals = operation(line).refusals
    assert {refusal.code for refusal in refusals} == CODES.get(operation(line).name, set())
    assert all(refusal.status == STATUS_OF_CODE.get(refusal.code, 403) for refusal in refusals)


def test_features_have_operations() -> None:
    spoken = {one.feature for one in OPERATIONS.values() if one.feature}
    # Presence comes with the gateway alone.
    assert set(Feature) - spoken == {Feature.PRESENCE}


def test_no_event_belongs_to_an_earlier_feature_than_its_cause() -> None:
    for one in OPERATIONS.values():
        for event in one.causes:
            assert event.feature is not None
            # Members come and go by the directory and by leaving too.
            assert event.feature == one.feature or event.feature is Feature.MEMBERS


def test_commands_are_those_of_the_contract() -> None:
    taken = {
        name: {f"{field}{'' if info.is_required() else '?'}" for field, info in one.model_fields.items()}
        for name, one in COMMANDS.items()
    }
    assert taken == {
        "subscribe": {"guild_id", "channel_id"},
        "message_create": {"guild_id", "channel_id", "content", "attachment_ids?"},
    }
    assert names(COMMANDS["subscribe"]) == (
        "presence_sync",
        "presence_update",
        "subscribed",
        "voice_participant_sync",
    )
    assert names(COMMANDS["message_create"]) == ("message_create",)


def test_triggers_are_those_of_the_contract() -> None:
    assert {trigger.name: names(trigger) for trigger in TRIGGERS} == {
        "connect": ("ready",),
        "end of a connection": REMOVAL,
        "expiry of a voice participant": DEPARTURE,
    }


def test_every_event_has_a_cause() -> None:
    causes: list[type[Operation] | type[Command]] = [*OPERATIONS.values(), *COMMANDS.values()]
    told = {event.name for cause in causes for event in (*cause.causes, *cause.companions)}
    told |= {event.name for trigger in TRIGGERS for event in trigger.causes}
    assert told == EVENTS.keys()


def test_the_gateway_is_no_operation() -> None:
    assert GATEWAY_PATH == "/gateway/ws"
    assert f"GET {GATEWAY_PATH}" not in BY_CALL


# --- what is sent


def test_paths_are_filled_and_encoded() -> None:
    reaction = AddReaction(guild_id="g", channel_id="c", message_id="m", emoji="a/b ?")
    assert reaction.url_path() == "/guilds/g/channels/c/messages/m/reactions/a%2Fb%20%3F"
    assert reaction.body() is None


def test_a_query_holds_what_is_given() -> None:
    assert History(guild_id="g", channel_id="c").url_path() == "/guilds/g/channels/c/messages"
    walked = History(guild_id="g", channel_id="c", limit=1, before="&")
    assert walked.url_path() == "/guilds/g/channels/c/messages?limit=1&before=%26"


def test_a_path_can_be_shown_that_cannot_be_sent() -> None:
    walked = History(guild_id="g", channel_id="\ud800", before="\ud800")
    with pytest.raises(UnicodeEncodeError):
        walked.url_path()
    assert walked.shown_path() == "/guilds/g/channels/%5Cud800/messages"
    assert walked.body() is None


def test_a_body_leaves_out_what_is_not_given() -> None:
    message = CreateMessage(guild_id="g", channel_id="c", content="x")
    assert message.body() == {"content": "x"}
    assert message.model_copy(update={"attachment_ids": []}).body() == {"content": "x", "attachment_ids": []}


def test_a_name_is_called_so_on_the_wire() -> None:
    assert CreateChannel(guild_id="g", channel_name="x").body() == {"name": "x"}


def test_null_is_sent_where_it_says_something() -> None:
    assert UpdateRole(guild_id="g", role_id="r", color_hex=None).body() == {"color_hex": None}
    assert UpdateRole(guild_id="g", role_id="r", role_name=None).body() == {}
    assert SetDefaultRole(guild_id="g").body() == {}
    assert SetDefaultRole(guild_id="g", role_id=None).body() == {"role_id": None}


def test_an_upload_sends_bytes_and_the_rest_as_a_query() -> None:
    upload = UploadAttachment(
        guild_id="g", channel_id="c", filename="a b.png", content_type="image/png", data=b"\x89"
    )
    assert upload.upload() == ("image/png", b"\x89")
    assert upload.url_path() == "/guilds/g/channels/c/attachments?filename=a+b.png"
    assert upload.body() is None
    assert UploadAvatar(content_type="image/png", data=b"").url_path() == "/users/me/profile/avatar"
    assert ReadHealth().upload() is None


def test_an_upload_survives_the_history() -> None:
    upload = UploadAvatar(content_type="image/png", data=b"\xff\x00")
    assert UploadAvatar.model_validate_json(upload.model_dump_json()) == upload


def test_a_command_sends_what_is_given() -> None:
    message = SendMessage(guild_id="g", channel_id="c", content="x")
    assert message.payload() == {"guild_id": "g", "channel_id": "c", "content": "x"}


@pytest.mark.parametrize(
    ("one", "statuses"),
    [
        (ReadHealth, (200, 408, 429)),
        (Login, (200, 400, 401, 408, 413, 415, 422, 429)),
        (History, (200, 400, 401, 403, 404, 408, 429)),
        (EditMessage, (200, 400, 401, 403, 404, 408, 413, 415, 422, 429)),
        (UploadAttachment, (200, 400, 401, 403, 404, 408, 409, 413, 429)),
    ],
)
def test_statuses_are_those_of_the_kind_and_of_the_call(
    one: type[Operation], statuses: tuple[int, ...]
) -> None:
    assert one.statuses() == statuses
