"""Permission names in canonical order, seed roles and legacy ranks (contract 8.1): data, no algorithm."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

from sync_check.conformance.contract.values import LegacyRole

Permission = Literal[
    "manage_roles",
    "manage_member_roles",
    "manage_workspace_roles",
    "manage_channel_overrides",
    "delete_message",
    "ban_member",
    "view_audit_log",
    "manage_ip_bans",
    "create_message",
    "publish_video",
    "publish_screen_share",
    "subscribe_streams",
]

CANONICAL_ORDER: Final[tuple[Permission, ...]] = get_args(Permission)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedRole:
    """A role that every guild starts with."""

    name: str
    position: int
    is_system: bool
    permissions: tuple[Permission, ...]


_EVERYBODY: Final[tuple[Permission, ...]] = ("create_message", "subscribe_streams")

WORKSPACE_OWNER: Final = SeedRole(
    name="workspace_owner", position=10000, is_system=True, permissions=CANONICAL_ORDER
)
MODERATOR: Final = SeedRole(
    name="moderator",
    position=100,
    is_system=False,
    permissions=tuple(p for p in CANONICAL_ORDER if p not in ("manage_roles", "manage_workspace_roles")),
)
MEMBER: Final = SeedRole(name="member", position=1, is_system=False, permissions=_EVERYBODY)
EVERYONE: Final = SeedRole(name="@everyone", position=0, is_system=True, permissions=_EVERYBODY)

SEED_ROLES: Final = (WORKSPACE_OWNER, MODERATOR, MEMBER, EVERYONE)

ROLE_OF_LEGACY: Final[dict[LegacyRole, SeedRole]] = {
    "owner": WORKSPACE_OWNER,
    "moderator": MODERATOR,
    "member": MEMBER,
}
LEGACY_RANK: Final[dict[LegacyRole, int]] = {"owner": 3, "moderator": 2, "member": 1}
