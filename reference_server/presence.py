"""Who is online in which guild (contract 4.4): state only; `membership` and `commands` tell it."""

from sync_check.reference_server.connections import Connection


class Presence:
    """Present connections by guild and user. A user with at least one is online there."""

    def __init__(self) -> None:
        self._present: dict[str, dict[str, dict[Connection, None]]] = {}

    def online(self, guild_id: str) -> list[str]:
        """The users online in a guild, each once (PRES-2)."""
        return list(self._present.get(guild_id, ()))

    def enter(self, connection: Connection, guild_id: str) -> bool:
        """Make a connection present; whether it is its user's first there (PRES-1)."""
        users = self._present.setdefault(guild_id, {})
        is_first = connection.user_id not in users
        users.setdefault(connection.user_id, {})[connection] = None
        connection.present_in[guild_id] = None
        return is_first

    def end(self, connection: Connection) -> list[str]:
        """Forget an ended connection; returns the guilds in which it was its user's last (PRES-3)."""
        return [guild_id for guild_id in list(connection.present_in) if self.leave(connection, guild_id)]

    def leave(self, connection: Connection, guild_id: str) -> bool:
        """End a connection's presence in one guild; whether it was its user's last there (PRES-4)."""
        del connection.present_in[guild_id]
        there = self._present[guild_id][connection.user_id]
        del there[connection]
        if not there:
            self._drop(guild_id, connection.user_id)
        return not there

    def remove(self, guild_id: str, user_id: str) -> bool:
        """Forget a user who is no member any more; whether the user was online (PRES-6)."""
        there = self._present.get(guild_id, {}).get(user_id)
        if there is None:
            return False
        for connection in there:
            del connection.present_in[guild_id]
        self._drop(guild_id, user_id)
        return True

    def _drop(self, guild_id: str, user_id: str) -> None:
        users = self._present[guild_id]
        del users[user_id]
        if not users:
            del self._present[guild_id]
