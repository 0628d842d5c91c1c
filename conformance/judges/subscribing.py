"""Judge `subscribing`: each confirmed subscribe is answered by all of its frames, in their order (3.3).

These are `presence_sync`, `subscribed`, `voice_participant_sync`, as far as their features are in force. The
subscriber's own `online`, which comes second where it is due, is judged with presence.
"""

from typing import Final

from sync_check.conformance.contract import events
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.deliveries import Matched
from sync_check.conformance.judges.judgement import Judgement, line_of_frame
from sync_check.conformance.judges.refused_subscribes import judge_refused
from sync_check.conformance.judges.several import witness_several
from sync_check.conformance.model.access import may_access
from sync_check.conformance.model.connections import Connection, Lease
from sync_check.conformance.verdict import Kind

NAME: Final = "subscribing"
_LIST: Final = events.PresenceSync.name
_VOICES: Final = events.VoiceParticipantSync.name
_ANSWERS: Final = (events.PresenceSync, events.Subscribed, events.VoiceParticipantSync)


def judge(case: Case) -> Judgement:
    """Judge the answers to the subscribes of a scenario."""
    judgement = Judgement(scenario=case.scenario.id, judge=NAME)
    answers = {one.number: _Answers(case, judgement, one) for one in case.connections}
    for delivery in case.deliveries:
        if isinstance(delivery.reading.check.event, _ANSWERS):
            own = case.own(delivery)
            for number in delivery.times:
                answers[number].take(delivery.to(number), judged=number in own)
    for one in answers.values():
        one.finish()
    judge_refused(case, judgement)
    witness_several(case, judgement)
    return judgement


class _Answers:
    """What is remembered of a connection: lists that `subscribed` has not followed yet, and the reverse."""

    def __init__(self, case: Case, judgement: Judgement, connection: Connection) -> None:
        self._case = case
        self._judgement = judgement
        self._connection = connection
        self._listed: dict[str, int] = {}
        self._open: list[tuple[Lease, bool]] = []
        self._judged = False

    def take(self, matched: Matched, *, judged: bool) -> None:
        """Judge one frame; those of other scenarios are only remembered."""
        self._judged = judged
        told = matched.reading.check.event
        if isinstance(told, events.PresenceSync):
            self._list(matched, told)
        elif isinstance(told, events.Subscribed):
            self._subscribed(matched, told)
        elif isinstance(told, events.VoiceParticipantSync):
            self._voices(matched, told)

    def _list(self, matched: Matched, told: events.PresenceSync) -> None:
        position = matched.frame.position
        pending = self._pending(told.guild_id, None, position)
        if pending is None or not self._is_in_force(Feature.PRESENCE):
            return
        if pending and not any(self._may_work(lease, position) for lease in pending):
            self._find(matched, "SUB-2", "a subscribe without access was answered")
            return
        if told.guild_id in self._listed or not pending:
            self._find(matched, "DELIV-1", f"{_LIST} came more often than was asked for")
        self._listed[told.guild_id] = position

    def _pending(self, guild_id: str, channel_id: str | None, position: int) -> list[Lease] | None:
        """The subscribes that were sent and not confirmed by then; None if none was ever sent.

        A frame that nobody asked for is nobody's answer, which is judged with the streams.
        """
        asked = [one for one in self._connection.leases_of(guild_id, channel_id) if one.asked < position]
        pending = [one for one in asked if one.confirmed is None or one.confirmed > position]
        return pending if asked else None

    def _may_work(self, lease: Lease, position: int) -> bool:
        timeline = self._case.timeline
        states = timeline.guilds(lease.guild_id, timeline.span(lease.asked, position))
        return any(may_access(one, lease.channel_id, self._connection.user_id) for one in states)

    def _subscribed(self, matched: Matched, told: events.Subscribed) -> None:
        position = matched.frame.position
        leases = self._connection.leases_of(told.guild_id, told.channel_id)
        lease = next((one for one in leases if one.confirmed == position), None)
        listed = self._listed.pop(told.guild_id, None)
        if lease is None:
            return
        is_listed = listed is not None and listed >= lease.asked
        whole = is_listed or not self._is_in_force(Feature.PRESENCE)
        if not whole:
            self._find(matched, "SUB-1", f"subscribed came without {_LIST} before it", expected=_LIST)
        if self._is_in_force(Feature.VOICE):
            self._open.append((lease, whole))
        elif whole:
            self._answered(lease)

    def _voices(self, matched: Matched, told: events.VoiceParticipantSync) -> None:
        answered = next((one for one in self._open if one[0].channel_id == told.channel_id), None)
        if answered is not None:
            self._open.remove(answered)
            lease, whole = answered
            if whole:
                self._answered(lease)
            return
        pending = self._pending(told.guild_id, told.channel_id, matched.frame.position)
        if pending is None or not self._is_in_force(Feature.VOICE):
            return
        if not pending:
            self._find(matched, "DELIV-1", f"{_VOICES} came more often than was asked for")
        elif any(self._may_work(lease, matched.frame.position) for lease in pending):
            self._find(matched, "SUB-1", f"{_VOICES} came before subscribed", expected="subscribed")
        else:
            self._find(matched, "SUB-2", "a subscribe without access was answered")

    def _answered(self, lease: Lease) -> None:
        """All frames of a subscribe have come."""
        if not self._judged:
            return
        # It was asked for in the words of the first revision, which no later one may find too few (COMPAT-2).
        self._judgement.witness("SUB-1", "COMPAT-2")
        earlier = self._connection.leases_of(lease.guild_id, lease.channel_id)
        if any(one.asked < lease.asked and one.confirmed is not None for one in earlier):
            self._judgement.witness("SUB-3")

    def finish(self) -> None:
        """Judge what never came though later events did."""
        for lease, _ in self._open:
            here = self._case.scenario.begun < lease.asked < self._case.until
            if here and self._case.heard(self._connection) > (lease.confirmed or 0):
                self._judgement.find(
                    Kind.LIVENESS,
                    "SUB-1",
                    f"{_VOICES} never came",
                    client=self._connection.name,
                    event=_VOICES,
                    expected=_VOICES,
                    received="nothing, though later events came",
                )

    def _is_in_force(self, feature: Feature) -> bool:
        return feature in self._case.header.features

    def _find(self, matched: Matched, requirement: str, message: str, *, expected: str = "nothing") -> None:
        if not self._judged:
            return
        self._judgement.find(
            Kind.CONTRACT if requirement == "SUB-1" else Kind.SAFETY,
            requirement,
            message,
            client=self._connection.name,
            event=matched.reading.name,
            expected=expected,
            received=matched.reading.name,
            excerpt=[line_of_frame(matched, self._connection.name)],
        )
