"""The counters of contract 7, one registry for each server."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, disable_created_metrics, generate_latest

from sync_check.conformance.contract.events import Event

_DISTINCT_NAMES: Final = 64
"""Received event names beyond this number are counted as `other` (METRIC-7)."""

disable_created_metrics()  # type: ignore[no-untyped-call]  # counters only: the `_created` series are gauges


class Metrics:
    """What happened since the start. No label ever holds an id, an address or content (METRIC-8).

    `prefix` precedes every name (contract 7).
    """

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self._registry = CollectorRegistry()
        self._emitted = self._counter("gateway_events_emitted", "scope", "event_type")
        self._dropped = self._counter("gateway_events_dropped", "scope", "event_type", "reason")
        self._unknown = self._counter("gateway_events_unknown_received", "scope", "event_type")
        self._rejected = self._counter("gateway_events_parse_rejected", "scope", "reason")
        self._disconnects = self._counter("ws_disconnects", "reason")
        self._auth_failures = self._counter("auth_failures", "reason")
        self._rate_limit_hits = self._counter("rate_limit_hits", "surface", "reason")
        self._voice_repairs = self._counter("voice_sync_repairs", "reason")
        self._received_names: dict[str, None] = {}

    def _counter(self, name: str, *labels: str) -> Counter:
        return Counter(self._prefix + name, name.replace("_", " "), labels, registry=self._registry)

    def emitted(self, event: Event, connections: int) -> None:
        """An event was enqueued for so many connections (METRIC-2)."""
        if connections:
            self._emitted.labels(event.scope.value, event.name).inc(connections)

    def dropped(self, event: Event, reason: str) -> None:
        self._dropped.labels(event.scope.value, event.name, reason).inc()

    def unknown_received(self, name: str) -> None:
        """A client sent a valid envelope of an unknown name."""
        if name not in self._received_names:
            if len(self._received_names) >= _DISTINCT_NAMES:
                name = "other"
            self._received_names[name] = None
        self._unknown.labels("ingress", name).inc()

    def parse_rejected(self, reason: str) -> None:
        self._rejected.labels("ingress", reason).inc()

    def disconnected(self, reason: str) -> None:
        self._disconnects.labels(reason).inc()

    def auth_failed(self, status: int) -> None:
        """A request was answered with 401 or 403."""
        self._auth_failures.labels("unauthorized" if status == 401 else "forbidden").inc()

    def rate_limited(self, surface: str, reason: str) -> None:
        self._rate_limit_hits.labels(surface, reason).inc()

    def voice_repaired(self, reason: str) -> None:
        """Somebody was told anew who is in a voice channel."""
        self._voice_repairs.labels(reason).inc()

    def exposition(self) -> bytes:
        """The text exposition format."""
        return generate_latest(self._registry)
