"""A company on a reference server inside the test's own event loop, and what it wrote down."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.history import Record
from sync_check.harness.adapter.rest import TargetRest
from sync_check.harness.assembly import assemble
from sync_check.harness.clock import Clock
from sync_check.harness.company import Company
from sync_check.harness.enrolment import Enrolment, Registration
from sync_check.harness.journal import Journal
from sync_check.harness.network.virtual.loop import VirtualLoop
from sync_check.harness.randomness import Randomness
from sync_check.harness.redaction import Secrets
from sync_check.harness.target import DRIVEN_FEATURES, Target
from sync_check.simulation import simulate, simulated_randomness
from tests.reference_server.running import RAISED, running

R = TypeVar("R")
REGISTRATION = Registration()


@dataclass(kw_only=True)
class Playing:
    company: Company
    records: list[Any] = field(default_factory=list)

    def of(self, kind: type[R]) -> list[R]:
        """The records of one kind, in order."""
        return [record for record in self.records if isinstance(record, kind)]


def company_at(
    url: str,
    records: list[Record],
    *,
    limits: Limits = RAISED,
    clock: Clock | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    trusts_proxy: bool = False,
    enrolment: Enrolment = REGISTRATION,
) -> tuple[Company, TargetRest]:
    clock, randomness, secrets = clock or Clock(), Randomness(1), Secrets()
    journal = Journal(secrets=secrets, clock=clock, listeners=(records.append,))
    target = Target(
        label="test",
        url=url,
        declared=DRIVEN_FEATURES,
        limits=limits,
        trusts_proxy=trusts_proxy,
        enrolment=enrolment,
    )
    rest = TargetRest(target, clock, transport=transport)
    company = assemble(target, rest, journal, clock=clock, randomness=randomness, secrets=secrets)
    return company, rest


@asynccontextmanager
async def playing(
    *, defect: str | None = None, guilds_per_user: int = 10**4, trusts_proxy: bool = False
) -> AsyncIterator[Playing]:
    limits = RAISED.model_copy(update={"guilds_per_user": guilds_per_user})
    loop, records = asyncio.get_running_loop(), list[Record]()
    async with AsyncExitStack() as stack:
        clock, transport = None, None
        if isinstance(loop, VirtualLoop):
            there = simulate(loop, simulated_randomness(1), defect=defect, limits=limits)
            url, clock, transport = there.target.url, there.clock, there.transport
        else:
            proxies = ("127.0.0.1/32",) if trusts_proxy else ()
            server = await stack.enter_async_context(
                running(limits=limits, defect=defect, trusted_proxies=proxies, without=frozenset())
            )
            url = f"http://127.0.0.1:{server.port}"
        company, rest = company_at(
            url, records, limits=limits, clock=clock, transport=transport, trusts_proxy=trusts_proxy
        )
        stack.push_async_callback(rest.aclose)
        stack.push_async_callback(company.disband)
        yield Playing(company=company, records=records)


def respond(status: int, body: Any = None, headers: dict[str, str] | None = None) -> httpx.Response:
    """An answer that is streamed, as one from a socket is."""
    content = b"" if body is None else json.dumps(body).encode()
    kind = {"content-type": "application/json", **(headers or {})}
    return httpx.Response(status, headers=kind, stream=httpx.ByteStream(content))
