"""Requests that were sent as bytes: what is to be made of each, and the operation that it is if it is one."""

from dataclasses import replace

from sync_check.conformance.contract.inputs.requests import RAW_REQUEST, RawRequest
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.operations import Operation
from sync_check.conformance.history import OperationInvoked
from sync_check.conformance.model.requests import Understood, understand_request


def understood_request(record: OperationInvoked, limits: Limits) -> Understood | None:
    """What is to be made of a request; None for an operation that was sent as such."""
    if record.operation != RAW_REQUEST:
        return None
    asked = RawRequest(**record.arguments)
    content = asked.content
    understood = understand_request(asked.method, asked.target, asked.headers, content, limits)
    return replace(understood, body_bytes=len(content))


def as_operation(record: OperationInvoked, operation: Operation) -> OperationInvoked:
    """The record of the operation that a request is."""
    arguments = operation.model_dump(mode="json", exclude_none=True)
    return replace(record, operation=operation.name, arguments=arguments)
