"""Finding messages by the words in them (contract 2.5): an index of folded texts, kept in every channel."""

from collections.abc import Iterable, Sequence

from sync_check.reference_server.content import Message
from sync_check.reference_server.guild import Channel, Guild


def terms_of(query: str) -> list[str]:
    """The words that a found message holds, all of them, in whatever case."""
    return query.casefold().split()


def note(channel: Channel, message: Message) -> None:
    """Take up a message that was stored or edited (SEARCH-2)."""
    channel.searchable[message.message_id] = message.content.casefold()


def forget(channel: Channel, message_id: str) -> None:
    """Drop a message that was deleted."""
    channel.searchable.pop(message_id, None)


def find(channels: Iterable[Channel], terms: Sequence[str], *, limit: int) -> list[Message]:
    """At most `limit` messages of these channels that hold every term, newest first."""
    found = [
        channel.messages[message_id]
        for channel in channels
        for message_id, text in channel.searchable.items()
        if all(term in text for term in terms)
    ]
    return sorted(found, key=lambda message: message.message_id, reverse=True)[:limit]


def rebuild(guild: Guild) -> None:
    """Make the guild's index anew."""
    for channel in guild.channels.values():
        channel.searchable = {
            message.message_id: message.content.casefold() for message in channel.messages.values()
        }


def reconcile(guild: Guild) -> tuple[int, int]:
    """Bring the index in line with what is stored; returns how many entries were put and how many dropped."""
    put = dropped = 0
    for channel in guild.channels.values():
        for message_id in [one for one in channel.searchable if one not in channel.messages]:
            forget(channel, message_id)
            dropped += 1
        for message in channel.messages.values():
            if channel.searchable.get(message.message_id) != message.content.casefold():
                note(channel, message)
                put += 1
    return put, dropped
