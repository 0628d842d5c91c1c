"""Explains frames that no operation of the scenario caused.

A target may have more features than the run drives: their events are *ambient*, explained for those who may
see them. So are the frames that answer a subscribe. Everything else is a copy out of nowhere (DELIV-1).
"""

from collections.abc import Set
from typing import Final

from sync_check.conformance.contract import events
from sync_check.conformance.contract.events import Event, Scope
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.deliveries import Delivery, Matched
from sync_check.conformance.judges.judgement import Judgement, line_of_frame, lines_of_call
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.judges.readings import Reading
from sync_check.conformance.model.access import is_member, may_access
from sync_check.conformance.model.connections import Connection
from sync_check.conformance.model.timeline import Span
from sync_check.conformance.verdict import Kind, Level

_CONCERNED: Final = ("user_id", "friend_user_id", "sender_user_id", "recipient_user_id")
"""Members that name the users whom a user-scope event concerns."""
_OF_CONNECTIONS: Final = (events.PresenceUpdate, events.VoiceParticipantLeave, events.VoiceStreamUnpublish)
"""What the begin and end of connections may cause: judges `presence` and `voice` say whether they did."""
_OF_MEMBERS: Final = ("PRES-5", "SCOPE-5")
"""What is broken where somebody who is no member is told of a guild."""


class Explanations:
    """Judges the frames of a case that match no emission."""

    def __init__(self, case: Case, judgement: Judgement) -> None:
        self._case = case
        self._judgement = judgement
        self._known_members: dict[tuple[str, int, int], frozenset[int]] = {}

    def judge(self, connection: Connection, matched: Matched, latest: Call | None) -> None:
        """Judge one frame; `latest` is the operation whose event was the last one before it."""
        reading = matched.reading
        span = self._case.timeline.span(
            latest.invoked if latest is not None else connection.opened, matched.frame.position
        )
        denied = self._denial(connection, reading, span, matched.frame.position)
        if denied is not None:
            self._denied(connection, matched, denied)
        elif reading.event is not None and self._is_undeclared(reading.event):
            self._find(
                connection,
                matched,
                "EVT-4",
                f"{reading.name} belongs to the undeclared feature {reading.event.feature}",
                level=Level.LAX,
            )
        elif reading.event is not None and self._is_unexplained(reading.event, matched):
            self._find(connection, matched, "DELIV-1", f"no operation explains this {reading.name}")

    def plain(self, delivery: Delivery, latest: Call | None, numbers: Set[int]) -> Set[int]:
        """Those of the connections, all of which were told of `latest` last, on which nothing is to be said.

        Of presence alone, of which everybody is told of everybody; that it is true is for its own judge.
        """
        reading = delivery.reading
        event, guild_id = reading.event, reading.guild_id
        if event is not events.PresenceUpdate or guild_id is None or self._is_undeclared(event):
            return frozenset()
        # Of whom nothing was told yet, being a member as this comes is enough.
        since = delivery.position if latest is None else latest.invoked
        span = self._case.timeline.span(since, delivery.position)
        return numbers & self._of_members(guild_id, span)

    def _of_members(self, guild_id: str, span: Span) -> Set[int]:
        """The connections of whoever was a member at some moment of a span."""
        key = guild_id, *self._case.timeline.guild_numbers(guild_id, span)
        known = self._known_members.get(key)
        if known is None:
            states = self._case.timeline.guilds(guild_id, span)
            members = {user_id for state in states if state is not None for user_id in state.members}
            found = (one.number for one in self._case.connections if one.user_id in members)
            known = self._known_members[key] = frozenset(found)
        return known

    def _denial(self, connection: Connection, reading: Reading, span: Span, position: int) -> str | None:
        """The requirement that this frame breaks by reaching this connection, whatever caused it."""
        event = reading.event
        if event is not None and event.scope is Scope.CONNECTION:
            return None if self._answers_subscribe(connection, reading, position) else "SCOPE-1"
        if event is not None and event.scope is Scope.USER:
            return self._user_denial(connection, event, reading, span)
        if reading.guild_id is None:
            return None
        states = self._case.timeline.guilds(reading.guild_id, span)
        if not any(is_member(state, connection.user_id) for state in states):
            return "PRES-5" if reading.name == "presence_update" else "SCOPE-5"
        if event is None or event.scope is not Scope.CHANNEL or reading.channel_id is None:
            return None
        asked = any(
            lease.asked < position for lease in connection.leases_of(reading.guild_id, reading.channel_id)
        )
        access = any(may_access(state, reading.channel_id, connection.user_id) for state in states)
        return None if asked and access else "SCOPE-3"

    def _answers_subscribe(self, connection: Connection, reading: Reading, position: int) -> bool:
        leases = connection.leases_of(reading.guild_id, reading.channel_id)
        return any(lease.asked < position for lease in leases)

    def _user_denial(
        self, connection: Connection, event: type[Event], reading: Reading, span: Span
    ) -> str | None:
        named = {reading.identifier(member) for member in _CONCERNED} - {None}
        if not named or connection.user_id in named:
            return None
        if not event.name.startswith("profile_"):
            return "SCOPE-6"
        shared = any(
            connection.user_id in guild.members and any(user in guild.members for user in named)
            for world in self._case.timeline.worlds(span)
            for guild in world.guilds.values()
        )
        return None if shared else "SCOPE-7"

    def _is_undeclared(self, event: type[Event]) -> bool:
        return not event.belongs_to(self._case.header.declared)

    def _is_unexplained(self, event: type[Event], matched: Matched) -> bool:
        """Whether the model claims to know every event of this kind, and the state at that moment."""
        if event.scope is Scope.CONNECTION or event in _OF_CONNECTIONS:
            return False
        if matched.frame.position >= self._case.blind_from:
            return False
        return event.belongs_to(self._case.header.features)

    def _denied(self, connection: Connection, matched: Matched, requirement: str) -> None:
        removal = self._removal(connection, matched) if requirement in _OF_MEMBERS else None
        message = "an event reached a connection not entitled to it"
        self._find(connection, matched, requirement, message, removal=removal)

    def _removal(self, connection: Connection, matched: Matched) -> Call | None:
        """What had ended the membership of the connection's user, who is told of the guild nonetheless."""
        guild_id, user_id = matched.reading.guild_id or "", connection.user_id or ""
        return self._case.last_removal(guild_id, user_id, matched.frame.position)

    def _find(
        self,
        connection: Connection,
        matched: Matched,
        requirement: str,
        message: str,
        *,
        level: Level | None = None,
        removal: Call | None = None,
    ) -> None:
        self._judgement.find(
            Kind.CONTRACT if requirement == "EVT-4" else Kind.SAFETY,
            requirement,
            message,
            level=level,
            client=connection.name,
            event=matched.reading.name,
            expected="nothing" if removal is None else f"nothing of that guild after {removal.label}",
            received=matched.reading.name,
            cause=removal,
            excerpt=[
                *(lines_of_call(removal) if removal is not None else ()),
                line_of_frame(matched, connection.name),
            ],
        )
