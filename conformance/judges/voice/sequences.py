"""What holds between voice events that one connection gets of one participant (VOICE-4, CHAN-5)."""

from collections.abc import Iterator

from sync_check.conformance.contract import events
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.deliveries import Matched
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
        came = {delivery.reading.body: delivery.reading for delivery in case.deliveries}
        told = {body: tuple(_moments(reading)) for body, reading in came.items()}
        self._moments = {body: moments for body, moments in told.items() if moments}
        self._is_heard = any(_is_of_voice(reading) for reading in came.values())

    def judge(self) -> None:
        """Judge all connections of the case."""
        for connection in self._case.connections if self._is_heard else ():
            self._times(connection)
            self._after_deletion(connection)

    def _times(self, connection: Connection) -> None:
        """`updated_at_unix` never goes back (VOICE-4)."""
        latest: dict[tuple[str, str], int] = {}
        for matched in self._case.stream(connection):
            for channel_id, user_id, at in self._moments.get(matched.reading.body, ()):
                before = latest.get((channel_id, user_id))
                latest[channel_id, user_id] = at if before is None else max(before, at)
                if before is None or not self._case.owns(connection, matched):
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

    def _after_deletion(self, connection: Connection) -> None:
        """No voice event of a channel follows its deletion (CHAN-5)."""
        deleted: set[str] = set()
        for matched in self._case.stream(connection):
            told = matched.reading.check.event
            if isinstance(told, events.ChannelDelete) and matched.emitted is not None:
                deleted.add(told.channel_id)
            elif deleted and matched.reading.channel_id in deleted and self._case.owns(connection, matched):
                name = matched.reading.name or ""
                if _is_of_voice(matched.reading):
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
