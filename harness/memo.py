"""A bounded memo: what was worked out for one message is kept for its other receivers, not for ever."""

from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Memo(Generic[K, V]):
    """A mapping that forgets what was not asked for of late.

    Two generations: when the young one exceeds `entries` or `weight`, it becomes the old one and the former
    old one is dropped. So it holds at most twice that, a look-up is one or two dict accesses, and a target
    that sends nothing but distinct bodies costs memory of this bound only.
    """

    __slots__ = ("_entries", "_load", "_old", "_weight", "_young")

    def __init__(self, *, entries: int = 8192, weight: int = 32 * 1024 * 1024) -> None:
        self._entries = entries
        self._weight = weight
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}
        self._load = 0

    def get(self, key: K) -> V | None:
        """What is remembered for `key`, or None."""
        value = self._young.get(key)
        return self._old.get(key) if value is None else value

    def put(self, key: K, value: V, weight: int = 1) -> V:
        """Remember `value`, which weighs `weight` (say, bytes), and return it."""
        self._load += weight
        if self._load > self._weight or len(self._young) >= self._entries:
            self._old, self._young, self._load = self._young, {}, weight
        self._young[key] = value
        return value

    def __len__(self) -> int:
        return len(self._young) + len(self._old)
