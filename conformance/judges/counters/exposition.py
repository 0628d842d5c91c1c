"""Reads the text exposition format of metrics, version 0.0.4, as OpenMetrics extends it.

Whatever a target sends, it takes time in proportion to its length and raises nothing: what is no line of the
format is told as a fault.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sync_check.conformance.model.emissions import shown

MOST_SERIES: Final = 20_000
"""Series beyond this number are left out, and that is a fault."""
_MOST_FAULTS: Final = 5
_SHOWN: Final = 80
"""Characters of a line that a fault repeats."""

Labels = tuple[tuple[str, str], ...]
"""Label names with their values, sorted by name."""

_COMMENT: Final = re.compile(
    r"#(?:[ \t]+(TYPE)[ \t]+([a-zA-Z_:][a-zA-Z0-9_:]*)[ \t]+([a-z]+)[ \t]*\Z)?", re.ASCII
)
_NAME: Final = re.compile(r"[ \t]*([a-zA-Z_:][a-zA-Z0-9_:]*)(?:[ \t]*(\{)|(?=[ \t]))", re.ASCII)
_LABEL: Final = re.compile(
    r'[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"([^"\\\n]*+(?:\\[\\"n][^"\\\n]*+)*+)"[ \t]*(?:,|(?=\}))',
    re.ASCII,
)
_LABELS_END: Final = re.compile(r"[ \t]*\}")
_VALUE: Final = re.compile(
    r"[ \t]*([+-]?(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,5})?"
    r"|[+-]?[Ii]nf|[Nn]a[Nn])"
    r"(?:[ \t]+-?[0-9]{1,20}(?:\.[0-9]{1,20})?)?[ \t]*(?:#[ \t]*\{.*)?\Z",
    re.ASCII,
)
"""A value, perhaps with a timestamp and with an exemplar, which is of no interest."""
_ESCAPE: Final = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposition:
    """The samples of a page by name and labels, the declared types by name, and what is wrong with it."""

    samples: Mapping[str, Mapping[Labels, float]]
    types: Mapping[str, str]
    faults: tuple[str, ...] = ()


@lru_cache(maxsize=256)
def read_exposition(text: str) -> Exposition:
    """Read a page of metrics."""
    page = _Page()
    for line in text.split("\n"):
        if line.strip(" \t") and not page.take(line):
            break
    return Exposition(samples=page.samples, types=page.types, faults=tuple(page.faults))


class _Page:
    """A page as far as it was read."""

    def __init__(self) -> None:
        self.samples: dict[str, dict[Labels, float]] = {}
        self.types: dict[str, str] = {}
        self.faults: list[str] = []
        self._series = 0

    def take(self, line: str) -> bool:
        """Read one line that is not empty; whether to go on."""
        comment = _COMMENT.match(line.lstrip(" \t"))
        if comment is not None:
            if comment[1] is not None:
                self.types.setdefault(comment[2], comment[3])
            return True
        self._sample(line)
        return len(self.faults) < _MOST_FAULTS and self._series <= MOST_SERIES

    def _sample(self, line: str) -> None:
        sample = _parsed(line)
        if sample is None:
            self.faults.append(f"no sample: {shown(line, _SHOWN)}")
            return
        self._series += 1
        if self._series > MOST_SERIES:
            self.faults.append(f"more than {MOST_SERIES} series")
            return
        name, labels, value = sample
        series = self.samples.setdefault(name, {})
        if labels in series:
            self.faults.append(f"a series twice: {shown(line, _SHOWN)}")
        series[labels] = value


def _parsed(line: str) -> tuple[str, Labels, float] | None:
    """The sample of a line; None where it is none."""
    head = _NAME.match(line)
    if head is None:
        return None
    labels = ((), head.end()) if head[2] is None else _labels(line, head.end())
    value = None if labels is None else _VALUE.match(line, labels[1])
    return None if labels is None or value is None else (head[1], labels[0], float(value[1]))


def _labels(line: str, at: int) -> tuple[Labels, int] | None:
    """The labels from behind the opening brace on, and where the value begins; None where they are none."""
    found: dict[str, str] = {}
    while (label := _LABEL.match(line, at)) is not None:
        if label[1] in found:
            return None
        found[label[1]] = _unescaped(label[2])
        at = label.end()
    end = _LABELS_END.match(line, at)
    return None if end is None else (tuple(sorted(found.items())), end.end())


def _unescaped(value: str) -> str:
    return _ESCAPE.sub(lambda match: "\n" if match[1] == "n" else match[1], value) if "\\" in value else value
