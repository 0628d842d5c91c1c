"""Judge `commands`: each `message_create` on a connection was carried out, or ended it (contract 3.2, 3.4).

What a command made is delivered, read and agreed upon like what REST makes, and judged there. Here is whether
it was carried out at all, in the order in which it was sent, and what else it must do.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from sync_check.conformance.contract.events import MessageCreate
from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.contract.operations import CreateMessage, History
from sync_check.conformance.contract.shapes import Message, MessagePage
from sync_check.conformance.history import EndOfConnection, Outcome
from sync_check.conformance.judges.banned_subscribes import END_WINDOW_US
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.comparing import DEFAULT_LIMIT
from sync_check.conformance.judges.deliveries import Matched
from sync_check.conformance.judges.judgement import Judgement, line_of_frame, lines_of_call
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.judges.pages import as_limited
from sync_check.conformance.judges.values_of_content import created
from sync_check.conformance.model.commands import Prospect, prospect
from sync_check.conformance.model.connections import NEVER, Connection
from sync_check.conformance.model.duties import Duties, Duty
from sync_check.conformance.model.emissions import Emission, Standing
from sync_check.conformance.model.results import read_result
from sync_check.conformance.model.transitions import Situation
from sync_check.conformance.verdict import Kind, Level

NAME: Final = "commands"
_POLICY_VIOLATION: Final = 1008


def judge(case: Case) -> Judgement:
    """Judge the commands of a scenario."""
    judgement = Judgement(scenario=case.scenario.id, judge=NAME)
    commands = [call for call in case.calls if call.is_command]
    judgement.evidence["operations"] += len(commands)
    by_number = {connection.number: connection for connection in case.connections}
    for number in dict.fromkeys(call.connection for call in commands):
        sender = by_number.get(number or 0)
        if sender is not None:
            sent = [call for call in commands if call.connection == number]
            _Sender(case, judgement, sender, sent).judge()
    if commands:
        for receiver in case.connections:
            _in_order(case, judgement, receiver)
    return judgement


def may_end(case: Case, connection: Connection) -> bool:
    """Whether a command gave the target a cause to end a connection."""
    if any(offence.position < connection.ended for offence in case.offences(connection)):
        return True
    return any(
        call.connection == connection.number
        and call.invoked < connection.ended < call.acknowledged
        and prospect_of(case, call, connection).refused
        for call in case.calls
    )


def prospect_of(case: Case, call: Call, sender: Connection) -> Prospect:
    """What may happen to a command in one of the worlds in which it may have come to its turn."""
    until = min(call.acknowledged, sender.ended, case.until)
    span = case.timeline.span(call.invoked, until)
    asked = _asked(call)
    seen = [
        prospect(
            Situation(
                world=case.timeline.world(number),
                actor=call.actor,
                limits=case.header.limits,
                asked_at=call.invoked_at,
                answered_at=call.answered_at or call.invoked_at + END_WINDOW_US,
                address=sender.address,
            ),
            asked,
        )
        for number in range(span.first, span.last + 1)
        # With its own message in the world, what it binds is not free any more.
        if number != call.made or len(span) == 1
    ]
    return Prospect(
        carried_out=any(one.carried_out for one in seen),
        refused=any(one.refused for one in seen),
        requirement=seen[-1].requirement,
        reasons=frozenset().union(*(one.reasons for one in seen)),
    )


def _asked(call: Call) -> CreateMessage:
    """The REST call that a command stands for."""
    assert isinstance(call.operation, CreateMessage)
    return call.operation


class _Sender:
    """The commands of one connection, in the order in which they were sent."""

    def __init__(
        self, case: Case, judgement: Judgement, connection: Connection, calls: Sequence[Call]
    ) -> None:
        self._case = case
        self._judgement = judgement
        self._connection = connection
        self._calls = calls
        self._duties = Duties(case.timeline)

    def judge(self) -> None:
        self._own_copies()
        refused: str | None = None
        offences = self._case.offences(self._connection)
        for call in self._calls:
            before = [one for one in offences if one.position < call.invoked]
            refused = refused or next((one.input.label for one in before if one.consequence.must_end), None)
            future = self._prospect(call)
            if refused is not None:
                self._without_effect(call, refused)
            elif before and call.made_message is None:
                return  # whether the connection was to end before, nobody knows
            elif not future.refused:
                self._permitted(call)
            elif not future.carried_out:
                self._refused(call, future.requirement)
                refused = call.label
            elif call.made_message is None:
                return  # whether the connection was to end here, nobody knows

    def _prospect(self, call: Call) -> Prospect:
        offence = call.offence
        if offence is None:
            return prospect_of(self._case, call, self._connection)
        return Prospect(
            carried_out=offence.may_survive,
            refused=not offence.alike,
            requirement=offence.broken,
            reasons=frozenset((offence.broken,)),
        )

    # --- a command that must be carried out

    def _permitted(self, call: Call) -> None:
        if call.made_message is not None:
            self._agrees(call, call.made_message)
        elif self._is_proven_absent(call):
            if call.offence is not None:
                self._not_alike(call)
                return
            self._find(
                Kind.LIVENESS,
                "CMD-2",
                "a permitted message_create had no effect",
                call,
                expected="a message",
                received="nothing, though a later command was answered",
            )

    def _not_alike(self, call: Call) -> None:
        """A message that should have been treated like one in a text frame was not (contract 1)."""
        self._find(
            Kind.CONTRACT,
            "ENV-4",
            "a message_create in a binary frame had no effect",
            call,
            level=Level.LAX,
            expected="a message, as of a text frame",
            received="nothing, though a later command was answered",
        )

    def _agrees(self, call: Call, message: Message) -> None:
        """What was made is what was asked for, as for REST (MSG-1, ATT-2)."""
        worlds = list(self._case.timeline.worlds(call.window(self._case.timeline).before))
        faults = created(worlds, call, _asked(call), message)
        if _asked(call).attachment_ids and not faults:
            self._judgement.witness("ATT-2")
        for wrong in faults:
            self._find(
                Kind.CONTRACT,
                wrong.requirement,
                f"message_create made something else than was asked for: {wrong.path}",
                call,
                expected=wrong.expected,
                received=wrong.received,
            )

    def _is_proven_absent(self, call: Call) -> bool:
        """Whether its message would have shown: to who read there when it was over, or had to hear of it."""
        if self._case.is_blind(call):
            return False
        return self._is_missing_in_history(call) or self._is_missing_on_connections(call)

    def _is_missing_in_history(self, call: Call) -> bool:
        """Whether somebody read on past the moment at which it was sent."""
        older = self._case.timeline.world(self._case.timeline.at(call.invoked)).messages_of(
            _asked(call).channel_id
        )
        limits = self._case.header.limits
        return any(
            _reads_back(other, call, older, limits)
            for other in self._case.calls
            if other.invoked > call.acknowledged
        )

    def _is_missing_on_connections(self, call: Call) -> bool:
        """Whether a connection that had to hear of it shows that it never will."""
        asked, window = _asked(call), call.window(self._case.timeline)
        emission = Emission(
            event=MessageCreate,
            standing=Standing.DUE,
            identity={},
            guild_id=asked.guild_id,
            channel_id=asked.channel_id,
        )
        return any(
            self._duties.due(emission, window, connection).duty is Duty.MUST
            for connection in self._case.connections
            if connection.ended > call.invoked and self._case.is_heard_out(connection, call)
        )

    # --- a command that must not be carried out

    def _refused(self, call: Call, requirement: str) -> None:
        if call.made_message is not None:
            self._find(
                Kind.SAFETY,
                "BAD-10" if requirement in ("BAD-5", "BAD-7") else requirement,
                "a message_create that must be refused was carried out",
                call,
                expected="nothing",
                received=f"message {call.made_message.message_id}",
            )
        if call.offence is not None:
            return  # what becomes of the connection is for judge `inputs`
        ended_at = self._connection.ended_at
        last = call.invoked_at + END_WINDOW_US
        if ended_at is not None and ended_at <= last:
            if self._connection.is_lost:
                self._ended(call, requirement)
        elif ended_at is not None or self._case.ledger.latest_at > last:
            self._find(
                Kind.CONTRACT,
                requirement,
                "a message_create that must be refused did not end the connection",
                call,
                expected="an end within 5 s",
                received="an open connection",
            )

    def _ended(self, call: Call, requirement: str) -> None:
        self._judgement.witness(requirement)
        if requirement == "IPBAN-2":
            return
        connection = self._connection
        if connection.how is EndOfConnection.CLOSED_BY_TARGET and connection.code == _POLICY_VIOLATION:
            self._judgement.witness("BAD-11")
        else:
            self._find(
                Kind.CONTRACT,
                "BAD-11",
                "a refused message_create ended its connection in another way",
                call,
                expected=f"Close {_POLICY_VIOLATION}",
                received=self._shown_end,
            )
        if call.made_message is None and self._is_settled_after(connection.ended):
            self._judgement.witness("BAD-10")

    def _is_settled_after(self, position: int) -> bool:
        return any(settle.counts and settle.begun > position for settle in self._case.settles)

    def _without_effect(self, call: Call, refused: str) -> None:
        """What is sent on a connection after that is not looked at any more (BAD-9)."""
        if call.made_message is not None:
            self._find(
                Kind.SAFETY,
                "BAD-9",
                "a message_create was carried out after one that had to end the connection",
                call,
                expected=f"nothing after {refused}",
                received=f"message {call.made_message.message_id}",
            )
        elif self._connection.is_lost and self._is_settled_after(self._connection.ended):
            self._judgement.witness("BAD-9")

    @property
    def _shown_end(self) -> str:
        connection = self._connection
        code = "" if connection.code is None else f" {connection.code}"
        return f"{connection.how}{code}"

    # --- what its own connection gets of it

    def _own_copies(self) -> None:
        """A message comes before the answer to what was sent later, and to who had subscribed before."""
        sent = {call.op: call for call in self._calls}
        answered = -1
        for matched in self._case.stream(self._connection):
            if matched.reading.name == "subscribed":
                answered = max(answered, self._asked(matched))
            call = None if matched.emitted is None else sent.get(matched.emitted.call.op)
            if call is not None and not matched.copy:
                self._own_copy(call, matched, answered)

    def _asked(self, matched: Matched) -> int:
        """When the subscribe was sent that a frame answers."""
        leases = self._connection.leases
        return next((one.asked for one in leases if one.confirmed == matched.frame.position), -1)

    def _own_copy(self, call: Call, matched: Matched, answered: int) -> None:
        if answered > call.invoked:
            self._misplaced(call, matched, "its event came after the answer to a subscribe sent later")
        elif not self._had_asked(call):
            if self._duty(matched) is not Duty.MUST_NOT:  # else judge `delivery` says so
                self._misplaced(call, matched, "its event came by a subscribe that was sent later")
        elif call.acknowledged != NEVER:
            self._judgement.witness("CMD-1")

    def _had_asked(self, call: Call) -> bool:
        asked = self._connection.leases_of(
            str(call.arguments.get("guild_id")), str(call.arguments.get("channel_id"))
        )
        return any(lease.asked < call.invoked for lease in asked)

    def _duty(self, matched: Matched) -> Duty | None:
        if matched.emitted is None:
            return None
        due = self._case.reaches.of(matched.emitted).get(self._connection.number)
        return None if due is None else due.duty

    def _misplaced(self, call: Call, matched: Matched, message: str) -> None:
        self._find(
            Kind.CONTRACT,
            "CMD-1",
            f"a message_create took effect out of turn: {message}",
            call,
            expected="commands in the order sent",
            received=matched.reading.name,
            seen=matched,
        )

    def _find(
        self,
        kind: Kind,
        requirement: str,
        message: str,
        call: Call,
        *,
        expected: str,
        received: str | None,
        seen: Matched | None = None,
        level: Level | None = None,
    ) -> None:
        name = self._connection.name
        self._judgement.find(
            kind,
            requirement,
            message,
            client=name,
            event=call.name,
            level=level,
            expected=expected,
            received=received,
            cause=call,
            excerpt=[*lines_of_call(call), *([] if seen is None else [line_of_frame(seen, name)])],
        )


def _reads_back(read: Call, command: Call, older: Collection[str], limits: Limits) -> bool:
    """Whether a page of the newest messages would hold a command's: all are in it, or `older` ones."""
    asked = None if read.operation is None else as_limited(read.operation, limits)
    if not isinstance(asked, History) or read.outcome is not Outcome.OK or asked.before is not None:
        return False
    value = read_result(History, read.body).value
    if asked.channel_id != _asked(command).channel_id or not isinstance(value, MessagePage):
        return False
    limit = DEFAULT_LIMIT if asked.limit is None else asked.limit
    return len(value.messages) < limit or any(one.message_id in older for one in value.messages)


