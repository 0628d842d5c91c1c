"""Variants of events: who may get them besides, in which order they may come, and how they may be spelled."""

import json
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from sync_check.conformance.contract.events import (
    MessageReaction,
    MessageUpdate,
    Scope,
    Visibility,
    WorkspaceChannelOverrideUpdate,
)
from sync_check.reference_server.connections import Reach
from sync_check.reference_server.defects.reach import Misrouting
from sync_check.reference_server.defects.sequence import Postponing
from sync_check.reference_server.defects.spelling import enveloped, without
from sync_check.reference_server.deviation import Faithful, Telling

_SPLIT: Final = ("workspace_channel_role_override_update", "workspace_channel_permission_override_update")
_LISTS: Final = ("permissions", "allow", "deny")


class ToAllSessions(Misrouting):
    """What every member may know also reaches members' connections that are subscribed to nothing."""

    def reach(self, telling: Telling) -> Reach:
        event, guild = telling.event, telling.guild
        if guild is None or event.scope is not Scope.GUILD or event.visibility is not Visibility.MEMBERS:
            return telling.reach
        members = [one for user_id in guild.members for one in self._connections.of_user(user_id)]
        return telling.reach | dict.fromkeys(members)


class ToCoMembers(Misrouting):
    """A profile also reaches everybody who shares a guild with its user."""

    def reach(self, telling: Telling) -> Reach:
        if telling.event.visibility is not Visibility.PROFILE:
            return telling.reach
        guilds = [self._store.guilds[one] for one in self._store.guilds_of.get(telling.cause, ())]
        users = dict.fromkeys(user_id for guild in guilds for user_id in guild.members)
        sharing = [one for user_id in users for one in self._connections.of_user(user_id)]
        return telling.reach | dict.fromkeys(sharing)


class OldNameFirst(Postponing):
    """In the migration window the event of an override comes under its former name first."""

    def held_by(self, telling: Telling) -> Hashable:
        return getattr(telling.event, "channel_id", None) if telling.event.name in _SPLIT else None

    def released_by(self, telling: Telling) -> Hashable:
        is_former = isinstance(telling.event, WorkspaceChannelOverrideUpdate)
        return getattr(telling.event, "channel_id", None) if is_former else None


class DeletionOfAttachmentSilent(Faithful):
    """A message whose attachment was deleted is not told anew."""

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        event = telling.event
        is_silent = isinstance(event, MessageUpdate) and event.updated_fields.content is None
        return () if is_silent else (telling,)


class _Spelling(Faithful):
    """Base of what says the same in another way; it sees what was spelled before."""

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        envelope = None if telling.text is None else json.loads(telling.text)
        payload = telling.event.wire() if envelope is None else envelope["d"]
        name = telling.event.name if envelope is None else envelope["t"]
        return (replace(telling, text=self.spelled(telling, name, payload)),)

    def spelled(self, telling: Telling, name: str, payload: dict[str, Any]) -> bytes:
        """The text of the frame."""
        raise NotImplementedError


class SpelledOtherwise(_Spelling):
    """Members come in reverse, with blanks between and line ends around, and all is ASCII."""

    def spelled(self, telling: Telling, name: str, payload: dict[str, Any]) -> bytes:
        envelope = _reversed({"v": 1, "t": name, "d": payload})
        return f"\n {json.dumps(envelope, indent=1)}\r\n".encode()


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _reversed(value[name]) for name in reversed(value)}
    return [_reversed(item) for item in value] if isinstance(value, list) else value


class ActorsLeftOut(_Spelling):
    """No event says who acted, but for reactions, which must."""

    def spelled(self, telling: Telling, name: str, payload: dict[str, Any]) -> bytes:
        named = isinstance(telling.event, MessageReaction)
        return enveloped(name, payload if named else without(payload, "actor_user_id"))


class PresenceReversed(_Spelling):
    """Who came online last is listed first."""

    def spelled(self, telling: Telling, name: str, payload: dict[str, Any]) -> bytes:
        is_list = name == "presence_sync"
        return enveloped(name, {**payload, "user_ids": payload["user_ids"][::-1]} if is_list else payload)


class PermissionsReversed(_Spelling):
    """Lists of permissions come in reverse."""

    def spelled(self, telling: Telling, name: str, payload: dict[str, Any]) -> bytes:
        return enveloped(name, permissions_reversed(payload))


def permissions_reversed(value: Any) -> Any:
    """A value with all lists of permissions in it in reverse."""
    if isinstance(value, dict):
        return {
            name: inner[::-1] if name in _LISTS and isinstance(inner, list) else permissions_reversed(inner)
            for name, inner in value.items()
        }
    return [permissions_reversed(item) for item in value] if isinstance(value, list) else value


VARIED: Final[Mapping[str, type[Faithful]]] = {
    "guild-events-to-all-sessions": ToAllSessions,
    "profiles-to-co-members": ToCoMembers,
    "old-override-name-first": OldNameFirst,
    "attachment-deletion-silent": DeletionOfAttachmentSilent,
    "frames-spelled-otherwise": SpelledOtherwise,
    "actors-left-out": ActorsLeftOut,
    "presence-reversed": PresenceReversed,
}
