import itertools

import pytest

from sync_check.conformance.contract.permissions import CANONICAL_ORDER
from sync_check.conformance.contract.values import LegacyRole
from sync_check.reference_server import access
from sync_check.reference_server.store import Channel, Guild, Member


def guild() -> tuple[Guild, Channel]:
    channel = Channel(channel_id="c", name="general", kind="text")
    there = Guild(guild_id="g", name="guild", visibility="private", channels={"c": channel})
    for role in ("owner", "moderator", "member"):
        there.put_member(role, role)
    return there, channel


@pytest.mark.parametrize(
    ("role", "lacks"),
    [
        ("owner", set()),
        ("moderator", {"manage_roles", "manage_workspace_roles"}),
        ("member", set(CANONICAL_ORDER) - {"create_message", "subscribe_streams"}),
        ("stranger", set(CANONICAL_ORDER)),
    ],
)
def test_permissions_follow_the_seed_roles(role: str, lacks: set[str]) -> None:
    there, channel = guild()
    assert access.in_guild(there, role) == set(CANONICAL_ORDER) - lacks
    assert access.in_channel(there, channel, role) == set(CANONICAL_ORDER) - lacks
    assert access.can_read(there, channel, role) == (role != "stranger")


def test_lists_permissions_in_canonical_order() -> None:
    there, _ = guild()
    assert access.in_canonical_order(access.in_guild(there, "member")) == [
        "create_message",
        "subscribe_streams",
    ]
    assert access.in_canonical_order(access.in_guild(there, "owner")) == list(CANONICAL_ORDER)


def test_conclusions_end_with_the_membership_and_begin_with_a_new_one() -> None:
    there, channel = guild()
    assert access.can_read(there, channel, "member")
    there.remove_member("member")
    assert not access.can_read(there, channel, "member")
    there.put_member("member", "member")
    assert access.can_read(there, channel, "member")


def test_a_channel_of_another_guild_gives_nothing() -> None:
    there, _ = guild()
    assert access.in_channel(there, Channel(channel_id="x", name="x", kind="text"), "owner") == frozenset()


@pytest.mark.parametrize(
    ("actor", "target"), list(itertools.product(("owner", "moderator", "member"), repeat=2))
)
def test_only_who_stands_above_may_remove(actor: LegacyRole, target: LegacyRole) -> None:
    allowed = {("owner", "moderator"), ("owner", "member"), ("moderator", "member")}
    by, whom = Member(user_id="a", role=actor), Member(user_id="b", role=target)
    assert access.may_remove(by, whom) == ((actor, target) in allowed)
    assert access.may_give_role(by, target) == ((actor, target) in allowed)
