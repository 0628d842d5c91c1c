"""Random operations among which people speak, fall silent, and come and go with their connections."""

from collections.abc import Sequence
from typing import Any, Final

from sync_check.conformance.contract import operations as ops
from sync_check.harness.client import Client
from tests.exploring import Explorer

_SOURCES: Final[Sequence[list[str] | None]] = (
    None,
    [],
    ["microphone", "camera"],
    ["screen_share"],
    ["radio"],
)
_FLAGS: Final[Sequence[dict[str, bool]]] = ({"is_muted": True}, {"is_muted": False, "is_deafened": True}, {})
_COMING_OR_GOING: Final = 0.15
_SESSIONS: Final = 2


class VoiceExplorer(Explorer):
    """A third of what it draws is about voice; from time to time a connection opens or ends."""

    def _draw(self, actor: Client) -> ops.Operation:
        return super()._draw(actor) if self._random.random() < 0.7 else self.voice(actor)

    async def _keep_up(self) -> None:
        await super()._keep_up()
        if self._random.random() < _COMING_OR_GOING:
            await self._come_or_go(self._random.choice(self.people))

    async def _come_or_go(self, client: Client) -> None:
        """Nobody is waited for: what the end causes may come beside what comes next."""
        if len(client.connections) >= _SESSIONS or (client.connections and self._random.random() < 0.5):
            await client.close()
        else:
            await client.open()

    def voice(self, _: Client) -> ops.Operation:
        place: dict[str, Any] = {"guild_id": self._guild_id, "channel_id": self._channel()}
        token = ops.IssueVoiceToken(
            **place,
            publish_sources=self._random.choice(_SOURCES),
            can_subscribe=self._random.choice((None, None, True)),
        )
        state = ops.UpdateVoiceState.model_validate(place | self._random.choice(_FLAGS))
        return self._random.choice((token, token, token, state, ops.LeaveVoice(**place)))
