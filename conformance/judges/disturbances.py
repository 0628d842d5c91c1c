"""What we did to the network of a connection, and to the target itself, as the records tell it."""

from dataclasses import dataclass

from sync_check.conformance.history import ConnectionCut, FarEnded, FaultLifted, FaultPut
from sync_check.conformance.model.connections import NEVER, Connection, Fault

Disturbance = FaultPut | FaultLifted | ConnectionCut | FarEnded


def disturb(connection: Connection, record: Disturbance, position: int) -> None:
    """Take note of a record about a connection."""
    match record:
        case FaultPut():
            connection.faults.append(Fault(name=record.fault, put=position, put_at=record.at))
        case FaultLifted():
            for fault in connection.faults:
                if fault.name == record.fault and fault.lifted_at is None:
                    fault.lifted, fault.lifted_at = position, record.at
        case ConnectionCut():
            connection.cut, connection.cut_by = position, record.fault
        case FarEnded():
            connection.far_ended, connection.far_ended_at = position, record.at
            connection.far_ended_by = record.by


@dataclass(slots=True, kw_only=True)
class Restart:
    """The target went down at position `down`, and was up again at `up` (NEVER: it was not)."""

    scenario: int
    down: int
    down_at: int
    killed: bool
    up: int = NEVER
    up_at: int | None = None
