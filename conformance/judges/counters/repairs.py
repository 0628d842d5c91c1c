"""How often participants of voice channels were listed: one for each `voice_participant_sync` (contract 7).

The table of counters says so of the label `subscribe`, and so what is counted otherwise is not the counter of
that name (METRIC-1). Of other labels it says nothing.
"""

from typing import Final, NamedTuple

from sync_check.conformance.contract.counters import Counter
from sync_check.conformance.contract.events import VoiceParticipantSync
from sync_check.conformance.judges.counters.reads import Growth, told
from sync_check.conformance.judges.judgement import Judgement, lines_of_call
from sync_check.conformance.verdict import Kind

LISTED: Final = VoiceParticipantSync.name
_LABELS: Final = ("subscribe",)


class Lists(NamedTuple):
    """How many lists of participants were sent at least, and at most; None where more may have got lost."""

    least: int
    most: int | None

    def __str__(self) -> str:
        if self.most is None:
            return f"at least {self.least}"
        return str(self.least) if self.least == self.most else f"{self.least} to {self.most}"


def judge_repairs(judgement: Judgement, growth: Growth, came: Lists) -> None:
    """Judge what was counted between two reads by how many lists of participants came meanwhile."""
    if not growth.after.has(Counter.VOICE_REPAIRS):
        return  # that there is no such counter is not judged here
    by = growth.of(Counter.VOICE_REPAIRS).get(_LABELS, 0.0)
    is_too_many = came.most is not None and by > came.most
    if came.least <= by and not is_too_many:
        judgement.witness("METRIC-1", times=came.least)
        return
    more_or_less = "more" if is_too_many else "fewer"
    judgement.find(
        Kind.CONTRACT,
        "METRIC-1",
        f"metrics: {more_or_less} lists of voice participants are counted than came",
        event=LISTED,
        expected=f"{told(Counter.VOICE_REPAIRS, _LABELS)} grows by {came}",
        received=f"by {by:g}",
        cause=growth.after.call,
        excerpt=[*lines_of_call(growth.before.call), *lines_of_call(growth.after.call)],
    )
