"""Departures that no operation causes: by the last connection's end, and by expiry (VOICE-3, VOICE-5)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from sync_check.conformance.contract import events
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.deliveries import Matched
from sync_check.conformance.judges.judgement import Judgement, line_of_frame
from sync_check.conformance.judges.stays import Stays
from sync_check.conformance.model.connections import NEVER, Connection
from sync_check.conformance.model.departures import left
from sync_check.conformance.model.duties import Duties, Duty, Window
from sync_check.conformance.model.emissions import Standing
from sync_check.conformance.model.participants import LEASE_US, PRESENCE_WINDOW_US, Participant
from sync_check.conformance.verdict import Kind

_LEAVE = events.VoiceParticipantLeave
_UNPUBLISH = events.VoiceStreamUnpublish
_ANSWER_US: Final = round(Limits().request_timeout_s * 1_000_000)
"""A token may take effect so much later than it was asked for, in microseconds."""
_Who = tuple[str, str]
"""A channel and a user."""


class _End(NamedTuple):
    """The end of a user's last connection while in a voice channel.

    The user was connected for certain until `sure`, and not any more from `over` on; `limit` is when the
    departure must have been told, in microseconds.
    """

    participant: Participant
    connection: Connection
    sure: int
    over: int
    limit: int


@dataclass(slots=True)
class _Heard:
    """What one connection was told: who publishes what, and who has gone."""

    published: dict[_Who, set[str]] = field(default_factory=dict)
    gone: set[_Who] = field(default_factory=set)

    def take(self, told: events.Event | None) -> None:
        """Take over one event."""
        match told:
            case events.VoiceParticipantSync():
                # Whoever subscribes (again) may have missed what happened before.
                self.gone = {who for who in self.gone if who[0] != told.channel_id}
                self.published = {
                    who: streams for who, streams in self.published.items() if who[0] != told.channel_id
                }
            case events.VoiceParticipantJoin():
                self.gone.discard((told.channel_id, told.participant.user_id))
                self.published.pop((told.channel_id, told.participant.user_id), None)
            case events.VoiceStreamPublish():
                self.published.setdefault((told.channel_id, told.user_id), set()).add(told.stream)
            case events.VoiceStreamUnpublish():
                self.published.get((told.channel_id, told.user_id), set()).discard(told.stream)
            case events.VoiceParticipantLeave():
                self.gone.add((told.channel_id, told.user_id))
                self.published.pop((told.channel_id, told.user_id), None)
            case _:
                pass


class Ends:
    """Judges the departures that match no operation, and those that the ends of connections owe."""

    def __init__(self, case: Case, stays: Stays, judgement: Judgement) -> None:
        self._case = case
        self._stays = stays
        self._judgement = judgement
        self._duties = Duties(case.timeline)
        self._left: dict[tuple[int, _Who], list[Matched]] = {}

    def judge(self) -> None:
        """Judge the case."""
        if any(
            isinstance(one.check.event, _LEAVE | _UNPUBLISH) for one in self._case.ledger.readings.values()
        ):
            for connection in self._case.connections:
                self._judge_stream(connection)
        for end in self._ends():
            self._judge_end(end)

    # --- departures that match no operation

    def _judge_stream(self, connection: Connection) -> None:
        heard = _Heard()
        for matched, since in self._stays.queued_since(connection):
            told = matched.reading.check.event
            if isinstance(told, events.VoiceParticipantLeave):
                who = told.channel_id, told.user_id
                self._left.setdefault((connection.number, who), []).append(matched)
                still = heard.published.get(who)
                if self._judge_departure(connection, matched, told, since, heard) and still:
                    message = f"a participant left without the end of {', '.join(sorted(still))}"
                    self._find(connection, matched, "VOICE-3", message, kind=Kind.CONTRACT)
            elif isinstance(told, events.VoiceStreamUnpublish):
                self._judge_departure(connection, matched, told, since, heard)
            heard.take(told)

    def _judge_departure(
        self,
        connection: Connection,
        matched: Matched,
        told: events.VoiceParticipantLeave | events.VoiceStreamUnpublish,
        since: int,
        heard: _Heard,
    ) -> bool:
        """Whether the event is none of an operation's, and may be explained all the same."""
        position = matched.frame.position
        if (
            matched.emitted is not None
            or not self._case.owns(connection, matched)
            or position >= self._case.blind_from
        ):
            return False
        if not self._is_entitled(connection, told, since, position):
            return False  # which is judged with the streams
        there = list(self._participants(told, since, position))
        if (told.channel_id, told.user_id) in heard.gone or not there:
            self._find(connection, matched, "DELIV-1", f"nothing explains this {told.name}")
        elif not self._may_have_ended(there, since, matched):
            message = f"{told.name} of a user who has a connection and did not leave"
            self._find(connection, matched, "VOICE-5", message)
        else:
            return True
        return False

    def _is_entitled(
        self,
        connection: Connection,
        told: events.VoiceParticipantLeave | events.VoiceStreamUnpublish,
        start: int,
        end: int,
    ) -> bool:
        emission = left(_nobody(told), Standing.DUE)
        due = self._duties.due(emission, self._window(start, end, NEVER), connection)
        return due.duty is not Duty.MUST_NOT

    def _participants(
        self, told: events.VoiceParticipantLeave | events.VoiceStreamUnpublish, start: int, end: int
    ) -> Iterator[Participant]:
        """The states of the participation that the event may end."""
        timeline = self._case.timeline
        for world in timeline.worlds(timeline.span(start, end)):
            participant = world.voice.participants.get(told.user_id)
            if participant is None or not participant.is_in(told.guild_id, told.channel_id):
                continue
            if isinstance(told, events.VoiceParticipantLeave) or told.stream in participant.streams:
                yield participant

    def _may_have_ended(self, states: Sequence[Participant], since: int, matched: Matched) -> bool:
        """Whether something else than an operation may have ended the participation, seen at its arrival."""
        return (
            any(one.doubted for one in states)
            or _may_have_expired(states, matched.frame.at)
            or self._may_be_alone(states[0].user_id, since, matched)
        )

    def _may_be_alone(self, user_id: str, since: int, matched: Matched) -> bool:
        """Whether no connection of the user is known to have lived all the while."""
        return not any(
            one.opened <= since and self._stays.sure_until(one) >= matched.frame.position
            for one in self._case.connections
            if one.user_id == user_id
        )

    # --- departures that are due to the end of a connection

    def _ends(self) -> Iterator[_End]:
        participants = self._ever_in_voice()
        for connection in self._case.connections:
            if connection.user_id not in participants:
                continue
            sure = self._stays.sure_until(connection)
            beside = [
                one for one in self._of_user(connection) if one.opened <= sure < self._stays.over_from(one)
            ]
            if sure < self._case.scenario.begun or not beside:
                continue
            if max(beside, key=self._stays.sure_until) is not connection or any(
                one.gone_at is None for one in beside
            ):
                continue
            participant = self._stayed(connection, sure, max(one.gone for one in beside))
            limit = max(one.gone_at or 0 for one in beside) + PRESENCE_WINDOW_US
            if participant is not None and participant.is_sure(limit):
                over = max(self._stays.over_from(one) for one in beside)
                yield _End(participant, connection, sure, over, limit)

    def _ever_in_voice(self) -> set[str]:
        """Whoever was in a voice channel in some world of the run."""
        states = {id(world.voice): world.voice for world in self._case.timeline.worlds_so_far}
        return {user_id for voice in states.values() for user_id in voice.participants}

    def _of_user(self, connection: Connection) -> Sequence[Connection]:
        return self._stays.connections_of(connection.user_id)

    def _stayed(self, connection: Connection, start: int, end: int) -> Participant | None:
        """The participation of the connection's user, if it was the same all the while."""
        timeline = self._case.timeline
        worlds = timeline.worlds(timeline.span(start, end))
        states = [world.voice.participants.get(connection.user_id or "") for world in worlds]
        return states[0] if all(one == states[0] for one in states) else None

    def _judge_end(self, end: _End) -> None:
        participant = end.participant
        who = participant.channel_id, participant.user_id
        window = self._window(end.sure, min(end.over, self._case.until), end.limit)
        emission = left(participant, Standing.DUE)
        for connection in self._case.connections:
            if connection.user_id == participant.user_id or connection.ended <= end.sure:
                continue
            told = self._left.get((connection.number, who), ())
            first = next((one for one in told if one.frame.position > end.sure), None)
            probe = None if end.over == NEVER else self._stays.probe(connection, end.over)
            if first is not None and (probe is None or first.frame.position < probe):
                if first.frame.at <= end.limit and not self._is_back(end, first.frame.position):
                    self._judgement.witness("VOICE-5")
            elif (
                probe is not None
                and probe < self._case.blind_from
                and not self._is_back(end, end.over)
                and self._duties.due(emission, window, connection).duty is Duty.MUST
            ):
                self._missing(connection, end)

    def _is_back(self, end: _End, position: int) -> bool:
        """Whether the user may have had another connection before a position."""
        return any(
            end.sure < one.opened and (one.opened < position or one.began <= end.limit)
            for one in self._of_user(end.connection)
        )

    def _window(self, start: int, end: int, end_at: int) -> Window:
        span = self._case.timeline.span(start, end)
        return Window(invoked=start, acknowledged=end, acknowledged_at=end_at, span=span, before=span)

    # --- findings

    def _find(
        self,
        connection: Connection,
        matched: Matched,
        requirement: str,
        message: str,
        *,
        kind: Kind = Kind.SAFETY,
    ) -> None:
        self._judgement.find(
            kind,
            requirement,
            message,
            client=connection.name,
            event=matched.reading.name,
            expected="nothing" if kind is Kind.SAFETY else f"{_UNPUBLISH.name} for each stream first",
            received=matched.reading.name,
            excerpt=[line_of_frame(matched, connection.name)],
        )

    def _missing(self, connection: Connection, end: _End) -> None:
        self._judgement.find(
            Kind.LIVENESS,
            "VOICE-5",
            f"{_LEAVE.name} never came though the last connection of its user had ended",
            client=connection.name,
            event=_LEAVE.name,
            expected=f"{_LEAVE.name} after the end of {end.connection.name}",
            received="nothing, though later events came",
        )


def _nobody(told: events.VoiceParticipantLeave | events.VoiceStreamUnpublish) -> Participant:
    """A participant as far as an event names it."""
    return Participant(
        user_id=told.user_id,
        guild_id=told.guild_id,
        channel_id=told.channel_id,
        identity=told.identity,
    )


def _may_have_expired(states: Sequence[Participant], at_us: int) -> bool:
    """Whether a token's time was over when the event came, or before the next token took effect."""
    latest = max(one.renewed_at for one in states)
    return at_us >= latest + LEASE_US or any(
        latest + _ANSWER_US >= one.renewed_at + LEASE_US for one in states if one.renewed_at < latest
    )
