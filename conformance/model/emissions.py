"""What an operation makes the gateway say: one value per event, with how to recognise and how to check it."""

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from sync_check.conformance.contract.events import Event, Scope, Visibility
from sync_check.conformance.history import canonical

_ABSENT: Final = object()


def _no_names(_user_id: str) -> Collection[str]:
    return ()


class Standing(StrEnum):
    """How the model stands to an emission."""

    DUE = "due"
    OPTIONAL = "optional"  # the outcome of its operation is unknown
    NO_OP = "no_op"  # the operation was accepted and changed nothing
    REFUSED = "refused"  # the operation was refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """A member of a payload that is not what the operation set or REST answered."""

    requirement: str
    path: str
    expected: str
    received: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Emission:
    """One event of one operation. Paths are dotted, such as `updated_fields.content`.

    A frame is a delivery of it when its name is `event` and the members at `identity` have these values; and
    where there is a `pair`, `user_id` and `friend_user_id` name these two, in whatever order (FRIEND-4). Its
    members at `stated` must then have those values, or `requirement` is broken. If `updated` is given, then
    `updated_fields` holds these members and, besides them, none but `supplied` and those of `kept`, which
    must be as there; `surplus` is broken otherwise.
    `subject` is the user whose profile or membership the event is about, `concerned` are the users of any
    other user-scope event. `personal` gives what must be `stated` besides to one user. `named` are members
    that hold the username of the user whose id is at another path, by that path. `unless_changed` is
    broken by an event of an operation that changed nothing; `owed_by` is the SHOULD that demands this event,
    if no MUST does. `sets` names what the operation sets where events of several names tell of that, such as
    a membership. One that is `entangled` cannot be told from those of another operation at the same time, so
    nothing is claimed of its place among them.
    """

    event: type[Event]
    standing: Standing
    identity: Mapping[str, Any]
    stated: Mapping[str, Any] = field(default_factory=dict)
    requirement: str = "DELIV-10"
    updated: Mapping[str, Any] | None = None
    supplied: frozenset[str] = frozenset()
    kept: Mapping[str, Any] = field(default_factory=dict)
    surplus: str = "EVT-2"
    unless_changed: str = "DELIV-6"
    guild_id: str | None = None
    channel_id: str | None = None
    subject: str | None = None
    ends_membership: bool = False
    concerned: frozenset[str] = frozenset()
    pair: frozenset[str] = frozenset()
    personal: Callable[[str], Mapping[str, Any]] | None = None
    named: Mapping[str, str] = field(default_factory=dict)
    owed_by: str | None = None
    sets: Hashable = None
    entangled: bool = False

    @property
    def name(self) -> str:
        """The event's wire name."""
        return self.event.name

    @property
    def scope(self) -> Scope:
        """Whom the event concerns (contract 4.1)."""
        return self.event.scope

    @property
    def visibility(self) -> Visibility:
        """How that is narrowed (contract 5.2)."""
        return self.event.visibility

    def is_rival_of(self, other: "Emission") -> bool:
        """Whether both tell of the same being set: of two at the same time the one carried out last holds."""
        if self.sets is not None or other.sets is not None:
            return self.sets == other.sets
        return self.name == other.name and self.identity == other.identity and self.pair == other.pair

    def says_the_same(self, other: "Emission") -> bool:
        """Whether both tell of the same in the same words, as far as the operations decide them."""
        is_one = self.name == other.name and self.identity == other.identity and self.pair == other.pair
        words = (self.updated, self.stated, *self._to_each())
        return is_one and words == (other.updated, other.stated, *other._to_each())

    def _to_each(self) -> Iterator[Any]:
        """What it says to each of those concerned; of members nobody can say that."""
        if self.personal is not None and not self.concerned:
            yield object()
        elif self.personal is not None:
            yield {user_id: self.personal(user_id) for user_id in self.concerned}

    def is_told_by(self, payload: Mapping[str, Any]) -> bool:
        """Whether a payload of this event's name is about this very emission."""
        if self.pair and {payload.get("user_id"), payload.get("friend_user_id")} != self.pair:
            return False
        return all(agrees(path, look_up(payload, path), value) for path, value in self.identity.items())

    def disagreements(
        self,
        payload: Mapping[str, Any],
        actor: str | None,
        receiver: str | None = None,
        names: Callable[[str], Collection[str]] = _no_names,
    ) -> tuple[Disagreement, ...]:
        """Where the payload says something else than happened; `actor` is who asked for it (EVT-3).

        `names` are the usernames that a user had while it happened; of one without any nothing is claimed.
        """
        personal = self.personal(receiver) if self.personal is not None and receiver is not None else {}
        found = [
            Disagreement(requirement=self.requirement, path=path, expected=shown(value), received=shown(told))
            for path, value in (*self.stated.items(), *personal.items())
            if not agrees(path, told := look_up(payload, path), value)
        ]
        found += self._wrong_names(payload, names)
        found += self._wrong_updates(payload.get("updated_fields"))
        named = payload.get("actor_user_id", actor)
        if named != actor:
            found.append(
                Disagreement(
                    requirement="EVT-3", path="actor_user_id", expected=shown(actor), received=shown(named)
                )
            )
        return tuple(found)

    def _wrong_names(
        self, payload: Mapping[str, Any], names: Callable[[str], Collection[str]]
    ) -> Iterator[Disagreement]:
        for user_path, path in self.named.items():
            known, told = names(str(look_up(payload, user_path))), look_up(payload, path)
            if known and told not in known:
                yield Disagreement(
                    requirement=self.requirement,
                    path=path,
                    expected=" or ".join(sorted(known)),
                    received=shown(told),
                )

    def _wrong_updates(self, told: Any) -> list[Disagreement]:
        if self.updated is None or not isinstance(told, Mapping):
            return []
        wrong = [
            Disagreement(
                requirement="EVT-2",
                path=f"updated_fields.{name}",
                expected=shown(value),
                received=shown(told.get(name, _ABSENT)),
            )
            for name, value in (*self.updated.items(), *self._repeated(told).items())
            if not agrees(f"updated_fields.{name}", told.get(name, _ABSENT), value)
        ]
        extra = told.keys() - self.updated.keys() - self.supplied - self.kept.keys()
        wrong += [
            Disagreement(
                requirement=self.surplus,
                path=f"updated_fields.{name}",
                expected="left out, it has not changed",
                received=shown(told[name]),
            )
            for name in sorted(extra)
        ]
        return wrong

    def _repeated(self, told: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in self.kept.items() if name in told}


