"""What must be answered to a request by its form alone (contract 2.1).

A model of what a server must make of it, written from the contract alone. A request without a fault is an
operation, whose answer depends on the world and is asked elsewhere.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Any, Final, NamedTuple, get_args, get_origin
from urllib.parse import parse_qsl, unquote

from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.operations import OPERATIONS, Authority, Operation
from sync_check.conformance.contract.operations.operation import Sending
from sync_check.conformance.contract.values import ULID_PATTERN
from sync_check.conformance.model.bodies import UNREADABLE, Whole, read_json

_WRONG: Final = frozenset((422,))
_DIGITS: Final = re.compile(r"[0-9]{1,9}")
_TOKEN: Final = re.compile(r"Bearer [^\s\"',]+")
_PAGES: Final[Mapping[str, str]] = {
    "history": "history_page",
    "list_members": "members_page",
    "read_audit": "audit_page",
    "list_ip_bans": "ip_bans_page",
    "search": "search_page",
    "list_public_guilds": "public_guilds_page",
}


class Fault(NamedTuple):
    """Something wrong with a request: one of the statuses has to come because of a rule."""

    statuses: frozenset[int]
    requirement: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """A request: its faults, or the operation that it is if there are none; and how long its body is.

    Where the contract leaves open whether a body can be read, `leeway` are the statuses by which such an
    operation may be refused.
    """

    faults: tuple[Fault, ...] = ()
    operation: Operation | None = None
    leeway: frozenset[int] = frozenset()
    body_bytes: int = 0

    @property
    def statuses(self) -> frozenset[int]:
        """Those of which one has to come; which fault is seen first is left open."""
        return frozenset(status for fault in self.faults for status in fault.statuses)


def understand_request(
    method: str, target: str, headers: Mapping[str, str], body: bytes, limits: Limits
) -> Understood:
    """What is to be made of a request; `headers` are by their names in small letters."""
    path, _, query = target.partition("?")
    found = [(kind, values) for kind, values in _routes(path) if kind.method == method]
    if not found:
        status = 405 if any(_routes(path)) else 404
        return Understood(faults=(Fault(frozenset((status,)), "REST-1"),))
    kind, values = found[0]
    faults = list(_faults_of_token(kind, headers))
    given: dict[str, Any] = dict(values)
    leeway: frozenset[int] = frozenset()
    if kind.sending is Sending.JSON:
        read = _read_body(kind, headers, body, limits)
        if isinstance(read, Fault):
            faults.append(read)
        else:
            members, leeway = read
            given |= members
    elif kind.sending is Sending.QUERY:
        pairs = dict(parse_qsl(query, keep_blank_values=True))
        faults += _faults_of_query(kind, pairs, limits)
        given |= {
            name: int(value) if name == "limit" and value.isdigit() else value
            for name, value in pairs.items()
        }
    faults += _faults_of_path(values)
    if faults:
        return Understood(faults=tuple(faults))
    return Understood(operation=kind.model_validate(_by_field(kind, given)), leeway=leeway)


# --- routes


def _routes(path: str) -> Iterator[tuple[type[Operation], Mapping[str, str]]]:
    segments = path.split("/")
    for kind in OPERATIONS.values():
        template = kind.path.split("/")
        if len(template) != len(segments):
            continue
        pairs = list(zip(template, segments, strict=True))
        if all(one.startswith("{") or one == unquote(other) for one, other in pairs):
            yield (
                kind,
                {
                    one[1:-1]: unquote(other, errors="surrogateescape")
                    for one, other in pairs
                    if one.startswith("{")
                },
            )


def _faults_of_path(values: Mapping[str, str]) -> Iterator[Fault]:
    for name, value in values.items():
        if name.endswith("_id") and not ULID_PATTERN.fullmatch(value):
            statuses = (400, 403, 404) if name == "guild_id" else (400, 404)
            yield Fault(frozenset(statuses), "REST-5" if name == "guild_id" else "CHAN-3")


# --- who asks


def _faults_of_token(kind: type[Operation], headers: Mapping[str, str]) -> Iterator[Fault]:
    """A header that is not spelled exactly as it must be; whether the token is good is asked elsewhere."""
    spelled = headers.get("authorization", "")
    is_good = _TOKEN.fullmatch(spelled) is not None and "$token" in spelled
    if kind.authority is not Authority.ANYBODY and not is_good:
        yield Fault(frozenset((401,)), "REST-2")


# --- bodies and queries


def _read_body(
    kind: type[Operation], headers: Mapping[str, str], body: bytes, limits: Limits
) -> tuple[Mapping[str, Any], frozenset[int]] | Fault:
    """The members of a body, and how it may be refused all the same; or what is wrong with it."""
    content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json":
        return Fault(frozenset((415,)), "REST-3")
    if len(body) > limits.max_body_bytes:
        return Fault(frozenset((413,)), "REST-3")
    readings = list(read_json(body))
    if not readings:
        return Fault(frozenset((400,)), "REST-3")
    for one in readings:
        if isinstance(one.value, dict) and not any(True for _ in _wrong(kind, one.value)):
            is_whole = any(isinstance(value, Whole) for value in one.value.values())
            return one.value, UNREADABLE if one.is_odd else _WRONG if is_whole else frozenset()
    return Fault(UNREADABLE if readings[0].is_odd else _WRONG, "REST-3")


def _wrong(kind: type[Operation], value: Mapping[str, Any]) -> Iterator[str]:
    """The members that are unknown, missing or of another type."""
    fields = {
        field.serialization_alias or name: field
        for name, field in kind.model_fields.items()
        if name not in kind.placeholders()
    }
    nullable = {kind.model_fields[name].serialization_alias or name for name in kind.nullable}
    yield from value.keys() - fields.keys()
    for name, field in fields.items():
        if name not in value:
            if field.is_required():
                yield name
        elif not _fits(value[name], field.annotation) or (value[name] is None and name not in nullable):
            yield name


def _fits(value: Any, annotation: Any) -> bool:
    if isinstance(annotation, UnionType) or get_origin(annotation) is UnionType:
        return any(_fits(value, one) for one in get_args(annotation))
    if get_origin(annotation) is list:
        return isinstance(value, list) and all(_fits(one, get_args(annotation)[0]) for one in value)
    if annotation is NoneType:
        return value is None
    if isinstance(value, Whole):
        # JSON does not tell 1.0 from 1.
        return annotation in (int, float)
    return type(value) is annotation


def _faults_of_query(kind: type[Operation], given: Mapping[str, str], limits: Limits) -> Iterator[Fault]:
    limit = given.get("limit")
    most = getattr(limits, _PAGES.get(kind.name, ""), None)
    if limit is None or most is None:
        return
    is_number = limit.isascii() and _DIGITS.fullmatch(limit) is not None
    if not is_number or not 1 <= int(limit) <= most:
        yield Fault(frozenset((400,)), "REST-4")


def _by_field(kind: type[Operation], given: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.serialization_alias or name: name for name, field in kind.model_fields.items()}
    return {names[name]: value for name, value in given.items() if name in names}
