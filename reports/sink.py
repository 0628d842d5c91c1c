"""What consumes the events of a run."""

from typing import Protocol

from sync_check.conformance.run import RunEvent


class Sink(Protocol):
    """A consumer of run events: it gets every event once, in order, and all sinks are of equal rank."""

    def handle(self, event: RunEvent) -> None:
        """Take notice of `event`."""
        ...
