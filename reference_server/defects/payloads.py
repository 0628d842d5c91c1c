"""Defects of what an event says."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final

from sync_check.conformance.contract.events import (
    ChannelReorder,
    FriendRemove,
    FriendRequestUpdate,
    Ready,
)
from sync_check.conformance.contract.events.event import GuildEvent
from sync_check.reference_server.connections import Connections
from sync_check.reference_server.defects.spelling import enveloped, without
from sync_check.reference_server.deviation import Faithful, Telling
from sync_check.reference_server.store import Store


class _Misquoting(Faithful):
    """Base of what says something else than happened, in the events called `event`."""

    event: ClassVar[str]

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        if telling.event.name != self.event:
            return (telling,)
        payload = self.payload(telling, telling.event.wire())
        return (replace(telling, text=enveloped(self.event, payload)),)

    def payload(self, telling: Telling, payload: dict[str, Any]) -> dict[str, Any]:
        """What is said instead."""
        raise NotImplementedError


# --- another value than was stored


class MessageWithBlank(_Misquoting):
    """A new message is told with a blank at its end that is not stored."""

    event = "message_create"

    def payload(self, telling: Telling, payload: dict[str, Any]) -> dict[str, Any]:
        return {**payload, "content": f"{payload['content']} "}


class ColourAsTyped(_Misquoting):
    """A role's colour is told as it was not stored: in lower case."""

    event = "workspace_role_update"

    def payload(self, telling: Telling, payload: dict[str, Any]) -> dict[str, Any]:
        updated = payload["updated_fields"]
        colour = updated.get("color_hex")
        return {**payload, "updated_fields": {**updated, "color_hex": colour.lower()}} if colour else payload


class ReactionMiscounted(_Misquoting):
    """A reaction is told as if one more had reacted; what is stored and read is right."""

    event = "message_reaction"

    def payload(self, telling: Telling, payload: dict[str, Any]) -> dict[str, Any]:
        return {**payload, "count": payload["count"] + 1}


class LastReactionKept(_Misquoting):
    """That the last reaction of an emoji is gone is told as if one were left."""

    event = "message_reaction"

    def payload(self, telling: Telling, payload: dict[str, Any]) -> dict[str, Any]:
        return {**payload, "count": max(1, payload["count"])}


class KickNamesRemoved(_Misquoting):
    """The removal of a member names the removed user as its actor."""

    event = "workspace_member_remove"

    def payload(self, telling: Telling, payload: dict[str, Any]) -> dict[str, Any]:
        return {**payload, "actor_user_id": payload["user_id"]}


class AvatarVersionBehind(_Misquoting):
    """A new avatar is told with the version of the one before; what is stored and read is right."""

    event = "profile_avatar_update"

    def payload(self, telling: Telling, payload: dict[str, Any]) -> dict[str, Any]:
        return {**payload, "avatar_version": payload["avatar_version"] - 1}


class UnchangedRepeated(_Misquoting):
    """An update of a workspace repeats the visibility, which has not changed."""

    event = "workspace_update"

    def payload(self, telling: Telling, payload: dict[str, Any]) -> dict[str, Any]:
        assert telling.guild is not None
        stored = telling.guild.shape().wire()
        return {**payload, "updated_fields": without(stored, "guild_id")}


class OrderUnfiltered(Faithful):
    """A new order of channels is told whole, with those that the receiver has no access to."""

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        event = telling.event
        if not isinstance(event, ChannelReorder) or telling.guild is None:
            return (telling,)
        return (replace(telling, event=event.model_copy(update={"channel_ids": [*telling.guild.channels]})),)


class ReadyOfAnother(Faithful):
    """`ready` names the user of the oldest connection."""

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        if telling.event.name != "ready":
            return (telling,)
        oldest = next(iter(self._connections.all()))
        return (replace(telling, event=Ready(user_id=oldest.user_id)),)


# --- not the same to everybody


class TimesDiffer(Faithful):
    """Whoever did not make an edit is told that it happened a second earlier."""

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        if telling.event.name != "message_update":
            return (telling,)
        payload = telling.event.wire()
        earlier = {**payload, "updated_at_unix": payload["updated_at_unix"] - 1}
        own = {one: None for one in telling.reach if one.user_id == telling.cause}
        others = {one: None for one in telling.reach if one not in own}
        return (
            replace(telling, reach=own),
            replace(telling, reach=others, text=enveloped(telling.event.name, earlier)),
        )


class ProfileInPart(Faithful):
    """All but the oldest session of a user are told a text about the user without its formatting."""

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        payload = telling.event.wire()
        if telling.event.name != "profile_update" or not telling.reach:
            return (telling,)
        updated = without(payload["updated_fields"], "about_markdown_tokens")
        first, *others = telling.reach
        text = enveloped(telling.event.name, {**payload, "updated_fields": updated})
        return replace(telling, reach={first: None}), replace(telling, reach=dict.fromkeys(others), text=text)


