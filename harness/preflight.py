"""Before the first scenario: is there a server of this contract at all?

Everything that fails here is no finding but "cannot test", said in one sentence.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.history import Purpose
from sync_check.harness.accounts import NOBODY
from sync_check.harness.carrier import ALL_REFUSED
from sync_check.harness.client import Client
from sync_check.harness.company import Company
from sync_check.harness.errors import ScenarioHalted, TargetUnavailable, UpgradeRefused
from sync_check.harness.performance import extending
from sync_check.harness.rest import Answer

_OK: Final = 200
_CLIENT_ERROR: Final = 400
_LONGEST_TYPE: Final = 80
BUDGET_S: Final = 8.0
LONGEST_WAIT_S: Final = 90.0
"""For a first client: limits are by the minute (contract 6.1), and one may be used up."""
ELSEWHERE: Final = "if it is elsewhere, give gateways in the profile, or --set gateways=wss://HOST/PATH"


async def check_target(company: Company) -> None:
    """Health, a refusal, an account, `ready` on a connection; raises `TargetUnavailable` without one.

    What the target's limits make us wait does not count, up to a window of them.
    """
    budget_s = BUDGET_S * company.target.time_scale
    try:
        async with asyncio.timeout(budget_s) as budget:
            company.pace.on_wait = _patient(company.target.url, extending(budget))
            await _check(company)
    except TimeoutError:
        reason = f"it was not ready for a first client within {budget_s:.0f} s"
        raise TargetUnavailable(company.target.url, reason) from None
    finally:
        company.pace.on_wait = None


def _patient(url: str, extend: Callable[[float], None]) -> Callable[[float], None]:
    """What makes room for a wait, unless all of them together are longer than any limit makes one wait."""
    waited_s = 0.0

    def wait(seconds: float) -> None:
        nonlocal waited_s
        waited_s += seconds
        if waited_s > LONGEST_WAIT_S:
            reason = (
                f"it lets a first client wait for {waited_s:.0f} s; at most {LONGEST_WAIT_S:.0f} s are waited"
            )
            raise TargetUnavailable(url, reason)
        extend(seconds)

    return wait


async def is_alive(company: Company) -> bool:
    """Whether the target still answers `GET /health` with anything."""
    return (await _health(company)).status is not None


async def _check(company: Company) -> None:
    answer = await _health(company)
    if answer.status != _OK or not isinstance(answer.json, dict):
        raise TargetUnavailable(company.target.url, _why_unhealthy(answer))
    made_up = await company.caller.made_up()
    if made_up.status is not None and made_up.status < _CLIENT_ERROR:
        reason = f"it answers {made_up.status} to a request that nobody knows, so its refusals say nothing"
        raise TargetUnavailable(company.target.url, reason)
    (client,) = await company.enlist(1)
    await _connects(company, client)
    await company.dismiss(client, park=False)


async def _health(company: Company) -> Answer:
    reply = await company.caller.call(NOBODY, ops.ReadHealth(), purpose=Purpose.SETUP)
    return reply.answer


async def _connects(company: Company, client: Client) -> None:
    try:
        await client.connect()
    except ScenarioHalted as error:
        refused = isinstance(error.__cause__, UpgradeRefused)
        hint = f"; {ELSEWHERE}" if refused else ""
        reason = f"its gateway is of no use: {error}{hint}"
        raise TargetUnavailable(company.target.url, reason) from error


def _why_unhealthy(answer: Answer) -> str:
    if answer.unreachable:
        # The general word for a refusal on every address says nothing more.
        why = (answer.error or "").removeprefix("not sent: ").replace(f" ({ALL_REFUSED})", "")
        return "nothing listens there" if why == "no connection" else why
    if answer.status is None:
        return answer.error or "it does not answer"
    if answer.status != _OK:
        return f"GET /health answers {answer.status}, not 200"
    if answer.error is not None:
        return f"GET /health: {answer.error}"
    kind = (answer.headers.get("content-type") or "something else").partition(";")[0][:_LONGEST_TYPE]
    return f"GET /health answers {kind}, not the JSON of this contract"
