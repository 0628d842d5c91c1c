"""Where to look in the target's log for a finding that names no operation.

It shows the request by which its connection was opened, and the last operation of the scenario before it.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from sync_check.conformance.history import Purpose
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.judgement import lines_of_call
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.verdict import Excerpt, Finding, Level

_REQUEST: Final = ", request "


def traced(case: Case, finding: Finding) -> Finding:
    """The finding, with the request ids that lead to it where it shows none."""
    if finding.level is Level.INFO or any(_REQUEST in line.text for line in finding.excerpt):
        return finding
    lines = [*_opened(case, finding), *_before(case, finding), *finding.excerpt]
    return replace(finding, excerpt=tuple(sorted(lines, key=lambda line: line.at_us)))


def _opened(case: Case, finding: Finding) -> Iterator[Excerpt]:
    for connection in case.ledger.connections.values():
        if connection.name == finding.client and connection.request_id is not None:
            text = f"connected (connection {connection.number}{_REQUEST}{connection.request_id})"
            yield Excerpt(at_us=connection.opened_at, who=connection.name, text=text)


def _before(case: Case, finding: Finding) -> Iterator[Excerpt]:
    """It leads to no operation, only to a moment, so it is not one of the records that the finding shows."""
    last = max((line.at_us for line in finding.excerpt), default=None)
    done: list[Call] = [
        call
        for call in case.calls
        if call.purpose is Purpose.SCENARIO
        and call.request_id is not None
        and (last is None or call.invoked_at <= last)
    ]
    if done:
        asked, *_ = lines_of_call(max(done, key=lambda call: call.invoked))
        yield replace(asked, text=f"last before: {asked.text}", record=None)
