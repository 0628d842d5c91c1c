"""The participants of voice channels: state only, `attendance` tells what changes."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field

from sync_check.conformance.contract import shapes
from sync_check.conformance.contract.values import StreamSource


@dataclass(slots=True, kw_only=True, eq=False)
class Participant:
    """A user in a voice channel; `streams` are what the last token permits to publish."""

    user_id: str
    guild_id: str
    channel_id: str
    joined_at_unix: int
    updated_at_unix: int
    is_muted: bool = False
    is_deafened: bool = False
    streams: dict[StreamSource, None] = field(default_factory=dict)
    expiry: asyncio.TimerHandle | None = None

    @property
    def identity(self) -> str:
        """Stable for the user in the channel, and opaque to clients."""
        return identity(self.user_id, self.channel_id)

    @property
    def is_video_enabled(self) -> bool:
        return "camera" in self.streams

    @property
    def is_screen_share_enabled(self) -> bool:
        return "screen_share" in self.streams

    def shape(self) -> shapes.Participant:
        return shapes.Participant(
            user_id=self.user_id,
            identity=self.identity,
            joined_at_unix=self.joined_at_unix,
            updated_at_unix=self.updated_at_unix,
            is_muted=self.is_muted,
            is_deafened=self.is_deafened,
            is_speaking=False,  # only the media server hears that
            is_video_enabled=self.is_video_enabled,
            is_screen_share_enabled=self.is_screen_share_enabled,
        )


def identity(user_id: str, channel_id: str) -> str:
    """The name of a user in one channel's room."""
    return f"{channel_id}.{user_id}"


class Participants:
    """Each user is in at most one channel (VOICE-2)."""

    def __init__(self) -> None:
        self._by_user: dict[str, Participant] = {}
        self._by_channel: dict[str, dict[str, Participant]] = {}

    def of_user(self, user_id: str) -> Participant | None:
        return self._by_user.get(user_id)

    def in_channel(self, channel_id: str) -> Collection[Participant]:
        """Longest there first."""
        return self._by_channel.get(channel_id, {}).values()

    def add(self, participant: Participant) -> None:
        self._by_user[participant.user_id] = participant
        self._by_channel.setdefault(participant.channel_id, {})[participant.user_id] = participant

    def remove(self, participant: Participant) -> None:
        del self._by_user[participant.user_id]
        there = self._by_channel[participant.channel_id]
        del there[participant.user_id]
        if not there:
            del self._by_channel[participant.channel_id]
