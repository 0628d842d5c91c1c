"""What a finding is about: the ids of the thing itself, and of where it is and whom it concerns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

KINDS: Final[Mapping[str, str]] = {
    "guild_id": "guild",
    "channel_id": "channel",
    "channel_ids": "channel",
    "message_id": "message",
    "role_id": "role",
    "role_ids": "role",
    "user_id": "user",
    "user_ids": "user",
    "friend_user_id": "user",
    "sender_user_id": "user",
    "recipient_user_id": "user",
    "target_user_id": "user",
    "attachment_id": "attachment",
    "attachment_ids": "attachment",
    "request_id": "request",
    "ban_id": "ban",
    "ban_ids": "ban",
}
"""The members of arguments and payloads that name something, by what that is."""
PLACES: Final = ("guild", "channel")
_SPECIFIC: Final = ("message", "request", "ban", "attachment", "role", "user", "channel", "guild")
"""From what is within another to what everything is within."""
_DEEPEST: Final = 3
_NONE: Final[frozenset[str]] = frozenset()

Ids = Mapping[str, frozenset[str]]
"""Ids by kind."""
NOTHING: Final[Ids] = {}


def ids_in(value: Any) -> dict[str, frozenset[str]]:
    """The ids that arguments or a payload name; who acted or wrote is none of them."""
    found: dict[str, set[str]] = {}
    _collect(value, found, 0)
    if isinstance(value, Mapping) and isinstance(value.get("target_id"), str):
        kind = "role" if value.get("target_kind") == "role" else "user"
        found.setdefault(kind, set()).add(value["target_id"])
    return {kind: frozenset(ids) for kind, ids in found.items()}


def _collect(value: Any, found: dict[str, set[str]], depth: int) -> None:
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for part in value:
            _collect(part, found, depth + 1)
    elif isinstance(value, Mapping):
        for name, part in value.items():
            kind = KINDS.get(name)
            if kind is None:
                _collect(part, found, depth + 1)
            else:
                given = part if isinstance(part, list) else [part]
                found.setdefault(kind, set()).update(one for one in given if isinstance(one, str))


def leaf_of(ids: Ids) -> frozenset[str]:
    """The ids of the most specific kind: of a message, not of the channel that it is in."""
    return next((ids[kind] for kind in _SPECIFIC if ids.get(kind)), _NONE)


def joined(*many: Ids) -> dict[str, frozenset[str]]:
    """All ids of several."""
    found: dict[str, frozenset[str]] = {}
    for ids in many:
        for kind, some in ids.items():
            found[kind] = found.get(kind, _NONE) | some
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """`leaf` is the thing itself, `ids` are those of all that has a part in it, the receiver among them."""

    leaf: frozenset[str] = _NONE
    ids: Ids = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        about: Iterable[Ids],
        *,
        users: Iterable[str | None],
        where: Iterable[Ids] = (),
        things: Ids = NOTHING,
    ) -> "Subject":
        """The subject of what is said of one thing, by the most telling first, and whom it concerns.

        `where` has a part in it besides; `things` are things of the same kind.
        """
        said = tuple(about)
        leaf = next((leaf for leaf in map(leaf_of, said) if leaf), _NONE)
        concerned = frozenset(user for user in users if user is not None)
        more = _NONE.union(*things.values())
        return cls(leaf=leaf | more, ids=joined(*said, *where, things, {"user": concerned}))

    def all_of(self, kind: str) -> frozenset[str]:
        """Its ids of one kind."""
        return self.ids.get(kind, _NONE)
