"""What one user may know of a world: everything that any read of theirs may show them, now.

Where the slices of a view end, this goes on: to attachments, voice, legacy roles, the audit log and IP bans,
to what is public, and to what keeps the user out.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from sync_check.conformance.history import canonical, digest
from sync_check.conformance.model.access import guild_permissions, is_member, may_access
from sync_check.conformance.model.addresses import Address
from sync_check.conformance.model.views import Views
from sync_check.conformance.model.world import Guild, World


class Sights:
    """The sights of users, as JSON text: equal texts, equal knowledge."""

    def __init__(self, features: Collection[str]) -> None:
        self._views: Final = Views(features)

    def of(self, world: World, user_id: str, address: Address | None = None) -> str:
        """Everything that a user, who calls from an address, may know of a world."""
        view = self._views.view(world, user_id, world.guilds, world.messages)
        sight: dict[str, Any] = {key: part.text for key, part in view.items()}
        for guild_id, guild in world.guilds.items():
            sight[f"guild/{guild_id}"] = dict(_of_guild(world, guild, user_id, address))
        sight["people"] = {one.user_id: _person(one) for one in world.people.values()}
        return canonical(sight)


def _person(person: Any) -> list[Any]:
    return [person.username, person.about_markdown, person.avatar_version, person.banner_version]


def _of_guild(world: World, guild: Guild, user_id: str, address: Address | None) -> Iterator[tuple[str, Any]]:
    yield "kept_out", [user_id in guild.banned, _bans_of(guild, address)]
    if guild.visibility == "public":
        yield "public", guild.name
    if not is_member(guild, user_id):
        return
    yield "members", dict(sorted(guild.members.items()))
    yield "default_role", guild.default_role
    visible = [channel for channel in guild.channels if may_access(guild, channel, user_id)]
    yield "overrides", {channel: _overrides(guild, channel) for channel in visible}
    yield "attachments", _attachments(world, visible)
    yield "voice", _voice(world, visible)
    permissions = guild_permissions(guild, user_id)
    if "view_audit_log" in permissions:
        rows = world.audit.get(guild.guild_id) or ()
        yield "audit", [[sorted(row.actions), row.actor_id, row.target_id, row.asked_at] for row in rows]
    if "manage_ip_bans" in permissions:
        yield "ip_bans", [[ban.source_id, sorted(ban.ban_ids), ban.reason] for ban in guild.ip_bans]


def _bans_of(guild: Guild, address: Address | None) -> int:
    """How many bans may cover an address."""
    return sum(bool(ban.ban_ids) and ban.may_cover(address) for ban in guild.ip_bans)


def _overrides(guild: Guild, channel_id: str) -> Mapping[str, Any]:
    written = guild.overrides.get(channel_id, {})
    return {target: [sorted(one.allow), sorted(one.deny)] for target, one in written.items()}


def _attachments(world: World, visible: Collection[str]) -> Mapping[str, Any]:
    return {
        one.attachment_id: [
            one.channel_id,
            one.owner_id,
            one.filename,
            digest(one.data.hex()),
            one.message_id,
        ]
        for one in world.attachments.values()
        if one.channel_id in visible
    }


def _voice(world: World, visible: Collection[str]) -> Mapping[str, Any]:
    return {
        channel: sorted([one.user_id, sorted(one.streams)] for one in world.voice.in_channel(channel))
        for channel in visible
    }
