"""Whether something explains each `presence_update` (PRES-1, PRES-3 to PRES-6, SUB-3)."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from sync_check.conformance.contract import events
from sync_check.conformance.judges.judgement import Judgement, line_of_frame, lines_of_call
from sync_check.conformance.judges.lives import Call, Emitted
from sync_check.conformance.judges.presence.told import Told, Update
from sync_check.conformance.judges.stays import Stay, any_covers, any_touches
from sync_check.conformance.model.connections import NEVER
from sync_check.conformance.verdict import Kind


class Updates:
    """Judges each update by the stays of its user between its cause, at the earliest, and its arrival."""

    def __init__(self, told: Told, judgement: Judgement) -> None:
        self._told = told
        self._judgement = judgement

    def judge(self) -> None:
        """Judge all updates of the case, by connection and by whom they are about."""
        for _, doubtful in sorted(self._told.doubtful.items()):
            for about, updates in doubtful.items():
                for update in updates:
                    self._judge(update, self._told.stays.of(*about))

    def _judge(self, update: Update, stays: Sequence[Stay]) -> None:
        if update.before == update.told.status:
            self._find(update, "PRES-4", f"{update.told.status} was told twice in a row")
            return
        before = len(self._judgement.findings)
        if update.told.status == "online":
            self._judge_online(update, stays)
        else:
            self._judge_offline(update, stays)
        if len(stays) > 1 and update.before is not None and len(self._judgement.findings) == before:
            self._judgement.witness("PRES-4")

    def _judge_online(self, update: Update, stays: Sequence[Stay]) -> None:
        start, end = update.since, update.position
        if not self._is_about_a_member(update):
            name = self._name_in(update)
            self._find(update, "PRES-5", f"{name} is told to be online and is no member")
        elif any_covers(stays, start, end):
            again = any(_asked_again(stay, update.told.guild_id, start, end) for stay in stays)
            message = f"{self._name_in(update)} is told to have come online and has been so all along"
            self._find(update, "SUB-3" if again else "PRES-1", message)
        elif not any_touches(stays, start, end):
            self._find(update, "PRES-1", f"{self._name_in(update)} is told to be online and is not present")

    def _judge_offline(self, update: Update, stays: Sequence[Stay]) -> None:
        start, end = update.since, update.position
        early = self._removal_not_told_yet(update, stays)
        if any_covers(stays, start, end):
            message = f"{self._name_in(update)} is told to be offline while a connection of theirs is present"
            self._find(update, "PRES-4", message)
        elif early is not None:
            message = f"{self._name_in(update)} is told to be offline before the removal is told"
            self._find(update, "PRES-6", message, kind=Kind.CONTRACT, cause=early)
        elif not any_touches(stays, start, end) and not any(_was_removed(stay, end) for stay in stays):
            self._judge_unexplained(update, stays)

    def _judge_unexplained(self, update: Update, stays: Sequence[Stay]) -> None:
        name = self._name_in(update)
        if any(stay.over <= update.since for stay in stays):
            message = f"{name} is told to be offline after the presence window"
            self._find(update, "PRES-3", message, kind=Kind.LIVENESS)
        else:
            requirement = "PRES-3" if self._is_about_a_member(update) else "PRES-5"
            self._find(update, requirement, f"{name} is told to be offline and has not been present")

    def _is_about_a_member(self, update: Update) -> bool:
        told = update.told
        return self._told.memberships.was_member(told.guild_id, told.user_id, update.since, update.position)

    def _name_in(self, update: Update) -> str:
        return self._told.name(update.told.user_id)

    # --- PRES-6: offline follows the removal

    def _removal_not_told_yet(self, update: Update, stays: Sequence[Stay]) -> Call | None:
        """The removal that alone can have caused an `offline`, if this connection is told of it later.

        As long as a connection that outlived the removal was present, nothing else made its user offline.
        """
        for stay in stays:
            if (
                stay.removal is not None
                and stay.covers(update.since, stay.removal.invoked)
                and self._told.stays.sure_until(stay.connection) > stay.removal.acknowledged
            ):
                told = self._removal_told(update, stay.removal)
                return stay.removal if told is not None and update.position < told else None
        return None

    def _removal_told(self, update: Update, removal: Call) -> int | None:
        """Where the update's receiver is told of a removal."""
        for emitted in self._removal_events.get(removal.op, ()):
            receipts = self._told.case.receipts(emitted)
            if update.connection.number in receipts:
                return receipts.position(update.connection.number)
        return None

    @cached_property
    def _removal_events(self) -> Mapping[int, Sequence[Emitted]]:
        """The emissions of removals, by operation."""
        found: dict[int, list[Emitted]] = {}
        for emitted in self._told.case.emitted:
            if emitted.emission.event is events.WorkspaceMemberRemove:
                found.setdefault(emitted.call.op, []).append(emitted)
        return found

    def _find(
        self,
        update: Update,
        requirement: str,
        message: str,
        *,
        kind: Kind = Kind.SAFETY,
        cause: Call | None = None,
    ) -> None:
        calls = () if cause is None else lines_of_call(cause)
        self._judgement.find(
            kind,
            requirement,
            message,
            client=update.connection.name,
            event=update.told.name,
            expected="nothing",
            received=f"{update.told.name} {update.told.status}",
            cause=cause,
            excerpt=[*calls, line_of_frame(update.matched, update.connection.name)],
        )


def _asked_again(stay: Stay, guild_id: str, start: int, end: int) -> bool:
    """Whether the connection, present already, subscribed once more about then."""
    return any(
        stay.confirmed < lease.asked < end and start < (lease.confirmed or NEVER)
        for lease in stay.connection.leases_of(guild_id)
    )


def _was_removed(stay: Stay, end: int) -> bool:
    """Whether a removal ended the stay: that it makes its user offline has no window (PRES-6)."""
    return stay.removal is not None and stay.removal.invoked < end
