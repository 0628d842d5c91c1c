"""One user of the target, as the harness keeps it: name, password, sessions; whose guest it still is."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sync_check.harness.addresses import Address

if TYPE_CHECKING:
    from sync_check.conformance.contract.operations import Upload
    from sync_check.harness.room import Place

_REFRESH_AT: Final = 2 / 3
"""The share of an access token's life after which it is refreshed."""


class Session:
    """What one login created. Tokens are replaced in place by a refresh."""

    __slots__ = ("_lock", "access_token", "number", "refresh_after_s", "refresh_token")

    def __init__(self, number: int, tokens: dict[str, Any], now_s: float) -> None:
        self.number = number
        self._lock: asyncio.Lock | None = None
        self.renew(tokens, now_s)

    @property
    def lock(self) -> asyncio.Lock:
        """Held by whoever refreshes."""
        if self._lock is None:
            self._lock = asyncio.Lock()
        return self._lock

    def renew(self, tokens: dict[str, Any], now_s: float) -> None:
        """Take a pair as login and refresh answer it (contract 2.3)."""
        self.access_token = str(tokens["access_token"])
        self.refresh_token = str(tokens["refresh_token"])
        self.refresh_after_s = now_s + float(tokens["expires_in_secs"]) * _REFRESH_AT


@dataclass(slots=True, eq=False)
class Account:
    """A registered user. `name` is the client's name in findings, `username` the one on the target.

    `guilds` are those that it came to own in this run, besides as many as it `owned_before`, `visiting` those
    of others that it is still a member of. `befriended` says
    that it may have friends or friend requests. `address` is where it calls from, None where that is the
    harness's own address. `home` is the channel of a guild that it has for itself, `homeless` says that it
    cannot have one.
    """

    name: str
    username: str
    password: str = field(repr=False)
    user_id: str = ""
    sessions: list[Session] = field(default_factory=list, repr=False)
    guilds: list[str] = field(default_factory=list)
    owned_before: int = 0
    shown_before: tuple[str, str] | None = None
    """Username and about text of one that the run did not make."""
    pictures: dict[type["Upload"], "Upload"] = field(default_factory=dict, repr=False)
    """What puts its avatar and banner back, of one that the run did not make and changed."""
    visiting: dict[str, "Account"] = field(default_factory=dict)
    """Guild id to its owner."""
    befriended: bool = False
    connections: int = 0
    logins: int = 0
    address: Address | None = None
    home: "Place | None" = None
    homeless: bool = False

    @property
    def owned(self) -> int:
        """How many guilds it owns, dead ones included."""
        return len(self.guilds) + self.owned_before

    def next_session(self) -> int:
        """A number for one more session of this user, from 1 and unique in the run."""
        self.logins += 1
        return self.logins

    def next_connection(self) -> int:
        """A number for one more connection of this user, from 1 and unique in the run."""
        self.connections += 1
        return self.connections

    def headers(self) -> dict[str, str]:
        """What each request of this user carries beside its own headers."""
        return {} if self.address is None else dict((self.address.header(),))


NOBODY: Final = Account(name="harness", username="", password="")
"""Who asks for what needs no authentication."""
ANONYMOUS: Final = Account(name="anonymous", username="", password="")
"""Who asks, without authentication, for what needs one."""
