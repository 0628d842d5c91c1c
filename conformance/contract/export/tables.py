"""The tables of the Markdown export: each function gives rows, or a whole block where it needs several."""

from collections.abc import Iterable, Iterator

from pydantic import BaseModel

from sync_check.conformance.contract.events import Scope
from sync_check.conformance.contract.export.fields import Member, flattened
from sync_check.conformance.contract.export.revision import Cause, EventType, Revision
from sync_check.conformance.contract.export.wording import REACHES, VISIBLE_TO, names_actor
from sync_check.conformance.contract.features import SINCE, Feature
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.operations import Operation, Trigger
from sync_check.conformance.contract.permissions import CANONICAL_ORDER, SEED_ROLES

NOTHING = "-"


def row(*cells: object) -> str:
    """One line of a table."""
    return f"| {' | '.join(map(str, cells))} |"


def code(names: Iterable[str]) -> str:
    """Names as code, separated by commas; a dash where there is none."""
    return ", ".join(f"`{name}`" for name in names) or NOTHING


def scopes() -> Iterator[str]:
    """Whom each scope reaches."""
    return (row(f"`{scope}`", REACHES[scope]) for scope in Scope)


def events(edition: Revision) -> Iterator[str]:
    """One row for each event."""
    for event in edition.events():
        yield row(
            f"[`{event.name}`](#{event.name})",
            event.scope,
            VISIBLE_TO[event.visibility],
            names_actor(event),
            event.since,
            _caused_by(edition, event),
        )


def _caused_by(edition: Revision, event: EventType) -> str:
    certain = [_title(cause) for cause in _all_causes(edition) if event in edition.causes(cause)]
    possible = [f"({_title(cause)})" for cause in _all_causes(edition) if event in edition.companions(cause)]
    return ", ".join(certain + possible)


def _all_causes(edition: Revision) -> tuple[Cause, ...]:
    return (*edition.operations(), *edition.commands(), *edition.triggers())


def _title(cause: Cause) -> str:
    if isinstance(cause, Trigger):
        return cause.name
    return f"`{cause.name}`" if issubclass(cause, Operation) else f"command `{cause.name}`"


def actors(edition: Revision) -> Iterator[str]:
    """The events that always, may and never name the actor."""
    for policy in ("always", "may", "never"):
        yield row(policy, code(event.name for event in edition.events() if names_actor(event) == policy))


def payloads(edition: Revision) -> str:
    """A heading and a table of fields for each event."""
    return "\n\n".join(f"### {event.name}\n\n{_payload(event)}" for event in edition.events())


def _payload(event: EventType) -> str:
    choice = " or ".join(" with ".join(f"`{name}`" for name in group) for group in event.either)
    note = f"\n\nExactly one of {choice} is given." if choice else ""
    return fields(event) + note


def commands(edition: Revision) -> str:
    """A heading, a table of fields and the outcome for each command."""
    blocks = []
    for command in edition.commands():
        told = f"Answered by {code(event.name for event in edition.causes(command))}"
        remark = edition.remark(command)
        blocks.append(f"### Command {command.name}\n\n{fields(command)}\n\n{told}{remark and f': {remark}'}.")
    return "\n\n".join(blocks)


def fields(model: type[BaseModel]) -> str:
    """The table of a payload's fields."""
    head = (row("Field", "Type", "Presence", "Values"), row(*["---"] * 4))
    return "\n".join((*head, *map(_field, flattened(model))))


def _field(member: Member) -> str:
    inner = member.type.items or member.type
    values = NOTHING if inner.is_permission else code(inner.enum)
    return row(f"`{member.name}`", member.type, "required" if member.required else "optional", values)


def endpoints(edition: Revision) -> str:
    """Appendix A: what follows upon each request, command and trigger, and which requests have no effect."""
    head = (
        row("Endpoint, command or trigger", "Operation", "Events, in order", "In some cases", "Remark"),
        row(*["---"] * 5),
    )
    telling = [cause for cause in _all_causes(edition) if edition.causes(cause) or edition.companions(cause)]
    silent = [one for one in edition.operations() if one not in telling]
    lines = "\n".join((*head, *(_endpoint(edition, cause) for cause in telling)))
    reads = "\n".join(f"* `{one.method} {one.path}`" for one in silent)
    return f"{lines}\n\nNo event follows upon these:\n\n{reads}"


def _endpoint(edition: Revision, cause: Cause) -> str:
    if isinstance(cause, Trigger):
        source, name = cause.name, NOTHING
    elif issubclass(cause, Operation):
        source, name = f"`{cause.method} {cause.path}`", f"`{cause.name}`"
    else:
        source, name = f"command `{cause.name}`", NOTHING
    certain, possible = edition.causes(cause), edition.companions(cause)
    told = (", ".join(f"`{event.name}` ({event.scope})" for event in group) for group in (certain, possible))
    return row(source, name, *(text or NOTHING for text in told), edition.remark(cause) or NOTHING)


def limits(edition: Revision) -> Iterator[str]:
    """Every limit with its default."""
    for name, value in edition.limits().items():
        yield row(f"`{name}`", f"{value:.10g}", _describe(name))


def _describe(limit: str) -> str:
    return Limits.model_fields[limit].description or NOTHING


def permissions() -> str:
    """The names in canonical order."""
    return "\n".join(f"{number}. `{name}`" for number, name in enumerate(CANONICAL_ORDER, 1))


def seed_roles() -> Iterator[str]:
    """What every guild begins with."""
    for role in SEED_ROLES:
        granted = "all" if role.permissions == CANONICAL_ORDER else code(role.permissions)
        yield row(f"`{role.name}`", role.position, "yes" if role.is_system else "no", granted)


def features(edition: Revision) -> Iterator[str]:
    """The features with the events that belong to them or follow upon their requests."""
    for feature in edition.features():
        yield row(f"`{feature}`", SINCE.get(feature, 1), ", ".join(_events_of(edition, feature)) or NOTHING)


def _events_of(edition: Revision, feature: Feature) -> Iterator[str]:
    requests = [one for one in edition.operations() if one.feature is feature]
    certain = {event for one in requests for event in edition.causes(one)}
    possible = {event for one in requests for event in edition.companions(one)}
    for event in edition.events():
        if event in possible - certain:
            yield f"(`{event.name}`)"
        elif event in certain or event.feature is feature:
            yield f"`{event.name}`"
