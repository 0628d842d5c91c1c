"""What `GET /metrics` told at a moment of the run, and by how much it grew since."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Final

from sync_check.conformance.contract.counters import LABELS, Counter
from sync_check.conformance.contract.operations import ReadMetrics
from sync_check.conformance.history import Outcome
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.counters.exposition import Exposition, read_exposition
from sync_check.conformance.judges.ledger import Ledger
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.model.emissions import shown

Values = tuple[str, ...]
"""The label values of a series, in the order of the contract's table."""
_OK: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Read:
    """One answer to `GET /metrics`; `prefix` precedes the name of every counter."""

    call: Call
    page: Exposition
    prefix: str
    _values: dict[Counter, Mapping[Values, float]] = field(default_factory=dict)

    def has(self, counter: Counter) -> bool:
        """Whether the page names the counter at all, if only its type."""
        name = self.prefix + counter
        family = name.removesuffix("_total")
        types = self.page.types
        return name in self.page.samples or name in types or types.get(family) == "counter"

    def values(self, counter: Counter) -> Mapping[Values, float]:
        """The series of a counter that have the label names of the contract and a number."""
        known = self._values.get(counter)
        if known is None:
            known = self._values[counter] = dict(self._series(counter))
        return known

    def _series(self, counter: Counter) -> Iterator[tuple[Values, float]]:
        names = LABELS[counter]
        for labels, value in self.page.samples.get(self.prefix + counter, {}).items():
            given = dict(labels)
            if given.keys() == set(names) and isfinite(value):
                yield tuple(given[name] for name in names), value


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Growth:
    """What happened to the counters between two reads, the later of which names it."""

    before: Read
    after: Read

    def of(self, counter: Counter) -> Mapping[Values, float]:
        """By how much each series grew; an absent one counts as 0, and one that stayed is left out."""
        old, new = self.before.values(counter), self.after.values(counter)
        grown = {labels: new.get(labels, 0.0) - old.get(labels, 0.0) for labels in {**old, **new}}
        return {labels: by for labels, by in sorted(grown.items()) if by != 0}

    def fallen(self) -> Mapping[str, float]:
        """The series that went back, which none does, and by how much."""
        return {
            told(counter, labels): by
            for counter in Counter
            for labels, by in self.of(counter).items()
            if by < 0
        }


def told(counter: Counter, labels: Values) -> str:
    """A series as it stands on a page, for people to read."""
    pairs = zip(LABELS[counter], labels, strict=True)
    inside = ", ".join(f'{name}="{shown(value, 60)}"' for name, value in pairs)
    return f"{counter}{{{inside}}}"


class _Reads(dict[int, Read]):
    """The successful reads of a run, by operation."""


def reads_of(case: Case) -> Sequence[Read]:
    """The successful reads up to the end of a case, in order."""
    known = case.memory.table(_Reads)
    calls = case.ledger.named(ReadMetrics.name)
    whole = [call for call in calls if call.invoked < case.until and _is_whole(call)]
    for call in whole:
        if call.op not in known:
            page = read_exposition(call.body or "")
            known[call.op] = Read(call=call, page=page, prefix=case.header.metric_prefix)
    return [known[call.op] for call in whole]


def life_of(ledger: Ledger, read: Read) -> int:
    """Which life of the target's process a page tells of, by the position at which that began."""
    return ledger.life_at(read.call.invoked)


def is_metrics(call: Call) -> bool:
    """Whether an operation asked for the metrics and was answered."""
    return call.name == ReadMetrics.name and call.status is not None and not call.retried


def _is_whole(call: Call) -> bool:
    # With an error beside the status only a part of the page came.
    return call.outcome is Outcome.OK and call.status == _OK and call.error is None
