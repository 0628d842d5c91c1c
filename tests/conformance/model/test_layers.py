"""Channel permissions with roles and overrides, worked out by hand from contract 8.2: a third witness."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from sync_check.conformance.contract.permissions import Permission
from sync_check.conformance.model.access import (
    channel_permissions,
    guild_permissions,
    held_keys,
    may_access,
    may_place,
    position,
)
from sync_check.conformance.model.world import SEEDS, Channel, Guild, Override, Role, without_entry

HELPER = Role(
    key="helper",
    role_id="helper",
    name="moderator",  # a name gives nothing (ROLE-9)
    position=50,
    permissions=frozenset({"delete_message"}),
)
VIDEO = Role(key="video", role_id="video", name="video", position=5, permissions=frozenset({"publish_video"}))


def _channel(name: str) -> Channel:
    return Channel(channel_id=name, name=name, kind="text")


def _override(*, allow: tuple[Permission, ...] = (), deny: tuple[Permission, ...] = ()) -> Override:
    return Override(allow=frozenset(allow), deny=frozenset(deny))


# olga owns, mona moderates, ben is a member, hal helps, vic has two roles, eve is a stranger.
GUILD = Guild(
    guild_id="g",
    name="room",
    visibility="private",
    members={"olga": "owner", "mona": "moderator", "ben": "member", "hal": "member", "vic": "member"},
    assigned={"hal": frozenset({"helper"}), "vic": frozenset({"helper", "video"})},
    roles={**SEEDS, "helper": HELPER, "video": VIDEO},
    channels={
        name: _channel(name)
        for name in ("open", "hidden", "helpers", "banned", "mixed", "late", "nobody", "granted")
    },
    overrides={
        "hidden": {"@everyone": _override(deny=("create_message",))},
        "helpers": {
            "@everyone": _override(deny=("create_message",)),
            "helper": _override(allow=("create_message",)),
        },
        "banned": {"ben": _override(deny=("create_message",))},
        # Inside layer 2 the denial of one role beats the allowance of the other.
        "mixed": {
            "helper": _override(allow=("publish_video",), deny=("create_message",)),
            "video": _override(allow=("create_message",)),
        },
        # The member's own layer comes last and wins.
        "late": {
            "@everyone": _override(deny=("create_message", "subscribe_streams")),
            "member": _override(deny=("create_message",)),
            "ben": _override(allow=("create_message",)),
        },
        "nobody": {
            "@everyone": _override(deny=("create_message",)),
            "member": _override(allow=("create_message",)),
            "moderator": _override(deny=("create_message", "ban_member")),
        },
        "granted": {"@everyone": _override(allow=("publish_video", "manage_channel_overrides"))},
    },
)
USERS = ("olga", "mona", "ben", "hal", "vic", "eve")

# Who has access to which channel, in words.
ACCESS: Mapping[str, str] = {
    "open": "    olga mona ben hal vic",
    "hidden": "  olga",
    "helpers": " olga hal vic",
    "banned": "  olga mona hal vic",
    "mixed": "   olga mona ben",
    "late": "    olga ben",
    "nobody": "  olga ben hal vic",
    "granted": " olga mona ben hal vic",
}


@pytest.mark.parametrize("channel", ACCESS)
def test_who_has_access(channel: str) -> None:
    assert [user for user in USERS if may_access(GUILD, channel, user)] == ACCESS[channel].split()


@pytest.mark.parametrize(
    ("channel", "user", "expected"),
    [
        ("open", "ben", "create_message subscribe_streams"),
        ("open", "hal", "delete_message create_message subscribe_streams"),
        ("open", "vic", "delete_message create_message publish_video subscribe_streams"),
        ("hidden", "ben", "subscribe_streams"),
        ("mixed", "hal", "delete_message publish_video subscribe_streams"),
        ("mixed", "vic", "delete_message publish_video subscribe_streams"),
        ("late", "ben", "create_message"),
        ("late", "hal", "delete_message"),
        ("nobody", "ben", "create_message subscribe_streams"),
        ("granted", "ben", "manage_channel_overrides create_message publish_video subscribe_streams"),
        ("granted", "eve", ""),
    ],
)
def test_what_is_left_after_the_layers(channel: str, user: str, expected: str) -> None:
    assert channel_permissions(GUILD, channel, user) == frozenset(expected.split())


def test_a_moderator_without_access_keeps_what_was_not_denied() -> None:
    left = channel_permissions(GUILD, "nobody", "mona")
    assert "create_message" not in left
    assert "ban_member" not in left
    assert "delete_message" in left


def test_at_guild_level_overrides_count_for_nothing() -> None:
    assert guild_permissions(GUILD, "ben") == {"create_message", "subscribe_streams"}
    assert guild_permissions(GUILD, "vic") == {
        "create_message",
        "subscribe_streams",
        "delete_message",
        "publish_video",
    }


@pytest.mark.parametrize(
    ("user", "keys", "height"),
    [
        ("olga", ("workspace_owner",), 10000),
        ("mona", ("moderator",), 100),
        ("ben", ("member",), 1),
        ("hal", ("member", "helper"), 50),
        ("vic", ("member", "helper", "video"), 50),
        ("eve", (), -1),
    ],
)
def test_roles_held_and_position(user: str, keys: tuple[str, ...], height: int) -> None:
    assert held_keys(GUILD, user) == keys
    assert position(GUILD, user) == height


def test_roles_are_placed_below_the_own_position_owners_apart() -> None:
    assert [may_place(GUILD, "mona", at) for at in (99, 100, 101)] == [True, False, False]
    assert may_place(GUILD, "olga", 9999)
    assert may_place(GUILD, "olga", 10000)


def test_a_deleted_seed_role_is_held_by_nobody() -> None:
    rest = replace(GUILD, roles=without_entry(GUILD.roles, "member"))
    assert guild_permissions(rest, "ben") == {"create_message", "subscribe_streams"}  # of @everyone
    assert position(rest, "ben") == 0
    assert position(rest, "hal") == 50
