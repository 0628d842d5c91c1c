"""Decoding each distinct frame once, however many clients receive it."""

from dataclasses import dataclass
from typing import Final

from sync_check.conformance.contract.envelope import EnvelopeError, decode_server_frame
from sync_check.conformance.contract.events import EVENTS, Event, Ready
from sync_check.conformance.contract.payloads import read_payload
from sync_check.harness.memo import Memo
from sync_check.harness.occasions import ASKING


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """What a client makes of a frame: `event`, or None if it ignores the frame.

    It does because it does not know the name (`unknown`, CLIENT-1), or because envelope or payload are
    malformed (CLIENT-2). `asks` tells whether something may have to be read after the event (contract 9.3).
    """

    event: Event | None
    unknown: bool = False
    asks: bool = False


_IGNORED: Final = Decoded(event=None)


class Decoder:
    """Reads frames; one is shared by all replicas of a run.

    Frames longer than `max_event_bytes` bytes of UTF-8 are ignored (contract 1).
    """

    __slots__ = ("_max_event_bytes", "_memo", "latest", "meaning")

    def __init__(self, *, max_event_bytes: int = 65536) -> None:
        self._max_event_bytes = max_event_bytes
        self._memo: Memo[str, Decoded] = Memo(entries=2048)
        self.latest: str | None = None
        """The text that was read last; `meaning` is what it was read as."""
        self.meaning = _IGNORED

    def decode(self, frame: str | bytes) -> Decoded:
        """What a client makes of a frame: text, or bytes, which it ignores (contract 1)."""
        if isinstance(frame, bytes):
            return _IGNORED
        known = self._memo.get(frame)
        if known is None:
            known = self._decoded(frame)
            if not isinstance(known.event, Ready):  # which no other user's connection gets
                self._memo.put(frame, known, weight=len(frame) + 256)
        self.latest, self.meaning = frame, known
        return known

    def _decoded(self, text: str) -> Decoded:
        if len(text.encode("utf-8", "surrogatepass")) > self._max_event_bytes:
            return _IGNORED
        try:
            envelope = decode_server_frame(text)
        except EnvelopeError:
            return _IGNORED
        if envelope.name not in EVENTS:
            return Decoded(event=None, unknown=True)
        event = read_payload(envelope.name, envelope.payload).event
        return Decoded(event=event, asks=type(event) in ASKING)
