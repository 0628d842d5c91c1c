"""Who is in which voice channel, and how sure that is: state only, the rules are in `voice` (contract 2.5).

The model hears of a participation's begin by an answer. It may end without one: with the user's last
connection, by expiry, or, as a SHOULD, with the access to the channel.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from sync_check.conformance.contract.limits import Limits

LEASE_US: Final = round(Limits().voice_lease_s * 1_000_000)
"""How long after the last token a participation may expire, in microseconds."""
PRESENCE_WINDOW_US: Final = 1_000_000
"""Within this of the end of a connection the server has acted on it (contract 0.4), in microseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """A user in a voice channel; `streams` are what they publish.

    A flag is None as long as nothing told it. `renewed_at` is when the last token was asked for, `alone_at`
    when the user's last connection ended, in microseconds; `doubted` says that the participation may have
    ended in another way.
    """

    user_id: str
    guild_id: str
    channel_id: str
    identity: str
    streams: frozenset[str] = frozenset()
    is_muted: bool | None = False
    is_deafened: bool | None = False
    renewed_at: int = 0
    alone_at: int | None = None
    doubted: bool = False

    def is_gone(self, at: int) -> bool:
        """Whether the user has left for certain, seen at a time in microseconds (VOICE-5)."""
        return self.alone_at is not None and at > self.alone_at + PRESENCE_WINDOW_US

    def is_sure(self, at: int) -> bool:
        """Whether the user is there for certain, as far as operations and the ends of connections tell."""
        return self.alone_at is None and not self.doubted and at < self.renewed_at + LEASE_US

    def is_in(self, guild_id: str, channel_id: str) -> bool:
        """Whether this is a participation in just that channel."""
        return (self.guild_id, self.channel_id) == (guild_id, channel_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """How many tokens a user was given for a channel: all, to subscribe, to show camera or screen."""

    identity: str
    given: int = 0
    subscribing: int = 0
    showing: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Participants by user, who is in at most one channel (VOICE-2); tokens by user and channel."""

    participants: Mapping[str, Participant] = field(default_factory=dict)
    tokens: Mapping[tuple[str, str], Tokens] = field(default_factory=dict)

    def of(self, user_id: str | None, at: int) -> Participant | None:
        """The user's participation, unless it is over for certain at a time in microseconds."""
        known = self.participants.get(user_id or "")
        return None if known is None or known.is_gone(at) else known

    def in_channel(self, channel_id: str) -> tuple[Participant, ...]:
        """Who is in a channel, as far as the model knows."""
        return tuple(one for one in self.participants.values() if one.channel_id == channel_id)

    def with_participant(self, participant: Participant) -> "Voice":
        """This state with a user in one channel and in no other."""
        return replace(self, participants={**self.participants, participant.user_id: participant})

    def without(self, user_id: str) -> "Voice":
        """This state with a user in no channel."""
        kept = {key: value for key, value in self.participants.items() if key != user_id}
        return replace(self, participants=kept)

    def tokens_of(self, user_id: str, channel_id: str) -> Tokens | None:
        """What a user was given for a channel so far; None if nothing."""
        return self.tokens.get((user_id, channel_id))

    def with_tokens(self, user_id: str, channel_id: str, tokens: Tokens) -> "Voice":
        """This state with what a user was given for a channel replaced."""
        return replace(self, tokens={**self.tokens, (user_id, channel_id): tokens})
