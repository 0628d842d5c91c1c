"""Reading the counters of a target: differences between reads are what a run did to them (contract 7)."""

from typing import Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.counters import Counter
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.history import Purpose
from sync_check.conformance.judges.counters.exposition import Exposition, read_exposition
from sync_check.harness.accounts import NOBODY
from sync_check.harness.caller import Reply
from sync_check.harness.company import Company

_RESIDENT: Final = "process_resident_memory_bytes"
"""What clients of the exposition format tell of their own process, by convention."""


async def read_metrics(company: Company) -> Reply | None:
    """Read the counters, without authentication, where the target declares them; raises nothing for it.

    The answer goes into the history. Read when nothing is in flight: every event that was queued before has
    arrived once the next fence has.
    """
    if Feature.METRICS in company.target.features:
        return await company.caller.call(NOBODY, ops.ReadMetrics(), purpose=Purpose.SNAPSHOT)
    return None


async def page_of(company: Company) -> Exposition:
    """What the counters tell now; an empty page where they are not declared or not to be read."""
    reply = await read_metrics(company)
    return read_exposition("" if reply is None else reply.answer.text or "")


async def count_of(company: Company, counter: Counter, **labels: str) -> float:
    """What a counter tells now, the series with these labels added up; 0 where there are none."""
    page = await page_of(company)
    series = page.samples.get(company.target.metrics.prefix + counter, {})
    return sum(value for given, value in series.items() if labels.items() <= dict(given).items())


async def memory_of(company: Company) -> int | None:
    """Bytes that the target has resident now: of the process that the run started, else as it tells itself.

    None where neither can be seen.
    """
    restarts = company.target.restarts
    if restarts is not None:
        return restarts.resident_bytes()
    page = await page_of(company)
    return int(sum(page.samples.get(_RESIDENT, {}).values())) or None
