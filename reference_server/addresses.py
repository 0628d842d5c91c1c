"""The client's address: the peer's, or what a trusted proxy says it is (contract 2.1)."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

FORWARDING: Final = (b"cf-connecting-ip", b"x-forwarded-for")
"""The headers, in lower case, by which a proxy says who calls."""
_MAX_FORWARDED_FOR: Final = 512
_MAPPED_PREFIX: Final = 96
UNKNOWN: Final = "unknown"


def client_address(
    peer: str | None, headers: Mapping[str, str], trusted: tuple[IPv4Network | IPv6Network, ...]
) -> str:
    """The address that limits count by; `headers` has lower-case names. Raises nothing."""
    peer = peer and (_parsed(peer) or peer)
    if peer is None or not _is_trusted(peer, trusted):
        return peer or UNKNOWN
    direct = _parsed(headers.get("cf-connecting-ip", ""))
    if direct is not None:
        return direct
    forwarded = headers.get("x-forwarded-for", "")
    if len(forwarded) > _MAX_FORWARDED_FOR:
        return peer
    return _parsed(forwarded.partition(",")[0]) or peer


def combined(fields: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Header fields by name; the values of a repeated one are one list (RFC 9110, 5.3)."""
    headers: dict[str, str] = {}
    for name, value in fields:
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


@lru_cache(maxsize=1024)
def _is_trusted(peer: str, trusted: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    if not trusted or _parsed(peer) is None:
        return False
    address = ip_address(peer)
    return any(address in network for network in trusted)


def parsed_network(text: str) -> IPv4Network | IPv6Network:
    """The network that `text` spells, an IPv4 one also where it is mapped into IPv6; raises `ValueError`."""
    network = ip_network(text)
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped is None or network.prefixlen < _MAPPED_PREFIX:
        return network
    return ip_network((mapped, network.prefixlen - _MAPPED_PREFIX))


def _parsed(text: str) -> str | None:
    """The one spelling of an address: of an IPv4 one that is mapped into IPv6 (RFC 4291, 2.5.5.2) its own."""
    return _spelled(text) if len(text) <= _MAX_FORWARDED_FOR else None


@lru_cache(maxsize=1024)
def _spelled(text: str) -> str | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)
