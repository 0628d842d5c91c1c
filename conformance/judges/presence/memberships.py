"""When users may have been members of a guild, in positions of the history."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sync_check.conformance.model.timeline import Timeline


class Membership(NamedTuple):
    """A membership that may have held after `after` and up to `until`."""

    after: int
    until: int


class Memberships:
    """The memberships of a run, worked out once however many frames are judged by them."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._known: dict[str, Mapping[str, Sequence[Membership]]] = {}

    def was_member(self, guild_id: str, user_id: str | None, start: int, end: int) -> bool:
        """Whether a user was a member at some moment between two positions."""
        return any(after < end and start <= until for after, until in self.of(guild_id, user_id))

    def of(self, guild_id: str, user_id: str | None) -> Sequence[Membership]:
        """The memberships of a user in a guild, oldest first."""
        known = self._known.get(guild_id)
        if known is None:
            known = self._known[guild_id] = self._worked_out(guild_id)
        return known.get(user_id or "", ())

    def _worked_out(self, guild_id: str) -> Mapping[str, Sequence[Membership]]:
        """The memberships in a guild by user, oldest first: one may last over many states of the guild."""
        found: dict[str, list[Membership]] = {}
        begun: dict[str, int] = {}
        last = 0
        for state, after, until in self._timeline.tenures(guild_id):
            members = set() if state is None else state.members.keys()
            for user_id in begun.keys() - members:
                found.setdefault(user_id, []).append(Membership(begun.pop(user_id), last))
            for user_id in members - begun.keys():
                begun[user_id] = after
            last = until
        for user_id, after in begun.items():
            found.setdefault(user_id, []).append(Membership(after, last))
        return found
