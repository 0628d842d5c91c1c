"""What every event of the catalogue has: scope, visibility, feature, revision (contract 5)."""

from collections.abc import Collection
from enum import StrEnum
from typing import ClassVar

from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.values import (
    Ulid,
    WireModel,
)


class Scope(StrEnum):
    """Whom an event concerns (contract 4.1)."""

    CONNECTION = "connection"
    CHANNEL = "channel"
    GUILD = "guild"
    USER = "user"


class Visibility(StrEnum):
    """How section 5.2 narrows the reach of an event's scope."""

    OWN = "own"
    MEMBERS = "members"
    MEMBERS_AND_CONCERNED = "members_and_concerned"  # besides, the user who is removed or banned: ACCESS-2
    ACCESS = "access"  # others MUST NOT
    ACCESS_SHOULD = "access_should"  # others SHOULD NOT
    IDS_FILTERED = "ids_filtered"  # CHAN-7
    IP_BAN_MANAGERS = "ip_ban_managers"  # LEAK-IP-2
    PROFILE = "profile"  # SCOPE-7
    BOTH_USERS = "both_users"  # SCOPE-6


class Event(WireModel):
    """Base of all gateway events; a subclass is one row of table 5.2."""

    name: ClassVar[str]
    scope: ClassVar[Scope]
    visibility: ClassVar[Visibility]
    feature: ClassVar[Feature | None] = None
    shared_with: ClassVar[tuple[Feature, ...]] = ()
    """Other features that have the same event."""
    since: ClassVar[int] = 1
    either: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """Groups of optional fields; all of exactly one group are given."""

    @classmethod
    def belongs_to(cls, features: Collection[str]) -> bool:
        """Whether a target with these features has the event."""
        return cls.feature is None or not {cls.feature, *cls.shared_with}.isdisjoint(features)


class GuildEvent(Event):
    """Base of events about a guild that its members see."""

    scope = Scope.GUILD
    visibility = Visibility.MEMBERS
    guild_id: Ulid


class ChannelEvent(Event):
    """Base of events about a channel that those with access see."""

    scope = Scope.CHANNEL
    visibility = Visibility.ACCESS
    guild_id: Ulid
    channel_id: Ulid
