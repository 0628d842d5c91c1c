"""What values at a limit become when a program is played: texts, numbers and pictures of that size, lists.

A list names things that there must be, so whoever sends it makes as many before. A list of more channels than
may be told at once is too long only as long as it is asked for: those beyond are deleted again.
"""

import base64
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.limits import Limits, declared
from sync_check.harness.caller import Reply
from sync_check.harness.explorer.bounds import LIMIT, OVER, bounds_of
from sync_check.harness.explorer.program import SECRET
from sync_check.harness.images import PNG, png
from sync_check.harness.randomness import CANARY_LENGTH

Args = dict[str, Any]
Send = Callable[[ops.Operation], Awaitable[Reply]]
_SECRETS: Final = ("content", "guild_name", "channel_name")
"""Texts that hold a canary."""
_FILLER: Final = "x"


def written(name: str, size: int) -> Any:
    """The value of an argument, but for lists, as a program has it that writes it out."""
    match name:
        case "limit":
            return size
        case "data":
            return base64.b64encode(_picture(size)).decode()
        case _ if name in _SECRETS and size > CANARY_LENGTH:
            # Behind a secret text come a space and a canary.
            return SECRET + _FILLER * (size - CANARY_LENGTH - 1)
        case _:
            return _FILLER * size


def size_of(value: Mapping[str, Any], limits: Limits) -> int:
    """How many bytes, characters or items a value at a limit has."""
    return max(0, declared(limits, str(value[LIMIT])) + int(value.get(OVER, 0)))


def _picture(size: int) -> bytes:
    """A picture of so many bytes; where that is too little for one it is none."""
    try:
        return png(size=size)[:size]
    except ValueError:
        return png()[:size]


class Filling:
    """Fills in the values at a limit of one step: `send` carries out one operation of whoever does it."""

    def __init__(self, limits: Limits, user_id: str, send: Send) -> None:
        self._limits = limits
        self._user_id = user_id
        self._send = send
        self._surplus: list[ops.Operation] = []

    async def fill(self, args: Mapping[str, Any], place: Mapping[str, Any], known: Iterable[str]) -> Args:
        """The arguments written out. `place` has the ids of where that is, `known` are the channels there."""
        filled = dict(args)
        for name, value in bounds_of(args).items():
            size = size_of(value, self._limits)
            match name:
                case "user_ids":
                    filled[name] = [self._user_id] * size
                case "attachment_ids":
                    filled[name] = await self._files(size, place)
                case "channel_ids":
                    filled[name] = await self._channels(size, place, list(known))
                case _:
                    filled[name] = written(name, size)
        return filled

    async def tidy(self) -> None:
        """Delete what there may not be any longer."""
        for operation in self._surplus:
            await self._send(operation)

    async def _files(self, size: int, place: Mapping[str, Any]) -> list[str]:
        uploads = (
            ops.UploadAttachment(
                guild_id=str(place.get("guild_id")),
                channel_id=str(place.get("channel_id")),
                content_type=PNG,
                data=png(f"file {number}"),
            )
            for number in range(size)
        )
        return await self._ids(uploads, "attachment_id")

    async def _channels(self, size: int, place: Mapping[str, Any], known: list[str]) -> list[str]:
        guild_id = str(place.get("guild_id"))
        creations = (
            ops.CreateChannel(guild_id=guild_id, channel_name=f"{_FILLER}{number}")
            for number in range(size - len(known))
        )
        ids = [*known, *await self._ids(creations, "channel_id")][:size]
        self._surplus = [
            ops.DeleteChannel(guild_id=guild_id, channel_id=one)
            for one in ids[self._limits.listed_channels :]
        ]
        return ids

    async def _ids(self, operations: Iterable[ops.Operation], name: str) -> list[str]:
        """What was made, until one is refused: then all are."""
        ids: list[str] = []
        for operation in operations:
            reply = await self._send(operation)
            if not reply.accepted:
                break
            ids.append(str(reply.body.get(name)))
        return ids
