"""What we did to the network of a connection, as the records tell it."""

from sync_check.conformance.history import ConnectionCut, FarEnded, FaultLifted, FaultPut
from sync_check.conformance.model.connections import Connection, Fault

Disturbance = FaultPut | FaultLifted | ConnectionCut | FarEnded


def disturb(connection: Connection, record: Disturbance, position: int) -> None:
    """Take note of a record about a connection."""
    match record:
        case FaultPut():
            connection.faults.append(Fault(name=record.fault, put=position, put_at=record.at))
        case FaultLifted():
            for fault in connection.faults:
                if fault.name == record.fault:
                    fault.lifted = min(fault.lifted, position)
        case ConnectionCut():
            connection.cut = position
        case FarEnded():
            connection.far_ended, connection.far_ended_at = position, record.at
            connection.far_ended_by = record.by