# --- the order in which the commands of a connection took effect


def _in_order(case: Case, judgement: Judgement, receiver: Connection) -> None:
    """Whoever gets several gets them as they were sent (CMD-1, DELIV-2)."""
    newest: dict[int, tuple[Call, Matched]] = {}
    for call, matched in _commands_told(case, receiver):
        sender = call.connection or 0
        before = newest.get(sender)
        if before is None or call.follows(before[0]):
            if before is not None and case.counts_for_witness(call):
                judgement.witness("CMD-1")
            newest[sender] = call, matched
        else:
            judgement.find(
                Kind.CONTRACT,
                "CMD-1",
                "a message_create took effect after one that was sent later",
                client=receiver.name,
                event=call.name,
                expected=f"before the message of {before[0].label}",
                received="after it",
                cause=call,
                excerpt=[
                    *lines_of_call(call),
                    *lines_of_call(before[0]),
                    line_of_frame(before[1], receiver.name),
                    line_of_frame(matched, receiver.name),
                ],
            )


def _commands_told(case: Case, receiver: Connection) -> Iterator[tuple[Call, Matched]]:
    for matched in case.stream(receiver):
        emitted = matched.emitted
        if emitted is None or matched.copy or not emitted.call.is_command:
            continue
        if emitted.call.scenario == case.scenario.index:
            yield emitted.call, matched
