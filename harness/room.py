"""A workspace made for one scenario: guild, channels, owner, and the members according to the script."""

from dataclasses import dataclass, field

from sync_check.harness.client import Client


@dataclass(slots=True, eq=False)
class Room:
    """`channels` maps the script's names to channel ids; `members` are clients, the owner first."""

    guild_id: str
    owner: Client
    channels: dict[str, str] = field(default_factory=dict)
    members: list[Client] = field(default_factory=list)

    def channel(self, name: str) -> "Place":
        """The channel of that script name; raises KeyError for an unknown one."""
        return Place(guild_id=self.guild_id, channel_id=self.channels[name])

    def lose(self, client: Client) -> None:
        """`client` is no member any more: none of its subscriptions here counts."""
        self.members.remove(client)
        for connection in client.connections:
            connection.subscriptions -= set(self.channels.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A channel as the target addresses it."""

    guild_id: str
    channel_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A message that a client wrote."""

    place: Place
    message_id: str
