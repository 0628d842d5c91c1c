"""The contract as plain data: what a frozen revision holds, and what two revisions are compared by."""

import json
from collections.abc import Iterable
from typing import Any, Final

from pydantic import BaseModel

from sync_check.conformance.contract.envelope import ENVELOPE_VERSION, EVENT_NAME_PATTERN, MAX_NESTING
from sync_check.conformance.contract.export.fields import Member, flattened
from sync_check.conformance.contract.export.requests import needs_one, refusals, request_fields
from sync_check.conformance.contract.export.revision import EventType, Revision
from sync_check.conformance.contract.operations import GATEWAY_PATH, Command, Operation
from sync_check.conformance.contract.permissions import CANONICAL_ORDER, LEGACY_RANK, SEED_ROLES, SeedRole
from sync_check.conformance.contract.requirements import Requirement

Data = dict[str, Any]

_WIDTH: Final = 100


def as_data(edition: Revision) -> Data:
    """All of a revision in JSON terms; each table maps a name to what the contract says about it."""
    return {
        "revision": edition.number,
        "envelope": {
            "version": ENVELOPE_VERSION,
            "name": EVENT_NAME_PATTERN.pattern,
            "max_nesting": MAX_NESTING,
        },
        "gateway_path": GATEWAY_PATH,
        "features": [feature.value for feature in edition.features()],
        "permissions": list(CANONICAL_ORDER),
        "seed_roles": {role.name: _seed_role(role) for role in SEED_ROLES},
        "legacy_ranks": dict(LEGACY_RANK),
        "limits": edition.limits(),
        "events": {event.name: _event(event) for event in edition.events()},
        "commands": {command.name: _command(edition, command) for command in edition.commands()},
        "operations": {one.name: _operation(edition, one) for one in edition.operations()},
        "triggers": {
            trigger.name: {"causes": _names(edition.causes(trigger))} for trigger in edition.triggers()
        },
        "requirements": {rule.id: _requirement(rule) for rule in edition.requirements()},
    }


def contract_json(edition: Revision) -> str:
    """The text of a frozen revision: one field to a line, so that a change shows as that line."""
    return _laid_out(as_data(edition)) + "\n"


def _laid_out(value: Any, margin: str = "") -> str:
    compact = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict) or len(margin) + len(compact) <= _WIDTH:
        return compact
    deeper = f"{margin}  "
    lines = (f"{deeper}{json.dumps(key)}: {_laid_out(inner, deeper)}" for key, inner in value.items())
    return "{\n" + ",\n".join(lines) + f"\n{margin}}}"


def _seed_role(role: SeedRole) -> Data:
    return {
        "position": role.position,
        "is_system": role.is_system,
        "permissions": list(role.permissions),
    }


def _event(event: EventType) -> Data:
    return {
        "scope": event.scope.value,
        "visibility": event.visibility.value,
        "since": event.since,
        "feature": event.feature and event.feature.value,
        "either": [list(group) for group in event.either],
        "fields": _fields(event),
    }


def _command(edition: Revision, command: type[Command]) -> Data:
    return {
        "fields": _fields(command),
        "causes": _names(edition.causes(command)),
        "companions": _names(edition.companions(command)),
    }


def _operation(edition: Revision, operation: type[Operation]) -> Data:
    return {
        "method": operation.method,
        "path": operation.path,
        "sending": operation.sending.value,
        **{place: _told(fields) for place, fields in request_fields(operation).items()},
        "one_needed": needs_one(operation),
        "success": operation.success,
        "result": None if operation.result is None else _fields(operation.result),
        "authority": str(operation.authority),
        "in_channel": operation.in_channel,
        "feature": operation.feature and operation.feature.value,
        "refusals": {str(status): list(codes) for status, codes in refusals(operation).items()},
        "causes": _names(edition.causes(operation)),
        "companions": _names(edition.companions(operation)),
    }


def _requirement(rule: Requirement) -> Data:
    return {
        "level": rule.level.value,
        "sentence": rule.sentence,
        "section": rule.section,
        "phase": rule.phase,
        "subject": rule.subject.value,
    }


def _fields(model: type[BaseModel]) -> Data:
    return _told(flattened(model))


def _told(fields: Iterable[Member]) -> Data:
    return {member.name: _field(member) for member in fields}


def _field(member: Member) -> Data:
    inner = member.type.items or member.type
    # Permissions have a list of their own.
    values = {"enum": list(inner.enum)} if inner.enum and not inner.is_permission else {}
    return {"type": str(member.type), "required": member.required, **values}


def _names(named: tuple[EventType, ...]) -> list[str]:
    return [event.name for event in named]
