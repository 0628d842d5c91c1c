"""The client's address: the peer's, or what a trusted proxy says it is (contract 2.1)."""

from collections.abc import Iterable, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final

_MAX_FORWARDED_FOR: Final = 512
UNKNOWN: Final = "unknown"


def client_address(
    peer: str | None, headers: Mapping[str, str], trusted: Sequence[IPv4Network | IPv6Network]
) -> str:
    """The address that limits count by; `headers` has lower-case names. Raises nothing."""
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


def _is_trusted(peer: str, trusted: Sequence[IPv4Network | IPv6Network]) -> bool:
    if not trusted or _parsed(peer) is None:
        return False
    address = ip_address(peer)
    return any(address in network for network in trusted)


def _parsed(text: str) -> str | None:
    try:
        return str(ip_address(text.strip()))
    except ValueError:
        return None
