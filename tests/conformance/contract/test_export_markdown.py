"""`docs/GATEWAY_EVENTS.md`: complete, consistent with itself, and the committed file is fresh."""

import re
from pathlib import Path

import pytest

from sync_check.conformance.contract.events import EVENTS
from sync_check.conformance.contract.export import export
from sync_check.conformance.contract.export.revision import REVISIONS, revision
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.operations import OPERATIONS, TRIGGERS
from sync_check.conformance.contract.requirements import REQUIREMENTS

COMMITTED = Path(__file__).resolve().parents[3] / "docs" / "GATEWAY_EVENTS.md"
RENEW = "sync-check contract export --format markdown --output docs/GATEWAY_EVENTS.md"
TEXT = export("markdown", 2)


def section(title: str, text: str = TEXT) -> str:
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def rows(block: str) -> list[list[str]]:
    lines = (line for line in block.splitlines() if line.startswith("|"))
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def named(block: str) -> list[str]:
    return re.findall(r"^\| \[?`([\w.]+)`", block, re.MULTILINE)


def test_the_committed_file_is_fresh() -> None:
    fresh = COMMITTED.read_text(encoding="utf-8") == TEXT
    assert fresh, f"docs/GATEWAY_EVENTS.md is out of date; renew it with: {RENEW}"


def test_the_file_tells_how_to_renew_it() -> None:
    assert RENEW in section("How this file is made")


@pytest.mark.parametrize("number", REVISIONS)
def test_no_place_is_left_empty(number: int) -> None:
    text = export("markdown", number)
    assert "{{" not in text
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@pytest.mark.parametrize("number", REVISIONS)
def test_tables_are_rectangular(number: int) -> None:
    for block in re.split(r"\n\s*\n", export("markdown", number)):
        widths = {line.count("|") for line in block.splitlines() if line.lstrip().startswith("|")}
        assert len(widths) <= 1, block


@pytest.mark.parametrize("number", REVISIONS)
def test_every_event_has_a_row_and_a_table_of_fields(number: int) -> None:
    text = export("markdown", number)
    names = [event.name for event in revision(number).events()]
    assert named(section("Events", text)) == names
    assert re.findall(r"^### (\w+)$", section("Payloads", text), re.MULTILINE) == names


def test_a_row_says_scope_visibility_actor_revision_and_cause() -> None:
    found = {row[0].split("`")[1]: row[1:] for row in rows(section("Events"))[2:]}
    assert found["message_update"] == [
        "channel",
        "members with access to the channel (MUST)",
        "never",
        "1",
        "`edit_message`, (`delete_attachment`)",
    ]
    assert found["workspace_ip_ban_sync"][1] == "holders of manage_ip_bans (MUST)"
    assert found["channel_reorder"][3] == "2"
    assert found["ready"] == ["connection", "the connection it answers", "never", "1", "connect"]


def test_fields_are_told_with_type_presence_and_values() -> None:
    block = TEXT.partition("\n### presence_update\n")[2].partition("\n### ")[0]
    assert rows(block)[2:] == [
        ["`guild_id`", "ulid", "required", "-"],
        ["`user_id`", "ulid", "required", "-"],
        ["`status`", "string", "required", "`online`, `offline`"],
    ]
    changed = TEXT.partition("\n### workspace_role_update\n")[2].partition("\n### ")[0]
    assert "| `updated_fields.color_hex` | string or null | optional | - |" in changed


def test_the_choice_of_the_former_override_event_is_told() -> None:
    assert "Exactly one of `role` or `target_kind` with `target_id` is given." in TEXT


@pytest.mark.witnesses("EVT-6")
def test_the_actor_policy_is_that_of_the_contract() -> None:
    told = {row[0]: set(re.findall(r"`(\w+)`", row[1])) for row in rows(section("Who acted"))[2:]}
    assert told["always"] == {"message_reaction"}
    # By family, as section 5.1 words it.
    assert {name for name in told["may"] if not re.match(r"workspace_|channel_(?!create)", name)} == {
        "friend_request_update",
        "friend_request_delete",
        "friend_remove",
    }
    silent = {name for name in EVENTS if re.match(r"message_(?!reaction)|presence_|voice_|profile_", name)}
    assert silent | {"channel_create"} <= told["never"]
    assert told["always"] | told["may"] | told["never"] == EVENTS.keys()


