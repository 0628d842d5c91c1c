"""Channels."""

from sync_check.conformance.contract.events.event import GuildEvent, Visibility
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.shapes import (
    Channel,
)
from sync_check.conformance.contract.values import (
    OptionalStr,
    OptionalUlid,
    Ulid,
    UnixTime,
    UpdatedFields,
)


class ChannelCreate(GuildEvent):
    name = "channel_create"
    visibility = Visibility.ACCESS
    feature = Feature.CHANNELS_CREATE
    channel: Channel


class ChannelChanges(UpdatedFields):
    name: OptionalStr = None


class ChannelUpdate(GuildEvent):
    name = "channel_update"
    visibility = Visibility.ACCESS
    feature = Feature.CHANNELS_UPDATE
    channel_id: Ulid
    updated_fields: ChannelChanges
    updated_at_unix: UnixTime
    actor_user_id: OptionalUlid = None


class ChannelDelete(GuildEvent):
    name = "channel_delete"
    visibility = Visibility.ACCESS_SHOULD
    feature = Feature.CHANNELS_DELETE
    channel_id: Ulid
    deleted_at_unix: UnixTime
    actor_user_id: OptionalUlid = None


class ChannelReorder(GuildEvent):
    name = "channel_reorder"
    visibility = Visibility.IDS_FILTERED
    feature = Feature.CHANNELS_REORDER
    since = 2
    channel_ids: list[Ulid]
    updated_at_unix: UnixTime
    actor_user_id: OptionalUlid = None
