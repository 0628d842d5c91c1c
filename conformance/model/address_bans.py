"""Which addresses are banned in a guild, and how sure that is: state only, the rules are in `ip_bans`.

An answer tells the ids of the bans that a call made, not which of them is of which address. A time limit ends
a ban by the server's clock, in whole seconds. So there are moments at which nobody can say.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Final

from sync_check.conformance.model.addresses import Address

_SECOND_US: Final = 1_000_000
_ROUNDING_US: Final = _SECOND_US
"""How far a server may be off that counts in whole seconds."""


class ShutOut(Enum):
    """Whether a ban is in force at an address."""

    NO = auto()
    PERHAPS = auto()
    SURELY = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """The addresses from which a user called join; None stands for one that the model does not know.

    `perhaps` are those of calls that were refused, or got no answer.
    """

    surely: frozenset[Address | None] = frozenset()
    perhaps: frozenset[Address | None] = frozenset()

    def with_address(self, address: Address | None, *, surely: bool) -> "Observed":
        """This with one address more."""
        if surely:
            return Observed(surely=self.surely | {address}, perhaps=self.perhaps - {address})
        return replace(self, perhaps=(self.perhaps | {address}) - self.surely)

    @property
    def all(self) -> frozenset[Address | None]:
        """Every address that may have been observed."""
        return self.surely | self.perhaps


@dataclass(frozen=True, slots=True, kw_only=True)
class IpBans:
    """The bans that one call made: `ban_ids` are those not removed since.

    `addresses` are covered for certain, `perhaps` may be. `reason` and `expires_in_secs` are what the call
    asked for, between `asked_at` and `answered_at` (microseconds). `whole` is false once an id was removed,
    `doubted` says that a later call may have replaced these bans.
    """

    source_id: str
    ban_ids: frozenset[str]
    addresses: frozenset[Address | None]
    perhaps: frozenset[Address | None] = field(default_factory=frozenset)
    reason: str | None = None
    expires_in_secs: int | None = None
    asked_at: int = 0
    answered_at: int = 0
    whole: bool = True
    doubted: bool = False

    def has_expired(self, at: int) -> bool:
        """Whether the time limit has passed for certain, at a time in microseconds."""
        if self.expires_in_secs is None:
            return False
        return at > self.answered_at + self.expires_in_secs * _SECOND_US + _ROUNDING_US

    def may_have_expired(self, at: int) -> bool:
        """Whether it may have passed."""
        if self.expires_in_secs is None:
            return False
        return at >= self.asked_at + self.expires_in_secs * _SECOND_US - _ROUNDING_US

    def covered(self, address: Address | None) -> bool:
        """Whether an address was banned for certain when these bans were made."""
        return address is not None and address in self.addresses

    def may_cover(self, address: Address | None) -> bool:
        """Whether an address may have been."""
        covered = self.addresses | self.perhaps
        return address is None or None in covered or address in covered

    def overlaps(self, addresses: Iterable[Address | None]) -> bool:
        """Whether some of these addresses may have been."""
        return any(map(self.may_cover, addresses))


def shut_out(bans: Iterable[IpBans], address: Address | None, start: int, end: int) -> ShutOut:
    """Whether one of the bans is in force at an address from `start` to `end` (microseconds).

    An address that is not known may be any.
    """
    possible = [ban for ban in bans if ban.ban_ids and ban.may_cover(address) and not ban.has_expired(start)]
    if not possible:
        return ShutOut.NO
    sure = any(
        ban.covered(address) and ban.whole and not ban.doubted and not ban.may_have_expired(end)
        for ban in possible
    )
    return ShutOut.SURELY if sure else ShutOut.PERHAPS
