"""Reading the counters of a target: differences between reads are what a run did to them (contract 7)."""

from typing import Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.history import Purpose
from sync_check.harness.accounts import Account
from sync_check.harness.company import Company

_NOBODY: Final = Account(name="harness", username="", password="")


async def read_metrics(company: Company) -> None:
    """Read the counters, without authentication, where the target declares them; raises nothing for it.

    The answer goes into the history. Read when nothing is in flight: every event that was queued before has
    arrived once the next fence has.
    """
    if Feature.METRICS in company.target.features:
        await company.caller.call(_NOBODY, ops.ReadMetrics(), purpose=Purpose.SNAPSHOT)
