"""A client that is slow on purpose: it takes nothing, or little, of what comes on a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sync_check.harness.client import Client, Connection
from sync_check.harness.errors import ScenarioHalted
from sync_check.harness.network.slow import SlowSocket, connect_narrowly
from sync_check.harness.network.sockets import Dial, Socket

if TYPE_CHECKING:
    from sync_check.harness.accounts import Session


class SlowConnection(Connection):
    """A connection on a way that holds little, whose client decides how much it takes.

    However it slows down, it sends pongs when told to: whoever does not read cannot answer pings, and would
    be taken for dead.
    """

    __slots__ = ("_is_gone", "absorbs")

    kind: ClassVar[type[Socket]] = SlowSocket

    def __init__(self, client: Client, number: int, session: Session, place: int = 1) -> None:
        super().__init__(client, number, session, place)
        self.absorbs = 0
        self._is_gone = False

    async def measure(self) -> None:
        """Find out how many bytes the way to it holds: `absorbs`. To be done before it slows down."""
        company = self.client.company
        self.absorbs = await company.absorption.behind(self._slow.chunks, company.target.url)

    def stop(self) -> None:
        """Take nothing."""
        self._note(0)
        self._slow.pause_reading()

    def stop_in_frame(self) -> None:
        """Take nothing from the middle of the next long frame on."""
        self._note(0)
        self._slow.stop_in_frame()

    def read_slowly(self, bytes_per_s: int) -> None:
        """Take so many bytes a second."""
        self._note(bytes_per_s)
        self._slow.read_slowly(bytes_per_s)

    def vanish(self) -> None:
        """Be gone without a word."""
        self._is_gone = True
        self._note(0, vanished=True)
        self._slow.vanish()

    def read_all(self) -> None:
        """Take what has piled up, and what comes."""
        if self.is_open:
            self.note_taking(bytes_per_s=None)
            self._slow.read_all()

    async def read_up_to_the_end(self) -> None:
        """Read again, and wait for the end that the target owes; who is gone for good gives up instead."""
        if self._is_gone:
            await self.cut()
            return
        self.read_all()
        await self.over()

    def pong(self) -> None:
        """Show that it is alive."""
        if self.is_open:
            self._slow.pong()

    def _note(self, bytes_per_s: int, *, vanished: bool = False) -> None:
        self.note_taking(bytes_per_s=bytes_per_s, absorbs=self.absorbs, vanished=vanished)

    @property
    def _dial(self) -> Dial:
        return connect_narrowly

    @property
    def _slow(self) -> SlowSocket:
        if not isinstance(self._socket, SlowSocket):
            raise ScenarioHalted(f"{self.label} is not connected")
        return self._socket
