"""How much a target may send before it is a flood: more than all that was done can have caused.

Nothing else bounds what a hostile target sends, and all of it is kept until it is judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sync_check.harness.company import Company

FRAME_BYTES: Final = 1024
"""What a frame costs beside its bytes: about what is kept of one until it is judged."""
_AT_FIRST: Final = 1024 * 1024
_PER_CALL: Final = 8 * FRAME_BYTES
"""Presence and departures: events that a call brings about at some distance."""


def owed_at_most(company: Company) -> int:
    """The bytes, with `FRAME_BYTES` a frame, that one connection can have been sent by now for a reason.

    Each mutation may bring an event of the largest size, and each call some small ones.
    """
    largest = company.target.limits.max_gateway_event_bytes + FRAME_BYTES
    return _AT_FIRST + company.caller.calls * _PER_CALL + company.caller.mutations * largest
