"""The counters of `GET /metrics`: names, label names and values (contract 7), as data."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Counter(StrEnum):
    """A counter by its name, which the target's prefix may precede."""

    EMITTED = "gateway_events_emitted_total"
    DROPPED = "gateway_events_dropped_total"
    UNKNOWN_RECEIVED = "gateway_events_unknown_received_total"
    PARSE_REJECTED = "gateway_events_parse_rejected_total"
    DISCONNECTS = "ws_disconnects_total"
    AUTH_FAILURES = "auth_failures_total"
    RATE_LIMIT_HITS = "rate_limit_hits_total"
    VOICE_REPAIRS = "voice_sync_repairs_total"


LABELS: Final[Mapping[Counter, tuple[str, ...]]] = {
    Counter.EMITTED: ("scope", "event_type"),
    Counter.DROPPED: ("scope", "event_type", "reason"),
    Counter.UNKNOWN_RECEIVED: ("scope", "event_type"),
    Counter.PARSE_REJECTED: ("scope", "reason"),
    Counter.DISCONNECTS: ("reason",),
    Counter.AUTH_FAILURES: ("reason",),
    Counter.RATE_LIMIT_HITS: ("surface", "reason"),
    Counter.VOICE_REPAIRS: ("reason",),
}
"""The label names of each counter, in the order in which label values are given."""

LOSSES: Final = frozenset(("full_queue", "closed", "oversized_outbound"))
"""The reasons for which events may be dropped (METRIC-5)."""
LOSSES_OF_ENDS: Final = frozenset(("full_queue", "closed"))
"""Those of them after which the connection concerned is over (6.2)."""

CLIENT_CLOSE: Final = "client_close"
DISCONNECTS: Final = frozenset(
    (
        *("event_too_large", "ingress_rate_limited", "invalid_envelope", "invalid_subscribe_payload"),
        *("invalid_message_create_payload", "unknown_event", "message_rejected", "socket_error"),
        *(CLIENT_CLOSE, "connection_closed", "ip_banned", "slow_consumer"),
        *("outbound_queue_full", "outbound_queue_closed", "outbound_payload_too_large"),
        *("ready_serialize_error", "outbound_serialize_error", "session_revoked", "idle_timeout"),
    )
)
"""The labels of section 3.4, one for each way in which a connection ends."""

OTHER: Final = "other"
"""What stands for every received name beyond the fixed number of them (METRIC-7)."""
