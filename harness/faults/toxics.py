"""What can be wrong with a network, in toxiproxy's vocabulary; `HalfOpen` and `LimitEvents` are our own."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import ClassVar


class Direction(StrEnum):
    """Which of a connection's two streams of bytes."""

    UPSTREAM = "upstream"
    """From client to target."""
    DOWNSTREAM = "downstream"
    """From target to client."""


BOTH = (Direction.UPSTREAM, Direction.DOWNSTREAM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Toxic:
    """One fault. `kind` is its name in histories."""

    kind: ClassVar[str]

    def attributes(self) -> Mapping[str, float | str]:
        """Its attributes by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency(Toxic):
    """Everything comes so many seconds later, give or take some by chance; order is kept."""

    kind: ClassVar = "latency"
    latency_s: float
    jitter_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bandwidth(Toxic):
    """No more than so many bytes a second."""

    kind: ClassVar = "bandwidth"
    bytes_per_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Slicer(Toxic):
    """Bytes come in pieces of about this size, one after the other, `delay_s` seconds apart."""

    kind: ClassVar = "slicer"
    average_size: int
    size_variation: int = 0
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeout(Toxic):
    """Nothing passes, and after so many seconds both ends are closed; 0 closes nothing until it is lifted."""

    kind: ClassVar = "timeout"
    timeout_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetPeer(Toxic):
    """Both ends are reset, so many seconds from now."""

    kind: ClassVar = "reset_peer"
    timeout_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitData(Toxic):
    """Exactly so many bytes more pass, then both ends are closed: as a rule amid a frame."""

    kind: ClassVar = "limit_data"
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitEvents(Toxic):
    """Both ends are closed in place of the nth event of a name from now on; what comes before it passes."""

    kind: ClassVar = "limit_events"
    name: str
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfOpen(Toxic):
    """The network is gone and tells nobody: nothing passes any more, not even an end, and it never heals."""

    kind: ClassVar = "half_open"
