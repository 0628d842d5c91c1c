"""What one connection is told alone (contract 4.1, connection scope)."""

from sync_check.conformance.contract.events.event import Event, Scope, Visibility
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.shapes import (
    Participant,
)
from sync_check.conformance.contract.values import (
    Ulid,
    UnixTime,
)


class Ready(Event):
    name = "ready"
    scope = Scope.CONNECTION
    visibility = Visibility.OWN
    user_id: Ulid


class Subscribed(Event):
    name = "subscribed"
    scope = Scope.CONNECTION
    visibility = Visibility.OWN
    guild_id: Ulid
    channel_id: Ulid


class PresenceSync(Event):
    name = "presence_sync"
    scope = Scope.CONNECTION
    visibility = Visibility.OWN
    feature = Feature.PRESENCE
    guild_id: Ulid
    user_ids: list[Ulid]


class VoiceParticipantSync(Event):
    name = "voice_participant_sync"
    scope = Scope.CONNECTION
    visibility = Visibility.OWN
    feature = Feature.VOICE
    since = 2
    guild_id: Ulid
    channel_id: Ulid
    participants: list[Participant]
    synced_at_unix: UnixTime
