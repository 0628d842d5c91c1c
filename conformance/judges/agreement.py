"""Judge `agreement`: whoever is told of an event is told the same.

What an event says may depend on its receiver only where the contract says so (`channel_reorder`, CHAN-7).
Texts that differ though they say the same are worth knowing: a server that encodes an event for each receiver
anew does needless work.
"""

from collections.abc import Sequence
from typing import Final

from sync_check.conformance.history import canonical
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.deliveries import Matched
from sync_check.conformance.judges.judgement import Judgement, line_of_frame, lines_of_call
from sync_check.conformance.judges.lives import Emitted
from sync_check.conformance.model.connections import Connection
from sync_check.conformance.verdict import Kind, Level

NAME: Final = "agreement"


def judge(case: Case) -> Judgement:
    """Compare what the receivers of each event were told."""
    judgement = Judgement(scenario=case.scenario.id, judge=NAME)
    for emitted in case.emitted:
        receipts = case.receipts(emitted)
        if len(receipts) > 1:
            judgement.evidence["agreements"] += 1
        if emitted.emission.personal is None and not emitted.emission.entangled:
            told = [(case.by_number[number], matched) for number, matched in receipts.of_each_body()]
            if len(told) > 1:
                _compare(judgement, emitted, told)
    return judgement


def _compare(judgement: Judgement, emitted: Emitted, told: Sequence[tuple[Connection, Matched]]) -> None:
    """Compare the different texts, each as one connection got it."""
    said = canonical(dict(told[0][1].reading.payload))
    differing = next((one for one in told if canonical(dict(one[1].reading.payload)) != said), None)
    _find(judgement, emitted, told[0], differing or told[1], Level.INFO if differing is None else None)


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
