"""The commands `message_create` of a run, and what becomes known of them though nothing acknowledges any.

A command has taken effect once a subscribe that was sent after it on the same connection is answered (CMD-1).
Which message it made is learnt from the first that shows it: an event, or a list that REST gave.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract import shapes
from sync_check.conformance.history import CommandSent, InputSent, Outcome, Purpose
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.model.connections import Connection
from sync_check.conformance.model.ingress import Consequence
from sync_check.conformance.model.results import read_result


class _Content(NamedTuple):
    """By what a message is known to be that of a command."""

    author_id: str | None
    channel_id: str
    content: str


class Sendings:
    """The commands whose effect nobody has seen yet, and those that nothing bounds yet."""

    def __init__(self) -> None:
        self._unseen: dict[_Content, list[Call]] = {}
        self._unbound: dict[int, list[Call]] = {}
        self._seen: set[str] = set()

    @property
    def is_waiting(self) -> bool:
        """Whether a message may come to light that some command made."""
        return bool(self._unseen)

    def take(self, call: Call, asked: ops.CreateMessage) -> None:
        """A command was sent."""
        made = _Content(call.actor, asked.channel_id, asked.content)
        self._unseen.setdefault(made, []).append(call)
        if call.connection is not None:
            self._unbound.setdefault(call.connection, []).append(call)

    def bound(self, connection: int, asked: int, position: int, at: int) -> None:
        """A subscribe that was sent at position `asked` was answered at `position`, at `at` microseconds."""
        waiting = self._unbound.pop(connection, [])
        for call in waiting:
            if call.invoked < asked:
                call.acknowledged, call.answered_at = position, at
        later = [call for call in waiting if call.invoked > asked]
        if later:
            self._unbound[connection] = later

    def seen(self, message: shapes.Message) -> Call | None:
        """The command that made a message, the first time that it is seen."""
        if message.message_id in self._seen:
            return None
        made = _Content(message.author_id, message.channel_id, message.content)
        waiting = self._unseen.get(made)
        if waiting is None:
            return None
        call = waiting.pop(0)
        if not waiting:
            del self._unseen[made]
        self._seen.add(message.message_id)
        call.outcome, call.made_message = Outcome.OK, message
        return call


def sent(record: CommandSent, connection: Connection, *, scenario: int, position: int) -> Call | None:
    """The life of what a command asks for; None for one that asks for no operation."""
    if record.op is None or record.command != ops.SendMessage.name:
        return None
    return _life(record, connection, record.arguments, scenario=scenario, position=position)


def meant(
    record: InputSent,
    consequences: Sequence[Consequence],
    connection: Connection,
    *,
    scenario: int,
    position: int,
) -> Call | None:
    """The life of the message that an input asks for, or would ask for if it were as it should be.

    None for one that asks for none, or of which no message was read.
    """
    for one in consequences:
        said = one.said
        arguments = said.payload if said is not None and said.name == ops.SendMessage.name else None
        arguments = record.meant if arguments is None and one.may_end else arguments
        if arguments is not None:
            call = _life(record, connection, arguments, scenario=scenario, position=position)
            call.offence = one if one.may_end else None
            return call
    return None


def _life(
    record: CommandSent | InputSent,
    connection: Connection,
    arguments: Mapping[str, Any],
    *,
    scenario: int,
    position: int,
) -> Call:
    return Call(
        op=record.op or 0,
        name=ops.SendMessage.name,
        client=connection.client,
        session=connection.session,
        connection=connection.number,
        purpose=Purpose.SCENARIO,
        scenario=scenario,
        invoked=position,
        invoked_at=record.at,
        operation=ops.CreateMessage.model_validate(dict(arguments)),
        arguments=arguments,
        actor=connection.user_id,
    )


def shown_by(call: Call) -> Iterator[shapes.Message]:
    """The messages that an answer lists, in order of creation as far as it tells that."""
    if call.outcome is not Outcome.OK or not isinstance(call.operation, ops.History | ops.Search):
        return
    value = read_result(type(call.operation), call.body).value
    if isinstance(value, shapes.MessagePage | shapes.SearchResult):
        # A list shows reactions of later on; a new message has none.
        yield from (message.model_copy(update={"reactions": []}) for message in reversed(value.messages))
