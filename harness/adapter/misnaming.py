"""What a target calls by the contract's own name although its profile declares another.

Such a name comes in as the other one (`dialect`), so that findings show the two exchanged: whoever reads
them has to be told.
"""

from collections import Counter
from collections.abc import Iterator

from sync_check.harness.adapter.dialect import Dialect


class Misnaming:
    """Counts, by key of the profile, the different bodies and frames that held the contract's own name."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._seen: Counter[str] = Counter()

    def look_at(self, text: str) -> None:
        """Look through a body or a frame as it came."""
        self._seen.update(self._dialect.undeclared(text))

    def look_at_counters(self, page: str) -> None:
        """Look through a page of counters as it came."""
        self._seen.update(self._dialect.undeclared_labels(page))

    def sentences(self) -> Iterator[str]:
        """One sentence for each name."""
        for key, times in sorted(self._seen.items()):
            name = key.split(".", 2)[2]
            bodies = "body or frame" if times == 1 else "different bodies and frames"
            yield (
                f"the profile renames {name} to {self._dialect.own(key)}, and the target sends {name}"
                f" (in {times} {bodies}; findings show the two exchanged): mend {key}"
            )
