"""What of the history says that the target makes the run wait."""

import json

from sync_check.cli.throttling import ThrottleWatch
from sync_check.conformance.history import Ending, OperationAnswered, Outcome, RunEnded, encode_record
from sync_check.harness.caller import RETRIED


def answered(*, error: str | None, body: str = "{}") -> bytes:
    record = OperationAnswered(at=1, op=1, outcome=Outcome.FAIL, status=429, body=body, error=error)
    return encode_record(record)


def test_lines_are_handed_on_and_answers_told() -> None:
    lines = [
        answered(error=RETRIED),
        encode_record(RunEnded(at=2, ending=Ending.COMPLETED, records=2)),
        answered(error=None),
        answered(error=None, body=json.dumps({"error": RETRIED}, separators=(",", ":"))),
    ]
    written: list[bytes] = []
    told: list[bool] = []
    watch = ThrottleWatch(written.append, told.append)
    for line in lines:
        watch(line)
    assert written == lines
    assert told == [True, False, False]
