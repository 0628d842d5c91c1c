"""Defects of when an event comes, and how often."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import replace
from typing import Final

from sync_check.conformance.contract.events import Event, Ready
from sync_check.reference_server import endings
from sync_check.reference_server.connections import Connection, Connections
from sync_check.reference_server.defects.rewriting import Answer, Asked, Rewriting
from sync_check.reference_server.deviation import Faithful, Telling
from sync_check.reference_server.endings import Ending
from sync_check.reference_server.guild import Guild
from sync_check.reference_server.store import Store

# --- in another order


class Postponing(Faithful):
    """Base of what holds events back until another one has been told."""

    def __init__(self, connections: Connections, store: Store) -> None:
        super().__init__(connections, store)
        self._held: dict[Hashable, list[Telling]] = {}

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        key = self.held_by(telling)
        if key is not None:
            self._held.setdefault(key, []).append(telling)
            return ()
        return (telling, *self._held.pop(self.released_by(telling), ()))

    def held_by(self, telling: Telling) -> Hashable:
        """What an event that is held back waits for; None for one that is not."""
        raise NotImplementedError

    def released_by(self, telling: Telling) -> Hashable:
        """What has happened once this event has been told."""
        raise NotImplementedError


def _guild_and_user(telling: Telling) -> Hashable:
    guild_id = None if telling.guild is None else telling.guild.guild_id
    return guild_id, getattr(telling.event, "user_id", None)


class RemoveBeforeBan(Postponing):
    """The ban of a member is told after the removal."""

    def held_by(self, telling: Telling) -> Hashable:
        guild, banned = telling.guild, getattr(telling.event, "user_id", "")
        if telling.event.name != "workspace_member_ban" or guild is None or banned not in guild.members:
            return None  # no removal follows where there is no member
        return _guild_and_user(telling)

    def released_by(self, telling: Telling) -> Hashable:
        return _guild_and_user(telling) if telling.event.name == "workspace_member_remove" else None


class AssignmentBeforeJoin(Postponing):
    """The default role of a new member is told before the membership."""

    def held_by(self, telling: Telling) -> Hashable:
        guild = telling.guild
        if telling.event.name != "workspace_member_add" or guild is None:
            return None
        # Whoever is added without joining gets no role.
        joins = telling.cause == getattr(telling.event, "user_id", None)
        return _guild_and_user(telling) if joins and guild.default_join_role_id is not None else None

    def released_by(self, telling: Telling) -> Hashable:
        return _guild_and_user(telling) if telling.event.name == "workspace_role_assignment_add" else None


class EditAfterNext(Postponing):
    """An edit is told after the next event of its channel, be that of a later operation."""

    def held_by(self, telling: Telling) -> Hashable:
        return self.released_by(telling) if telling.event.name == "message_update" else None

    def released_by(self, telling: Telling) -> Hashable:
        return getattr(telling.event, "channel_id", None)


# --- too often


class MessageTwice(Faithful):
    """The newest subscriber of a channel gets each new message twice."""

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        if telling.event.name != "message_create":
            return (telling,)
        return telling, replace(telling, reach=dict.fromkeys(list(telling.reach)[-1:]))


class SubscribedTwice(Faithful):
    """A subscribe is confirmed twice."""

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        return (telling, telling) if telling.event.name == "subscribed" else (telling,)


class _NoOpTold(Rewriting):
    """Base of what repeats the newest event of a kind when an accepted call has changed nothing."""

    event: str
    method: str
    path: str

    def __init__(self, connections: Connections, store: Store) -> None:
        super().__init__(connections, store)
        self._newest: Telling | None = None
        self._is_told = False

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        if telling.event.name == self.event:
            self._newest, self._is_told = telling, True
        return (telling,)

    def rewritten(self, asked: Asked, answer: Answer) -> Answer:
        if asked.at(self.method, self.path) is None or answer.status != 200:
            return answer
        newest, is_told, self._is_told = self._newest, self._is_told, False
        if newest is not None and newest.guild is not None and not is_told:
            self.tell_again(asked, newest.event, newest.guild)
            self._is_told = False
        return answer

    def tell_again(self, asked: Asked, event: Event, guild: Guild) -> None:
        """Reach whom the event reaches by its scope."""
        asked.backend.fanout.to_guild(event, guild=guild, cause=asked.user_id)


class SameNameTold(_NoOpTold):
    """A rename of a workspace to the name that it has is told."""

    event = "workspace_update"
    method, path = "PATCH", "/guilds/*"


class SameRoleTold(_NoOpTold):
    """The assignment of a role that its holder has is told."""

    event = "workspace_role_assignment_add"
    method, path = "POST", "/guilds/*/roles/*/members/*"


class SameReactionTold(_NoOpTold):
    """A reaction that its user has added before is told again."""

    event = "message_reaction"
    method, path = "POST", "/guilds/*/channels/*/messages/*/reactions/*"

    def tell_again(self, asked: Asked, event: Event, guild: Guild) -> None:
        channel = guild.channels[getattr(event, "channel_id", "")]
        asked.backend.fanout.to_channel(event, guild=guild, channel=channel, cause=asked.user_id)


class LostReadyRepeated(Faithful):
    """What a connection that broke at once may not have been told is told to the user's next one besides."""

    def __init__(self, connections: Connections, store: Store) -> None:
        super().__init__(connections, store)
        self._lost: dict[str, None] = {}

    def connection_ends(self, connection: Connection, ending: Ending) -> None:
        if ending in (endings.CONNECTION_CLOSED, endings.SOCKET_ERROR) and not connection.subscriptions:
            self._lost[connection.user_id] = None

    def tellings(self, telling: Telling) -> Iterable[Telling]:
        if not isinstance(telling.event, Ready) or telling.event.user_id not in self._lost:
            return (telling,)
        del self._lost[telling.event.user_id]
        return (telling, telling)


DEFECTIVE: Final[Mapping[str, type[Faithful]]] = {
    "lost-ready-repeated": LostReadyRepeated,
    "remove-before-ban": RemoveBeforeBan,
    "assignment-before-join": AssignmentBeforeJoin,
    "edit-after-next-event": EditAfterNext,
    "message-twice": MessageTwice,
    "subscribed-twice": SubscribedTwice,
    "same-name-told": SameNameTold,
    "same-role-told": SameRoleTold,
    "same-reaction-told": SameReactionTold,
}
