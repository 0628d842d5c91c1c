"""Judge `inputs`: what clients sent that no client should ended its connection, and nothing else came of it.

What each input asks for is worked out from the contract alone (`model.ingress`). Whether it had an effect
shows elsewhere: every frame and every read is explained by something that was permitted, or is a finding;
what an input would have done were it as it should be is followed by judge `commands`.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from sync_check.conformance.history import EndOfConnection
from sync_check.conformance.judges.banned_subscribes import END_WINDOW_US
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.causes import has_cause
from sync_check.conformance.judges.commands import prospect_of
from sync_check.conformance.judges.judgement import Judgement
from sync_check.conformance.judges.lives import Input, Offence
from sync_check.conformance.model.connections import Connection
from sync_check.conformance.model.emissions import shown
from sync_check.conformance.verdict import Excerpt, Kind, Level

NAME: Final = "inputs"
_LINE: Final = 240
_OF_LIMITS: Final = ("BAD-1", "BAD-2", "LIMIT-4")
_PROTOCOL_ERROR: Final = 1002
_TOO_LARGE: Final = 1009
_TOO_MANY: Final = "ingress_rate_limited"


def judge(case: Case) -> Judgement:
    """Judge what came of the inputs of a scenario."""
    judgement = Judgement(scenario=case.scenario.id, judge=NAME)
    receivers = []
    for connection in case.connections:
        sent = [
            one
            for one in case.ledger.intake.inputs.get(connection.number, ())
            if case.scenario.begun < one.position < case.until
        ]
        judgement.evidence["inputs"] += len(sent)
        judgement.evidence["early_inputs"] += sum(_is_early(connection, one) for one in sent)
        if sent:
            receivers.append(_Receiver(case, judgement, connection, sent))
            receivers[-1].judge()
    if receivers:
        _judge_bystanders(case, judgement, receivers)
    return judgement


def _is_early(connection: Connection, sent: Input) -> bool:
    """Whether nothing had come to the connection when an input was sent."""
    return not connection.frames or sent.position < connection.frames[0].position


def _judge_bystanders(case: Case, judgement: Judgement, receivers: Sequence["_Receiver"]) -> None:
    """Judge whether a connection ended that had sent nothing wrong, while another one had to (BAD-10)."""
    offences = [offence for receiver in receivers for offence in receiver.offences]
    for connection in case.connections:
        if not (connection.is_lost and case.scenario.begun < connection.ended < case.until):
            continue
        if has_cause(case, connection):
            continue
        behind = [one for one in offences if 0 <= (connection.ended_at or 0) - one.input.at <= END_WINDOW_US]
        for offence in behind[-1:]:
            judgement.find(
                Kind.SAFETY,
                "BAD-10",
                f"{offence.input.label}: a connection ended that had sent nothing wrong",
                client=connection.name,
                event="input",
                expected="an open connection",
                received=f"{connection.how} {connection.code or ''}".rstrip(),
                excerpt=lines_of_input(offence.input, "another connection"),
            )


def lines_of_input(sent: Input, who: str) -> Iterator[Excerpt]:
    """What was sent, and what the suite's own table says of it."""
    said = "" if sent.expected is None else f" ({sent.expected})"
    yield Excerpt(at_us=sent.at, who=who, text=shown(f"{sent.shown}{said}", _LINE), record=sent.position)


