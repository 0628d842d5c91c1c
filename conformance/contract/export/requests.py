"""What a REST call takes and where, and how it may be refused (contract 2.1)."""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from sync_check.conformance.contract.export.fields import Member, members
from sync_check.conformance.contract.operations import Operation, Sending

Place = Literal["path_fields", "query_fields", "body_fields"]

_SENT: Final[Mapping[Sending, Place]] = {
    Sending.NOTHING: "body_fields",
    Sending.JSON: "body_fields",
    Sending.QUERY: "query_fields",
    Sending.BYTES: "query_fields",
}
_NOT_NEEDED: Final = frozenset(("issue_voice_token", "set_default_role"))
"""Calls with a JSON body that may be empty."""


class Status(NamedTuple):
    """`code` is what a handler answers as `{"error": code}`; None where only the status counts."""

    code: str | None
    when: str


STATUSES: Final[Mapping[int, Status]] = {
    400: Status("invalid_request", "a value outside its rules; without a code: malformed JSON or query"),
    401: Status("invalid_credentials", "no valid access token, or other credentials that do not hold"),
    403: Status("forbidden", "no member, no permission, no access, or from a banned address"),
    404: Status("not_found", "what the path names does not exist"),
    408: Status(None, "the time limit has passed; what was asked for may have happened"),
    409: Status("quota_exceeded", "one more than there may be"),
    413: Status("payload_too_large", "an upload beyond its limit; without a code: JSON beyond its own"),
    415: Status(None, "a missing or wrong content type"),
    422: Status(None, "a missing, unknown or wrongly typed member of the body, or an unknown enum value"),
    429: Status("rate_limited", "too many requests; without a code: too many of all kinds together"),
}
"""Every status of a refusal. A body without a code is the framework's, and free."""


def request_fields(operation: type[Operation]) -> dict[Place, list[Member]]:
    """The fields of a call by where they are sent; the body of an upload is raw bytes and has none."""
    found: dict[Place, list[Member]] = {"path_fields": [], "query_fields": [], "body_fields": []}
    placeholders, sent = operation.placeholders(), operation.sent_fields()
    for member in members(operation):
        if member.name in placeholders:
            found["path_fields"].append(member)
        elif member.name in sent:
            found[_SENT[operation.sending]].append(member)
    return found


def needs_one(operation: type[Operation]) -> bool:
    """Whether a body without any of the optional fields is refused (REST-4)."""
    sent = operation.sent_fields()
    optional = operation.sending is Sending.JSON and not any(sent.values())
    return optional and operation.name not in _NOT_NEEDED


def refusals(operation: type[Operation]) -> dict[int, tuple[str, ...]]:
    """The codes by status; none where only the status counts. Codes of the call replace the usual one."""
    own: dict[int, list[str]] = {}
    for refusal in operation.refusals:
        own.setdefault(refusal.status, []).append(refusal.code)
    return {status: tuple(own.get(status, _usual(operation, status))) for status in operation.statuses()[1:]}


def _usual(operation: type[Operation], status: int) -> tuple[str, ...]:
    code = STATUSES[status].code
    if code is None or (status == 413 and operation.sending is not Sending.BYTES):
        return ()
    return (code,)
