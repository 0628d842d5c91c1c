"""Defects of what a server does with what no client should send."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Final

from sync_check.reference_server import endings
from sync_check.reference_server.asgi import Application, Message, Receive, Scope, Send
from sync_check.reference_server.assembly import Assembled
from sync_check.reference_server.connections import Connection, Connections
from sync_check.reference_server.defects.rewriting import Answer, Asked, Rewriting
from sync_check.reference_server.defects.spelling import framed
from sync_check.reference_server.deviation import Execute, Faithful, Telling
from sync_check.reference_server.endings import Ending
from sync_check.reference_server.outbound import Outbound
from sync_check.reference_server.posting import post
from sync_check.reference_server.store import Store

if TYPE_CHECKING:
    from sync_check.reference_server.backend import Backend


class _Otherwise(Faithful):
    """Base of what treats messages otherwise."""

    def executing(self, execute: Execute) -> Execute:
        def instead(backend: "Backend", connection: Connection, text: str) -> Ending | None:
            return self.treat(execute, backend, connection, text)

        return instead

    def treat(self, execute: Execute, backend: "Backend", connection: Connection, text: str) -> Ending | None:
        """Treat a message."""
        ending = execute(backend, connection, self.understood(text))
        return None if ending is None else self.ending(backend, connection, ending)

    def understood(self, text: str) -> str:
        """The text that is carried out in place of the one that came."""
        return text

    def ending(self, backend: "Backend", connection: Connection, ending: Ending) -> Ending | None:
        """How the connection ends in place of that."""
        del backend, connection
        return ending


# --- what is read


def _object_in(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


class FloatVersionAccepted(_Otherwise):
    """A version that equals 1 is taken for 1, a float as well."""

    def understood(self, text: str) -> str:
        found = _object_in(text)
        if found is None or type(found.get("v")) is not float or found["v"] != 1:
            return text
        return json.dumps({**found, "v": 1})


class DuplicateMemberAccepted(_Otherwise):
    """Of a member that occurs twice in an envelope the last one counts."""

    def understood(self, text: str) -> str:
        found = _object_in(text)
        return text if found is None or found.keys() != {"v", "t", "d"} else json.dumps(found)


class TrailingDataAccepted(_Otherwise):
    """What follows the first JSON value of a message is ignored."""

    def understood(self, text: str) -> str:
        try:
            _, end = json.JSONDecoder().raw_decode(text)
        except (ValueError, RecursionError):
            return text
        return text[:end]


class NameWithoutCase(_Otherwise):
    """The name of a command may be in capitals."""

    def understood(self, text: str) -> str:
        found = _object_in(text)
        name = None if found is None else found.get("t")
        if found is None or not isinstance(name, str) or not name.isascii():
            return text
        return json.dumps({**found, "t": name.lower()}) if name != name.lower() else text


class BinaryRefused(Faithful):
    """A binary frame is a violation of the protocol."""

    def refusing(self, message: Assembled) -> Ending | None:
        return None if message.is_text else endings.PROTOCOL_VIOLATION


# --- what ends a connection


class InvalidEnvelopeSurvives(_Otherwise):
    """An invalid envelope is counted and otherwise ignored."""

    def ending(self, backend: "Backend", connection: Connection, ending: Ending) -> Ending | None:
        return None if ending is endings.INVALID_ENVELOPE else ending


class UnknownNameSurvives(_Otherwise):
    """An event with an unknown name is counted and otherwise ignored."""

    def ending(self, backend: "Backend", connection: Connection, ending: Ending) -> Ending | None:
        return None if ending is endings.UNKNOWN_EVENT else ending


class EndWithoutClose(_Otherwise):
    """A connection that sent an invalid envelope is dropped without a Close frame."""

    def ending(self, backend: "Backend", connection: Connection, ending: Ending) -> Ending | None:
        return replace(ending, code=None) if ending is endings.INVALID_ENVELOPE else ending


class RefusedPayloadMislabelled(_Otherwise):
    """The end after a malformed subscribe is counted as that of a rejected message."""

    def ending(self, backend: "Backend", connection: Connection, ending: Ending) -> Ending | None:
        return endings.MESSAGE_REJECTED if ending is endings.INVALID_SUBSCRIBE_PAYLOAD else ending


class RefusalCountedTwice(_Otherwise):
    """A malformed message is counted twice."""

    def ending(self, backend: "Backend", connection: Connection, ending: Ending) -> Ending | None:
        if ending is endings.INVALID_MESSAGE_CREATE_PAYLOAD:
            backend.metrics.parse_rejected(ending.label)
        return ending


class EndCountedTwice(_Otherwise):
    """The end after an unknown name is counted twice."""

    def ending(self, backend: "Backend", connection: Connection, ending: Ending) -> Ending | None:
        if ending is endings.UNKNOWN_EVENT:
            backend.metrics.disconnected(ending.label)
        return ending


class RepairCountedTwice(_Otherwise):
    """A subscribe that is answered counts twice as a list of the participants of a voice channel."""

    def treat(self, execute: Execute, backend: "Backend", connection: Connection, text: str) -> Ending | None:
        ending = execute(backend, connection, text)
        if ending is None and _subscribes(connection, text):
            backend.metrics.voice_repaired("subscribe")
        return ending


class RefusedRepairCounted(_Otherwise):
    """A subscribe that is refused counts as a list of the participants of a voice channel."""

    def treat(self, execute: Execute, backend: "Backend", connection: Connection, text: str) -> Ending | None:
        ending = execute(backend, connection, text)
        if ending is None and _subscribes(connection, text, refused=True):
            backend.metrics.voice_repaired("subscribe")
        return ending


class OffenceEndsOthers(_Otherwise):
    """An invalid envelope ends all connections of its user."""

    def ending(self, backend: "Backend", connection: Connection, ending: Ending) -> Ending | None:
        if ending is endings.INVALID_ENVELOPE:
            for other in list(self._connections.of_user(connection.user_id)):
                if other is not connection:
                    other.end(ending)
        return ending


class RefusedPayloadTakesEffect(_Otherwise):
    """A message with a member too many is stored and told before its connection ends."""

    def treat(self, execute: Execute, backend: "Backend", connection: Connection, text: str) -> Ending | None:
        ending = execute(backend, connection, text)
        found = _object_in(text)
        wanted = None if found is None else found.get("d")
        if ending is endings.INVALID_MESSAGE_CREATE_PAYLOAD and isinstance(wanted, dict):
            guild = self._store.guilds.get(str(wanted.get("guild_id")))
            channel = None if guild is None else guild.channels.get(str(wanted.get("channel_id")))
            content = wanted.get("content")
            if guild is not None and channel is not None and content and isinstance(content, str):
                post(backend, author_id=connection.user_id, guild=guild, channel=channel, content=content)
        return ending


class TakenAfterOffence(_Otherwise):
    """The message that follows an invalid envelope is still carried out; then the connection ends."""

    def __init__(self, connections: Connections, store: Store) -> None:
        super().__init__(connections, store)
        self._ended: dict[Connection, Ending] = {}

    def treat(self, execute: Execute, backend: "Backend", connection: Connection, text: str) -> Ending | None:
        owed = self._ended.pop(connection, None)
        ending = execute(backend, connection, text)
        if owed is None and ending is endings.INVALID_ENVELOPE:
            self._ended[connection] = ending
            return None
        return owed or ending


class _LateReady(Outbound):
    """Tells nothing for a while after it was opened."""

    __slots__ = ("has_begun",)

    def __init__(self, queue: Outbound) -> None:
        super().__init__(bound=queue.bound, write=queue.write)
        self.has_begun = False
        self.block()
        asyncio.get_running_loop().call_later(EarlyMessageLost.after_s, self._begin)

    def unblock(self) -> None:
        if self.has_begun:
            super().unblock()

    def _begin(self) -> None:
        self.has_begun = True
        self.unblock()


class EarlyMessageLost(Faithful):
    """Until a connection is told that it is ready nobody reads what it says."""

    after_s: ClassVar[float] = 0.02

    def queueing(self, queue: Outbound) -> Outbound:
        return _LateReady(queue)

    def executing(self, execute: Execute) -> Execute:
        def instead(backend: "Backend", connection: Connection, text: str) -> Ending | None:
            queue = connection.outbound
            is_early = isinstance(queue, _LateReady) and not queue.has_begun
            return None if is_early else execute(backend, connection, text)

        return instead


class CloseAwaitsAnswer(Faithful):
    """Who does not answer a Close frame is never cut off."""

    def grace(self, seconds: float) -> float:
        return 24 * 3600.0


class ToldAfterClose(Faithful):
    """Who has been sent a Close frame goes on hearing what it was subscribed to."""

    def __init__(self, connections: Connections, store: Store) -> None:
        super().__init__(connections, store)
        self._ended: dict[Connection, frozenset[str]] = {}

    def connection_ends(self, connection: Connection, ending: Ending) -> None:
        if ending is endings.INVALID_ENVELOPE:
            self._ended[connection] = frozenset(connection.subscriptions)

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        channel_id = getattr(telling.event, "channel_id", None)
        for connection, heard in self._ended.items():
            if channel_id in heard:
                connection.outbound.write(framed(telling.event))
        return (telling,)


# --- REST


class ContentTypeIgnored(Faithful):
    """Whatever the content type is, a body is read as JSON."""

    def answering(self, app: Application) -> Application:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            kept = [pair for pair in scope["headers"] if pair[0] != b"content-type"]
            scope["headers"] = [*kept, (b"content-type", b"application/json")]
            await app(scope, receive, send)

        return answer


class _ReadOtherwise(Faithful):
    """Base of what reads the bodies of requests otherwise."""

    def answering(self, app: Application) -> Application:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if b"application/json" not in dict(scope["headers"]).values():
                await app(scope, receive, send)
                return

            async def understood() -> Message:
                message = await receive()
                body = message.get("body", b"")
                while message.get("more_body"):
                    message = await receive()
                    body += message.get("body", b"")
                return {**message, "body": self.understood(body)}

            await app(scope, understood, send)

        return answer

    def understood(self, body: bytes) -> bytes:
        """The body that is read in place of the one that came."""
        return body


class NullIsAbsent(_ReadOtherwise):
    """A member that is null counts as one that is not there."""

    def understood(self, body: bytes) -> bytes:
        found = _object_in(body.decode(errors="replace"))
        if found is None or None not in found.values():
            return body
        return json.dumps({name: value for name, value in found.items() if value is not None}).encode()


class NumberTakenForText(_ReadOtherwise):
    """A number in place of a text is taken for its digits."""

    def understood(self, body: bytes) -> bytes:
        found = _object_in(body.decode(errors="replace"))
        if found is None or not isinstance(found.get("content"), int):
            return body
        return json.dumps({**found, "content": str(found["content"])}).encode()


class MalformedBodyUnprocessable(Rewriting):
    """A body that is no JSON is answered like one of another shape."""

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        is_framework_error = answer.status == 400 and b'"error":"invalid_request"' not in answer.data
        return answer.saying({"detail": "unprocessable"}, status=422) if is_framework_error else answer


def _subscribes(connection: Connection, text: str, *, refused: bool = False) -> bool:
    """Whether a message that was carried out was a subscribe, and answered, or `refused` without a word."""
    said = _object_in(text) or {}
    wanted = said.get("d")
    if said.get("t") != "subscribe" or not isinstance(wanted, dict):
        return False
    return (wanted.get("channel_id") in connection.subscriptions) is not refused


DEFECTIVE: Final[Mapping[str, type[Faithful]]] = {
    "float-version-accepted": FloatVersionAccepted,
    "duplicate-member-accepted": DuplicateMemberAccepted,
    "trailing-data-accepted": TrailingDataAccepted,
    "name-without-case": NameWithoutCase,
    "binary-refused": BinaryRefused,
    "invalid-envelope-survives": InvalidEnvelopeSurvives,
    "unknown-name-survives": UnknownNameSurvives,
    "end-without-close": EndWithoutClose,
    "refused-payload-mislabelled": RefusedPayloadMislabelled,
    "refusal-counted-twice": RefusalCountedTwice,
    "end-counted-twice": EndCountedTwice,
    "repair-counted-twice": RepairCountedTwice,
    "refused-repair-counted": RefusedRepairCounted,
    "offence-ends-others": OffenceEndsOthers,
    "refused-payload-takes-effect": RefusedPayloadTakesEffect,
    "taken-after-offence": TakenAfterOffence,
    "early-message-lost": EarlyMessageLost,
    "close-awaits-answer": CloseAwaitsAnswer,
    "told-after-close": ToldAfterClose,
    "content-type-ignored": ContentTypeIgnored,
    "null-is-absent": NullIsAbsent,
    "number-taken-for-text": NumberTakenForText,
    "malformed-body-unprocessable": MalformedBodyUnprocessable,
}
