"""Who must be told of the begin and the end of a user's presence (PRES-1, PRES-3, PRES-5, PRES-6, SUB-1)."""

from collections.abc import Iterator

from sync_check.conformance.contract import events
from sync_check.conformance.judges.judgement import Judgement, line_of_frame, lines_of_call
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.judges.presence.told import Told, Update
from sync_check.conformance.judges.stays import Stay
from sync_check.conformance.model.connections import NEVER, Connection
from sync_check.conformance.model.duties import Duties, Duty, Window
from sync_check.conformance.model.emissions import Emission, Standing
from sync_check.conformance.model.participants import PRESENCE_WINDOW_US
from sync_check.conformance.verdict import Kind

_NAME = events.PresenceUpdate.name


class Owed:
    """Judges each stay that was its user's first or last for certain."""

    def __init__(self, told: Told, judgement: Judgement) -> None:
        self._told = told
        self._case = told.case
        self._stays = told.stays
        self._judgement = judgement
        self._duties = Duties(told.case.timeline)

    def judge(self) -> None:
        """Judge all stays that began in the scenario."""
        for guild_id, user_id, stay in self._stays.all:
            if stay.confirmed != NEVER and self._case.scenario.begun < stay.asked < self._case.until:
                self._judge_begin(guild_id, user_id, stay)
                self._judge_end(guild_id, user_id, stay)

    # --- a first stay is told to all, the subscriber included

    def _judge_begin(self, guild_id: str, user_id: str, stay: Stay) -> None:
        if stay.confirmed >= self._case.blind_from:
            return
        if self._has_rivals(guild_id, user_id, stay, stay.asked, stay.confirmed):
            return
        self._judge_own_begin(guild_id, user_id, stay)
        window = self._window(stay.asked, stay.confirmed, _confirmed_at(stay))
        missed: list[Connection] = []
        told = False
        for connection in self._alive_beside(stay, stay.asked):
            first = self._told.first(connection, guild_id, user_id, "online", stay.asked)
            probe = self._stays.probe(connection, stay.confirmed)
            if first is not None and (probe is None or first.position < probe):
                told = True
                if self._duty(guild_id, window, connection) is Duty.MUST:
                    self._judgement.witness("PRES-1")
            elif probe is not None:
                missed.append(connection)
        for connection in missed:
            duty = self._duty(guild_id, window, connection)
            if duty is Duty.MUST:
                self._missing(connection, "PRES-1", f"online of {self._told.name(user_id)} never came")
            elif duty is Duty.MUST_NOT and told:
                self._judgement.witness("PRES-5")

    def _judge_own_begin(self, guild_id: str, user_id: str, stay: Stay) -> None:
        """To the subscriber, `online` comes between the list and `subscribed` (SUB-1)."""
        own = stay.connection
        first = self._told.first(own, guild_id, user_id, "online", stay.asked)
        lists = (sync.position for sync in self._told.syncs if sync.connection is own)
        listed = next((one for one in lists if stay.asked < one < stay.confirmed), stay.asked)
        if first is not None and listed < first.position < stay.confirmed:
            self._judgement.witness("PRES-1")
        elif first is not None and first.counts:
            self._out_of_turn(first)
        elif first is None and self._stays.probe(own, stay.confirmed) is not None:
            self._missing(own, "PRES-1", f"the own online of {self._told.name(user_id)} never came")

    # --- a last end is told to all who stay

    def _judge_end(self, guild_id: str, user_id: str, stay: Stay) -> None:
        removal = stay.removal
        if stay.sure >= self._case.blind_from or not _ended_as_told(stay):
            return
        requirement = "PRES-3" if removal is None else "PRES-6"
        for connection in self._alive_beside(stay, stay.sure):
            if connection.user_id == user_id:
                continue
            first = self._told.first(connection, guild_id, user_id, "offline", stay.sure)
            probe = None if stay.over == NEVER else self._stays.probe(connection, stay.over)
            if first is not None and (probe is None or first.position < probe):
                if self._is_in_time(guild_id, user_id, stay, first):
                    self._judgement.witness(requirement)
            elif probe is not None and self._is_owed_end(guild_id, user_id, stay, connection, probe):
                message = f"offline of {self._told.name(user_id)} never came"
                self._missing(connection, requirement, message, cause=removal)

    def _is_in_time(self, guild_id: str, user_id: str, stay: Stay, told: Update) -> bool:
        """Whether an `offline` tells of this end and no other one, within its window."""
        ended_at = stay.connection.ended_at
        in_window = ended_at is None or told.matched.frame.at <= ended_at + PRESENCE_WINDOW_US
        return (
            told.counts
            and (in_window or stay.removal is not None)
            and not self._has_rivals(guild_id, user_id, stay, stay.sure, told.position)
        )

    def _is_owed_end(
        self, guild_id: str, user_id: str, stay: Stay, connection: Connection, probe: int
    ) -> bool:
        return (
            probe < self._case.blind_from
            and not self._has_rivals(guild_id, user_id, stay, stay.sure, stay.over)
            and self._duty(guild_id, self._end_window(stay), connection) is Duty.MUST
        )

    def _end_window(self, stay: Stay) -> Window:
        if stay.removal is not None:
            return stay.removal.window(self._case.timeline)
        return self._window(stay.sure, stay.over, (stay.connection.ended_at or 0) + PRESENCE_WINDOW_US)

    # --- what both have in common

    def _has_rivals(self, guild_id: str, user_id: str, stay: Stay, start: int, end: int) -> bool:
        """Whether another stay of the user may have been on between two positions."""
        stays = self._stays.of(guild_id, user_id)
        return any(other is not stay and other.touches(start, end) for other in stays)

    def _alive_beside(self, stay: Stay, position: int) -> Iterator[Connection]:
        return (
            connection
            for connection in self._case.connections
            if connection is not stay.connection and connection.ended > position
        )

    def _duty(self, guild_id: str, window: Window, connection: Connection) -> Duty:
        update = Emission(event=events.PresenceUpdate, standing=Standing.DUE, identity={}, guild_id=guild_id)
        return self._duties.due(update, window, connection).duty

    def _window(self, start: int, end: int, end_at: int) -> Window:
        span = self._case.timeline.span(start, end)
        return Window(invoked=start, acknowledged=end, acknowledged_at=end_at, span=span, before=span)

    def _out_of_turn(self, update: Update) -> None:
        self._judgement.find(
            Kind.CONTRACT,
            "SUB-1",
            "the subscriber's own online came out of turn",
            client=update.connection.name,
            event=_NAME,
            expected="after presence_sync and before subscribed",
            received=_NAME,
            excerpt=[line_of_frame(update.matched, update.connection.name)],
        )

    def _missing(
        self, connection: Connection, requirement: str, message: str, *, cause: Call | None = None
    ) -> None:
        self._judgement.find(
            Kind.LIVENESS,
            requirement,
            message,
            client=connection.name,
            event=_NAME,
            expected=_NAME,
            received="nothing, though later events came",
            cause=cause,
            excerpt=() if cause is None else lines_of_call(cause),
        )


def _confirmed_at(stay: Stay) -> int:
    frames = stay.connection.frames
    return next((frame.at for frame in frames if frame.position == stay.confirmed), NEVER)


def _ended_as_told(stay: Stay) -> bool:
    """Whether the stay ended, and nothing but what the history tells can have ended it."""
    if stay.removal is not None:
        return stay.sure == stay.removal.invoked
    return stay.connection.ended != NEVER
