"""How a run comes by its accounts: it registers them, is given them, or has an administrator make them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

USERNAME: Final = "{username}"
PASSWORD: Final = "{password}"
"""What stands for the two in the body of an administrator's call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """Whoever asks gets an account (contract 2.3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """An account that exists already, and the line of the list that names it."""

    username: str
    password: str = field(repr=False)
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """These accounts, in this order, and no more; `named` says where they are listed."""

    accounts: tuple[Credentials, ...] = field(repr=False)
    named: str

    def place(self, username: str) -> str:
        """Where one of the accounts is listed."""
        line = next(one.line for one in self.accounts if one.username == username)
        return f"{self.named}, line {line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminCall:
    """A call of the target's own that makes an account: any 2xx says that it did.

    `path` is below the base URL. In `body` (a JSON object), `{username}` and `{password}` stand for those of
    the account. `headers` hold the administrator's secret.
    """

    method: str
    path: str
    body: Mapping[str, object]
    headers: Mapping[str, str] = field(repr=False)

    def filled(self, username: str, password: str) -> Mapping[str, object]:
        """The body for one account."""
        return {name: _filled(value, username, password) for name, value in self.body.items()}


Enrolment = Registration | Roster | AdminCall


def _filled(value: object, username: str, password: str) -> object:
    if isinstance(value, str):
        return value.replace(USERNAME, username).replace(PASSWORD, password)
    if isinstance(value, Mapping):
        return {name: _filled(part, username, password) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(part, username, password) for part in value]
    return value
