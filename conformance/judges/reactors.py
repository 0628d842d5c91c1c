"""Who may have reacted with an emoji, while several users react at the same time.

Reactions of different users commute, and each user's own ones follow one another, so whoever reacted in every
world of a window surely had, and whoever did in one of them possibly had. No order of the operations makes it
more or fewer, so that any count between the two is right and no other one is.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sync_check.conformance.model.world import World

_NOBODY: frozenset[str] = frozenset()


class Reactors(NamedTuple):
    """Who surely and who possibly reacted, at any one moment of a window; `surely` is part of `possibly`."""

    surely: frozenset[str]
    possibly: frozenset[str]

    def with_own(self, user_id: str | None, *, reacted: bool) -> "Reactors":
        """The same at the moment at which this user had just reacted, or taken it back."""
        own = frozenset((user_id or "",))
        if reacted:
            return Reactors(self.surely | own, self.possibly | own)
        return Reactors(self.surely - own, self.possibly - own)

    @property
    def counts(self) -> range:
        """How many there may be."""
        return range(len(self.surely), len(self.possibly) + 1)

    @property
    def shown(self) -> str:
        """The counts as people read them."""
        least, most = len(self.surely), len(self.possibly)
        return str(least) if least == most else f"{least} to {most}"


def reactors(worlds: Sequence[World], message_id: str, emoji: str) -> Reactors:
    """Who may have reacted over some worlds, of which there is at least one."""
    who = [world.reactors(message_id, emoji) for world in worlds]
    return Reactors(surely=who[0].intersection(*who), possibly=_NOBODY.union(*who))
