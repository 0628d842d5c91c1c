"""Steps about slow consumers: somebody takes nothing while much is said. They take long, so they are rare."""

from typing import Final

from sync_check.harness.explorer.draft import Draft
from sync_check.harness.explorer.lags import EVENTS, TOO_MANY, WHAT_FITS
from sync_check.harness.explorer.program import LAG

_PERCENT: Final = 2


def slow_consumers(draft: Draft) -> None:
    """A member other than the owner, who says much, lags: now and then, and once in a program."""
    if not draft.chance(_PERCENT) or any(step.do == LAG for step in draft.steps):
        return
    args = {
        "channel_id": f"${draft.one(draft.channels)}",
        EVENTS: draft.one((TOO_MANY, TOO_MANY, TOO_MANY, TOO_MANY, WHAT_FITS)),
    }
    draft.add(LAG, args, by=f"u{draft.one(range(1, draft.members))}")
