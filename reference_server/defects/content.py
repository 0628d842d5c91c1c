"""Defects of search."""

from collections.abc import Iterable, Mapping
from typing import Final

from sync_check.conformance.contract.events import MessageCreate, MessageUpdate
from sync_check.reference_server import search
from sync_check.reference_server.connections import Connections
from sync_check.reference_server.defects.rewriting import Answer, Asked, Rewriting
from sync_check.reference_server.deviation import Faithful, Telling
from sync_check.reference_server.store import Store


class SearchShowsHidden(Rewriting):
    """A search finds messages of all channels, also of those that who searches has no access to."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        searched = asked.at("GET", "/guilds/*/search")
        guild = None if searched is None else asked.guild(searched[0])
        if guild is None or answer.status != 200 or "channel_id" in asked.query:
            return answer
        limits = asked.backend.settings.limits
        found = search.find(
            guild.channels.values(),
            search.terms_of(asked.query["q"]),
            limit=int(asked.query.get("limit", "20")),
        )
        return answer.saying(
            {
                "message_ids": [message.message_id for message in found],
                "messages": [message.shape(asked.user_id, limits).wire() for message in found],
            }
        )


class SearchMissesEdits(Faithful):
    """A message is found by the words that it was created with, whatever it was edited to."""

    def __init__(self, connections: Connections, store: Store) -> None:
        super().__init__(connections, store)
        self._texts: dict[str, str] = {}

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        event, guild = telling.event, telling.guild
        if isinstance(event, MessageCreate):
            self._texts[event.message_id] = event.content.casefold()
        elif isinstance(event, MessageUpdate) and guild is not None:
            index = guild.channels[event.channel_id].searchable
            index[event.message_id] = self._texts.get(event.message_id, "")
        return (telling,)


DEFECTIVE: Final[Mapping[str, type[Faithful]]] = {
    "search-shows-hidden": SearchShowsHidden,
    "search-misses-edits": SearchMissesEdits,
}