def look_up(payload: Any, path: str) -> Any:
    """The member at a dotted path; a private mark where there is none."""
    for step in path.split("."):
        if not isinstance(payload, Mapping) or step not in payload:
            return _ABSENT
        payload = payload[step]
    return payload


_UNORDERED: Final = ("permissions", "allow", "deny")
"""Members that list permissions, in whatever order (2.2)."""
_UNORDERED_PATHS: Final = ("updated_fields.attachments",)
"""Lists whose order nobody promised."""


def agrees(path: str, told: Any, value: Any) -> bool:
    """Whether the member at `path` says `value`."""
    unordered = path.rpartition(".")[2] in _UNORDERED or path in _UNORDERED_PATHS
    if unordered and isinstance(told, list) and isinstance(value, list):
        return sorted(map(canonical, told)) == sorted(map(canonical, value))
    return same(told, value)


def same(left: Any, right: Any) -> bool:
    """Whether two JSON values are equal, types included (`True` is not 1, nor `1.0`)."""
    if left is _ABSENT or right is _ABSENT:
        return left is right
    return type(left) is type(right) and (left is right or canonical(left) == canonical(right))


def shown(value: Any, limit: int = 160) -> str:
    """A JSON value as a short text."""
    if value is _ABSENT:
        return "nothing"
    text = canonical(value) if not isinstance(value, str) else value
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
