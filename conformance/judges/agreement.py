"""Judge `agreement`: whoever is told of an event is told the same.

What an event says may depend on its receiver only where the contract says so (`channel_reorder`, CHAN-7).
Texts that differ though they say the same are worth knowing: a server that encodes an event for each receiver
anew does needless work.
"""

from typing import Final

from sync_check.conformance.history import canonical
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.judgement import Judgement, line_of_frame, lines_of_call
from sync_check.conformance.judges.lives import Emitted
from sync_check.conformance.judges.matching import Matched
from sync_check.conformance.model.connections import Connection
from sync_check.conformance.verdict import Kind, Level

NAME: Final = "agreement"


def judge(case: Case) -> Judgement:
    """Compare what the receivers of each event were told."""
    judgement = Judgement(scenario=case.scenario.id, judge=NAME)
    by_number = {connection.number: connection for connection in case.connections}
    for emitted in case.emitted:
        told = [
            (by_number[number], matched) for number, matched in case.received.get(emitted.number, {}).items()
        ]
        bodies = dict.fromkeys(matched.reading.body for _, matched in told)
        if len(told) > 1:
            judgement.evidence["agreements"] += 1
        if len(bodies) > 1 and emitted.emission.personal is None:
            _compare(judgement, emitted, told)
    return judgement


def _compare(judgement: Judgement, emitted: Emitted, told: list[tuple[Connection, Matched]]) -> None:
    first_who, first = told[0]
    said = canonical(dict(first.reading.payload))
    differing = next(
        ((who, matched) for who, matched in told if canonical(dict(matched.reading.payload)) != said), None
    )
    if differing is None:
        who, matched = next(
            (who, matched) for who, matched in told if matched.reading.body != first.reading.body
        )
        _find(judgement, emitted, (first_who, first), (who, matched), Level.INFO)
    else:
        _find(judgement, emitted, (first_who, first), differing, None)


def _find(
    judgement: Judgement,
    emitted: Emitted,
    one: tuple[Connection, Matched],
    other: tuple[Connection, Matched],
    level: Level | None,
) -> None:
    name = emitted.emission.name
    alike = level is Level.INFO
    judgement.find(
        Kind.CONTRACT,
        "ENV-1" if alike else "DELIV-10",
        f"{name} was sent in different texts that say the same" if alike else f"{name} says different things",
        level=level,
        client=other[0].name,
        event=name,
        expected=f"what {one[0].name} was told",
        received=other[1].reading.text,
        cause=emitted.call,
        excerpt=[
            *lines_of_call(emitted.call),
            *(line_of_frame(matched, who.name) for who, matched in (one, other)),
        ],
    )
