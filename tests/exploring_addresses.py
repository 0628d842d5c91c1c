"""Random operations in which IP bans come and go, and the lists that tell of them are read."""

from collections.abc import Callable, Sequence
from typing import Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.model.address_bans import ShutOut
from sync_check.conformance.model.banned_connections import without_cut
from sync_check.conformance.model.ip_bans import standing_at
from sync_check.conformance.model.world import Guild
from sync_check.harness.client import Client, Connection
from sync_check.harness.room import Place, Room
from tests.exploring import Explorer

_PREFIXES: Final = (None, "moderation", "role.", "member.kick", "nothing", "Not an action", "")


class AddressExplorer(Explorer):
    """Half of what it draws is about joins, addresses, the audit log and the directory."""

    def _draw(self, actor: Client) -> ops.Operation:
        if self._random.random() < 0.5:
            return super()._draw(actor)
        return self._random.choice(_DRAWS)(self, actor)

    # --- who hears what

    async def _keep_up(self) -> None:
        await super()._keep_up()
        for client in self.people:
            for connection in client.connections:
                connection.subscriptions &= self._uncut(connection)

    def _uncut(self, connection: Connection) -> set[str]:
        """The channels whose subscription no IP ban can have ended."""
        timeline = self.ledger.timeline
        known = self.ledger.connections[connection.id]
        kept = without_cut(timeline, known, self.rooms[0].guild_id, timeline.newest)
        return {lease.channel_id for lease in kept.leases if lease.confirmed is not None}

    async def _subscribe_somebody(self, room: Room, guild: Guild) -> None:
        let_in = [client for client in self.people if self._standing(guild, client) is ShutOut.NO]
        shut_out = [client for client in self.people if self._standing(guild, client) is ShutOut.SURELY]
        everybody = self.people
        self.people = let_in
        await super()._subscribe_somebody(room, guild)
        self.people = everybody
        if shut_out and self._random.random() < 0.1:
            await self._ask_in_vain(self._random.choice(shut_out), room, guild)

    async def _ask_in_vain(self, client: Client, room: Room, guild: Guild) -> None:
        """A subscribe that costs the connection, and a new connection."""
        channel_id = self._random.choice(list(guild.channels))
        connection = client.connections.pop()
        connection.ask(Place(guild_id=room.guild_id, channel_id=channel_id))
        await connection.over()
        await client.open()

    def _standing(self, guild: Guild, client: Client) -> ShutOut:
        now = self.stage.company.clock.now_us()
        if guild.members.get(client.user_id) == "owner":
            return ShutOut.NO
        return standing_at(guild, self.ledger.addresses.get(client.name), now, now)

    # --- what can be done

    def open_up(self, _: Client) -> ops.Operation:
        return ops.UpdateGuild(guild_id=self.rooms[0].guild_id, visibility="public")

    def join(self, _: Client) -> ops.Operation:
        return ops.JoinGuild(guild_id=self._guild_id)

    def ban(self, _: Client) -> ops.Operation:
        drawn = self._random.random()
        if drawn < 0.1:
            reason, seconds = self._random.choice([("", 5), ("x" * 241, None), (None, 0), (None, -1)])
            return ops.BanAddressesOf(
                guild_id=self._guild_id, target_user_id=self._user(), reason=reason, expires_in_secs=seconds
            )
        return ops.BanAddressesOf(
            guild_id=self._guild_id,
            target_user_id=self._user(),
            reason=self._random.choice([None, "a bad neighbour", "é" * 200]),
            expires_in_secs=self._random.choice([None, None, 1, 2, 3600]),
        )

    def unban(self, _: Client) -> ops.Operation:
        ban_ids = [ban_id for bans in self._guild.ip_bans for ban_id in sorted(bans.ban_ids)]
        return ops.RemoveIpBan(guild_id=self._guild_id, ban_id=self._one(ban_ids))

    def bans(self, _: Client) -> ops.Operation:
        limit = self._random.choice([None, 1, 100, 0, 101])
        return ops.ListIpBans(guild_id=self._guild_id, limit=limit)

    def audit(self, _: Client) -> ops.Operation:
        limit = self._random.choice([None, 1, 100, 100, 100, 0, 101])
        return ops.ReadAudit(
            guild_id=self._guild_id, limit=limit, action_prefix=self._random.choice(_PREFIXES)
        )

    def directory(self, _: Client) -> ops.Operation:
        query = self._random.choice([None, "ROOM", self._guild.name[:3], "no such guild", "x" * 65])
        return ops.ListPublicGuilds(q=query, limit=self._random.choice([None, 1, 50, 0, 51]))


_DRAWS: Final[Sequence[Callable[[AddressExplorer, Client], ops.Operation]]] = (
    AddressExplorer.open_up,
    AddressExplorer.open_up,
    AddressExplorer.join,
    AddressExplorer.join,
    AddressExplorer.join,
    AddressExplorer.ban,
    AddressExplorer.ban,
    AddressExplorer.unban,
    AddressExplorer.unban,
    AddressExplorer.unban,
    AddressExplorer.bans,
    AddressExplorer.audit,
    AddressExplorer.audit,
    AddressExplorer.directory,
)
