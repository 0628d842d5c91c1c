"""Reading the counters of a target: differences between reads are what a run did to them (contract 7)."""

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.history import Purpose
from sync_check.harness.accounts import NOBODY
from sync_check.harness.company import Company


async def read_metrics(company: Company) -> None:
    """Read the counters, without authentication, where the target declares them; raises nothing for it.

    The answer goes into the history. Read when nothing is in flight: every event that was queued before has
    arrived once the next fence has.
    """
    if Feature.METRICS in company.target.features:
        await company.caller.call(NOBODY, ops.ReadMetrics(), purpose=Purpose.SNAPSHOT)