class _Receiver:
    """The server's end of one connection."""

    def __init__(self, case: Case, judgement: Judgement, connection: Connection, sent: list[Input]) -> None:
        self._case = case
        self._judgement = judgement
        self._connection = connection
        self._sent = sent

    @property
    def offences(self) -> Sequence[Offence]:
        """What was sent here that has to end the connection, or may."""
        return [one for one in self._case.offences(self._connection) if one.input in self._sent]

    def judge(self) -> None:
        """Judge what came of all that was sent."""
        offences = self.offences
        deadly = next((one for one in offences if one.consequence.must_end), None)
        if deadly is not None:
            self._must_end(deadly, is_first=deadly is offences[0])
        elif offences:
            self._may_end(offences)
        else:
            self._must_live_on()

    # --- what has to end the connection

    def _must_end(self, offence: Offence, *, is_first: bool) -> None:
        connection = self._connection
        ended_at, last = connection.ended_at, offence.input.at + END_WINDOW_US
        if self._went_on(offence):
            self._did_not_end(offence, "an open connection, on which a later message was carried out")
        elif self._broke_the_protocol(offence):
            self._find(
                "BAD-9",
                "something came behind the Close frame that ends its connection",
                offence.input,
                expected="nothing more",
                received=connection.reason or "a message",
            )
        elif ended_at is not None and ended_at <= last:
            if connection.is_lost and connection.ended > offence.position and is_first:
                self._ended(offence)
        elif ended_at is not None or self._case.ledger.latest_at > last:
            self._did_not_end(offence, "an open connection")

    def _broke_the_protocol(self, offence: Offence) -> bool:
        """Whether we ended the connection because of what the target sent on it afterwards."""
        connection = self._connection
        is_ours = connection.how is EndOfConnection.CLOSED_BY_US and connection.code == _PROTOCOL_ERROR
        return is_ours and connection.ended > offence.position

    def _went_on(self, offence: Offence) -> bool:
        """Whether something that was sent later on was carried out."""
        later = (one for one in self._case.commands_of(self._connection) if one.invoked > offence.position)
        return any(one.made_message is not None for one in later)

    def _did_not_end(self, offence: Offence, received: str) -> None:
        consequence = offence.consequence
        self._find(
            consequence.requirement,
            "an input that must end its connection did not",
            offence.input,
            level=Level.LAX if consequence.alike else None,
            expected=f"an end within 5 s, as {_listed(consequence.labels)}",
            received=received,
        )

    def _ended(self, offence: Offence) -> None:
        connection, consequence = self._connection, offence.consequence
        if not consequence.alike:
            self._judgement.witness(*dict.fromkeys((consequence.requirement, consequence.broken)))
        self._judge_code(offence)
        if self._is_settled_after(connection.ended):
            self._judgement.witness("BAD-10")
        if consequence.requirement == "BAD-2" and self._is_alone(offence):
            self._judgement.witness("LIMIT-2")
        if consequence.requirement == "BAD-2" and self._is_first_beyond(offence):
            self._judgement.witness("LIMIT-1", "LIMIT-4")

    def _is_first_beyond(self, offence: Offence) -> bool:
        """Whether as much as the ingress rate permits was taken: the last of it a subscribe, and answered."""
        before = {one.position: len(one.consequences) for one in self._sent}
        asked = [lease for lease in self._connection.leases if lease.asked < offence.position]
        commands = sum(lease.asked not in before for lease in asked)
        taken = commands + sum(count for at, count in before.items() if at < offence.position)
        answered = bool(asked) and asked[-1].confirmed is not None
        return answered and taken == self._case.header.limits.ingress_frames

    def _is_alone(self, offence: Offence) -> bool:
        """Whether another connection of the same user was answered within the window of its flood."""
        window_us = round(self._case.header.limits.ingress_window_s * 1_000_000)
        return any(
            lease.confirmed is not None and 0 <= lease.asked_at - offence.input.at < window_us
            for number in self._case.connections_of(self._connection.user_id)
            if number != self._connection.number
            for lease in self._case.by_number[number].leases
        )

    def _judge_code(self, offence: Offence) -> None:
        connection, codes = self._connection, offence.consequence.codes
        if not codes:
            return
        if connection.how is EndOfConnection.CLOSED_BY_TARGET and connection.code in codes:
            self._judgement.witness("BAD-11")
            return
        code = "" if connection.code is None else f" {connection.code}"
        self._find(
            "LIMIT-4" if connection.code == _TOO_LARGE else "BAD-11",
            f"the end that follows {_listed(offence.consequence.labels)} came in another way",
            offence.input,
            expected=f"Close {' or '.join(str(one) for one in sorted(codes))}",
            received=f"{connection.how}{code}",
        )

    def _is_settled_after(self, position: int) -> bool:
        return any(settle.counts and settle.begun > position for settle in self._case.settles)

    # --- what has to be taken, or may be

    def _may_end(self, offences: Sequence[Offence]) -> None:
        ended = self._connection.is_lost
        for offence in offences:
            came_before = offence.position < self._connection.ended
            if offence.consequence.alike and ended and came_before and not self._is_refused_alike(offence):
                self._find(
                    "ENV-4",
                    "a valid envelope in a binary frame ended its connection",
                    offence.input,
                    level=Level.LAX,
                    expected="what a text frame with the same bytes does",
                    received=f"{self._connection.how} {self._connection.code or ''}".rstrip(),
                )
                return

    def _is_refused_alike(self, offence: Offence) -> bool:
        """Whether its message may be refused in a text frame as well, which ends the connection."""
        return any(
            call.invoked == offence.position and prospect_of(self._case, call, self._connection).refused
            for call in self._case.commands_of(self._connection)
        )

    def _must_live_on(self) -> None:
        """Nothing was wrong; that something later was answered shows that it was taken."""
        last, connection = self._sent[-1], self._connection
        is_lost = connection.is_lost and last.position < connection.ended < self._case.until
        if is_lost and not has_cause(self._case, connection):
            is_limit = connection.code == _TOO_LARGE or connection.reason == _TOO_MANY
            self._find(
                "LIMIT-4" if is_limit else "ENV-4",
                "what is within the limits ended its connection"
                if is_limit
                else "a valid envelope ended its connection",
                last,
                expected="an open connection",
                received=f"{connection.how} {connection.code or ''} {connection.reason or ''}".rstrip(),
            )
        elif any(lease.confirmed and lease.asked > last.position for lease in connection.leases):
            self._judgement.witness("ENV-4", times=len(self._sent))

    # --- findings

    def _find(
        self,
        requirement: str,
        message: str,
        sent: Input,
        *,
        expected: str,
        received: str,
        level: Level | None = None,
    ) -> None:
        self._judgement.find(
            Kind.LIMIT if requirement in _OF_LIMITS else Kind.CONTRACT,
            requirement,
            f"{sent.label}: {message}",
            level=level,
            client=self._connection.name,
            event="input",
            expected=expected,
            received=received,
            excerpt=lines_of_input(sent, self._connection.name),
        )


def _listed(labels: frozenset[str]) -> str:
    return " or ".join(sorted(labels))
