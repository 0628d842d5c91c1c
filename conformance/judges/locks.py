"""Whether failed logins have locked an account, as far as answers tell (contract 2.3, accounts)."""

from enum import Enum, auto
from typing import Final

from sync_check.conformance.contract.operations import Login
from sync_check.conformance.history import Outcome
from sync_check.conformance.judges.case import Case
from sync_check.conformance.judges.lives import Call

_SURELY_LOCKED: Final = 0.8
_SURELY_FREE: Final = 1.5
"""A lock lasts about as long as is declared."""


class Locked(Enum):
    """What is known of a lock."""

    NO = auto()
    PERHAPS = auto()
    SURELY = auto()


def locked(case: Case, call: Call, username: str) -> Locked:
    """Whether the account of a name was locked when a login was tried."""
    limits = case.header.limits
    failures, since, latest = 0, None, 0
    for other in case.ledger.named(Login.name):
        asked = other.operation
        if not isinstance(asked, Login) or asked.username != username or other is call or other.retried:
            continue
        if other.invoked > call.invoked or other.outcome is None:
            continue
        if other.outcome is Outcome.OK:
            failures, since = 0, None
            continue
        failures, latest = failures + 1, other.answered_at or other.invoked_at
        if failures >= limits.login_failures and since is None:
            since = latest
    if since is None:
        return Locked.NO
    lock_us = limits.login_lock_s * 1e6
    if (call.answered_at or call.invoked_at) < since + _SURELY_LOCKED * lock_us:
        return Locked.SURELY
    return Locked.PERHAPS if call.invoked_at < latest + _SURELY_FREE * lock_us else Locked.NO
