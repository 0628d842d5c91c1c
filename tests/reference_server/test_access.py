"""Permissions and ranks, computed by hand from section 8 of the contract."""

import itertools

import pytest

from sync_check.conformance.contract.permissions import CANONICAL_ORDER, Permission
from sync_check.conformance.contract.values import LegacyRole
from sync_check.reference_server import access
from sync_check.reference_server.guild import Channel, Guild, IpBan, Override, Role, in_canonical_order

OWNER_ROLE, MODERATOR_ROLE, MEMBER_ROLE, EVERYONE_ROLE = "r-owner", "r-moderator", "r-member", "r-everyone"
RANKS: tuple[LegacyRole, ...] = ("owner", "moderator", "member")


def guild() -> tuple[Guild, Channel]:
    channel = Channel(channel_id="c", name="general", kind="text")
    there = Guild.founded(
        guild_id="g",
        name="guild",
        visibility="private",
        role_ids=[OWNER_ROLE, MODERATOR_ROLE, MEMBER_ROLE, EVERYONE_ROLE],
    )
    there.channels["c"] = channel
    for role in RANKS:
        there.add_member(role, role)
    return there, channel


def grant(there: Guild, role_id: str, position: int, *permissions: Permission) -> None:
    there.roles[role_id] = Role(
        role_id=role_id, name=role_id, position=position, permissions=frozenset(permissions)
    )


def override(channel: Channel, target: str, *, allow: str = "", deny: str = "") -> None:
    known = {str(name): name for name in CANONICAL_ORDER}
    channel.overrides[target] = Override(
        allow=frozenset(known[name] for name in allow.split()),
        deny=frozenset(known[name] for name in deny.split()),
    )


@pytest.mark.parametrize(
    ("role", "lacks"),
    [
        ("owner", set()),
        ("moderator", {"manage_roles", "manage_workspace_roles"}),
        ("member", set(CANONICAL_ORDER) - {"create_message", "subscribe_streams"}),
        ("stranger", set(CANONICAL_ORDER)),
    ],
)
@pytest.mark.witnesses("PERM-1", "PERM-2")
def test_permissions_follow_the_seed_roles(role: str, lacks: set[str]) -> None:
    there, channel = guild()
    assert access.in_guild(there, role) == set(CANONICAL_ORDER) - lacks
    assert access.in_channel(there, channel, role) == set(CANONICAL_ORDER) - lacks
    assert access.can_read(there, channel, role) == (role != "stranger")


@pytest.mark.witnesses("PERM-1")
def test_permissions_of_held_roles_are_united() -> None:
    there, _ = guild()
    grant(there, "mute", 2)
    grant(there, "video", 3, "publish_video")
    there.members["member"].role_ids |= {"mute": None, "video": None}
    assert access.in_guild(there, "member") == {"create_message", "subscribe_streams", "publish_video"}


def test_lists_permissions_in_canonical_order() -> None:
    there, _ = guild()
    assert in_canonical_order(access.in_guild(there, "member")) == ["create_message", "subscribe_streams"]
    assert in_canonical_order(access.in_guild(there, "owner")) == list(CANONICAL_ORDER)


@pytest.mark.parametrize(
    ("overrides", "readers"),
    [
        ({EVERYONE_ROLE: ("", "create_message")}, "owner"),
        ({MEMBER_ROLE: ("", "create_message")}, "owner moderator"),
        ({"member": ("", "create_message")}, "owner moderator"),
        ({"owner": ("", "create_message"), OWNER_ROLE: ("", "create_message")}, "owner moderator member"),
        # A later layer beats an earlier one.
        ({EVERYONE_ROLE: ("", "create_message"), MEMBER_ROLE: ("create_message", "")}, "owner member"),
        ({EVERYONE_ROLE: ("", "create_message"), "moderator": ("create_message", "")}, "owner moderator"),
        ({MEMBER_ROLE: ("", "create_message"), "member": ("create_message", "")}, "owner moderator member"),
        ({EVERYONE_ROLE: ("create_message", ""), MEMBER_ROLE: ("", "create_message")}, "owner moderator"),
        # Inside a layer a denial beats an allowance.
        ({MEMBER_ROLE: ("create_message", ""), "r-extra": ("", "create_message")}, "owner moderator"),
    ],
)
@pytest.mark.witnesses("PERM-1", "PERM-2")
def test_overrides_apply_in_three_layers(overrides: dict[str, tuple[str, str]], readers: str) -> None:
    there, channel = guild()
    grant(there, "r-extra", 2)
    there.members["member"].role_ids["r-extra"] = None
    for target, (allow, deny) in overrides.items():
        override(channel, target, allow=allow, deny=deny)
    assert [role for role in RANKS if access.can_read(there, channel, role)] == readers.split()


