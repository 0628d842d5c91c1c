"""Walking a paged list: where the next page begins, and when there is no use in asking for one (PAGE-2)."""

from collections.abc import Mapping
from typing import Any, Final

_IDENTITIES: Final = ("user_id", "message_id", "audit_id", "ban_id")
"""The members by which items of the paged lists are known, each list by one."""
_PATIENCE: Final = 2
"""After so many pages in a row without anything new the walk will not end by itself."""


class Walk:
    """One walk over the list whose pages hold `items`, and in `cursor` where the next one begins."""

    __slots__ = ("_cursor", "_cursors", "_idle", "_items", "_seen")

    def __init__(self, items: str, cursor: str) -> None:
        self._items = items
        self._cursor = cursor
        self._cursors: set[str] = set()
        self._seen: set[str] = set()
        self._idle = 0

    def following(self, page: Mapping[str, Any]) -> str | None:
        """The cursor of the page to ask for after this one; None at the end, or where there will be none."""
        following = page.get(self._cursor)
        if not isinstance(following, str):
            return None
        listed = page.get(self._items)
        known = {_known_by(item) for item in listed} if isinstance(listed, list) else set[str]()
        self._idle = 0 if known - self._seen else self._idle + 1
        self._seen |= known
        leads_back = self._idle > 0 and following in self._cursors
        self._cursors.add(following)
        return None if leads_back or self._idle >= _PATIENCE else following


def _known_by(item: Any) -> str:
    if isinstance(item, Mapping):
        for name in _IDENTITIES:
            if name in item:
                return str(item[name])
    return str(item)
