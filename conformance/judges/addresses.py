"""Addresses in texts: every IP address or network that somebody could read out of one (LEAK-IP-1)."""

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Final

from sync_check.conformance.judges.readings import strings_in
from sync_check.conformance.model.addresses import Address, parsed_address

Network = IPv4Network | IPv6Network
_V4: Final = re.compile(r"(?<![0-9])((?:[0-9]{1,3}\.){3}[0-9]{1,3})(?![0-9])(?:/([0-9]{1,2})(?![0-9]))?")
_V6: Final = re.compile(
    r"(?=((?:[0-9a-f]{0,4}:){2,7}(?:(?:[0-9]{1,3}\.){3}[0-9]{1,3}|[0-9a-f]{1,4})?)(?:/([0-9]{1,3}))?)",
    re.IGNORECASE | re.ASCII,
)
"""Looked for at every place, so that letters before an address do not hide it."""
_TWO_POINTS: Final = re.compile(r"\.[0-9]{1,3}\.")
_TWO_COLONS: Final = re.compile(r":[0-9A-Fa-f]{0,4}:")
"""What every spelling of an address of either version holds, and hardly any other text."""
_WORD: Final = re.compile(r"\.?[0-9A-Za-z]{8,}", re.ASCII)
"""Where an address may stand as one number, with the point of a fraction before it."""
_DECIMAL: Final = re.compile(r"(?<![0-9.])([0-9]{9,10}|[0-9]{36,39})(?![0-9])", re.ASCII)
_HEXADECIMAL: Final = re.compile(r"\.?(?:0x)?([0-9a-f]{8}|[0-9a-f]{32})", re.IGNORECASE | re.ASCII)
_TIME: Final = re.compile(r"1[0-9]{9}", re.ASCII)
"""Ten digits that begin with 1 are a time."""
_PORT: Final = re.compile(r":[0-9]{1,5}\Z")
_LEAST_PREFIX: Final = {4: 8, 6: 16}
"""Wider networks say nothing of anybody."""


@lru_cache(maxsize=65536)
def networks_in(text: str) -> frozenset[Network]:
    """The addresses and networks that a text names; an address is a network of one."""
    return frozenset(network for spelling in strings_in(text) for network in _found(spelling))


@lru_cache(maxsize=65536)
def numbers_in(text: str) -> frozenset[int]:
    """The numbers in a text that may be an address each."""
    words = {word for spelling in strings_in(text) for word in _WORD.findall(spelling)}
    return frozenset().union(*map(_numbers_of, words))


@lru_cache(maxsize=65536)
def _numbers_of(word: str) -> frozenset[int]:
    """The numbers that a word is, or that stand among its letters."""
    found = {int(digits) for digits in _DECIMAL.findall(word) if not _TIME.fullmatch(digits)}
    hexadecimal = _HEXADECIMAL.fullmatch(word)
    if hexadecimal is not None:
        found.add(int(hexadecimal[1], 16))
    return frozenset(found)


def told(text: str, known: Collection[Address]) -> list[Address]:
    """Those of the known addresses that a text names, alone or by a network that they are in."""
    networks = networks_in(text) if known else frozenset[Network]()
    numbers = numbers_in(text) if _may_be_told(text, known) else frozenset[int]()
    if not networks and not numbers:
        return []
    return [
        address
        for address in known
        if int(address) in numbers or any(address in network for network in networks)
    ]


def _may_be_told(text: str, known: Collection[Address]) -> bool:
    """Whether one of the addresses may stand in a text as one number: a quick look, which most texts fail."""
    digits = [digits for address in known for digits in _digits_of(address)]
    return any(
        one in lowered for lowered in (spelling.lower() for spelling in strings_in(text)) for one in digits
    )


@lru_cache(maxsize=4096)
def _digits_of(address: Address) -> tuple[str, str]:
    """An address as a decimal and as a hexadecimal number, without zeros that may stand before it."""
    return str(int(address)), f"{int(address):x}"


def _found(text: str) -> Iterator[Network]:
    for dotted, prefix in _V4.findall(text) if _TWO_POINTS.search(text) else ():
        octets = [int(octet) for octet in dotted.split(".")]
        if max(octets) < 2**8:
            yield from _network(IPv4Address(bytes(octets)), prefix)
    for groups, prefix in _V6.findall(text) if _TWO_COLONS.search(text) else ():
        # What looks like a port may be the last group.
        for spelling in {groups, _PORT.sub("", groups)}:
            address = parsed_address(spelling)
            if address is not None:
                yield from _network(address, prefix)


def _network(address: IPv4Address | IPv6Address, prefix: str) -> Iterator[Network]:
    longest = address.max_prefixlen
    length = int(prefix) if prefix and int(prefix) <= longest else longest
    if length >= _LEAST_PREFIX[address.version]:
        yield ip_network((int(address).to_bytes(longest // 8), length), strict=False)
