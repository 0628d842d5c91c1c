"""How many items a page holds (REST-4, PAGE-2)."""

from typing import Final

from sync_check.reference_server.errors import InvalidRequest
from sync_check.reference_server.routes.strict import WholeNumber

Asked = WholeNumber | None
"""The `limit` of a query; None is the default."""
_DEFAULT: Final = 20


def page_size(asked: int | None, most: int, *, default: int = _DEFAULT) -> int:
    """What was asked for, else `default` or `most`, the lesser. Raises `InvalidRequest`."""
    size = min(default, most) if asked is None else asked
    if not 1 <= size <= most:
        raise InvalidRequest
    return size
