"""A target whose process belongs to the run: it can go away and come back while clients are connected."""

from typing import Protocol


class Restartable(Protocol):
    """Such a process. What it keeps of what was stored is the target's own affair.

    While it is down `GET /health` is refused; connections end when it goes, and nobody reconnects them.
    """

    async def down(self, *, killed: bool = False) -> None:
        """End it as its owner does, or without warning: `killed`. Afterwards nothing of it runs."""

    async def up(self) -> None:
        """Start it again at the same addresses and wait until it is ready.

        Raises `ScenarioHalted` when it does not come back.
        """

    def resident_bytes(self) -> int | None:
        """Bytes of memory that its processes have resident; None where the system does not tell."""
