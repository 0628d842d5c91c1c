"""Which headers of an answer somebody has to look at: those that may tell something."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from sync_check.conformance.contract.dates import DATE

KEPT: Final = ("retry-after", "content-type", "x-request-id", "allow", DATE)
ORDINARY: Final = frozenset(
    (
        *KEPT,
        *("cache-control", "connection", "content-disposition", "content-length", "etag"),
        *("keep-alive", "server", "transfer-encoding", "vary", "x-content-type-options"),
    )
)
"""Headers that answers have as a rule."""
_TELLING: Final = re.compile(
    r"sc[a-z0-9]{12}|%[0-9a-f]{2}|(?:[0-9]{1,3}\.){3}[0-9]|(?:[0-9a-f]{0,4}:){3}"
    r"|(?<![a-z0-9+/_-])(?=[a-z+/_-]*[0-9])[a-z0-9+/_-]{16,}",
    re.IGNORECASE | re.ASCII,
)
"""What in an ordinary header may be something of others: a secret, an address, an id, or a thing encoded."""


def telling(
    fields: Mapping[str, str], request_id: str, ordinary: frozenset[str] = ORDINARY
) -> dict[str, str]:
    """Those that answers do not have as a rule, or not with such a value; names are in lower case."""
    return {
        name: value
        for name, value in fields.items()
        if name not in ordinary or (value != request_id and _is_telling(value))
    }


@lru_cache(maxsize=1024)
def _is_telling(value: str) -> bool:
    return _TELLING.search(value) is not None
