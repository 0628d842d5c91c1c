"""What judges work out once for all cases of a run, and find again when they judge the next one."""

from typing import Any, TypeVar

_Table = TypeVar("_Table")


class Memory:
    """Holds one table of each class that is asked for.

    What is kept there has to be the same whenever it is worked out, or to be kept by all that it depends on.
    """

    def __init__(self) -> None:
        self._tables: dict[type[Any], Any] = {}

    def table(self, kind: type[_Table]) -> _Table:
        """The table of that class, which begins empty."""
        known: _Table | None = self._tables.get(kind)
        if known is None:
            known = self._tables[kind] = kind()
        return known
