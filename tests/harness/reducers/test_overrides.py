"""Role forms and the seed roles they stand for, also when roles become known later."""

from collections.abc import Mapping
from typing import Any

import pytest

from sync_check.conformance.contract import events
from sync_check.harness.reducers.overrides import override_update, resolved, target_of, without_role
from sync_check.harness.state import Channel, Guild, Override, Role
from tests.harness.wire import GENERAL, GUILD, NOW, RANDOM, make_id

OWNER, MODERATOR, NAMESAKE, CREW = map(make_id, (40, 41, 49, 50))


def role(name: str, *, is_system: bool = False) -> Role:
    return Role(name=name, position=1, is_system=is_system, permissions=(), color_hex=None)


ROLES = {
    CREW: role("crew"),
    NAMESAKE: role("moderator"),
    MODERATOR: role("moderator"),
    OWNER: role("workspace_owner", is_system=True),
}


def guild(roles: Mapping[str, Role] | None) -> Guild:
    channels = tuple(Channel(channel_id=c, name="x", kind="text") for c in (GENERAL, RANDOM))
    return Guild(name="house", visibility="private", channels=channels, roles=roles)


def by_role(name: str, *allow: str) -> Any:
    return events.WorkspaceChannelRoleOverrideUpdate.model_validate(
        {
            "guild_id": GUILD,
            "channel_id": GENERAL,
            "role": name,
            "updated_fields": {"allow": list(allow), "deny": []},
            "updated_at_unix": NOW,
        }
    )


def by_target(role_id: str, *allow: str) -> Any:
    return events.WorkspaceChannelPermissionOverrideUpdate.model_validate(
        {
            "guild_id": GUILD,
            "channel_id": GENERAL,
            "target_kind": "role",
            "target_id": role_id,
            "updated_fields": {"allow": list(allow), "deny": []},
            "updated_at_unix": NOW,
        }
    )


def allowed(guild: Guild) -> dict[str, tuple[str, ...]]:
    return {target: one.allow for target, one in guild.overrides.get(GENERAL, {}).items()}


@pytest.mark.parametrize(
    ("roles", "legacy", "target"),
    [
        (ROLES, "owner", f"role:{OWNER}"),
        (ROLES, "moderator", f"role:{MODERATOR}"),
        (ROLES, "member", "member"),
        ({OWNER: role("workspace_owner")}, "owner", "owner"),
        ({}, "moderator", "moderator"),
        (None, "moderator", "moderator"),
    ],
)
def test_a_role_form_means_the_oldest_role_of_the_seed_name(roles: Any, legacy: Any, target: str) -> None:
    assert target_of(guild(roles), legacy, None, None) == target


def test_a_permission_form_means_its_target() -> None:
    assert target_of(guild(ROLES), None, "member", CREW) == f"member:{CREW}"


def test_both_forms_write_to_one_target() -> None:
    changed = override_update(guild(ROLES), by_role("moderator", "publish_video"))
    changed = override_update(changed, by_target(MODERATOR, "ban_member"))
    assert allowed(changed) == {f"role:{MODERATOR}": ("ban_member",)}
    assert override_update(changed, by_role("moderator")).overrides == {}


@pytest.mark.parametrize("later_is_role_form", [True, False])
def test_when_roles_become_known_the_later_write_wins(later_is_role_form: bool) -> None:
    writes = [by_target(MODERATOR, "ban_member"), by_role("moderator", "publish_video")]
    changed = guild(None)
    for event in writes if later_is_role_form else reversed(writes):
        changed = override_update(changed, event)
    assert allowed(changed).keys() == {"moderator", f"role:{MODERATOR}"}
    known = Guild(
        name="house",
        visibility="private",
        roles=ROLES,
        channels=changed.channels,
        overrides=changed.overrides,
    )
    told = ("publish_video",) if later_is_role_form else ("ban_member",)
    assert allowed(resolved(known)) == {f"role:{MODERATOR}": told}


def test_a_write_that_repeats_an_earlier_one_is_the_later_one_again() -> None:
    changed = guild(None)
    repeated = by_role("moderator", "publish_video")
    for event in (repeated, by_target(MODERATOR, "ban_member"), repeated):
        changed = override_update(changed, event)
    assert [*allowed(changed)][-1] == "moderator"
    assert override_update(changed, repeated) is changed


def test_what_needs_no_resolving_stays_the_same_object() -> None:
    unknown = override_update(guild({}), by_role("member", "publish_video"))
    assert resolved(unknown) is unknown
    plain = override_update(guild(ROLES), by_target(CREW, "publish_video"))
    assert resolved(plain) is plain


def test_a_deleted_role_loses_its_overrides_in_all_channels() -> None:
    override = Override(allow=("publish_video",), deny=())
    targets = {f"role:{CREW}": override}
    held = Guild(
        name="house",
        visibility="private",
        overrides={GENERAL: targets, RANDOM: {**targets, f"member:{CREW}": override}},
    )
    assert without_role(held, CREW).overrides == {RANDOM: {f"member:{CREW}": override}}
    assert without_role(held, OWNER) is held
