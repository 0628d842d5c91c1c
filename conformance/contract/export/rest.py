"""The tables of REST in the Markdown export: requests by family, refusals, and shapes of answers."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from pydantic import BaseModel

from sync_check.conformance.contract.export.fields import Member, Type, members
from sync_check.conformance.contract.export.requests import STATUSES, needs_one, refusals, request_fields
from sync_check.conformance.contract.export.revision import Revision, family
from sync_check.conformance.contract.export.tables import NOTHING, code, row
from sync_check.conformance.contract.operations import Operation, Sending
from sync_check.conformance.contract.permissions import CANONICAL_ORDER

_TITLES: Final = {
    "accounts": "Accounts and profiles",
    "friends": "Friends",
    "guilds": "Workspaces, the directory and the audit log",
    "channels": "Channels and overrides",
    "members": "Members and bans",
    "roles": "Roles",
    "messages": "Messages, reactions, attachments and search",
    "voice": "Voice",
    "service": "The service",
}


def requests(edition: Revision) -> str:
    """A heading and a table of requests for each family."""
    return "\n\n".join(
        f"### {_TITLES[name]}\n\n{_family(group)}" for name, group in groupby(edition.operations(), family)
    )


def _family(operations: Iterable[type[Operation]]) -> str:
    head = (
        row("Operation", "Request", "Takes", "Who may", "Feature", "Answers", "Refused with"),
        row(*["---"] * 7),
    )
    return "\n".join((*head, *map(_request, operations)))


def _request(one: type[Operation]) -> str:
    return row(
        f"`{one.name}`",
        f"`{one.method} {one.path}`",
        _takes(one),
        _authority(one),
        NOTHING if one.feature is None else f"`{one.feature}`",
        _answer(one),
        _refused_with(one),
    )


def _authority(one: type[Operation]) -> str:
    who = f"`{one.authority}`" if one.authority in CANONICAL_ORDER else str(one.authority)
    return f"{who} in the channel" if one.in_channel else who


def _takes(one: type[Operation]) -> str:
    fields = request_fields(one)
    ids_apart = [member for member in fields["path_fields"] if not member.type.is_ulid]
    parts = (
        _listed("in the path: ", ids_apart),
        _listed("in the query: ", fields["query_fields"]),
        _listed("at least one of " if needs_one(one) else "", fields["body_fields"]),
        "raw bytes and their content type" if one.sending is Sending.BYTES else "",
    )
    return "; ".join(filter(None, parts)) or NOTHING


def _listed(where: str, fields: list[Member]) -> str:
    return where + "; ".join(map(_field, fields)) if fields else ""


def _answer(one: type[Operation]) -> str:
    if one.result is not None:
        return f"{one.success} {_shape(one.result)}"
    return str(one.success) if one.success == 204 else f"{one.success}, no JSON"


def _refused_with(one: type[Operation]) -> str:
    own = {refusal.status for refusal in one.refusals}
    return ", ".join(
        f"{status} {' '.join(f'`{name}`' for name in codes)}" if status in own else str(status)
        for status, codes in refusals(one).items()
    )


def statuses() -> Iterator[str]:
    """Every status of a refusal with its usual code."""
    for status, (name, when) in STATUSES.items():
        yield row(status, NOTHING if name is None else f"`{name}`", when)


def shapes(edition: Revision) -> Iterator[str]:
    """One row for each shape that a request answers, and for those inside them."""
    found: dict[str, type[BaseModel]] = {}
    for one in edition.operations():
        if one.result is not None:
            _collect(one.result, found)
    for name in sorted(found):
        yield row(f"`{name}`", "; ".join(map(_field, members(found[name]))))


def _collect(shape: type[BaseModel], found: dict[str, type[BaseModel]]) -> None:
    found[shape.__name__] = shape
    for member in members(shape):
        inner = (member.type.items or member.type).shape
        if inner is not None:
            _collect(inner, found)


def _shape(shape: type[BaseModel]) -> str:
    return f"`{shape.__name__}`"


def _field(member: Member) -> str:
    return f"`{member.name}`{'' if member.required else '?'} {_type(member.type)}"


def _type(stated: Type) -> str:
    """The type, with the names of shapes and the values of enumerations."""
    inner = stated.items or stated
    words = str(stated)
    if inner.shape is not None:
        return words.replace("object", _shape(inner.shape))
    if inner.enum and not inner.is_permission:
        return f"{words} ({code(inner.enum)})"
    return words
