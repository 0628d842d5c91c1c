"""What the server logs as JSON, one object a line: each emitted and each dropped event, and other records.

Never a payload, an id of a user or a channel, an address or a token.
"""

import json
import logging
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from typing import Any, Final

from sync_check.conformance.contract.events import Event
from sync_check.reference_server.clock import Clock

REQUEST_ID: Final[ContextVar[str | None]] = ContextVar("request_id", default=None)
"""The `x-request-id` of the REST call that is being answered, or one made up for it; None outside of any."""
MAX_REQUEST_ID: Final = 128
"""Characters of a received request id that are logged."""


class EventLog:
    """Writes the lines about events; `write` gets each with its newline.

    A line that cannot be written is lost: no request fails and no event is held back because whoever read the
    log has gone.
    """

    def __init__(self, *, write: Callable[[str], object], clock: Clock) -> None:
        self._write = write
        self._clock = clock

    def emitted(self, event: Event, recipients: int) -> None:
        """An event was enqueued for so many connections, which may be none."""
        self._line(event, outcome="emitted", recipients=recipients, reason=None)

    def dropped(self, event: Event, reason: str) -> None:
        """An event was dropped for one connection, or for all where it is oversized."""
        self._line(event, outcome="dropped", recipients=0, reason=reason)

    def _line(self, event: Event, *, outcome: str, recipients: int, reason: str | None) -> None:
        line = {
            "time": round(self._clock.wall(), 6),
            "level": "info",
            "event": event.name,
            "scope": event.scope.value,
            "outcome": outcome,
            "recipients": recipients,
            "reason": reason,
            "request_id": REQUEST_ID.get(),
        }
        with suppress(OSError):
            self._write(json.dumps(line) + "\n")


class JsonFormatter(logging.Formatter):
    """Every other log record as one line of JSON, its traceback inside."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": round(record.created, 6),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": REQUEST_ID.get(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line)
