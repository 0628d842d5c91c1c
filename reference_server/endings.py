"""Why a connection ends: the label counted in `ws_disconnects_total`, and the Close frame (contract 3.4)."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """`code` is that of the Close frame, whose reason is the label; with None the server sends none."""

    label: str
    code: int | None = 1008


EVENT_TOO_LARGE: Final = Ending(label="event_too_large", code=1009)
INGRESS_RATE_LIMITED: Final = Ending(label="ingress_rate_limited")
INVALID_ENVELOPE: Final = Ending(label="invalid_envelope")
NOT_UTF8: Final = Ending(label="invalid_envelope", code=1007)
INVALID_SUBSCRIBE_PAYLOAD: Final = Ending(label="invalid_subscribe_payload")
INVALID_MESSAGE_CREATE_PAYLOAD: Final = Ending(label="invalid_message_create_payload")
UNKNOWN_EVENT: Final = Ending(label="unknown_event")
MESSAGE_REJECTED: Final = Ending(label="message_rejected")
BROKEN_TEXT: Final = Ending(label="socket_error", code=1007)
PROTOCOL_VIOLATION: Final = Ending(label="socket_error", code=1002)

CLIENT_CLOSE: Final = Ending(label="client_close", code=None)
CONNECTION_CLOSED: Final = Ending(label="connection_closed", code=None)
SOCKET_ERROR: Final = Ending(label="socket_error", code=None)

IP_BANNED: Final = Ending(label="ip_banned")
SLOW_CONSUMER: Final = Ending(label="slow_consumer")
OUTBOUND_QUEUE_FULL: Final = Ending(label="outbound_queue_full")
OUTBOUND_PAYLOAD_TOO_LARGE: Final = Ending(label="outbound_payload_too_large")
SESSION_REVOKED: Final = Ending(label="session_revoked")
IDLE_TIMEOUT: Final = Ending(label="idle_timeout")
SERVER_SHUTDOWN: Final = Ending(label="server_shutdown", code=1001)
