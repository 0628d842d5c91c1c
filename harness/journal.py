"""The journal: everything that happens in a run passes here once, in order, and leaves without secrets.

What the listeners get is what the file gets, so judging live and judging the file later see the same.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any, Final

from sync_check.conformance.contract.slices import View
from sync_check.conformance.contract.wire import WireFrame
from sync_check.conformance.history import (
    BodySeen,
    ClientKnown,
    CommandSent,
    ConnectionEnded,
    ConnectionOpened,
    FramesReceived,
    HarnessFailed,
    Header,
    InputSent,
    OperationAnswered,
    OperationInvoked,
    Record,
    ScenarioEnded,
    ScenarioSkipped,
    SettleEnded,
    SliceSeen,
    Stalled,
    UpgradeAnswered,
    canonical,
    digest,
    encode_record,
)
from sync_check.harness.clock import Clock
from sync_check.harness.memo import Memo
from sync_check.harness.redaction import Secrets

Listener = Callable[[Record], None]
Write = Callable[[bytes], None]
Later = Callable[[Callable[[], None]], object]
"""Has a callback called within some milliseconds."""

_AT_ONCE: Final = (0,)
_MOST_WAITING: Final = 16 * 1024
"""Frames that wait, each on its connection."""
_MOST_NEW: Final = 512
"""New bodies among them: whoever floods sends little else, and is not seen before a flush."""
_NOTED: Final = 3
"""Of each: the connection, the number of its body, and when it came by the clock's own reading."""
_TEXTS: Final[Mapping[type[Any], tuple[str, ...]]] = {
    Header: ("target", "repeat", "selection", "notes"),
    ScenarioSkipped: ("reason",),
    ScenarioEnded: ("message",),
    ClientKnown: ("user_id", "username"),
    OperationInvoked: ("arguments", "token"),
    UpgradeAnswered: ("header", "query", "body", "error", "headers"),
    ConnectionOpened: ("headers",),
    OperationAnswered: ("body", "error", "headers"),
    ConnectionEnded: ("reason",),
    CommandSent: ("arguments",),
    InputSent: ("name", "frames", "meant"),
    SettleEnded: ("void",),
    Stalled: ("waiting",),
    HarnessFailed: ("message",),
}
"""The fields that may repeat a target's words or a secret; bodies and slices are treated on their own."""


