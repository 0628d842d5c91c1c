"""A workspace made for one scenario: guild, channels, owner, and the members according to the script."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync_check.harness.client import Client, Connection


@dataclass(slots=True, eq=False)
class Room:
    """`channels` maps the script's names to channel ids; `members` are clients, the owner first.

    `words` were written in messages, edits included and the newest last: something to search for. `files`
    were uploaded, whatever became of them since.
    """

    guild_id: str
    owner: Client
    channels: dict[str, str] = field(default_factory=dict)
    members: list[Client] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    files: list[File] = field(default_factory=list)

    def channel(self, name: str) -> Place:
        """The channel of that script name; raises KeyError for an unknown one."""
        return Place(guild_id=self.guild_id, channel_id=self.channels[name])

    def heard_by(self, connection: Connection) -> list[Place]:
        """The channels in which the script counts on a connection."""
        return [self.channel(name) for name, one in self.channels.items() if one in connection.subscriptions]

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


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """An attachment that a client uploaded."""

    place: Place
    attachment_id: str
