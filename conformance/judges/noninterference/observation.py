"""What one client observed: frames, answers and ends, each with its time, and ids by first appearance.

An id says nothing by itself: which one a server gives to what comes next may depend on what others did. So
each is renamed to its number among those that this client saw. Secrets are markers already.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from sync_check.conformance.contract.envelope import EnvelopeError, decode_server_frame
from sync_check.conformance.contract.values import ULID_PATTERN
from sync_check.conformance.history import (
    BodySeen,
    ConnectionEnded,
    ConnectionOpened,
    FramesReceived,
    OperationAnswered,
    OperationInvoked,
    Record,
    canonical,
)

ANSWER: Final = "answer"
FRAME: Final = "frame"
OPENED: Final = "opened"
END: Final = "end"
_ULID: Final = re.compile(rf"(?<![0-9A-Za-z]){ULID_PATTERN.pattern}(?![0-9A-Za-z])")
_OWN_HEADER: Final = "x-request-id"
"""The client chose it itself."""


class Renaming:
    """Ids of one observer, numbered as they come."""

    def __init__(self) -> None:
        self._numbers: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        """The text with every id in it renamed."""
        return _ULID.sub(lambda found: self._number(found.group()), text)

    def _number(self, name: str) -> str:
        return self._numbers.setdefault(name, f"<id {len(self._numbers) + 1}>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """One thing that a client observed `at` a time in microseconds, on `where`: a connection, or REST.

    `kind` is one of the four above, `what` the operation that was answered or the name of the event, `text`
    everything.
    """

    at: int
    where: str
    kind: str
    what: str
    text: str


def observations(records: Iterable[Record], client: str) -> tuple[Observed, ...]:
    """What the client of that name observed, in order."""
    return tuple(_Observer(client).observe(records))


class _Observer:
    def __init__(self, client: str) -> None:
        self._client = client
        self._renamed = Renaming()
        self._connections: dict[int, str] = {}
        self._asked: dict[int, str] = {}
        self._bodies: dict[int, BodySeen] = {}

    def observe(self, records: Iterable[Record]) -> Iterator[Observed]:
        for record in records:
            if isinstance(record, FramesReceived):
                yield from self._frames(record)
            else:
                observed = self._of(record)
                if observed is not None:
                    yield observed

    def _frames(self, record: FramesReceived) -> Iterator[Observed]:
        for connection, after in zip(record.connections, record.after, strict=True):
            if connection in self._connections:
                body = self._bodies[record.body]
                text = f"{self._renamed(body.text)} of {body.size} bytes"
                yield self._on(connection, record.at + after, FRAME, text, _name_of(body))

    def _of(self, record: Record) -> Observed | None:
        match record:
            case BodySeen():
                self._bodies[record.body] = record
            case OperationInvoked() if record.client == self._client:
                self._asked[record.op] = record.operation
            case OperationAnswered() if record.op in self._asked:
                return self._answer(record)
            case ConnectionOpened() if record.client == self._client:
                self._connections[record.connection] = f"{record.client}#{record.number}"
                return self._on(record.connection, record.at, OPENED, "opened")
            case ConnectionEnded() if record.connection in self._connections:
                how = f"{record.how}, code {record.code}, reason {record.reason!r}"
                return self._on(record.connection, record.at, END, how)
        return None

    def _on(self, connection: int, at: int, kind: str, text: str, what: str = "") -> Observed:
        return Observed(at=at, where=self._connections[connection], kind=kind, what=what, text=text)

    def _answer(self, record: OperationAnswered) -> Observed:
        headers: dict[str, Any] = dict(record.headers or {})
        headers.pop(_OWN_HEADER, None)
        told = canonical(headers) if headers else "no headers"
        text = f"{record.status} {record.error or ''} {record.body or ''} with {told}"
        return Observed(
            at=record.at,
            where=self._client,
            kind=ANSWER,
            what=self._asked[record.op],
            text=self._renamed(text),
        )


def _name_of(body: BodySeen) -> str:
    try:
        return decode_server_frame(body.text).name
    except EnvelopeError:
        return ""
