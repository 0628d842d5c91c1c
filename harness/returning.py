"""How a client comes back after its connection was lost: with growing, bounded pauses (contract CLIENT-9).

Nothing is replayed: whoever is back subscribes again, takes a fresh snapshot and goes on from there (9.3).
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from sync_check.harness.errors import ScenarioHalted, TargetUnavailable, UpgradeRefused
from sync_check.harness.randomness import Stream

if TYPE_CHECKING:
    from sync_check.harness.client import Client, Connection
    from sync_check.harness.room import Room

_FIRST_S: Final = 0.05
_LONGEST_S: Final = 2.0
_GROWTH: Final = 2.0
ATTEMPTS: Final = 12
"""About a quarter of a minute: then nobody is there."""
_BACK_OFF: Final = "back-off"


def pauses(chance: Stream) -> Iterator[float]:
    """Seconds before each attempt: doubled up to a bound, less by chance, so that not all come at once."""
    longest = _FIRST_S
    while True:
        yield longest * chance.uniform(0.5, 1.0)
        longest = min(_LONGEST_S, longest * _GROWTH)


async def come_back(client: "Client", room: "Room | None" = None) -> None:
    """Replace each connection of `client` that has ended by a new one of the same session.

    It is subscribed to the channels of `room` in which the script counted on the one before. Raises
    `ScenarioHalted` when the target is not to be reached.
    """
    for index, ended in enumerate(list(client.connections)):
        if ended.is_open:
            continue
        connection = await client.another(ended.place)
        client.connections[index] = connection
        await _reach(connection)
        for place in room.heard_by(ended) if room is not None else ():
            await connection.subscribe(place)
        await connection.read_up()


async def _reach(connection: "Connection") -> None:
    company = connection.client.company
    waits = pauses(company.randomness.fresh(f"returning/{connection.label}"))
    for attempt in range(1, ATTEMPTS + 1):
        await company.clock.pause(next(waits), why=_BACK_OFF)
        try:
            await connection.attempt()
        except (TargetUnavailable, UpgradeRefused) as error:
            if attempt == ATTEMPTS:
                reason = f"{connection.label} could not come back in {ATTEMPTS} attempts: {error}"
                raise ScenarioHalted(reason) from error
        else:
            return
