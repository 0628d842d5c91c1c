"""What waits to be sent on one connection: a bounded queue of frames in front of a writer that may block."""

from collections import deque
from collections.abc import Callable
from enum import Enum


class Pushed(Enum):
    """What became of a frame."""

    QUEUED = "queued"
    FULL = "full_queue"
    CLOSED = "closed"


class Outbound:
    """Writes frames at once while the writer takes them; while it is blocked, at most `bound` frames wait.

    The bound counts events, not bytes (LIMIT-SLOW-1), so the writer must report itself blocked as soon as it
    holds anything back: its own buffer would be a second queue that nobody counts.
    """

    __slots__ = ("_blocked", "_bound", "_open", "_waiting", "_write")

    def __init__(self, *, bound: int, write: Callable[[bytes], None]) -> None:
        self._bound = bound
        self._write = write
        self._waiting: deque[bytes] = deque()
        self._blocked = False
        self._open = True

    @property
    def bound(self) -> int:
        return self._bound

    @property
    def write(self) -> Callable[[bytes], None]:
        return self._write

    @property
    def is_blocked(self) -> bool:
        return self._blocked

    @property
    def is_open(self) -> bool:
        return self._open

    def push(self, frame: bytes) -> Pushed:
        """Send `frame` now or later, behind everything pushed before it (DELIV-2)."""
        if not self._open:
            return Pushed.CLOSED
        if not self._blocked:
            self._write(frame)
        elif len(self._waiting) < self._bound:
            self._waiting.append(frame)
        else:
            return Pushed.FULL
        return Pushed.QUEUED

    def block(self) -> None:
        """The writer takes no more for now."""
        self._blocked = True

    def unblock(self) -> None:
        """The writer takes frames again; it may block anew with each of them."""
        self._blocked = False
        while self._waiting and not self._blocked:
            self._write(self._waiting.popleft())

    def close(self) -> None:
        """Take nothing any more and discard what waits (6.2)."""
        self._open = False
        self._waiting.clear()
