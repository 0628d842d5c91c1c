"""What must follow what a client sends on a gateway connection, as bytes: who sends what ends it, and how.

Each message is judged in the order size, ingress rate, envelope, payload (contract 3.2 and 3.4); whether a
command is carried out depends on the world, and is asked elsewhere. After what must end the connection
nothing is looked at any more (BAD-9).
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from sync_check.conformance.contract.counters import CLIENT_CLOSE, Counter
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.model.client_stream import ClientStream, Close, Fault, Message, Read
from sync_check.conformance.model.envelopes import (
    INVALID_ENVELOPE,
    UNKNOWN_EVENT,
    Said,
    Unclear,
    Understood,
    Unknown,
    Wrong,
    understand,
)

NORMAL: Final = 1000
_PROTOCOL_ERROR: Final = 1002
_UNSUPPORTED: Final = 1003
_INVALID_DATA: Final = 1007
_POLICY_VIOLATION: Final = 1008
_TOO_BIG: Final = 1009
_BROKEN: Final = frozenset((_PROTOCOL_ERROR, _INVALID_DATA))
_RATE_LIMITED: Final = "ingress_rate_limited"
_SOCKET_ERROR: Final = "socket_error"
_TOO_LARGE: Final = "event_too_large"
INVALID_MESSAGE: Final = "invalid_message_create_payload"
_CODES: Final[Mapping[str, frozenset[int]]] = {
    _TOO_LARGE: frozenset((_TOO_BIG,)),
    _RATE_LIMITED: frozenset((_POLICY_VIOLATION,)),
    INVALID_ENVELOPE: frozenset((_INVALID_DATA, _POLICY_VIOLATION)),
    _SOCKET_ERROR: _BROKEN,
}
"""The Close codes of section 3.4 by label; all others are ended with 1008."""
_REQUIREMENTS: Final[Mapping[str, str]] = {
    _TOO_LARGE: "BAD-1",
    _RATE_LIMITED: "BAD-2",
    INVALID_ENVELOPE: "BAD-3",
    "invalid_subscribe_payload": "BAD-4",
    INVALID_MESSAGE: "BAD-5",
    UNKNOWN_EVENT: "BAD-6",
    "message_rejected": "BAD-7",
    _SOCKET_ERROR: "BAD-8",
}
COUNTED: Final[Mapping[str, Counter]] = {
    INVALID_ENVELOPE: Counter.PARSE_REJECTED,
    "invalid_subscribe_payload": Counter.PARSE_REJECTED,
    INVALID_MESSAGE: Counter.PARSE_REJECTED,
    UNKNOWN_EVENT: Counter.UNKNOWN_RECEIVED,
}
"""The counter in which a refusal counts besides the end of its connection (section 7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """What the contract asks of a server that is sent something.

    The connection ends, counted under one of `labels`, with a Close frame of one of `codes`, because
    `requirement` says so; `broken` is the narrowest rule that the input breaks. If it `may_survive`, it may
    go on as well. `event` is the unknown name that is counted. Without labels nothing has to follow: `said`
    is the command, if it is one. What should be treated like something else and need not be is `alike`.
    """

    labels: frozenset[str] = frozenset()
    codes: frozenset[int] = frozenset()
    requirement: str = ""
    broken: str = ""
    may_survive: bool = False
    event: str | None = None
    said: Said | None = None
    alike: bool = False

    @property
    def must_end(self) -> bool:
        """Whether the connection has to end."""
        return bool(self.labels) and not self.may_survive

    @property
    def may_end(self) -> bool:
        """Whether it is in order that it ends."""
        return bool(self.labels)


def refused(label: str, broken: str = "") -> Consequence:
    """The end under one label of section 3.4."""
    requirement = _REQUIREMENTS[label]
    return Consequence(
        labels=frozenset((label,)),
        codes=_CODES.get(label, frozenset((_POLICY_VIOLATION,))),
        requirement=requirement,
        broken=broken or requirement,
    )


def _any_of(*labels: str, may_survive: bool = False) -> Consequence:
    """The end under whichever of these labels, the first of which says what asks for it."""
    first = refused(labels[0])
    codes = (_CODES.get(label, frozenset((_POLICY_VIOLATION,))) for label in labels)
    return replace(first, labels=frozenset(labels), codes=frozenset().union(*codes), may_survive=may_survive)


NOTHING: Final = Consequence()
CLOSED: Final = Consequence(labels=frozenset((CLIENT_CLOSE,)), requirement="METRIC-4", broken="METRIC-4")
"""The client's own Close: whatever code comes back is right."""
_FAULTS: Final[Mapping[Fault, Consequence]] = {
    Fault.PROTOCOL: refused(_SOCKET_ERROR),
    Fault.NOT_UTF8: refused(_SOCKET_ERROR),
    Fault.TOO_LONG: refused(_TOO_LARGE),
    Fault.LONGER_THAN_ANY: _any_of(_TOO_LARGE, _SOCKET_ERROR),
    Fault.DISPUTED: replace(_any_of(_SOCKET_ERROR, may_survive=True), codes=frozenset()),
}


class Ingress:
    """What one connection was sent, in order; times are in microseconds of the history's clock."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._stream = ClientStream(limits.max_gateway_event_bytes)
        self._sent: deque[tuple[int, int]] = deque()
        self._is_over = False

    def take(self, data: bytes, at: int) -> Iterator[Consequence]:
        """Bytes went out: what follows from the messages that they complete, up to what ends everything."""
        for read in self._stream.take(data):
            if self._is_over:
                return
            consequence = self._consequence(read, at)
            self._is_over = consequence.must_end
            yield consequence

    def command(self, at: int) -> Consequence:
        """A command went out that is as it should be."""
        if not self._stream.is_between:
            # In the middle of a message it is no message of its own.
            return next(self.take(b"\x81\x80\0\0\0\0", at), NOTHING)
        return self._rated(1, at) or NOTHING

    def _consequence(self, read: Read, at: int) -> Consequence:
        if isinstance(read, Fault):
            return _FAULTS[read]
        if isinstance(read, Close):
            return CLOSED
        too_many = self._rated(read.frames, at)
        if too_many is not None and too_many.must_end:
            return too_many
        found = _of_message(read, self._limits)
        return found if too_many is None else _in_doubt(found)

    # --- the ingress rate (BAD-2)

    def _rated(self, frames: int, at: int) -> Consequence | None:
        """What follows from how many there were lately; None where they were surely not too many.

        The server counts when they arrive, which may be closer together or further apart than they left; and
        whether it counts the messages or the frames that they come in is left open.
        """
        window_us = round(self._limits.ingress_window_s * 1_000_000)
        self._sent.append((at, frames))
        while self._sent[0][0] < at - window_us - window_us // 2:
            self._sent.popleft()
        if sum(count for _, count in self._sent) <= self._limits.ingress_frames:
            return None
        surely = sum(1 for when, _ in self._sent if when >= at - window_us // 2)
        is_sure = surely > self._limits.ingress_frames
        return replace(refused(_RATE_LIMITED), may_survive=not is_sure)


def _in_doubt(found: Consequence) -> Consequence:
    """The same where the message may be one too many instead."""
    if not found.labels:
        return replace(refused(_RATE_LIMITED), may_survive=True, said=found.said)
    both = _any_of(*sorted(found.labels), _RATE_LIMITED)
    return replace(found, labels=both.labels, codes=both.codes)


def _of_message(message: Message, limits: Limits) -> Consequence:
    found = _of_text(understand(message.data, limits))
    # An invalid envelope is one in whatever kind of frame it comes (BAD-3); all else should be treated alike.
    if message.is_text or found.labels == {INVALID_ENVELOPE}:
        return found
    otherwise = _any_of(*sorted(found.labels), INVALID_ENVELOPE, _SOCKET_ERROR)
    is_open = bool(found.labels) and found.may_survive
    return replace(
        found,
        labels=otherwise.labels,
        codes=otherwise.codes | {_UNSUPPORTED},
        requirement=found.requirement or "BAD-3",
        broken=found.broken if is_open else "ENV-4",
        may_survive=found.may_survive or found.said is not None,
        alike=not is_open,
    )


def _of_text(understood: Understood) -> Consequence:
    match understood:
        case Said():
            return Consequence(said=understood)
        case Wrong(label, broken):
            return refused(label, broken)
        case Unknown(name):
            return replace(refused(UNKNOWN_EVENT), event=name)
        case Unclear(labels, is_refused, event, said):
            return replace(_any_of(*sorted(labels), may_survive=not is_refused), event=event, said=said)