class FriendCopiesAlike(Faithful):
    """Both sides get the copy of who made the change, whoever they are."""

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        event = telling.event
        if not isinstance(event, FriendRequestUpdate | FriendRemove) or event.user_id == telling.cause:
            return (telling,)
        other = self._store.users[event.user_id]
        copy: dict[str, Any] = {"user_id": telling.cause, "friend_user_id": other.user_id}
        if isinstance(event, FriendRequestUpdate):
            copy["friend_username"] = other.username
        return (replace(telling, event=event.model_copy(update=copy)),)


# --- not as the catalogue has it


class RoleInPart(_Misquoting):
    """A new role is told without saying whether it is a system role."""

    event = "workspace_role_create"

    def payload(self, telling: Telling, payload: dict[str, Any]) -> dict[str, Any]:
        return {**payload, "role": without(payload["role"], "is_system")}


class EditNamesActor(_Misquoting):
    """An edit names who made it, so that a channel learns which moderator did."""

    event = "message_update"

    def payload(self, telling: Telling, payload: dict[str, Any]) -> dict[str, Any]:
        return {**payload, "actor_user_id": telling.cause}


class RemovalNamesModerator(_Misquoting):
    """The deletion of a message says by a word of our own who did it."""

    event = "message_delete"

    def payload(self, telling: Telling, payload: dict[str, Any]) -> dict[str, Any]:
        return {**payload, "deleted_by": telling.cause}


class TimeInFractions(_Misquoting):
    """The moment of an update of a workspace is told in fractions of a second."""

    event = "workspace_update"

    def payload(self, telling: Telling, payload: dict[str, Any]) -> dict[str, Any]:
        return {**payload, "updated_at_unix": payload["updated_at_unix"] + 0.25}


class AddressOfJoiner(_Misquoting):
    """A new member is told with the address that the join came from."""

    event = "workspace_member_add"

    def payload(self, telling: Telling, payload: dict[str, Any]) -> dict[str, Any]:
        assert telling.guild is not None
        observed = telling.guild.observed_addresses.get(payload["user_id"], {})
        return {**payload, "joined_from": list(observed)}


class IpBanNamesTarget(_Misquoting):
    """That addresses were banned is told with the user whose they are."""

    event = "workspace_ip_ban_sync"

    def payload(self, telling: Telling, payload: dict[str, Any]) -> dict[str, Any]:
        assert telling.guild is not None
        targets = [ban.source_user_id for ban in telling.guild.ip_bans.values()]
        return {**payload, "target_user_id": targets[-1]} if targets else payload


class FramesNumbered(Faithful):
    """Each event of a channel carries a sequence number beside its payload."""

    def __init__(self, connections: Connections, store: Store) -> None:
        super().__init__(connections, store)
        self._count = 0

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        if telling.event.name != "message_create":
            return (telling,)
        self._count += 1
        return (replace(telling, text=enveloped("message_create", telling.event.wire(), s=self._count)),)


class WorkspaceTouch(GuildEvent):
    """An event that the catalogue does not have."""

    name = "workspace_touch"


class UnknownEvent(Faithful):
    """A renamed channel is followed by an event that the catalogue does not have."""

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        if telling.event.name != "channel_update" or telling.guild is None:
            return (telling,)
        return telling, replace(telling, event=WorkspaceTouch(guild_id=telling.guild.guild_id))


DEFECTIVE: Final[Mapping[str, type[Faithful]]] = {
    "message-with-blank": MessageWithBlank,
    "colour-as-typed": ColourAsTyped,
    "reaction-miscounted": ReactionMiscounted,
    "last-reaction-kept": LastReactionKept,
    "kick-names-removed": KickNamesRemoved,
    "avatar-version-behind": AvatarVersionBehind,
    "friend-copies-alike": FriendCopiesAlike,
    "unchanged-repeated": UnchangedRepeated,
    "order-unfiltered": OrderUnfiltered,
    "ready-of-another": ReadyOfAnother,
    "edit-times-differ": TimesDiffer,
    "profile-in-part": ProfileInPart,
    "role-in-part": RoleInPart,
    "edit-names-actor": EditNamesActor,
    "removal-names-moderator": RemovalNamesModerator,
    "time-in-fractions": TimeInFractions,
    "address-of-joiner": AddressOfJoiner,
    "ip-ban-names-target": IpBanNamesTarget,
    "frames-numbered": FramesNumbered,
    "unknown-event": UnknownEvent,
}
