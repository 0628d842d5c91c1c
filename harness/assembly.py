"""Putting together the company of a run: the one place that knows what it needs."""

from collections.abc import Callable

from sync_check.conformance.contract.features import Feature
from sync_check.harness.adapter.dialect import Dialect
from sync_check.harness.adapter.misnaming import Misnaming
from sync_check.harness.adapter.rest import TargetRest
from sync_check.harness.addresses import Addresses
from sync_check.harness.caller import Caller
from sync_check.harness.clock import Clock
from sync_check.harness.company import Company
from sync_check.harness.decoding import Decoder
from sync_check.harness.flood import FloodGauge
from sync_check.harness.journal import Journal
from sync_check.harness.memo import Memo
from sync_check.harness.pace import Pace
from sync_check.harness.pool import Pool
from sync_check.harness.randomness import Randomness
from sync_check.harness.redaction import Secrets
from sync_check.harness.target import Target


def assemble(
    target: Target,
    rest: TargetRest,
    journal: Journal,
    *,
    clock: Clock,
    randomness: Randomness,
    secrets: Secrets,
) -> Company:
    """A company, still without users, that calls a target through `rest` and writes into `journal`."""
    for number, secret in enumerate(target.secrets, start=1):
        secrets.learn(secret, "profile", f"secret{number}")
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
        addresses=Addresses(randomness, target.address_header) if target.trusts_proxy else None,
        enrolment=target.enrolment,
        has_friends=Feature.FRIENDS in target.features,
    )
    company = Company(
        target=target,
        caller=caller,
        pool=pool,
        pace=pace,
        journal=journal,
        decoder=Decoder(max_event_bytes=target.limits.max_gateway_event_bytes),
        clock=clock,
        randomness=randomness,
        translate=_translator(target.dialect, rest.misnaming) if target.dialect.renames else None,
    )
    journal.listen(FloodGauge(company).add)
    return company


def _translator(dialect: Dialect, misnaming: Misnaming) -> Callable[[str], str]:
    """What makes a frame one of the contract's names; the same object for equal ones."""
    known: Memo[str, str] = Memo(entries=1024, weight=16 * 1024 * 1024)

    def translate(text: str) -> str:
        found = known.get(text)
        if found is None:
            misnaming.look_at(text)
            found = known.put(text, dialect.incoming(text), len(text))
        return found

    return translate
