"""The causal cone of a finding: what may have influenced the first thing that went wrong, and nothing else.

It is data, ready to be drawn as a sequence diagram: `conformance.judges.cones` works it out from a history.
Texts are short and name things by what stands in `names`. They may hold what a target sent: sinks escape it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MOST_CONES: Final = 10
"""Of how many groups of findings in a run the cone is worked out: the worst, but of each kind one first."""


class Act(StrEnum):
    """What a step is."""

    REQUEST = "request"  # a REST call; what it was answered stands with it, or in a step of its own
    ANSWER = "answer"
    COMMAND = "command"  # on a gateway connection
    FRAME = "frame"
    MISSING = "missing"  # a frame that was due and did not come
    OPENED = "opened"
    ENDED = "ended"  # by us, with a Close frame
    CLOSED = "closed"  # by the target, with a Close frame
    CUT = "cut"  # by the end of the stream, without one
    TAKING = "taking"  # a client takes nothing any more, or slowly, or again
    COMPARED = "compared"  # what a client believes and what REST says
    DOWN = "down"  # the target stops, on no lane
    UP = "up"  # and runs again


class Part(StrEnum):
    """What a step has to do with the finding."""

    BAD = "bad"
    CAUSE = "cause"  # an operation that the finding names, and what it made the receiver be told
    PROOF = "proof"  # the fence that shows that nothing comes any more
    OTHER = "other"  # what somebody else was told, for comparison
    CONTEXT = "context"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happened, or did not (`at_us` is None), between the server and one lane.

    What befalls the server alone has no lane: its name is empty.
    """

    act: Act
    part: Part
    lane: str
    text: str
    detail: str
    at_us: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A short name in the texts of steps, and the id that it stands for."""

    name: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cone:
    """Steps in the order of the history. `left_out` steps of the context, the oldest, are not among them.

    `callers` are clients by name, as far as they called REST; `connections` are `name#number`.
    """

    callers: tuple[str, ...]
    connections: tuple[str, ...]
    steps: tuple[Step, ...]
    names: tuple[Named, ...]
    left_out: int = 0
