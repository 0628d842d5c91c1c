"""Defects by which what somebody may not know shows in what they may: each tells it, none says it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from sync_check.conformance.contract.envelope import encode_event
from sync_check.reference_server.connections import Connections
from sync_check.reference_server.defects.rewriting import Answer, Asked, Rewriting
from sync_check.reference_server.deviation import Faithful, Telling
from sync_check.reference_server.store import Store


def _with_header(answer: Answer, name: bytes, value: int) -> Answer:
    return replace(answer, headers=[*answer.headers, (name, b"%d" % value)])


class HiddenMessagesCounted(Rewriting):
    """The list of channels comes with the number of all messages there are, the hidden ones included."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        listed = asked.at("GET", "/guilds/*/channels")
        guild = None if listed is None else asked.guild(listed[0])
        if guild is None or answer.status != 200:
            return answer
        count = sum(len(channel.messages) for channel in guild.channels.values())
        return _with_header(answer, b"x-message-count", count)


class EventsNumbered(Rewriting):
    """Each answer comes with the number of events so far, told to whomever."""

    def __init__(self, connections: Connections, store: Store) -> None:
        super().__init__(connections, store)
        self._told = 0

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        self._told += 1
        return (telling,)

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        return _with_header(answer, b"x-sequence", self._told)


class PaddedByHiddenNames(Faithful):
    """The frame of a new message has as many blanks at its end as all names of channels are long."""

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        if telling.event.name != "message_create" or telling.guild is None:
            return (telling,)
        blanks = sum(len(channel.name) for channel in telling.guild.channels.values())
        return (replace(telling, text=encode_event(telling.event) + b" " * blanks),)


class UnknownChannelToldApart(Rewriting):
    """Where a refusal is due whether or not there is such a channel, an unknown one is told to be unknown."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        guild, steps = asked.guild_asked, asked.scope["path"].split("/")
        names_channel = len(steps) > 4 and steps[3] == "channels"
        if answer.status != 403 or guild is None or not names_channel or steps[4] in guild.channels:
            return answer
        return answer.saying({"error": "not_found"}, status=404)


DEFECTIVE: Final[Mapping[str, type[Faithful]]] = {
    "hidden-messages-counted": HiddenMessagesCounted,
    "events-numbered": EventsNumbered,
    "padded-by-hidden-names": PaddedByHiddenNames,
    "unknown-channel-told-apart": UnknownChannelToldApart,
}
