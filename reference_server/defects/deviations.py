"""What each seeded defect does, by its id. Each is deterministic: it depends on what went before alone."""

from collections.abc import Mapping
from typing import Final

from sync_check.reference_server.defects import (
    answers,
    breaks,
    commands,
    content,
    doors,
    inputs,
    interference,
    limits,
    payloads,
    pings,
    queues,
    reach,
    reads,
    restarts,
    sequence,
    sessions,
    times,
    upgrades,
)
from sync_check.reference_server.deviation import Faithful

DEFECTIVE: Final[Mapping[str, type[Faithful]]] = {
    **reach.DEFECTIVE,
    **breaks.DEFECTIVE,
    **restarts.DEFECTIVE,
    **sequence.DEFECTIVE,
    **payloads.DEFECTIVE,
    **answers.DEFECTIVE,
    **commands.DEFECTIVE,
    **inputs.DEFECTIVE,
    **pings.DEFECTIVE,
    **reads.DEFECTIVE,
    **content.DEFECTIVE,
    **doors.DEFECTIVE,
    **interference.DEFECTIVE,
    **queues.DEFECTIVE,
    **limits.DEFECTIVE,
    **sessions.DEFECTIVE,
    **times.DEFECTIVE,
    **upgrades.DEFECTIVE,
}
