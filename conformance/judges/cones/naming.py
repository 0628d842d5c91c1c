"""Short words for what was said on the wire: names in place of ids, and no more than fits on an arrow."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sync_check.conformance.cone import Named
from sync_check.conformance.judges.cones.subject import KINDS
from sync_check.conformance.judges.lives import Call
from sync_check.conformance.judges.readings import Reading
from sync_check.conformance.model.emissions import shown

TEXT: Final = 72
DETAIL: Final = 240
_VALUE: Final = 22
_PLACE: Final = "guild_id"
_LETTERS: Final[Mapping[str, str]] = {
    "guild": "g",
    "channel": "c",
    "message": "m",
    "role": "r",
    "user": "u",
    "attachment": "a",
    "request": "f",
    "ban": "b",
}
_SAYS_NOTHING: Final = ("actor_user_id", "markdown_tokens", "about_markdown_tokens", "identity", "author_id")
_WHEN: Final = "_at_unix"
_WITHIN: Final = ("updated_fields", "channel", "role", "participant")
"""Members whose own members are told in their place."""


class Names:
    """Gives each id a name by its kind and in the order of coming up: `m1`. Users are named as clients."""

    def __init__(self, users: Mapping[str, str], *, several_guilds: bool) -> None:
        self._users = users
        self._several_guilds = several_guilds
        self._given: dict[tuple[str, str], str] = {}

    @property
    def given(self) -> tuple[Named, ...]:
        """The names so far, other than those of clients."""
        return tuple(Named(name=name, id=entity) for (_, entity), name in self._given.items())

    def of(self, kind: str, entity: str) -> str:
        """The name of an id."""
        if kind == "user" and entity in self._users:
            return self._users[entity]
        known = self._given.get((kind, entity))
        if known is None:
            number = 1 + sum(other == kind for other, _ in self._given)
            known = self._given[kind, entity] = f"{_LETTERS[kind]}{number}"
        return known

    def call(self, call: Call) -> str:
        """An operation with its arguments."""
        return self._said(call.name, call.arguments)

    def frame(self, reading: Reading) -> str:
        """An event with what it says."""
        return self._said(reading.name or "no event", reading.payload)

    def said(self, name: str, members: Mapping[str, Any]) -> str:
        """Anything else with its members."""
        return self._said(name, members)

    def _said(self, name: str, members: Mapping[str, Any]) -> str:
        return shown(f"{name}({', '.join(self._parts(members))})", TEXT)

    def _parts(self, members: Mapping[str, Any]) -> Iterator[str]:
        for name, value in members.items():
            if value is None or name in _SAYS_NOTHING or name.endswith(_WHEN):
                continue
            if name == _PLACE and not self._several_guilds and len(members) > 1:
                continue
            if name in _WITHIN and isinstance(value, Mapping):
                yield from self._parts(value)
            elif name in KINDS or name == "target_id":
                yield self._named(name, value, members)
            elif value not in ([], {}):
                yield f"{name}={shown(value, _VALUE)}"

    def _named(self, name: str, value: Any, members: Mapping[str, Any]) -> str:
        kind = KINDS.get(name) or ("role" if members.get("target_kind") == "role" else "user")
        if isinstance(value, list):
            return (
                f"[{', '.join(self.of(kind, one) if isinstance(one, str) else shown(one) for one in value)}]"
            )
        return self.of(kind, value) if isinstance(value, str) else shown(value, _VALUE)
