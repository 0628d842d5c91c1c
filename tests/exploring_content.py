"""Random operations among which people react to what others wrote, and search for it."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

from sync_check.conformance.contract import operations as ops
from sync_check.harness.client import Client
from tests.exploring import Explorer

_EMOJIS: Final[Sequence[str]] = ("👍", "👍", "👍", "tea", "👩‍👩‍👧/%", "?#&+", "two words", "x" * 32, "x" * 33)


_QUERIES: Final[Sequence[str]] = ("name1", "", " ", "!", "a:b", "x" * 257, " ".join("x" * 21), "x" * 256)


class ContentExplorer(Explorer):
    """A half of what it draws is about what is in channels."""

    @cached_property
    def _words(self) -> list[str]:
        """Few words, so that most are in several messages."""
        return [self.stage.word() for _ in range(4)]

    async def _keep_up(self) -> None:
        await super()._keep_up()
        for room in self.rooms:
            room.words = self._words

    def _draw(self, actor: Client) -> ops.Operation:
        if self._random.random() < 0.5:
            return super()._draw(actor)
        return self._random.choice((self.words, self.reaction, self.search))(actor)

    def words(self, _: Client) -> ops.Operation:
        """A message, new or edited, of words that are searched for."""
        place: dict[str, Any] = {"guild_id": self._guild_id, "channel_id": self._channel()}
        content = " ".join(self._some(self._words, 3)) or self._name()
        edited = self._message(place["channel_id"])
        return self._random.choice(
            (
                ops.CreateMessage(**place, content=content),
                ops.EditMessage(**place, message_id=edited, content=content),
            )
        )

    def search(self, _: Client) -> ops.Operation:
        guild_id = self._guild_id
        query = self._random.choice((*self._words, *self._words, *self._words, *_QUERIES))
        limit = self._random.choice((None, None, None, 1, 50, 0, 51))
        channel_id = self._random.choice((None, None, self._channel()))
        drawn: list[ops.Operation] = [
            *[ops.Search(guild_id=guild_id, q=query, limit=limit, channel_id=channel_id)] * 8,
            ops.RebuildSearch(guild_id=guild_id),
            ops.ReconcileSearch(guild_id=guild_id),
        ]
        return self._random.choice(drawn)

    def reaction(self, _: Client) -> ops.Operation:
        place: dict[str, Any] = {"guild_id": self._guild_id, "channel_id": self._channel()}
        named = self._message(place["channel_id"] if self._random.random() < 0.9 else self._channel())
        kind = self._random.choice((ops.AddReaction, ops.AddReaction, ops.RemoveReaction))
        return kind(**place, message_id=named, emoji=self._random.choice(_EMOJIS))
