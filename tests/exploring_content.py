"""Random operations among which people react to what others wrote."""

from collections.abc import Sequence
from typing import Any, Final

from sync_check.conformance.contract import operations as ops
from sync_check.harness.client import Client
from tests.exploring import Explorer

_EMOJIS: Final[Sequence[str]] = ("👍", "👍", "👍", "tea", "👩‍👩‍👧/%", "?#&+", "two words", "x" * 32, "x" * 33)


class ContentExplorer(Explorer):
    """A half of what it draws is about what is in channels."""

    def _draw(self, actor: Client) -> ops.Operation:
        if self._random.random() < 0.5:
            return super()._draw(actor)
        return self._random.choice((self.message, self.reaction))(actor)

    def reaction(self, _: Client) -> ops.Operation:
        place: dict[str, Any] = {"guild_id": self._guild_id, "channel_id": self._channel()}
        named = self._message(place["channel_id"] if self._random.random() < 0.9 else self._channel())
        kind = self._random.choice((ops.AddReaction, ops.AddReaction, ops.RemoveReaction))
        return kind(**place, message_id=named, emoji=self._random.choice(_EMOJIS))
