"""Whether the server's memory grew by no more than what may wait for slow clients takes (LIMIT-SLOW-1)."""

from collections.abc import Sequence
from typing import Final

from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.judgement import Judgement
from sync_check.conformance.judges.slow_consumers.piling import Piling
from sync_check.conformance.verdict import Excerpt, Kind

OVERHEAD: Final = 2
"""How many times its bytes an event may take that waits."""
SLACK_BYTES: Final = 16 * 1024 * 1024
"""What a server may take for other reasons meanwhile."""
_MIB: Final = 1024 * 1024


def judge(case: Case, judgement: Judgement, found: Sequence[Piling]) -> None:
    """Compare what the server had resident before anybody was slow with the most that it had later."""
    began = min(one.since.position for one in found)
    seen = [one for one in case.ledger.memories if case.scenario.begun < one[0] < case.until]
    before = [memory for position, memory in seen if position < began]
    later = [memory for position, memory in seen if position > began]
    if not before or not later:
        return
    most = max(later, key=lambda memory: memory.resident_bytes)
    grown = most.resident_bytes - before[-1].resident_bytes
    judgement.evidence["memory_growth_kib"] = max(0, grown // 1024)
    room = OVERHEAD * sum(map(_room, found)) + SLACK_BYTES
    if grown > room:
        judgement.find(
            Kind.LIMIT,
            "LIMIT-SLOW-1",
            "the server's memory grew by more than may wait for slow clients",
            expected=f"at most {room / _MIB:.0f} MiB",
            received=f"{grown / _MIB:.0f} MiB",
            excerpt=[
                Excerpt(at_us=one.at, who="server", text=f"has {one.resident_bytes / _MIB:.1f} MiB resident")
                for one in (before[-1], most)
            ],
        )


def _room(piling: Piling) -> int:
    """The bytes of as many events as may wait for a client, each as long as the longest."""
    return piling.limit * max((one.size for one in piling.owed), default=0)
