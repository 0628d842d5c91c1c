"""JSON bodies that are too large for a server to look at what they say (contract 2.1, 6.1)."""

import json
from dataclasses import replace
from typing import Any, Final

from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.operations import Operation, Sending
from sync_check.conformance.model.transitions import Expectation

_TOO_LARGE: Final = 413
_OF_CHARACTER: Final = 12
"""The most bytes of one character: beyond the basic plane it is escaped as two surrogates."""
_OF_MEMBER: Final = 64
"""More than the bytes of a member besides its characters: its name, a number, punctuation."""


def with_body_size(limits: Limits, operation: Operation, due: Expectation) -> Expectation:
    """What is due of an operation whose body may be larger than the target reads (REST-3).

    How it was spelled is not known, so a body that one spelling makes too large and another does not may be
    refused for that. What the values in one that is too large are worth is not looked at; who asks may be.
    """
    limit = limits.max_body_bytes
    if operation.sending is not Sending.JSON or _bound(vars(operation)) <= limit:
        return due
    body = operation.body()
    if _spelled(body, separators=(", ", ": ")) <= limit:
        return due
    if _spelled(body, separators=(",", ":"), ensure_ascii=False) <= limit:
        return replace(due, statuses=due.statuses | {_TOO_LARGE}, code=None)
    others = due.statuses - {operation.success, 400, 422}
    return Expectation(statuses=others | {_TOO_LARGE}, requirement="REST-3")


def _bound(value: Any) -> int:
    """What a value has at most, found quickly."""
    if isinstance(value, str):
        return _OF_CHARACTER * len(value)
    if isinstance(value, dict):
        return sum(map(_bound, value.values())) + _OF_MEMBER * len(value)
    if isinstance(value, (list, tuple, frozenset)):
        return sum(map(_bound, value)) + _OF_MEMBER * len(value)
    return 0


def _spelled(body: Any, **how: Any) -> int:
    return len(json.dumps(body, **how).encode("utf-8", "surrogatepass"))
