"""Judge `schema`: every frame is a valid event of the contract, looked at once per distinct body."""

from typing import Final

from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.deliveries import Matched, first_of_each_body
from sync_check.conformance.judges.judgement import Judgement, line_of_frame
from sync_check.conformance.judges.readings import Reading
from sync_check.conformance.model.connections import Connection
from sync_check.conformance.model.emissions import shown
from sync_check.conformance.verdict import Kind

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


def _judge_body(case: Case, judgement: Judgement, connection: Connection, matched: Matched) -> None:
    faults = list(_faults(matched.reading, case.header.limits.max_gateway_event_bytes))
    for requirement, message in faults:
        cause = matched.emitted.call if matched.emitted is not None else None
        judgement.find(
            Kind.CONTRACT,
            requirement,
            message,
            client=connection.name,
            event=matched.reading.name,
            expected="a frame as the catalogue has it",
            received=shown(matched.reading.text),
            cause=cause,
            excerpt=[line_of_frame(matched, connection.name)],
        )
    if not faults:
        judgement.witness("ENV-1", "ENV-2", "ENV-3", "ENV-9", "EVT-1", "EVT-4")


def _faults(reading: Reading, most_bytes: int) -> list[tuple[str, str]]:
    """The requirements that a body breaks, and how."""
    if reading.binary:
        return [("ENV-1", "the frame is binary")]
    faults = []
    if reading.size > most_bytes:
        faults.append(("ENV-3", f"the frame has {reading.size} bytes, more than {most_bytes}"))
    if reading.error is not None:
        faults.append((reading.error.requirement, reading.error.reason))
        return faults
    if reading.undeclared:
        faults.append(("ENV-1", f"additional members beside v, t and d: {', '.join(reading.undeclared)}"))
    if reading.event is None:
        faults.append(("EVT-4", f"{reading.name} is no event of the catalogue"))
        return faults
    faults += [(_broken_by(fault), fault) for fault in reading.check.faults]
    faults += [
        (_broken_by_extra(reading.name or "", path), f"the catalogue has no member {path}")
        for path in reading.check.undeclared
    ]
    return faults


def _broken_by(fault: str) -> str:
    """The requirement that a validation message is about: ids, times, empty updates, or all else."""
    path = fault.partition(":")[0]
    if "pattern" in fault and ("_id" in path):
        return "ENV-9"
    if path.endswith("_unix") and "required" not in fault:
        return "ENV-10"
    return "EVT-2" if "updated_fields holds no known field" in fault else "EVT-1"


def _broken_by_extra(name: str, path: str) -> str:
    anonymous = name in _NAMES_NO_ACTOR or name.startswith(_NAMES_NO_ACTOR_FAMILIES)
    return "EVT-6" if anonymous and path == "actor_user_id" else "EVT-4"
