"""What a client has to read from REST, and what came of it (contract 9.3)."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

_GONE: Final = (403, 404)


class Reading(IntEnum):
    """What is read; results are taken over in this order, what contains before what is contained."""

    PROFILE = 1  # own profile
    GUILDS = 2
    CHANNELS = 3
    ROLES = 4
    MEMBERS = 5  # with their assignments
    PERMISSIONS = 6  # own permissions in a channel
    MESSAGES = 7
    FRIENDS = 8
    FRIEND_REQUESTS = 9


@dataclass(frozen=True, slots=True)
class Refetch:
    """One thing to read: `guild_id` from CHANNELS to MESSAGES, `channel_id` for PERMISSIONS and MESSAGES."""

    what: Reading
    guild_id: str = ""
    channel_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What a read gave: the last status (None without an answer) and the JSON body of a success.

    Of MEMBERS and MESSAGES it is the body of the whole walk: `{"members": […]}`, `{"messages": […]}`.
    """

    wanted: Refetch
    status: int | None
    body: Any = None

    @property
    def succeeded(self) -> bool:
        """Whether there is a body to take over."""
        return self.status == 200

    @property
    def gone(self) -> bool:
        """Whether the reader may not see it, or it does not exist (CLIENT-7)."""
        return self.status in _GONE
