"""Health and metrics (contract 2.5 and 7)."""

from sync_check.conformance.contract import shapes
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.operations.operation import Authority, Operation


class ReadHealth(Operation):
    name = "health"
    method = "GET"
    path = "/health"
    result = shapes.Health
    authority = Authority.ANYBODY


class ReadMetrics(Operation):
    name = "metrics"
    method = "GET"
    path = "/metrics"
    result = None
    authority = Authority.ANYBODY
    feature = Feature.METRICS
