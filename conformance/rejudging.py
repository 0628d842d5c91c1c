"""Judges a recorded run again: the same records give the same run events as when they were written."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from sync_check.conformance.history import Header, Record
from sync_check.conformance.integrity import intact
from sync_check.conformance.narration import Narration
from sync_check.conformance.run import RunEvent

STRICT: Final = "--strict"


def rejudge(
    records: Iterable[Record], *, strict: bool = False, version: str | None = None
) -> Iterator[RunEvent]:
    """The run events that the records of a history tell, the last one only when no record is left.

    A history without its end is that of a run that was killed: it is told as an interrupted one. `strict`
    judges as the run with `--strict` would have; `version` is the sync-check that judges, which is noted
    where another one made the run. Raises `HistoryError` for records that do not belong together.
    """
    narration = Narration()
    last: Sequence[RunEvent] = ()
    for record in intact(records):
        yield from last
        last = narration.take(_judged_by(record, strict, version) if isinstance(record, Header) else record)
    yield from last
    yield from narration.cut_short()


def _judged_by(header: Header, strict: bool, version: str | None) -> Header:
    if strict and not header.strict:
        header = replace(header, strict=True, repeat=(*header.repeat, STRICT))
    if version is not None and version != header.version:
        note = f"judged again by sync-check {version}; the run was made by {header.version}"
        header = replace(header, notes=(*header.notes, note))
    return header
