"""Steps about slow consumers: somebody takes nothing while much is said, which takes long."""

from sync_check.harness.explorer.draft import Draft
from sync_check.harness.explorer.lags import EVENTS, TOO_MANY, WHAT_FITS
from sync_check.harness.explorer.program import LAG


def slow_consumer(draft: Draft) -> None:
    """A member other than the owner, who says much, lags."""
    args = {
        "channel_id": f"${draft.one(draft.channels)}",
        EVENTS: draft.one((TOO_MANY, TOO_MANY, TOO_MANY, TOO_MANY, WHAT_FITS)),
    }
    draft.add(LAG, args, by=f"u{draft.one(range(1, draft.members))}")
