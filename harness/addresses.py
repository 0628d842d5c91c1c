"""Where simulated users call from, if the target believes its proxy (contract 2.1, appendix B 6).

All lie in ranges that are reserved for documentation (RFC 5737, RFC 3849), so that none of them is anybody's
and none is met by chance: an address that a target tells is a leak (LEAK-IP-1).
"""

from functools import cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network
from itertools import count
from typing import Final

from sync_check.harness.randomness import Randomness

FORWARDED_FOR: Final = "x-forwarded-for"
_V4: Final = tuple(map(IPv4Network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")))
_V6: Final = IPv6Network("2001:db8::/32")
_V6_EVERY: Final = 4
"""One user in so many has an IPv6 address even while there are IPv4 ones: small runs meet both."""


class Address:
    """One user's address, in every spelling that is sent in `named`; `text` is the first of them."""

    __slots__ = ("_named", "_sent", "spellings")

    def __init__(self, *spellings: str, named: str = FORWARDED_FOR) -> None:
        self.spellings = spellings
        self._named = named
        self._sent = count()

    @property
    def text(self) -> str:
        """The address as the history names it."""
        return self.spellings[0]

    def header(self) -> tuple[str, str]:
        """Name and value of the header that tells it, in the next spelling."""
        return self._named, self.spellings[next(self._sent) % len(self.spellings)]


class Addresses:
    """A different address for each number, told in the header `named`; fixed by the seed."""

    def __init__(self, randomness: Randomness, named: str = FORWARDED_FOR) -> None:
        self._named = named
        stream = randomness.stream("addresses")
        self._v4 = list(_hosts())
        stream.shuffle(self._v4)
        self._site = stream.randrange(1, 2**16)

    def of(self, number: int) -> Address:
        """The address of account `number`, from 0."""
        turn, place = divmod(number, _V6_EVERY)
        before = number - turn
        if place < _V6_EVERY - 1 and before < len(self._v4):
            return Address(self._v4[before], named=self._named)
        host = IPv6Address(int(_V6.network_address) | self._site << 80 | 0xA0000 + number)
        spellings = host.compressed, host.exploded.upper(), _without_leading_zeros(host)
        return Address(*spellings, named=self._named)


@cache
def _hosts() -> tuple[str, ...]:
    """All IPv4 addresses that there are."""
    return tuple(str(host) for network in _V4 for host in network.hosts())


def _without_leading_zeros(host: IPv6Address) -> str:
    """Every group written out, `0` for an empty one."""
    return ":".join(f"{int(group, 16):x}" for group in host.exploded.split(":"))
