"""What holds between voice events that one connection gets of one participant (VOICE-4, CHAN-5)."""

from collections.abc import Iterator, Sequence

from sync_check.conformance.contract import events
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.deliveries import Delivery, Matched
from sync_check.conformance.judges.judgement import Judgement, line_of_frame, lines_of_call
from sync_check.conformance.judges.readings import Reading
from sync_check.conformance.judges.stays import Stays
from sync_check.conformance.model.connections import Connection
from sync_check.conformance.verdict import Kind

_STATE = "update_voice_state"


class Sequences:
    """Judges the voice events of each connection in their order."""

    def __init__(self, case: Case, _stays: Stays, judgement: Judgement) -> None:
        self._case = case
        self._judgement = judgement
        self._latest: dict[tuple[int, str, str], int] = {}
        """By connection, channel and user the time that was told last of them."""
        self._deleted: set[tuple[int, str]] = set()
        """The channels that a connection was told the end of."""

    def judge(self) -> None:
        """Judge all that came of voice; what is told of other things is passed over, whoever got it."""
        for delivery in self._case.deliveries:
            reading = delivery.reading
            if isinstance(reading.check.event, events.ChannelDelete):
                if delivery.emitted is not None:
                    self._deleted.update(
                        (number, reading.check.event.channel_id) for number in delivery.times
                    )
            elif _is_of_voice(reading):
                moments = tuple(_moments(reading))
                for number in delivery.times:
                    self._times(number, delivery, moments)
                    self._after_deletion(number, delivery)

    def _times(self, number: int, delivery: Delivery, moments: Sequence[tuple[str, str, int]]) -> None:
        """`updated_at_unix` never goes back (VOICE-4)."""
        for channel_id, user_id, at in moments:
            key = number, channel_id, user_id
            before = self._latest.get(key)
            self._latest[key] = at if before is None else max(before, at)
            if before is None:
                continue
            connection, matched = self._case.by_number[number], delivery.to(number)
            if not self._case.owns(connection, matched):
                continue
            if at < before:
                message = "updated_at_unix went back"
                self._find(connection, matched, "VOICE-4", message, f"{before} or later", str(at))
            elif self._tells_a_state(matched):
                self._judgement.witness("VOICE-4")

    def _tells_a_state(self, matched: Matched) -> bool:
        emitted = matched.emitted
        if emitted is None or matched.copy or emitted.call.name != _STATE:
            return False
        return self._case.counts_for_witness(emitted.call)

    def _after_deletion(self, number: int, delivery: Delivery) -> None:
        """No voice event of a channel follows its deletion (CHAN-5)."""
        if (number, delivery.reading.channel_id) not in self._deleted:
            return
        connection, matched = self._case.by_number[number], delivery.to(number)
        if self._case.owns(connection, matched):
            name = matched.reading.name or ""
            message = f"{name} came after the channel_delete of its channel"
            self._find(connection, matched, "CHAN-5", message, "nothing more of that channel", name)

    def _find(
        self,
        connection: Connection,
        matched: Matched,
        requirement: str,
        message: str,
        expected: str,
        received: str,
    ) -> None:
        call = matched.emitted.call if matched.emitted is not None else None
        self._judgement.find(
            Kind.CONTRACT,
            requirement,
            message,
            client=connection.name,
            event=matched.reading.name,
            expected=expected,
            received=received,
            cause=call,
            excerpt=[
                *(lines_of_call(call) if call is not None else ()),
                line_of_frame(matched, connection.name),
            ],
        )


def _is_of_voice(reading: Reading) -> bool:
    return (reading.name or "").startswith("voice_")


def _moments(reading: Reading) -> Iterator[tuple[str, str, int]]:
    """What a body says of when participants changed: channel, user, unix seconds."""
    told = reading.check.event
    match told:
        case events.VoiceParticipantJoin():
            yield told.channel_id, told.participant.user_id, told.participant.updated_at_unix
        case events.VoiceParticipantUpdate():
            yield told.channel_id, told.user_id, told.updated_at_unix
        case events.VoiceParticipantSync():
            for one in told.participants:
                yield told.channel_id, one.user_id, one.updated_at_unix
        case _:
            return
