"""What a managed target logged of the operations behind findings: the lines that hold their request ids."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Final

from sync_check.conformance.verdict import Finding, Level

_REQUEST: Final = re.compile(r"(?:op|connection) \d+, request ([\w.-]+)\)")
_MOST_IDS: Final = 40
_MOST_LINES: Final = 60
_LONGEST_LINE: Final = 64 * 1024


def requests_of(findings: Iterable[Finding]) -> Mapping[str, Finding]:
    """The request ids of the operations that findings show, each with the worst finding that shows it.

    Those of the worst findings come first; no more than 40.
    """
    levels = list(Level)
    ordered = sorted(findings, key=lambda finding: levels.index(finding.level))
    found: dict[str, Finding] = {}
    for finding in ordered:
        for line in finding.excerpt:
            for match in _REQUEST.finditer(line.text):
                found.setdefault(match[1], finding)
    return dict(islice(found.items(), _MOST_IDS))


def slices(path: Path, request_ids: Iterable[str], begin: int = 0) -> Iterator[str]:
    """The lines of a log, from byte `begin` on, that hold one of the request ids; no more than 60.

    Raises `OSError` where the log cannot be read.
    """
    wanted: Mapping[bytes, None] = dict.fromkeys(one.encode() for one in request_ids)
    if not wanted:
        return
    pattern = re.compile(b"|".join(map(re.escape, wanted)))
    told = 0
    with path.open("rb") as log:
        log.seek(begin)
        for line in iter(lambda: log.readline(_LONGEST_LINE), b""):
            if pattern.search(line):
                if told == _MOST_LINES:
                    yield "…"
                    return
                told += 1
                yield line.decode(errors="backslashreplace").rstrip()
