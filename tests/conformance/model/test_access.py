"""Effective permissions and hierarchy, worked out by hand from contract 8."""

from dataclasses import replace

import pytest

from sync_check.conformance.contract.permissions import Permission
from sync_check.conformance.contract.values import LegacyRole
from sync_check.conformance.model.access import (
    apply_layer,
    channel_permissions,
    guild_permissions,
    held_roles,
    in_canonical_order,
    is_member,
    may_access,
    may_change_legacy_role,
    outranks,
    position,
    rank,
    would_access,
)
from sync_check.conformance.model.world import Channel, Guild, Override

GUILD = Guild(
    guild_id="g",
    name="room",
    visibility="private",
    members={"olga": "owner", "otto": "owner", "mona": "moderator", "max": "moderator", "ben": "member"},
    channels={"c": Channel(channel_id="c", name="general", kind="text")},
)

# One row for each permission, one column for each kind of user; written down from table 8.1.
TABLE: dict[Permission, str] = {
    #                            owner moderator member stranger
    "manage_roles": "            yes   no        no     no",
    "manage_member_roles": "     yes   yes       no     no",
    "manage_workspace_roles": "  yes   no        no     no",
    "manage_channel_overrides": "yes   yes       no     no",
    "delete_message": "          yes   yes       no     no",
    "ban_member": "              yes   yes       no     no",
    "view_audit_log": "          yes   yes       no     no",
    "manage_ip_bans": "          yes   yes       no     no",
    "create_message": "          yes   yes       yes    no",
    "publish_video": "           yes   yes       no     no",
    "publish_screen_share": "    yes   yes       no     no",
    "subscribe_streams": "       yes   yes       yes    no",
}
USERS = ("olga", "mona", "ben", "eve")


@pytest.mark.parametrize("permission", TABLE)
def test_every_permission_of_every_kind_of_user(permission: Permission) -> None:
    wanted = [word == "yes" for word in TABLE[permission].split()]
    assert [permission in guild_permissions(GUILD, user) for user in USERS] == wanted
    assert [permission in channel_permissions(GUILD, "c", user) for user in USERS] == wanted


def test_access_is_create_message_in_a_channel_that_exists() -> None:
    assert [may_access(GUILD, "c", user) for user in USERS] == [True, True, True, False]
    assert [may_access(GUILD, "unknown", user) for user in USERS] == [False] * 4
    assert not may_access(None, "c", "olga")
    assert not may_access(GUILD, "c", None)


def test_nobody_is_member_of_no_guild() -> None:
    assert is_member(GUILD, "ben")
    assert not is_member(None, "ben")
    assert not is_member(GUILD, None)
    assert guild_permissions(None, "olga") == frozenset()


@pytest.mark.parametrize(
    ("user", "expected"), [("olga", (10000, 3)), ("mona", (100, 2)), ("ben", (1, 1)), ("eve", (-1, 0))]
)
def test_position_and_rank(user: str, expected: tuple[int, int]) -> None:
    assert (position(GUILD, user), rank(GUILD, user)) == expected


def test_the_role_implied_by_the_legacy_role_is_held() -> None:
    assert [role.name for role in held_roles(GUILD, "mona")] == ["moderator", "@everyone"]
    assert held_roles(GUILD, "eve") == ()


@pytest.mark.parametrize(
    ("actor", "below"),
    [("olga", "mona max ben"), ("mona", "ben"), ("ben", ""), ("eve", "")],
)
def test_who_outranks_whom(actor: str, below: str) -> None:
    assert [user for user in GUILD.members if outranks(GUILD, actor, user)] == below.split()


@pytest.mark.parametrize(
    ("actor", "target", "role", "allowed"),
    [
        ("olga", "ben", "moderator", True),
        ("olga", "mona", "member", True),
        ("olga", "ben", "owner", False),
        ("olga", "otto", "member", False),
        ("mona", "ben", "moderator", False),
        ("mona", "ben", "member", True),
        ("mona", "max", "member", False),
        ("ben", "ben", "member", False),
        ("eve", "ben", "member", False),
    ],
)
def test_who_may_change_legacy_roles(actor: str, target: str, role: LegacyRole, allowed: bool) -> None:
    assert may_change_legacy_role(GUILD, actor, target, role) is allowed


def test_in_a_layer_a_denial_beats_an_allowance() -> None:
    everybody: frozenset[Permission] = frozenset({"create_message", "subscribe_streams"})
    allow_and_deny = Override(allow=frozenset({"publish_video"}), deny=frozenset({"subscribe_streams"}))
    contrary = Override(allow=frozenset({"subscribe_streams"}), deny=frozenset({"publish_video"}))
    assert apply_layer(everybody, [allow_and_deny]) == {"create_message", "publish_video"}
    assert apply_layer(everybody, [allow_and_deny, contrary]) == {"create_message"}
    assert apply_layer(everybody, []) == everybody


def test_a_later_layer_beats_an_earlier_one() -> None:
    hidden = apply_layer(frozenset({"create_message"}), [Override(deny=frozenset({"create_message"}))])
    assert apply_layer(hidden, [Override(allow=frozenset({"create_message"}))]) == {"create_message"}


def test_permissions_are_listed_in_canonical_order() -> None:
    assert in_canonical_order(frozenset({"subscribe_streams", "delete_message", "manage_roles"})) == [
        "manage_roles",
        "delete_message",
        "subscribe_streams",
    ]


def test_whoever_left_while_a_channel_came_would_have_had_access() -> None:
    without = replace(GUILD, channels={})
    left = replace(without, members={name: role for name, role in GUILD.members.items() if name != "ben"})
    made = replace(left, channels=GUILD.channels)
    assert would_access([without, left, made], "c", "ben")
    assert not would_access([left, made], "c", "ben")
    assert not would_access([without, left], "c", "ben")
    assert not would_access([GUILD, left, made], "c", "ben")
    assert not would_access([without, left, made], "c", "eve")
