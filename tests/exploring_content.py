"""Random operations among which people react to what others wrote, search for it, and share files."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

from sync_check.conformance.contract import operations as ops
from sync_check.harness.client import Client
from sync_check.harness.images import PNG, png
from sync_check.harness.room import File, Place
from tests.exploring import Explorer

_EMOJIS: Final[Sequence[str]] = ("👍", "👍", "👍", "tea", "👩‍👩‍👧/%", "?#&+", "two words", "x" * 32, "x" * 33)


_DATA: Final[Sequence[bytes]] = (
    *(png("one"), png("two"), png("three"), png(size=1000)),
    *(b"", b"plain", b"GIF89a", b"%PDF-1.4", b"RIFF____WEBPVP8 ", b"\xff\xd8\xff\xe0"),
)
_TYPES: Final[Sequence[str]] = (
    *(PNG, PNG, PNG, PNG),
    *("image/gif", "image/jpeg", "text/plain", "application/octet-stream", f"{PNG}; q=1", "IMAGE/PNG"),
)
_FILENAMES: Final[Sequence[str | None]] = (None, None, "a.png", "ü & ?.png", "x" * 128, "a/b", "", "x" * 129)
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
            known = {file.attachment_id for file in room.files}
            room.files += (
                File(place=Place(guild_id=one.guild_id, channel_id=one.channel_id), attachment_id=key)
                for key, one in self._world.attachments.items()
                if key not in known
            )

    def _draw(self, actor: Client) -> ops.Operation:
        if self._random.random() < 0.5:
            return super()._draw(actor)
        return self._random.choice((self.words, self.reaction, self.search, self.file, self.file))(actor)

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

    def file(self, actor: Client) -> ops.Operation:
        """A file that is uploaded, bound, read or deleted; most are the actor's own, and in their channel."""
        files = self._world.attachments
        own = [key for key, one in files.items() if one.owner_id == actor.user_id]
        named = self._one((own if own and self._random.random() < 0.5 else list(files))[-5:])
        place: dict[str, Any] = {"guild_id": self._guild_id, "channel_id": self._channel()}
        if named in files and self._random.random() < 0.8:
            place["channel_id"] = files[named].channel_id
        upload = ops.UploadAttachment(
            **place,
            content_type=self._random.choice(_TYPES),
            data=self._random.choice(_DATA),
            filename=self._random.choice(_FILENAMES),
        )
        bound = [named, *self._some(own[-5:], 5)]
        return self._random.choice(
            (
                upload,
                upload.model_copy(update={"content_type": PNG, "data": png(self._name()), "filename": None}),
                ops.CreateMessage(**place, content=self._random.choice(("", "look")), attachment_ids=[named]),
                ops.CreateMessage(**place, content="look", attachment_ids=bound),
                ops.ReadAttachment(**place, attachment_id=named),
                ops.DeleteAttachment(**place, attachment_id=named),
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
