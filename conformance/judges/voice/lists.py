"""Who is listed in a voice channel to a subscriber, and how (3.3, DELIV-10)."""

from collections.abc import Sequence

from sync_check.conformance.contract import events, shapes
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.deliveries import Matched
from sync_check.conformance.judges.judgement import Judgement, line_of_frame
from sync_check.conformance.judges.stays import Stays
from sync_check.conformance.model.connections import Connection, Lease
from sync_check.conformance.model.emissions import shown
from sync_check.conformance.model.participants import Participant
from sync_check.conformance.verdict import Kind

_FLAGS = ("is_muted", "is_deafened")
"""The flags that the model knows."""


class Lists:
    """Judges each `voice_participant_sync` by the worlds between the subscribe and its arrival."""

    def __init__(self, case: Case, stays: Stays, judgement: Judgement) -> None:
        self._case = case
        self._stays = stays
        self._judgement = judgement

    def judge(self) -> None:
        """Judge all lists of the case."""
        for delivery in self._case.own_deliveries:
            told = delivery.reading.check.event
            if isinstance(told, events.VoiceParticipantSync) and delivery.position < self._case.blind_from:
                for number in delivery.times:
                    self._judge_one(self._case.by_number[number], delivery.to(number), told)

    def _judge_one(self, connection: Connection, matched: Matched, told: events.VoiceParticipantSync) -> None:
        lease = _answered(connection, told, matched.frame.position)
        if lease is not None:
            before = len(self._judgement.findings)
            self._judge(connection, matched, told, lease)
            if told.participants and len(self._judgement.findings) == before:
                self._judgement.witness("DELIV-10")

    def _judge(
        self, connection: Connection, matched: Matched, told: events.VoiceParticipantSync, lease: Lease
    ) -> None:
        position = matched.frame.position
        timeline = self._case.timeline
        worlds = list(timeline.worlds(timeline.span(lease.asked, position)))
        known: dict[str, list[Participant]] = {}
        for world in worlds:
            for participant in world.voice.in_channel(told.channel_id):
                if not participant.is_gone(lease.asked_at):
                    known.setdefault(participant.user_id, []).append(participant)
        sure = {
            user_id
            for user_id, states in known.items()
            if len(states) == len(worlds) and self._is_sure(states, lease.asked, matched)
        }
        listed = [one.user_id for one in told.participants]
        for user_id in sorted(sure - set(listed)):
            message = f"{self._name(user_id)} is in the channel and not listed"
            self._find(connection, matched, message, Kind.LIVENESS)
        for user_id in sorted({one for one in listed if one not in known or listed.count(one) > 1}):
            how = "twice" if user_id in known else "and is not in the channel"
            self._find(connection, matched, f"{self._name(user_id)} is listed {how}", Kind.SAFETY)
        for one in told.participants:
            if one.user_id in sure:
                self._judge_entry(connection, matched, one, known[one.user_id])

    def _is_sure(self, states: Sequence[Participant], start: int, matched: Matched) -> bool:
        """Whether the participation lasted all the while, and a connection of the user as well."""
        user_id = states[0].user_id
        own = [one for one in self._case.connections if one.user_id == user_id]
        lives = any(
            one.opened <= start and self._stays.sure_until(one) >= matched.frame.position for one in own
        )
        return (lives or not own) and all(state.is_sure(matched.frame.at) for state in states)

    def _judge_entry(
        self,
        connection: Connection,
        matched: Matched,
        told: shapes.Participant,
        states: Sequence[Participant],
    ) -> None:
        for member in ("identity", *_FLAGS):
            values = [getattr(state, member) for state in states]
            if None not in values and getattr(told, member) not in values:
                message = f"the list says something else than holds: {member} of {self._name(told.user_id)}"
                self._find(
                    connection,
                    matched,
                    message,
                    Kind.CONTRACT,
                    expected=shown(values[-1]),
                    received=shown(getattr(told, member)),
                )

    def _name(self, user_id: str) -> str:
        clients = (client for client, known in self._case.ledger.users.items() if known == user_id)
        return next(clients, user_id)

    def _find(
        self,
        connection: Connection,
        matched: Matched,
        message: str,
        kind: Kind,
        *,
        expected: str = "who is in the channel, each once",
        received: str | None = None,
    ) -> None:
        self._judgement.find(
            kind,
            "DELIV-10",
            message,
            client=connection.name,
            event=matched.reading.name,
            expected=expected,
            received=received or shown(matched.reading.text),
            excerpt=[line_of_frame(matched, connection.name)],
        )


def _answered(connection: Connection, told: events.VoiceParticipantSync, position: int) -> Lease | None:
    """The newest confirmed subscribe of the channel, which the list answers."""
    leases = connection.leases_of(told.guild_id, told.channel_id)
    earlier = (one for one in reversed(leases) if one.confirmed is not None and one.confirmed < position)
    return next(earlier, None)
