"""What a request takes and where, and how it may be refused: against section 2 of the contract."""

import pytest

from sync_check.conformance.contract.export.requests import STATUSES, needs_one, refusals, request_fields
from sync_check.conformance.contract.operations import (
    OPERATIONS,
    CreateGuild,
    EditMessage,
    History,
    JoinGuild,
    Login,
    Operation,
    OverridePermission,
    ReadAudit,
    ReadHealth,
    Refusal,
    UploadAttachment,
    UploadAvatar,
)

# Section 2.1, first item.
CODES = {
    400: {"invalid_request"},
    401: {"invalid_credentials"},
    403: {
        "forbidden",
        "captcha_failed",
        "audit_access_denied",
        "directory_join_user_banned",
        "directory_join_ip_banned",
        "guild_creation_limit_reached",
    },
    404: {"not_found"},
    409: {"quota_exceeded"},
    413: {"payload_too_large"},
    429: {"rate_limited"},
}
every_operation = pytest.mark.parametrize("one", OPERATIONS.values(), ids=OPERATIONS)


def placed(one: type[Operation]) -> dict[str, list[str]]:
    return {place: [member.name for member in fields] for place, fields in request_fields(one).items()}


@pytest.mark.parametrize(
    ("one", "path", "query", "body"),
    [
        (EditMessage, ["guild_id", "channel_id", "message_id"], [], ["content"]),
        (History, ["guild_id", "channel_id"], ["limit", "before"], []),
        (UploadAttachment, ["guild_id", "channel_id"], ["filename"], []),
        (UploadAvatar, [], [], []),
        (CreateGuild, [], [], ["name", "visibility"]),
        (OverridePermission, ["guild_id", "channel_id", "target_kind", "target_id"], [], ["allow", "deny"]),
        (ReadHealth, [], [], []),
    ],
)
def test_fields_are_told_where_they_are_sent(
    one: type[Operation], path: list[str], query: list[str], body: list[str]
) -> None:
    assert placed(one) == {"path_fields": path, "query_fields": query, "body_fields": body}


@every_operation
def test_every_field_has_one_place(one: type[Operation]) -> None:
    names = [name for fields in placed(one).values() for name in fields]
    assert sorted(names) == sorted((*one.placeholders(), *one.sent_fields()))


def test_requests_of_which_one_field_is_needed() -> None:
    # "one needed" in the tables of 2.3 to 2.5.
    assert {name for name, one in OPERATIONS.items() if needs_one(one)} == {
        "update_profile",
        "update_guild",
        "update_channel",
        "update_role",
        "update_voice_state",
    }


@every_operation
def test_every_status_of_a_refusal_is_told_with_codes_that_exist(one: type[Operation]) -> None:
    told = refusals(one)
    assert tuple(told) == one.statuses()[1:]
    for status, codes in told.items():
        assert set(codes) <= CODES.get(status, set())
        assert status in STATUSES
    assert {Refusal(status, code) for status, codes in told.items() for code in codes} >= set(one.refusals)


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (ReadHealth, {408: (), 429: ("rate_limited",)}),
        (
            Login,
            {
                400: ("invalid_request",),
                401: ("invalid_credentials",),
                408: (),
                413: (),
                415: (),
                422: (),
                429: ("rate_limited",),
            },
        ),
        (
            JoinGuild,
            {
                400: ("invalid_request",),
                401: ("invalid_credentials",),
                403: ("directory_join_user_banned", "directory_join_ip_banned"),
                404: ("not_found",),
                408: (),
                429: ("rate_limited",),
            },
        ),
    ],
)
def test_codes_stand_with_their_statuses(one: type[Operation], told: dict[int, tuple[str, ...]]) -> None:
    assert refusals(one) == told


def test_the_code_of_a_call_replaces_the_usual_one() -> None:
    assert refusals(ReadAudit)[403] == ("audit_access_denied",)
    assert refusals(CreateGuild)[403] == ("guild_creation_limit_reached",)
    assert refusals(EditMessage)[403] == ("forbidden",)


def test_only_an_upload_that_is_too_large_has_a_code() -> None:
    assert refusals(UploadAvatar)[413] == ("payload_too_large",)
    assert refusals(EditMessage)[413] == ()
