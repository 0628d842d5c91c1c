"""The tables of REST in `docs/GATEWAY_EVENTS.md`."""

import re

import pytest

from sync_check.conformance.contract import shapes
from sync_check.conformance.contract.export import export
from sync_check.conformance.contract.export.fields import members
from sync_check.conformance.contract.export.revision import REVISIONS, revision
from sync_check.conformance.contract.operations import OPERATIONS, Operation
from tests.conformance.contract.test_export_markdown import TEXT, rows, section

REQUESTS = {row[0].strip("`"): row[1:] for row in rows(section("REST requests")) if len(row) == 7}
SHAPES = {row[0].strip("`"): row[1] for row in rows(section("REST shapes"))[2:]}


@pytest.mark.parametrize("number", REVISIONS)
def test_every_request_of_the_revision_has_one_row(number: int) -> None:
    block = section("REST requests", export("markdown", number))
    told = [row[0].strip("`") for row in rows(block) if len(row) == 7]
    operations = [one.name for one in revision(number).operations()]
    assert [name for name in told if name in OPERATIONS] == operations


def test_a_row_says_what_is_taken_and_answered() -> None:
    assert REQUESTS["history"] == [
        "`GET /guilds/{guild_id}/channels/{channel_id}/messages`",
        "in the query: `limit`? integer >= 1; `before`? ulid",
        "access",
        "`messages`",
        "200 `MessagePage`",
        "400, 401, 403, 404, 408, 429",
    ]
    assert REQUESTS["override_permission"][1:3] == [
        (
            "in the path: `target_kind` string (`role`, `member`); "
            "`allow` array of permission; `deny` array of permission"
        ),
        "`manage_channel_overrides` in the channel",
    ]
    assert (
        REQUESTS["update_guild"][1]
        == "at least one of `name`? string; `visibility`? string (`private`, `public`)"
    )
    assert (
        REQUESTS["upload_attachment"][1]
        == "in the query: `filename`? string; raw bytes and their content type"
    )
    assert REQUESTS["delete_message"][4] == "204"
    assert REQUESTS["metrics"][2:] == ["anybody", "`metrics`", "200, no JSON", "408, 429"]
    assert REQUESTS["join_guild"][5] == (
        "400, 401, 403 `directory_join_user_banned` `directory_join_ip_banned`, 404, 408, 429"
    )


@pytest.mark.parametrize("one", OPERATIONS.values(), ids=OPERATIONS)
def test_every_status_of_a_request_is_in_its_row(one: type[Operation]) -> None:
    success, refused = REQUESTS[one.name][4:]
    assert tuple(map(int, re.findall(r"\b\d{3}\b", f"{success} {refused}"))) == one.statuses()


def test_every_status_is_explained() -> None:
    explained = {row[0] for row in rows(TEXT.partition("\n### Refusals\n")[2].partition("\n## ")[0])[2:]}
    assert {str(status) for one in OPERATIONS.values() for status in one.statuses()[1:]} == explained


def test_every_shape_that_is_named_has_a_row_and_every_row_a_use() -> None:
    answered = {row[4].split("`")[1] for row in REQUESTS.values() if "`" in row[4]} - {"Answers"}
    inside = set(re.findall(r"`([A-Z]\w+)`", " ".join(SHAPES.values())))
    assert answered | inside == SHAPES.keys()


def test_a_shape_names_its_members_and_the_shapes_in_them() -> None:
    assert SHAPES["Role"] == (
        "`role_id` ulid; `name` string; `position` integer; `is_system` boolean; "
        "`permissions` array of permission; `color_hex` string or null"
    )
    assert SHAPES["MessagePage"] == "`messages` array of `Message`; `next_before` ulid or null"
    assert "`reactor_user_ids`? array of ulid, at most 32" in SHAPES["Reaction"]
    for name, told in SHAPES.items():
        found = [member.name for member in members(getattr(shapes, name))]
        assert re.findall(r"(?:^|; )`(\w+)`", told) == found
