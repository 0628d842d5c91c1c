"""Plays a program by a schedule: step k is sent at a fixed virtual time, whatever came of the steps before.

So a program from which steps are left out keeps the times of all others. Nobody waits for an outcome, nobody
settles, and nobody reads again what events leave stale: what clients do is what the steps say. Each secret
has a canary of its own, which depends on the step and its text alone.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sync_check.conformance.contract.operations import SendMessage
from sync_check.conformance.judges.ledger import Ledger
from sync_check.conformance.judges.noninterference.secrecy import Mark
from sync_check.harness.caller import Canary
from sync_check.harness.client import Client
from sync_check.harness.explorer.playing import Player
from sync_check.harness.explorer.program import LEAP, PAUSE, Program, Step
from sync_check.harness.room import Place
from sync_check.harness.stage import Stage

SLOT_S: Final = 8.0
"""Virtual seconds from one step to the next: more than any of them takes."""
_BEFORE_S: Final = 0.5
"""So long before each step sessions are refreshed that are due."""
_PASSING: Final = (PAUSE, LEAP)
LINGER_S: Final = 60.0
"""Virtual seconds after the last step, in which late leaks come."""


class TimedPlayer(Player):
    """Plays `steps` in place of a program's own: the same ones, other ones, or None where one is left out.

    `marks` say afterwards what became of each step that was played.
    """

    def __init__(self, stage: Stage, played: Program, ledger: Ledger, steps: Sequence[Step | None]) -> None:
        super().__init__(stage, played, ledger)
        self._steps = steps
        self._moments = list(_moments(played.steps))
        self._number = 0
        self._op: int | None = None
        self._asked: str | None = None
        self.marks: list[Mark] = []

    @property
    def guild_id(self) -> str:
        """The guild that all of it happens in."""
        return self._room.guild_id

    def client(self, name: str) -> Client:
        """The client of a user of the program."""
        return self._people[name]

    async def play(self) -> None:
        """Set the scene, then all steps at their times."""
        await self._set_up()
        clock = self._stage.company.clock
        began = clock.now_s()
        for number, step in enumerate(self._steps):
            await clock.until(began + self._moments[number] - _BEFORE_S, "schedule")
            await self._renew_sessions()
            if step is not None and step.do not in _PASSING:
                await clock.until(began + self._moments[number], "schedule")
                await self._mark(number, step)
        await clock.until(began + self._moments[-1] + LINGER_S, "schedule")

    async def _renew_sessions(self) -> None:
        """Refresh what is due now: else whoever acts first would, and that may be left out."""
        caller = self._stage.company.caller
        for client in self._people.values():
            for session in client.account.sessions:
                await caller.token(client.account, session)

    async def _mark(self, number: int, step: Step) -> None:
        timeline = self._ledger.timeline
        self._number, self._op, self._asked = number, None, None
        at, before = self._stage.company.clock.now_us(), timeline.newest
        await self._step(step)
        await self._keep_up()
        self.marks.append(
            Mark(
                number=number,
                user_id=self._people[step.by].user_id,
                began=at,
                before=before,
                after=timeline.newest,
                op=self._op,
                channel_id=self._asked,
            )
        )

    def _answered(self, op: int) -> None:
        self._op = op

    async def _subscribe(self, client: Client, channel_id: Any) -> None:
        """Nobody waits for the answer: it is long there when the next step is due."""
        self._asked = str(channel_id)
        for connection in client.connections:
            if connection.is_open:
                connection.ask(Place(guild_id=self.guild_id, channel_id=self._asked))

    async def _say(self, client: Client, step: Step) -> None:
        connection = next((one for one in client.connections if one.is_open), None)
        if connection is not None:
            canaries: list[Canary] = []
            arguments = self._resolved({"guild_id": "$g", **step.args}, step.do, canaries)
            connection.say(SendMessage.model_validate(arguments), *canaries, awaited=False)

    def _canary(self, text: str) -> str:
        randomness = self._stage.company.randomness
        return randomness.canary(randomness.fresh(f"canary/{self._number}/{text}"))

    def _username(self, _text: str) -> str:
        randomness = self._stage.company.randomness
        return randomness.username(randomness.fresh(f"username/{self._number}"))


def _moments(steps: Sequence[Step]) -> Iterator[float]:
    """When each step is due, in seconds since the first, and when the last one is over."""
    at = 0.0
    for step in steps:
        yield at
        at += float(step.args.get("seconds", 0)) if step.do in _PASSING else SLOT_S
    yield at
