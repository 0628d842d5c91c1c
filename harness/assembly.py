"""Putting together the company of a run: the one place that knows what it needs."""

from sync_check.harness.caller import Caller
from sync_check.harness.clock import Clock
from sync_check.harness.company import Company
from sync_check.harness.decoding import Decoder
from sync_check.harness.journal import Journal
from sync_check.harness.pace import Pace
from sync_check.harness.pool import Pool
from sync_check.harness.randomness import Randomness
from sync_check.harness.redaction import Secrets
from sync_check.harness.rest import RestClient
from sync_check.harness.target import Target


def assemble(
    target: Target,
    rest: RestClient,
    journal: Journal,
    *,
    clock: Clock,
    randomness: Randomness,
    secrets: Secrets,
) -> Company:
    """A company, still without users, that calls a target through `rest` and writes into `journal`."""
    pace = Pace(target.limits, clock)
    caller = Caller(
        rest=rest, journal=journal, pace=pace, clock=clock, randomness=randomness, secrets=secrets
    )
    pool = Pool(
        caller=caller,
        journal=journal,
        clock=clock,
        randomness=randomness,
        secrets=secrets,
        guilds_per_user=target.limits.guilds_per_user,
        url=target.url,
        trusts_proxy=target.trusts_proxy,
    )
    return Company(
        target=target,
        caller=caller,
        pool=pool,
        pace=pace,
        journal=journal,
        decoder=Decoder(max_event_bytes=target.limits.max_gateway_event_bytes),
        clock=clock,
        randomness=randomness,
    )
