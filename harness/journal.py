"""The journal: everything that happens in a run passes here once, in order, and leaves without secrets.

What the listeners get is what the file gets, so judging live and judging the file later see the same.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import count
from typing import Any, Final

from sync_check.conformance.contract.slices import View
from sync_check.conformance.history import (
    BodySeen,
    ClientKnown,
    CommandSent,
    ConnectionEnded,
    FrameReceived,
    HarnessFailed,
    Header,
    OperationAnswered,
    OperationInvoked,
    Record,
    ScenarioEnded,
    ScenarioSkipped,
    SettleEnded,
    SliceSeen,
    Stalled,
    canonical,
    digest,
    encode_record,
)
from sync_check.harness.clock import Clock
from sync_check.harness.memo import Memo
from sync_check.harness.redaction import Secrets

Listener = Callable[[Record], None]
Write = Callable[[bytes], None]

_TEXTS: Final[Mapping[type[Any], tuple[str, ...]]] = {
    Header: ("target", "repeat", "selection", "notes"),
    ScenarioSkipped: ("reason",),
    ScenarioEnded: ("message",),
    ClientKnown: ("user_id", "username"),
    OperationInvoked: ("arguments",),
    OperationAnswered: ("body", "error", "headers"),
    ConnectionEnded: ("reason",),
    CommandSent: ("arguments",),
    SettleEnded: ("void",),
    Stalled: ("waiting",),
    HarnessFailed: ("message",),
}
"""The fields that may repeat a target's words or a secret; bodies and slices are treated on their own."""


class Journal:
    """The run's history as it grows.

    `write` gets one NDJSON line per record, `listeners` the record itself. Connections, operations and
    settles are numbered here, from 1 and in the order of their beginning.
    """

    __slots__ = (
        "_bodies",
        "_clock",
        "_connections",
        "_digests",
        "_listeners",
        "_next_body",
        "_operations",
        "_secrets",
        "_settles",
        "_slices",
        "_write",
    )

    def __init__(
        self,
        *,
        clock: Clock,
        secrets: Secrets,
        write: Write | None = None,
        listeners: tuple[Listener, ...] = (),
    ) -> None:
        self._clock = clock
        self._secrets = secrets
        self._write = write
        self._listeners = listeners
        self._operations = count(1)
        self._connections = count(1)
        self._settles = count(1)
        self._next_body = count(1)
        self._bodies: Memo[str | tuple[bytes, bool], int] = Memo()
        self._slices: Memo[str, str] = Memo(entries=2048)
        self._digests: set[str] = set()

    def listen(self, listener: Listener) -> None:
        """Hand every later record to `listener` as well."""
        self._listeners = (*self._listeners, listener)

    def next_op(self) -> int:
        """A number for an operation that is about to be sent."""
        return next(self._operations)

    def next_connection(self) -> int:
        """A number for a connection that is established."""
        return next(self._connections)

    def next_settle(self) -> int:
        """A number for a settle that begins."""
        return next(self._settles)

    def record(self, record: Record) -> None:
        """Append `record`, secrets marked."""
        names = _TEXTS.get(type(record))
        clean = record if names is None else self._redacted(record, names)
        self._append(clean, encode_record(clean))

    def frame(self, connection: int, data: str | bytes, binary: bool) -> FrameReceived:
        """Append that `connection` received a frame now: text as `str`, anything else as `bytes`.

        Its body is appended before it when it is new. A body that was forgotten (the memo is bounded) is
        written again under a new number.
        """
        key = data if isinstance(data, str) else (data, binary)
        body = self._bodies.get(key)
        if body is None:
            body = self._bodies.put(key, self._body(data, binary), weight=len(data) + 128)
        at = self._clock.now_us()
        frame = FrameReceived(at=at, connection=connection, body=body)
        # The one record that comes by the ten thousand: its line is `encode_record(frame)`, written out.
        line = f'{{"k":"frame","at":{at},"connection":{connection},"body":{body}}}\n'
        self._append(frame, line.encode())
        return frame

    def slices(self, view: View) -> dict[str, str]:
        """Slice key to digest for a replica or snapshot record; new slices are appended, each once."""
        return {key: self._slice(value) for key, value in view.items()}

    def _slice(self, value: Any) -> str:
        text = canonical(value)
        known = self._slices.get(text)
        if known is not None:
            return known
        if self._secrets.redact(text) is not text:
            clean = canonical(self._secrets.redact_json(value))
        else:
            clean = text
        name = digest(clean)
        if name not in self._digests:
            self._digests.add(name)
            self.record(SliceSeen(digest=name, value=clean))
        return self._slices.put(text, name, weight=len(text))

    def _body(self, data: str | bytes, binary: bool) -> int:
        number = next(self._next_body)
        raw = data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass")
        if binary:
            text = base64.b64encode(raw).decode()
        else:
            # Bytes that are not UTF-8 become \xNN, which no JSON text can hold.
            text = data if isinstance(data, str) else data.decode("utf-8", "backslashreplace")
        self.record(BodySeen(body=number, text=self._secrets.redact(text), size=len(raw), binary=binary))
        return number

    def _redacted(self, record: Record, names: tuple[str, ...]) -> Record:
        changed: dict[str, Any] = {}
        for name in names:
            before = getattr(record, name)
            after = self._secrets.redact_json(before)
            if isinstance(before, tuple):
                after = tuple(after)
            if after != before:
                changed[name] = after
        return replace(record, **changed) if changed else record

    def _append(self, record: Record, line: bytes) -> None:
        if self._write is not None:
            self._write(line)
        for listener in self._listeners:
            listener(record)
