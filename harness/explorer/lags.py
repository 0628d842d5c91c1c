"""How a connection lags in a program: how many events come while its client takes none.

With `{"channel_id": "$c0", "events": "too many"}` more do than may wait for it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

EVENTS: Final = "events"
TOO_MANY: Final = "too many"
"""More than may wait for a connection, so that it is ended."""
WHAT_FITS: Final = "what fits"
"""As many as surely cost no connection, so that all of them come later."""
_KNOWN: Final = (TOO_MANY, WHAT_FITS)
_OWNER: Final = "u0"


def faults(by: str, args: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with such a step, to be put behind which step it is."""
    if by == _OWNER:
        yield f"lets {by!r} lag, who has to hear what the others miss"
    events = args.get(EVENTS, TOO_MANY)
    if events not in _KNOWN:
        yield f"lags behind by {events!r}, not {' or '.join(map(repr, _KNOWN))}"