def test_every_endpoint_command_and_trigger_is_mapped() -> None:
    block = section("Endpoint to event")
    for operation in OPERATIONS.values():
        assert f"`{operation.method} {operation.path}`" in block
    for source in ("command `subscribe`", "command `message_create`", *(one.name for one in TRIGGERS)):
        assert f"| {source} |" in block


@pytest.mark.parametrize("number", REVISIONS)
def test_limits_features_and_permissions_are_all_told(number: int) -> None:
    text = export("markdown", number)
    edition = revision(number)
    assert named(section("Limits", text)) == list(edition.limits())
    assert named(section("Features", text)) == [feature.value for feature in edition.features()]


def test_who_is_removed_or_banned_is_among_those_who_see_it() -> None:
    # Table 5.2 of the contract.
    seen = {row[0].split("`")[1]: row[2] for row in rows(section("Events"))[2:]}
    concerned = {name for name, by in seen.items() if by == "members and the user concerned"}
    assert concerned == {"workspace_member_remove", "workspace_member_ban"}
    for rule in ("MUST, ACCESS-2", "ACCESS-3", "SHOULD, SCOPE-8"):
        assert rule in section("Scopes")


def test_silence_is_told_with_its_level() -> None:
    told = " ".join(section("Endpoint to event").split())
    assert "A request that is refused sends none (MUST, DELIV-4)." in told
    assert "One that changes nothing sends none either (SHOULD, DELIV-6;" in told


@pytest.mark.parametrize("number", REVISIONS)
def test_a_feature_is_listed_with_all_that_its_requests_send(number: int) -> None:
    told = {row[0].strip("`"): row[2] for row in rows(section("Features", export("markdown", number)))[2:]}
    edition = revision(number)
    for event in edition.events():
        if event.feature is not None:
            assert f"`{event.name}`" in told[event.feature]
    for operation in edition.operations():
        if operation.feature is not None:
            for event in edition.causes(operation):
                assert f"`{event.name}`" in told[operation.feature].replace(f"(`{event.name}`)", "")
            for event in edition.companions(operation):
                assert f"`{event.name}`" in told[operation.feature]


def test_events_that_share_a_name_or_a_cause_are_listed_under_both_features() -> None:
    first, second = [
        {row[0].strip("`"): row[2] for row in rows(section("Features", export("markdown", number)))[2:]}
        for number in REVISIONS
    ]
    assert first["overrides.permission"] == first["overrides.role"] == "`workspace_channel_override_update`"
    for told in (first, second):
        assert "`workspace_member_remove`" in told["members.leave"].split(", ")
        assert told["directory"] == "`workspace_member_add`, (`workspace_role_assignment_add`)"
    for feature in ("overrides.role", "overrides.permission"):
        assert "(`workspace_channel_override_update`)" in second[feature]  # in the migration window


def test_numbers_are_told_plainly() -> None:
    told = {row[0].strip("`"): row[1] for row in rows(section("Limits"))[2:]}
    assert told["refresh_token_lifetime_s"] == str(30 * 24 * 3600)
    assert told["ingress_window_s"] == "10"
    assert told.keys() == Limits.model_fields.keys()


def test_links_lead_to_headings() -> None:
    headings = {title.lower().replace(" ", "-") for title in re.findall(r"^#+ (.+)$", TEXT, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([\w-]+)\)", TEXT)) <= headings


def test_cited_rules_exist() -> None:
    cited = set(re.findall(r"\b[A-Z]{2,}(?:-[A-Z]+)*-\d+\b", TEXT)) - {"UTF-8"}
    assert cited
    assert cited <= REQUIREMENTS.keys()


def test_the_first_revision_keeps_later_names_to_its_compatibility_notes() -> None:
    text = export("markdown", 1)
    notes = section("Compatibility", text)
    later = {name for name, event in EVENTS.items() if event.since > 1} | {"banner_bytes", "voice_lease_s"}
    assert {name for name in later if f"`{name}`" in text.replace(notes, "")} == set()