@pytest.mark.witnesses("PERM-1")
def test_an_override_can_give_what_no_role_gives() -> None:
    there, channel = guild()
    override(channel, "member", allow="delete_message", deny="subscribe_streams")
    assert access.in_channel(there, channel, "member") == {"create_message", "delete_message"}
    assert "delete_message" not in access.in_guild(there, "member")


def test_conclusions_end_with_the_membership_and_begin_with_a_new_one() -> None:
    there, channel = guild()
    assert access.can_read(there, channel, "member")
    there.remove_member("member")
    assert not access.can_read(there, channel, "member")
    there.add_member("member")
    assert access.can_read(there, channel, "member")


def test_conclusions_end_with_a_change_of_access() -> None:
    there, channel = guild()
    assert access.can_read(there, channel, "member")
    override(channel, EVERYONE_ROLE, deny="create_message")
    there.access_changed()
    assert not access.can_read(there, channel, "member")


def test_a_channel_of_another_guild_gives_nothing() -> None:
    there, _ = guild()
    assert access.in_channel(there, Channel(channel_id="x", name="x", kind="text"), "owner") == frozenset()


@pytest.mark.parametrize(("actor", "target"), list(itertools.product(RANKS, repeat=2)))
@pytest.mark.witnesses("PERM-HIER-1", "PERM-HIER-2", "MEM-3")
def test_only_who_stands_above_may_remove(actor: LegacyRole, target: LegacyRole) -> None:
    there, _ = guild()
    there.add_member("a", actor)
    there.add_member("b", target)
    allowed = {("owner", "moderator"), ("owner", "member"), ("moderator", "member")}
    by, whom = there.members["a"], there.members["b"]
    assert access.outranks(there, by, whom) == ((actor, target) in allowed)
    assert access.may_give_role(there, by, target) == ((actor, target) in allowed)


@pytest.mark.witnesses("PERM-HIER-3")
def test_position_decides_where_rank_says_otherwise() -> None:
    there, _ = guild()
    grant(there, "r-high", 500)
    there.members["member"].role_ids["r-high"] = None
    assert access.outranks(there, there.members["member"], there.members["moderator"])
    assert not access.outranks(there, there.members["moderator"], there.members["member"])


@pytest.mark.witnesses("ROLE-9")
def test_the_name_of_a_custom_role_says_nothing() -> None:
    there, _ = guild()
    there.roles["fake"] = Role(role_id="fake", name="moderator", position=2, permissions=frozenset())
    there.members["member"].role_ids["fake"] = None
    assert there.legacy_role(there.members["member"]) == "member"
    assert "ban_member" not in access.in_guild(there, "member")


@pytest.mark.witnesses("IPBAN-2", "IPBAN-3")
def test_an_ip_ban_shuts_out_its_address_until_it_expires_and_never_an_owner() -> None:
    there, _ = guild()
    there.ip_bans["b"] = IpBan(
        ban_id="b",
        address="2001:db8::1",
        source_user_id=None,
        reason=None,
        created_at_unix=1,
        expires_at_unix=100,
    )

    def shut_out(user_id: str, address: str, now: float) -> bool:
        return access.is_address_banned(there, user_id, address, now_unix=now)

    assert shut_out("member", "2001:db8::1", 99)
    assert shut_out("stranger", "2001:db8::1", 99)
    assert not shut_out("member", "2001:db8::1", 100)
    assert not shut_out("member", "2001:db8::2", 99)
    assert not shut_out("owner", "2001:db8::1", 99)
