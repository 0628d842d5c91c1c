"""The counters of several nodes as those of one target: series of the same name and labels are summed."""

import re
from collections.abc import Sequence
from typing import Final

_SAMPLE: Final = re.compile(r"^([^#\s{][^\s{]*(?:\{.*\})?)[ \t]+([0-9.eE+-]+|NaN|[+-]?Inf)[ \t]*$")


def summed(pages: Sequence[str]) -> str:
    """One page of text exposition format of several.

    Lines that are no sample without a time stamp stay as they are, each once: whatever is wrong with a page
    is to be found by those who judge it.
    """
    lines: dict[str, float | None] = {}
    for page in pages:
        for line in page.splitlines():
            match = _SAMPLE.match(line)
            value = None if match is None else _number(match[2])
            if match is None or value is None:
                lines.setdefault(line, None)
            else:
                lines[match[1]] = (lines.get(match[1]) or 0.0) + value
    told = (series if value is None else f"{series} {_shown(value)}" for series, value in lines.items())
    return "".join(f"{line}\n" for line in told)


def _shown(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
