"""What may hurt a server that others use, and which servers nobody else uses.

A scenario is safe unless it says otherwise. On a target that is not on this machine what is not safe is
played only if the profile permits it by name.
"""

import json
from collections.abc import Iterable, Sequence
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit


class Hazard(StrEnum):
    """What a scenario does that is not safe."""

    HOSTILE_INPUT = "hostile_input"
    """It sends what a server must answer by ending the connection."""
    FLOODS = "floods"
    """It sends, or makes others send, more than the limits permit."""
    SLOW_CONSUMERS = "slow_consumers"
    """It takes nothing from connections, so that events pile up in the server."""
    IP_BANS = "ip_bans"
    """It bans addresses."""
    LOCK_OUTS = "lock_outs"
    """It fails to log in until an account is locked."""


def is_loopback(url: str) -> bool:
    """Whether a URL names this machine by its loopback interface. Other names are not resolved."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    name = host.rstrip(".").casefold()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


def hosts_away(urls: Iterable[str]) -> list[str]:
    """The names of the hosts of these URLs that are not this machine, once each."""
    return list(dict.fromkeys(urlsplit(one).hostname or "" for one in urls if not is_loopback(one)))


def permission_line(hosts: Sequence[str], hazards: Iterable[Hazard]) -> str:
    """The lines of a profile that permit `hazards` on `hosts`."""
    where = json.dumps(hosts[0] if len(hosts) == 1 else list(hosts))
    return f"allow = {json.dumps(sorted(hazards))} and host = {where}"
