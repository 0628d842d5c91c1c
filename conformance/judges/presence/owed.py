"""Who must be told of the begin and the end of a user's presence (PRES-1, PRES-3, PRES-5, PRES-6, SUB-1)."""

from typing import NamedTuple

from sync_check.conformance.contract import events
from sync_check.conformance.judges.deliveries import Delivery, Matched
from sync_check.conformance.judges.judgement import Judgement, line_of_frame, lines_of_call
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.judges.presence.told import About, Told
from sync_check.conformance.judges.stays import Stay
from sync_check.conformance.model.connections import NEVER, Connection
from sync_check.conformance.model.duties import Duties, Duty, Window
from sync_check.conformance.model.emissions import Emission, Standing
from sync_check.conformance.model.participants import PRESENCE_WINDOW_US
from sync_check.conformance.verdict import Kind

_EVENT = events.PresenceUpdate
_NAME = _EVENT.name


class _End(NamedTuple):
    """The end of a user's presence: surely on until `stay.sure`, off from `over`, told by `limit` (µs).

    From `again` on the user may have come back.
    """

    stay: Stay
    over: int
    limit: int
    requirement: str
    again: int


class Owed:
    """Judges each stay that was its user's first or last for certain."""

    def __init__(self, told: Told, judgement: Judgement) -> None:
        self._told = told
        self._case = told.case
        self._stays = told.stays
        self._judgement = judgement
        self._duties = Duties(told.case.timeline)
        self._emissions: dict[str, Emission] = {}

    def judge(self) -> None:
        """Judge all stays that began in the scenario."""
        for guild_id, user_id, stay in self._stays.all:
            if stay.confirmed != NEVER and self._case.scenario.begun < stay.asked < self._case.until:
                about = guild_id, user_id
                if stay.confirmed < self._case.blind_from:
                    self._judge_begin(about, stay)
                if stay.sure < self._case.blind_from:
                    self._judge_end(about, stay)

    # --- a first stay is told to all, the subscriber included

    def _judge_begin(self, about: About, stay: Stay) -> None:
        guild_id, user_id = about
        stays = self._stays.of(guild_id, user_id)
        is_first = not any(one is not stay and one.touches(stay.asked, stay.confirmed) for one in stays)
        if is_first:
            self._judge_own_begin(about, stay)
        window = self._window(stay.asked, stay.confirmed, _confirmed_at(stay))
        told: list[Connection] = []
        missed: list[Connection] = []
        firsts = self._told.first(about, "online", stay.asked)
        for connection in self._alive_beside(stay, stay.asked):
            first = firsts.get(connection.number)
            if first is not None and first.position <= stay.confirmed:
                told.append(connection)  # whatever was caused after that came later
                continue
            probe = self._stays.probe(connection, stay.confirmed)
            if first is not None and (probe is None or first.position < probe):
                told.append(connection)
            elif probe is not None and (is_first or self._was_offline(about, stay, connection, probe)):
                missed.append(connection)
        # One of those who were told is witness enough: cost grows with the stays, not with their square.
        if is_first and any(self._duty(guild_id, window, one) is Duty.MUST for one in told):
            self._judgement.witness("PRES-1")
        for connection in missed:
            duty = self._duty(guild_id, window, connection)
            if duty is Duty.MUST:
                self._missing(connection, "PRES-1", f"online of {self._told.name(user_id)} never came")
            elif duty is Duty.MUST_NOT and told:
                self._judgement.witness("PRES-5")

    def _was_offline(self, about: About, stay: Stay, connection: Connection, probe: int) -> bool:
        """Whether the last it was told is that the user is offline, who then is present until `probe`."""
        was_offline = self._told.last(connection.number, about, stay.confirmed) == "offline"
        return was_offline and stay.covers(stay.confirmed, probe)

    def _judge_own_begin(self, about: About, stay: Stay) -> None:
        """To the subscriber, `online` comes between the list and `subscribed` (SUB-1)."""
        own = stay.connection
        first = self._told.first(about, "online", stay.asked).get(own.number)
        lists = (sync.position for sync in self._told.syncs_of(own))
        listed = next((one for one in lists if stay.asked < one < stay.confirmed), stay.asked)
        if first is not None and listed < first.position < stay.confirmed:
            self._judgement.witness("PRES-1")
        elif first is not None and self._told.counts(own.number, first):
            self._out_of_turn(own, first.to(own.number))
        elif first is None and self._stays.probe(own, stay.confirmed) is not None:
            self._missing(own, "PRES-1", f"the own online of {self._told.name(about[1])} never came")

    # --- a last end is told to all who stay

    def _judge_end(self, about: About, stay: Stay) -> None:
        guild_id, user_id = about
        end = self._last_end(guild_id, user_id, stay)
        if end is None:
            return
        firsts = self._told.first(about, "offline", stay.sure)
        for connection in self._alive_beside(stay, stay.sure):
            if connection.user_id == user_id:
                continue
            first = firsts.get(connection.number)
            # What was caused at `over` or later comes later than that.
            probe = None
            if end.over != NEVER and (first is None or first.position > end.over):
                probe = self._stays.probe(connection, end.over)
            if first is not None and (probe is None or first.position < probe):
                if self._is_in_time(end, connection, first):
                    self._judgement.witness(end.requirement)
            elif probe is not None and self._is_owed(guild_id, end, connection, probe):
                message = f"offline of {self._told.name(user_id)} never came"
                self._missing(connection, end.requirement, message, cause=stay.removal)

    def _last_end(self, guild_id: str, user_id: str, stay: Stay) -> _End | None:
        """The end of the user's presence after `stay`, if no other stay is known to have lasted longer."""
        stays = self._stays.of(guild_id, user_id)
        # Of one that heard nothing after it began the two are one and the same.
        beside = [one for one in stays if one.asked <= stay.sure < one.over]
        if not beside or max(beside, key=lambda one: one.sure) is not stay:
            return None
        if any(one.removal is None and one.connection.gone == NEVER for one in beside):
            return None
        removed = any(one.removal is not None for one in beside)
        ended_at = max(one.connection.gone_at or 0 for one in beside)
        return _End(
            stay=stay,
            over=max(one.over for one in beside),
            limit=NEVER if removed else ended_at + PRESENCE_WINDOW_US,
            requirement="PRES-6" if removed else "PRES-3",
            again=min((one.asked for one in stays if one.asked > stay.sure), default=NEVER),
        )

    def _is_in_time(self, end: _End, connection: Connection, told: Delivery) -> bool:
        """Whether an `offline` tells of this end, within its window."""
        number = connection.number
        in_window = told.times[number] <= end.limit and told.position <= end.again
        return in_window and self._told.counts(number, told)

    def _is_owed(self, guild_id: str, end: _End, connection: Connection, probe: int) -> bool:
        return (
            probe < self._case.blind_from
            and end.over <= end.again
            and self._duty(guild_id, self._end_window(end), connection) is Duty.MUST
        )

    def _end_window(self, end: _End) -> Window:
        if end.stay.removal is not None:
            return end.stay.removal.window(self._case.timeline)
        return self._window(end.stay.sure, end.over, end.limit)

    # --- what both have in common

    def _alive_beside(self, stay: Stay, position: int) -> list[Connection]:
        return [
            connection
            for connection in self._case.connections
            if connection.ended > position and connection is not stay.connection
        ]

    def _duty(self, guild_id: str, window: Window, connection: Connection) -> Duty:
        update = self._emissions.get(guild_id)
        if update is None:
            update = self._emissions[guild_id] = Emission(
                event=_EVENT, standing=Standing.DUE, identity={}, guild_id=guild_id
            )
        return self._duties.due(update, window, connection).duty

    def _window(self, start: int, end: int, end_at: int) -> Window:
        span = self._case.timeline.span(start, end)
        return Window(invoked=start, acknowledged=end, acknowledged_at=end_at, span=span, before=span)

    def _out_of_turn(self, connection: Connection, told: Matched) -> None:
        self._judgement.find(
            Kind.CONTRACT,
            "SUB-1",
            "the subscriber's own online came out of turn",
            client=connection.name,
            event=_NAME,
            expected="after presence_sync and before subscribed",
            received=_NAME,
            excerpt=[line_of_frame(told, connection.name)],
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
    arrival = next((one for one in frames if one.position == stay.confirmed), None)
    return NEVER if arrival is None else arrival.times[stay.connection.number]
