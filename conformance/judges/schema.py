"""Judge `schema`: every frame is a valid event of the contract, looked at once per distinct body.

A member that the catalogue does not know only deviates, unless it names a user whom nothing else in the event
names: where no event may say who acted that breaks EVT-6.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from sync_check.conformance.history import canonical
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.deliveries import Matched, first_of_each_body
from sync_check.conformance.judges.judgement import Judgement, line_of_frame
from sync_check.conformance.judges.readings import Reading, ids_in
from sync_check.conformance.model.connections import Connection
from sync_check.conformance.model.emissions import shown
from sync_check.conformance.verdict import Kind, Level

NAME: Final = "schema"
_NAMES_NO_ACTOR: Final = ("message_create", "message_update", "message_delete", "channel_create")
_NAMES_NO_ACTOR_FAMILIES: Final = ("presence_", "voice_", "profile_")


def judge(case: Case) -> Judgement:
    """Judge the distinct bodies of a scenario's frames."""
    judgement = Judgement(scenario=case.scenario.id, judge=NAME)
    for number, matched in first_of_each_body(case.own_deliveries):
        judgement.evidence["bodies"] += 1
        _judge_body(case, judgement, case.by_number[number], matched)
    return judgement


class _Fault(NamedTuple):
    """A requirement that a body breaks, and how; `level` where that weighs more than the requirement says."""

    requirement: str
    message: str
    level: Level | None = None


def _judge_body(case: Case, judgement: Judgement, connection: Connection, matched: Matched) -> None:
    faults = _faults(matched.reading, case.header.limits.max_gateway_event_bytes)
    faults += _extra(case, matched)
    for fault in faults:
        cause = matched.emitted.call if matched.emitted is not None else None
        judgement.find(
            Kind.CONTRACT,
            fault.requirement,
            fault.message,
            level=fault.level,
            client=connection.name,
            event=matched.reading.name,
            expected="a frame as the catalogue has it",
            received=shown(matched.reading.text),
            cause=cause,
            excerpt=[line_of_frame(matched, connection.name)],
        )
    if not faults:
        judgement.witness("ENV-1", "ENV-2", "ENV-3", "ENV-9", "EVT-1", "EVT-4", "COMPAT-1")


def _faults(reading: Reading, most_bytes: int) -> list[_Fault]:
    """The requirements that a body breaks by itself, but for members that the catalogue does not know."""
    if reading.binary:
        return [_Fault("ENV-1", "the frame is binary")]
    faults = []
    if reading.size > most_bytes:
        faults.append(_Fault("ENV-3", f"the frame has {reading.size} bytes, more than {most_bytes}"))
    if reading.error is not None:
        faults.append(_Fault(reading.error.requirement, reading.error.reason))
        return faults
    if reading.undeclared:
        faults.append(
            _Fault("ENV-1", f"additional members beside v, t and d: {', '.join(reading.undeclared)}")
        )
    if reading.event is None:
        faults.append(_Fault("EVT-4", f"{reading.name} is no event of the catalogue"))
        return faults
    faults += [_Fault(_broken_by(fault), fault) for fault in reading.check.faults]
    return faults


def _broken_by(fault: str) -> str:
    """The requirement that a validation message is about: ids, times, empty updates, or all else."""
    path = fault.partition(":")[0]
    if "pattern" in fault and ("_id" in path):
        return "ENV-9"
    if path.endswith("_unix") and "required" not in fault:
        return "ENV-10"
    return "EVT-2" if "updated_fields holds no known field" in fault else "EVT-1"


def _extra(case: Case, matched: Matched) -> Iterator[_Fault]:
    """What members that the catalogue does not know break."""
    reading = matched.reading
    name = reading.name or ""
    anonymous = name in _NAMES_NO_ACTOR or name.startswith(_NAMES_NO_ACTOR_FAMILIES)
    if reading.event is None or not reading.check.undeclared:
        return
    named = _named(case, matched)
    for path, value in zip(reading.check.undeclared, reading.check.further, strict=True):
        message = f"the catalogue has no member {path}"
        users = ids_in(canonical({path: value})) & case.timeline.present.people.keys() - named
        if users:
            message += f", which names {', '.join(sorted(users))}"
        if anonymous and (users or path == "actor_user_id"):
            yield _Fault("EVT-6", message)
        else:
            yield _Fault("EVT-4", message, Level.FAIL if users else None)


def _named(case: Case, matched: Matched) -> frozenset[str]:
    """Whom an event names without those members; who wrote the message that it is about is no secret either.

    Nor is somebody told anything of others by the own id, if nobody else gets the same.
    """
    reading = matched.reading
    event = reading.check.event
    named = set(ids_in(reading.text if event is None else event.model_dump_json()))
    if matched.emitted is not None:
        span = matched.emitted.call.window(case.timeline).span
        message_id = reading.identifier("message_id") or ""
        for world in case.timeline.worlds(span):
            message = world.messages.get(reading.channel_id or "", {}).get(message_id)
            named |= set() if message is None else {message.author_id}
    receivers = {
        case.by_number[number].user_id or ""
        for delivery in case.own_deliveries
        if delivery.reading.body == reading.body
        for number in delivery.numbers
    }
    return frozenset(named | receivers if len(receivers) == 1 else named)
