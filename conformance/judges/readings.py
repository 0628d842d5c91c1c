"""What the frames say: each distinct body is decoded and validated once, however many connections got it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from sync_check.conformance.contract.envelope import EnvelopeError, decode_server_frame
from sync_check.conformance.contract.events import EVENTS, Event
from sync_check.conformance.contract.payloads import PayloadReading, read_payload
from sync_check.conformance.history import BodySeen
from sync_check.conformance.judges.encodings import decoded
from sync_check.conformance.judges.runs import ALPHANUMERIC, Runs

_NOTHING: Final = PayloadReading(event=None)
_ULID_LENGTH: Final = 26
_RUNS: Final = Runs("".join(sorted(set(ALPHANUMERIC) - set("ILOUilou"))), _ULID_LENGTH)
"""Where the id of something may stand, if it begins with one of `_FIRST`."""
_FIRST: Final = frozenset("01234567")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """A body as a tolerant client reads it.

    `name` is None where the body is no envelope, which `error` explains (None for a binary body). `event` is
    the catalogue's class of that name, None for an unknown one; `check` what validating the payload found.
    """

    body: int
    text: str
    size: int
    binary: bool = False
    name: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    event: type[Event] | None = None
    check: PayloadReading = _NOTHING
    undeclared: tuple[str, ...] = ()
    error: EnvelopeError | None = None

    def identifier(self, member: str) -> str | None:
        """A string member of the payload, such as `guild_id`; None where it is missing or of another type."""
        value = self.payload.get(member)
        return value if isinstance(value, str) else None

    @property
    def guild_id(self) -> str | None:
        """The guild that the payload names."""
        return self.identifier("guild_id")

    @property
    def channel_id(self) -> str | None:
        """The channel that the payload names."""
        return self.identifier("channel_id")


def read_body(body: BodySeen) -> Reading:
    """Decode and validate one body."""
    if body.binary:
        return Reading(body=body.body, text=body.text, size=body.size, binary=True)
    try:
        envelope = decode_server_frame(body.text)
    except EnvelopeError as error:
        return Reading(body=body.body, text=body.text, size=body.size, error=error)
    return Reading(
        body=body.body,
        text=body.text,
        size=body.size,
        name=envelope.name,
        payload=envelope.payload,
        event=EVENTS.get(envelope.name),
        check=read_payload(envelope.name, envelope.payload),
        undeclared=envelope.undeclared,
    )


@lru_cache(maxsize=65536)
def strings_in(text: str) -> tuple[str, ...]:
    """The text itself and, where something in it could be hidden from a search, its decoded forms."""
    return tuple(dict.fromkeys(_spellings(text)))


def _spellings(text: str) -> Iterator[str]:
    yield text
    yield from decoded(text)
    if "\\u" in text:
        try:
            plain = json.dumps(json.loads(text), ensure_ascii=False)
        except (ValueError, RecursionError):
            return
        yield plain
        yield from decoded(plain)


@lru_cache(maxsize=65536)
def ids_in(text: str) -> frozenset[str]:
    """What may be the id of something in a text, in upper case."""
    runs = {run for spelling in strings_in(text) for run in _RUNS.of(spelling)}
    return frozenset(
        run[first : first + _ULID_LENGTH].upper()
        for run in runs
        for first in range(len(run) - _ULID_LENGTH + 1)
        if run[first] in _FIRST
    )
