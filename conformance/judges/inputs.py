"""Judge `inputs`: what clients sent that no client should ended its connection, and nothing else came of it.

What each input asks for is worked out from the contract alone (`model.ingress`). Whether it had an effect
shows elsewhere: every frame and every read is explained by something that was permitted, or is a finding;
what an input would have done were it as it should be is followed by judge `commands`.
"""

from collections.abc import Iterator
from typing import Final

from sync_check.conformance.history import EndOfConnection
from sync_check.conformance.judges.banned_subscribes import END_WINDOW_US
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.commands import may_end
from sync_check.conformance.judges.judgement import Judgement
from sync_check.conformance.judges.lives import Input, Offence
from sync_check.conformance.model.connections import Connection
from sync_check.conformance.model.emissions import shown
from sync_check.conformance.verdict import Excerpt, Kind, Level

NAME: Final = "inputs"
_LINE: Final = 240


def judge(case: Case) -> Judgement:
    """Judge what came of the inputs of a scenario."""
    judgement = Judgement(scenario=case.scenario.id, judge=NAME)
    for connection in case.connections:
        sent = [
            one
            for one in case.ledger.intake.inputs.get(connection.number, ())
            if case.scenario.begun < one.position < case.until
        ]
        judgement.evidence["inputs"] += len(sent)
        if sent:
            _Receiver(case, judgement, connection, sent).judge()
    return judgement


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

    def judge(self) -> None:
        offences = [one for one in self._case.offences(self._connection) if one.input in self._sent]
        deadly = next((one for one in offences if one.consequence.must_end), None)
        if deadly is not None:
            self._must_end(deadly, is_first=deadly is offences[0])
        elif offences:
            self._may_end(offences)
        else:
            self._must_live_on()

    # --- what has to end the connection

    def _must_end(self, offence: Offence, *, is_first: bool) -> None:
        connection, consequence = self._connection, offence.consequence
        ended_at, last = connection.ended_at, offence.input.at + END_WINDOW_US
        if ended_at is not None and ended_at <= last:
            if connection.is_lost and connection.ended > offence.position and is_first:
                self._ended(offence)
        elif ended_at is not None or self._case.ledger.latest_at > last:
            self._find(
                consequence.requirement,
                "an input that must end its connection did not",
                offence.input,
                level=Level.LAX if consequence.alike else None,
                expected=f"an end within 5 s, as {_listed(consequence.labels)}",
                received="an open connection",
            )

    def _ended(self, offence: Offence) -> None:
        connection, consequence = self._connection, offence.consequence
        if not consequence.alike:
            self._judgement.witness(*dict.fromkeys((consequence.requirement, consequence.broken)))
        self._judge_code(offence)
        if self._is_settled_after(connection.ended):
            self._judgement.witness("BAD-10")

    def _judge_code(self, offence: Offence) -> None:
        connection, codes = self._connection, offence.consequence.codes
        if not codes:
            return
        if connection.how is EndOfConnection.CLOSED_BY_TARGET and connection.code in codes:
            self._judgement.witness("BAD-11")
            return
        code = "" if connection.code is None else f" {connection.code}"
        self._find(
            "BAD-11",
            f"the end that follows {_listed(offence.consequence.labels)} came in another way",
            offence.input,
            expected=f"Close {' or '.join(str(one) for one in sorted(codes))}",
            received=f"{connection.how}{code}",
        )

    def _is_settled_after(self, position: int) -> bool:
        return any(settle.counts and settle.begun > position for settle in self._case.settles)

    # --- what has to be taken, or may be

    def _may_end(self, offences: list[Offence]) -> None:
        ended = self._connection.is_lost
        for offence in offences:
            if offence.consequence.alike and ended and offence.position < self._connection.ended:
                self._find(
                    "ENV-4",
                    "a valid envelope in a binary frame ended its connection",
                    offence.input,
                    level=Level.LAX,
                    expected="what a text frame with the same bytes does",
                    received=f"{self._connection.how} {self._connection.code or ''}".rstrip(),
                )
                return

    def _must_live_on(self) -> None:
        """Nothing was wrong; that something later was answered shows that it was taken."""
        last, connection = self._sent[-1], self._connection
        is_lost = connection.is_lost and last.position < connection.ended < self._case.until
        if is_lost and not may_end(self._case, connection):
            self._find(
                "ENV-4",
                "a valid envelope ended its connection",
                last,
                expected="an open connection",
                received=f"{connection.how} {connection.code or ''}".rstrip(),
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
            Kind.CONTRACT,
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
