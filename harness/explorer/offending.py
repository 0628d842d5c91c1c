"""Plays the steps of `oddities`, by the means that scenarios have for it."""

from typing import Final

from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.inputs.frames import flood_of
from sync_check.harness.client import Client
from sync_check.harness.explorer import oddities
from sync_check.harness.explorer.program import Step
from sync_check.harness.intrusion import Intrusion
from sync_check.harness.room import Place
from sync_check.harness.stage import Stage

_SPELLINGS: Final = ("spelling", "binary-spelling")
_EARLY: Final = "early"
_DEFIED: Final = "defied"
_RATE: Final = "rate"
_NEED_ACCESS: Final = (*_SPELLINGS, _EARLY, _DEFIED, _RATE)
"""Groups in which the sender subscribes as well, which is answered."""


class Offending:
    """What the people of a program send that is odd. Who takes no notice of an end stays until `outlast`."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._defied: list[Intrusion] = []

    async def play(self, client: Client, step: Step, place: Place, *, permitted: bool, owns: bool) -> None:
        """Play a step but a ping; the sender is `permitted` who has access, and `owns` what is their own.

        What should be taken says nothing by somebody who may not, so that is left out; and so are bytes where
        a target calls things otherwise, for they name them.
        """
        name = oddities.named(step.do, step.args)
        target = self._stage.company.target
        if name is None or target.dialect.has_other_names or Feature.MESSAGES not in target.features:
            return
        if step.do == oddities.SEND:
            if permitted or name.partition("/")[0] not in _NEED_ACCESS:
                await self._send(await self._stage.intrusion((client,), place), name)
        elif permitted and (owns or name in oddities.BY_ANYBODY):
            asked = oddities.BY_ANYBODY.get(name) or oddities.BY_OWNER[name]
            await (await self._stage.intrusion((client,), place)).ask((asked,))

    async def _send(self, intrusion: Intrusion, name: str) -> None:
        if name == oddities.FILLED_UP:
            await intrusion.fill_up()
            return
        one = oddities.INPUTS[name]
        if one.group in _SPELLINGS:
            await intrusion.spell((one,), alone=True)
        elif one.group == _EARLY:
            await intrusion.hurry((one,))
        elif one.group == _DEFIED:
            self._defied.append(intrusion)
            await intrusion.defy((one,))
        elif name in oddities.FLOODS:
            await intrusion.offend((flood_of(self._stage.company.target.limits),))
        else:
            await intrusion.offend((one,))

    async def ping(self, client: Client) -> None:
        """Every open connection pings, as often as the scenarios have it."""
        for connection in client.connections:
            if connection.is_open:
                await connection.ping(self._stage.company.target.limits.ingress_frames + 1)

    async def outlast(self) -> None:
        """Wait until the target has ended whoever took no notice of its Close frames."""
        for intrusion in self._defied:
            await intrusion.outlast()
        self._defied.clear()
