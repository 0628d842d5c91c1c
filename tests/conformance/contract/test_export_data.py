"""The export as data: REST and the requirements, in full."""

import json
from typing import Any

import pytest

from sync_check.conformance.contract.export import export
from sync_check.conformance.contract.export.revision import REVISIONS, revision
from sync_check.conformance.contract.requirements import REQUIREMENTS

DATA: dict[str, Any] = json.loads(export("json", 2))


def test_a_request_is_told_in_full() -> None:
    assert DATA["operations"]["update_role"] == {
        "method": "PATCH",
        "path": "/guilds/{guild_id}/roles/{role_id}",
        "sending": "json",
        "path_fields": {
            "guild_id": {"type": "ulid", "required": True},
            "role_id": {"type": "ulid", "required": True},
        },
        "query_fields": {},
        "body_fields": {
            "name": {"type": "string", "required": False},
            "permissions": {"type": "array of permission", "required": False},
            "color_hex": {"type": "string or null", "required": False},
        },
        "one_needed": True,
        "success": 200,
        "result": {
            "role_id": {"type": "ulid", "required": True},
            "name": {"type": "string", "required": True},
            "position": {"type": "integer", "required": True},
            "is_system": {"type": "boolean", "required": True},
            "permissions": {"type": "array of permission", "required": True},
            "color_hex": {"type": "string or null", "required": True},
        },
        "authority": "manage_workspace_roles",
        "in_channel": False,
        "feature": "roles",
        "refusals": {
            "400": ["invalid_request"],
            "401": ["invalid_credentials"],
            "403": ["forbidden"],
            "404": ["not_found"],
            "408": [],
            "413": [],
            "415": [],
            "422": [],
            "429": ["rate_limited"],
        },
        "causes": ["workspace_role_update"],
        "companions": [],
    }


def test_what_is_no_json_has_no_fields() -> None:
    assert DATA["operations"]["read_attachment"]["result"] is None
    upload = DATA["operations"]["upload_attachment"]
    assert (upload["sending"], upload["body_fields"]) == ("bytes", {})


@pytest.mark.parametrize(
    ("name", "place", "field", "told"),
    [
        ("create_guild", "body_fields", "visibility", {"type": "string", "enum": ["private", "public"]}),
        ("create_channel", "body_fields", "kind", {"type": "string", "enum": ["text", "voice"]}),
        ("override_permission", "path_fields", "target_kind", {"type": "string", "enum": ["role", "member"]}),
        (
            "override_role",
            "path_fields",
            "role",
            {"type": "string", "enum": ["owner", "moderator", "member"]},
        ),
        ("override_role", "body_fields", "allow", {"type": "array of permission"}),
        ("history", "query_fields", "before", {"type": "ulid"}),
        ("history", "query_fields", "limit", {"type": "integer >= 1"}),
        ("look_up_users", "body_fields", "user_ids", {"type": "array of ulid"}),
        ("read_audit", "query_fields", "cursor", {"type": "string"}),
        (
            "issue_voice_token",
            "body_fields",
            "publish_sources",
            {"type": "array of string", "enum": ["microphone", "camera", "screen_share"]},
        ),
    ],
)
def test_fields_of_a_request_have_the_types_that_a_server_takes(
    name: str, place: str, field: str, told: dict[str, Any]
) -> None:
    found = dict(DATA["operations"][name][place][field])
    del found["required"]
    assert found == told


@pytest.mark.parametrize("number", REVISIONS)
def test_every_requirement_is_told_in_words_with_level_phase_and_subject(number: int) -> None:
    told = json.loads(export("json", number))["requirements"]
    assert list(told) == [rule.id for rule in revision(number).requirements()]
    for name, rule in told.items():
        assert rule == {
            "level": REQUIREMENTS[name].level,
            "sentence": REQUIREMENTS[name].sentence,
            "section": REQUIREMENTS[name].section,
            "phase": REQUIREMENTS[name].phase,
            "subject": REQUIREMENTS[name].subject,
        }


def test_the_subject_of_a_rule_is_client_or_server() -> None:
    assert DATA["requirements"]["CLIENT-9"]["subject"] == "client"
    assert DATA["requirements"]["COMPAT-4"] == {
        "level": "SHOULD",
        "sentence": "A server of any revision serves clients of any revision: older ones ignore what they do "
        "not know and catch up by re-fetching.",
        "section": "10.1",
        "phase": 7,
        "subject": "server",
    }
