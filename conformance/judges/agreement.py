"""Judge `agreement`: whoever is told of an event is told the same.

What an event says may depend on its receiver only where the contract says so (`channel_reorder`, CHAN-7).
Texts that differ though they say the same are worth knowing: a server that encodes an event for each receiver
anew does needless work.
"""

from collections.abc import Sequence
from typing import Final

from sync_check.conformance.history import canonical
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.deliveries import Delivery, Matched
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
        told = {one.reading.body: one for one in sorted(receipts.deliveries, key=_first_number, reverse=True)}
        if len(told) > 1 and emitted.emission.personal is None:
            _compare(case, judgement, emitted, list(told.values())[::-1])
    return judgement


def _compare(case: Case, judgement: Judgement, emitted: Emitted, told: Sequence[Delivery]) -> None:
    """Compare the different texts, each as the first connection got it."""
    first = told[0]
    said = canonical(dict(first.reading.payload))
    differing = next((one for one in told if canonical(dict(one.reading.payload)) != said), None)
    level = Level.INFO if differing is None else None
    _find(judgement, emitted, _first(case, first), _first(case, differing or told[1]), level)


def _first_number(delivery: Delivery) -> int:
    return min(delivery.times)


def _first(case: Case, delivery: Delivery) -> tuple[Connection, Matched]:
    number = _first_number(delivery)
    return case.by_number[number], delivery.to(number)


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
