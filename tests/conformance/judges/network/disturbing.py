"""A story whose network is disturbed, with time going by."""

from sync_check.conformance.history import ConnectionCut, EndedBy, FarEnded, FaultLifted, FaultPut
from tests.conformance.stories import Story

BOTH = ("upstream", "downstream")


class DisturbedStory(Story):
    """A story in which faults are put on connections."""

    def later(self, seconds: float) -> None:
        """Let time go by."""
        self._at += round(seconds * 1_000_000)

    def put(self, connection: int, fault: str) -> None:
        self.add(FaultPut(at=self.now(), connection=connection, fault=fault, directions=BOTH, attributes={}))

    def lift(self, connection: int, fault: str) -> None:
        self.add(FaultLifted(at=self.now(), connection=connection, fault=fault))

    def cut(self, connection: int, fault: str = "reset_peer") -> None:
        self.add(ConnectionCut(at=self.now(), connection=connection, fault=fault))
        self.far_end(connection)

    def far_end(self, connection: int, by: EndedBy = EndedBy.US) -> None:
        self.add(FarEnded(at=self.now(), connection=connection, by=by))

    def leave(self, connection: int) -> None:
        """The client gives a connection up."""
        self.close(connection)
        del self.owners[connection]
        self.subscribed.remove(connection)
