"""What a judge hands back, and the one place where findings are made."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from sync_check.conformance.contract import requirements
from sync_check.conformance.judges.deliveries import Matched
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.model.emissions import shown
from sync_check.conformance.verdict import Excerpt, Finding, Kind, Level

_LEVELS: Final = {
    requirements.Level.MUST: Level.FAIL,
    requirements.Level.SHOULD: Level.LAX,
    requirements.Level.MAY: Level.INFO,
}
_LINE: Final = 240
"""Characters of one line of an excerpt."""
_SENT: Final = 160
"""The same of what was sent, where path and request id have to find room behind it."""


def level_of(requirement: str) -> Level:
    """How much breaking a requirement weighs."""
    return _LEVELS[requirements.requirement(requirement).level]


class Context(NamedTuple):
    """In what a requirement was seen to hold: an event of a scope, at a receiver in a state (`contexts`)."""

    event: str
    scope: str
    receiver: str
    state: str


@dataclass(slots=True, kw_only=True)
class Judgement:
    """The findings of one judge about one scenario, what it saw to hold, and how much it looked at."""

    scenario: str
    judge: str
    findings: list[Finding] = field(default_factory=list)
    witnesses: Counter[str] = field(default_factory=Counter)
    evidence: Counter[str] = field(default_factory=Counter)
    cells: Counter[tuple[str, Context]] = field(default_factory=Counter)
    """How often each requirement was seen to hold in which context."""

    def find(
        self,
        kind: Kind,
        requirement: str,
        message: str,
        *,
        level: Level | None = None,
        client: str | None = None,
        event: str | None = None,
        expected: str | None = None,
        received: str | None = None,
        cause: Call | None = None,
        excerpt: Iterable[Excerpt] = (),
        timed: bool = False,
    ) -> None:
        """Note a fault; its level is that of the requirement unless `level` says otherwise."""
        self.findings.append(
            Finding(
                scenario=self.scenario,
                level=level or level_of(requirement),
                kind=kind,
                judge=self.judge,
                requirement=requirement,
                message=message,
                client=client,
                event=event,
                expected=expected,
                received=received,
                cause=None if cause is None else cause.label,
                excerpt=tuple(sorted(dict.fromkeys(excerpt), key=lambda line: line.at_us)),
                timed=timed,
            )
        )

    def witness(self, *requirement_ids: str, context: Context | None = None, times: int = 1) -> None:
        """Note that requirements were seen to hold so many times, in a context if one is known."""
        if times <= 0:
            return
        for requirement_id in requirement_ids:
            self.witnesses[requirement_id] += times
            if context is not None:
                self.cells[requirement_id, context] += times


def lines_of_call(call: Call) -> list[Excerpt]:
    """An operation's request and answer, or from when on that of a command had been seen to."""
    asked = f"{call.name} {_arguments(call)} ({_address(call)}op {call.op}{_request(call)})"
    lines = [Excerpt(at_us=call.invoked_at, who=call.client, text=asked, record=call.invoked)]
    if call.is_command and call.answered_at is not None:
        bounded = f"op {call.op} was over, for a later command was answered"
        lines.append(Excerpt(at_us=call.answered_at, who=call.client, text=bounded))
    elif call.answered_at is not None:
        status = call.status if call.status is not None else call.error or "no answer"
        answer = f"op {call.op} answered {status} {shown(call.body or '', _LINE)}".rstrip()
        lines.append(Excerpt(at_us=call.answered_at, who=call.client, text=answer))
    return lines


def _arguments(call: Call) -> str:
    """What was sent; what stands in the path of a call is shown there."""
    placed = () if call.is_command or call.operation is None else call.operation.placeholders()
    sent = {name: value for name, value in call.arguments.items() if name not in placed}
    return shown(sent, _SENT if placed else _LINE)


def _address(call: Call) -> str:
    """Method and path of a call, as the contract has them."""
    if call.is_command or call.operation is None:
        return ""
    path = call.operation.shown_path()
    shortened = path if len(path) <= _LINE else f"{path[:_LINE]}…"
    return f"{call.operation.method} {shortened}, "


def _request(call: Call) -> str:
    return "" if call.request_id is None else f", request {call.request_id}"


def line_of_frame(matched: Matched, who: str) -> Excerpt:
    """A frame that a connection received."""
    text = f"received {shown(matched.reading.text, _LINE)}"
    return Excerpt(at_us=matched.frame.at, who=who, text=text, record=matched.frame.position)
