"""IP addresses as values: one spelling for each, however it was written."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

Address = IPv4Address | IPv6Address


def unmapped(address: Address) -> Address:
    """An IPv4 address that is mapped into IPv6 (RFC 4291, 2.5.5.2) as itself, any other unchanged."""
    return getattr(address, "ipv4_mapped", None) or address


@lru_cache(maxsize=4096)
def parsed_address(text: str | None) -> Address | None:
    """The address that a text spells; None if it spells none."""
    try:
        return None if text is None else unmapped(ip_address(text.strip()))
    except ValueError:
        return None