class Journal:
    """The run's history as it grows.

    `write` gets one NDJSON line per record, `listeners` the record itself. Connections, operations and
    settles are numbered here, from 1 and in the order of their beginning.

    A body that many connections receive is one record as long as nothing but frames is recorded in between,
    and none of them received something later before it. Frames are appended before whatever else comes next,
    and at the latest when `later` calls back. Without `later` every frame is a record of its own, at once.
    """

    __slots__ = (
        "_bodies",
        "_body",
        "_clock",
        "_connections",
        "_data",
        "_digests",
        "_is_awaited",
        "_later",
        "_lines",
        "_listeners",
        "_new",
        "_next_body",
        "_operations",
        "_read_s",
        "_received",
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
        later: Later | None = None,
    ) -> None:
        self._clock = clock
        self._read_s = clock.read_s
        self._later = later
        self._is_awaited = False
        self._data: str | bytes | None = None
        self._body = 0
        self._received: list[Any] = []
        self._new = 0
        self._secrets = secrets
        self._write = write
        self._lines = 0
        self._listeners = listeners
        self._operations = count(1)
        self._connections = count(1)
        self._settles = count(1)
        self._next_body = count(1)
        self._bodies: Memo[str | tuple[bytes, bool], int] = Memo(entries=2048)
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
        if self._received:
            self.flush()
        names = _TEXTS.get(type(record))
        clean = record if names is None else self._redacted(record, names)
        if isinstance(clean, OperationInvoked):
            clean = replace(clean, line=self._lines + 1)
        self._append(clean, encode_record(clean))

    def frame(self, connection: int, data: str | bytes, binary: bool) -> None:
        """Note that `connection` received a frame now: text as `str`, anything else as `bytes`.

        Its body is appended before it when it is new. A body that was forgotten (the memo is bounded) is
        written again under a new number.
        """
        # This comes by the ten thousand, while the processor's caches are full of other things: all that it
        # does for a body on one more connection is to note that, in one place.
        if data is not self._data or binary:
            self._body = self._number(data, binary)
            self._data = None if binary else data
        if len(self._received) >= _MOST_WAITING * _NOTED:
            self.flush()
        self._received += (connection, self._body, self._read_s())
        if self._later is None:
            self.flush()
        elif not self._is_awaited:
            self._is_awaited = True
            self._later(self._awaited)

    def _number(self, data: str | bytes, binary: bool) -> int:
        key = data if isinstance(data, str) else (data, binary)
        body = self._bodies.get(key)
        if body is None:
            if self._new >= _MOST_NEW:
                self.flush()
            self._new += 1
            body = self._bodies.put(key, self._body_of(data, binary), weight=len(data) + 128)
        return body

    def flush(self) -> None:
        """Append the frames that were noted and not yet appended."""
        received, self._received, self._new = self._received, [], 0
        for body, times in _together(received, self._clock):
            self._append_frames(body, times)

    def _append_frames(self, body: int, times: Mapping[int, int]) -> None:
        at = next(iter(times.values()))
        after = tuple([time - at for time in times.values()]) if len(times) > 1 else _AT_ONCE
        record = FramesReceived(at=at, body=body, connections=tuple(times), after=after)
        # Its line is `encode_record(record)`, written out: lists of numbers look alike in Python and JSON.
        numbers = f'"body":{body},"connections":{list(times)},"after":{list(after)}'
        line = f'{{"k":"frames","at":{at},{numbers}}}\n'
        self._append(record, line.replace(" ", "").encode())

    def _awaited(self) -> None:
        self._is_awaited = False
        self.flush()

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

    def _body_of(self, data: str | bytes, binary: bool) -> int:
        number = next(self._next_body)
        raw = data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass")
        if binary:
            text = base64.b64encode(raw).decode()
        else:
            # Bytes that are not UTF-8 become \xNN, which no JSON text can hold.
            text = data if isinstance(data, str) else data.decode("utf-8", "backslashreplace")
        body = BodySeen(body=number, text=self._secrets.redact(text), size=len(raw), binary=binary)
        # Nothing happened by it: frames that wait may go on waiting.
        self._append(body, encode_record(body))
        return number

    def _redacted(self, record: Record, names: tuple[str, ...]) -> Record:
        changed: dict[str, Any] = {}
        for name in names:
            before = getattr(record, name)
            after = self._clean(before)
            if isinstance(before, tuple):
                after = tuple(after)
            if after != before:
                changed[name] = after
        return replace(record, **changed) if changed else record

    def _clean(self, value: Any) -> Any:
        """A field without secrets; frames as well, whose payloads are escaped bytes."""
        if isinstance(value, tuple) and any(isinstance(one, WireFrame) for one in value):
            return tuple(self._clean(one) for one in value)
        if isinstance(value, WireFrame):
            return replace(value, payload=self._secrets.redact(value.payload))
        return self._secrets.redact_json(value)

    def _append(self, record: Record, line: bytes) -> None:
        self._lines += 1
        if self._write is not None:
            self._write(line)
        for listener in self._listeners:
            listener(record)


def _together(received: Sequence[Any], clock: Clock) -> list[tuple[int, dict[int, int]]]:
    """Bodies in turn, each with the connections that received it and when, in microseconds of the run.

    A body is taken together as long as that changes no connection's order.
    """
    together: list[tuple[int, dict[int, int]]] = []
    places: dict[int, int] = {}
    reached: dict[int, int] = {}
    moments = clock.us_of(received[2::_NOTED])
    latest, place, times = 0, -1, dict[int, int]()
    for connection, body, at in zip(received[::_NOTED], received[1::_NOTED], moments, strict=True):
        if body != latest:  # they come in runs
            latest, place = body, places.get(body, -1)
            times = together[place][1] if place >= 0 else {}
        if place <= reached.get(connection, -1):
            places[body] = place = len(together)
            times = {}
            together.append((body, times))
        reached[connection] = place
        times[connection] = at
    return together
