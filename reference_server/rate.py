"""Rate limits: counted over a sliding window, or refilled steadily."""

from collections import deque
from dataclasses import dataclass
from typing import Final

_KEYS_BEFORE_SWEEP: Final = 1024


class SlidingWindow:
    """At most `limit` admissions in any `window_s` seconds; a refused attempt does not count."""

    __slots__ = ("_admitted", "_limit", "_window_s")

    def __init__(self, *, limit: int, window_s: float) -> None:
        self._limit = limit
        self._window_s = window_s
        self._admitted: deque[float] = deque()

    def admit(self, now: float) -> bool:
        """Whether one more is within the limit at `now` (seconds on a monotonic clock)."""
        self._forget(now)
        if len(self._admitted) >= self._limit:
            return False
        self._admitted.append(now)
        return True

    def has_room(self, now: float) -> bool:
        """Whether one more would be within the limit at `now`."""
        self._forget(now)
        return len(self._admitted) < self._limit

    def is_idle(self, now: float) -> bool:
        """Whether nothing counts any more."""
        self._forget(now)
        return not self._admitted

    def _forget(self, now: float) -> None:
        while self._admitted and self._admitted[0] <= now - self._window_s:
            self._admitted.popleft()


class KeyedWindows:
    """One sliding window for each key; those that count nothing any more are forgotten."""

    def __init__(self, *, limit: int, window_s: float) -> None:
        self._limit = limit
        self._window_s = window_s
        self._windows: dict[str, SlidingWindow] = {}
        self._sweep_at = _KEYS_BEFORE_SWEEP

    def admit(self, key: str, now: float) -> bool:
        """Whether `key` may do it once more at `now`."""
        window = self._windows.get(key)
        if window is None:
            self._sweep(now)
            window = self._windows[key] = SlidingWindow(limit=self._limit, window_s=self._window_s)
        return window.admit(now)

    def has_room(self, key: str, now: float) -> bool:
        """Whether `admit` would admit; counts nothing."""
        window = self._windows.get(key)
        return window is None or window.has_room(now)

    def _sweep(self, now: float) -> None:
        if len(self._windows) >= self._sweep_at:
            self._windows = {key: window for key, window in self._windows.items() if not window.is_idle(now)}
            self._sweep_at = max(_KEYS_BEFORE_SWEEP, 2 * len(self._windows))


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


class KeyedBuckets:
    """`per_minute` at once for each key, refilled steadily: after t seconds rate x t / 60 more (LIMIT-3)."""

    def __init__(self, *, per_minute: int) -> None:
        self._capacity = float(per_minute)
        self._per_second = per_minute / 60
        self._buckets: dict[str, _Bucket] = {}
        self._sweep_at = _KEYS_BEFORE_SWEEP

    def admit(self, key: str, now: float) -> bool:
        """Whether `key` may do it once more at `now`."""
        bucket = self._buckets.get(key)
        if bucket is None:
            self._sweep(now)
            bucket = self._buckets[key] = _Bucket(self._capacity, now)
        bucket.tokens = self._level(bucket, now)
        bucket.filled_at = now
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True

    def _level(self, bucket: _Bucket, now: float) -> float:
        return min(self._capacity, bucket.tokens + (now - bucket.filled_at) * self._per_second)

    def _sweep(self, now: float) -> None:
        if len(self._buckets) >= self._sweep_at:
            self._buckets = {
                key: bucket
                for key, bucket in self._buckets.items()
                if self._level(bucket, now) < self._capacity
            }
            self._sweep_at = max(_KEYS_BEFORE_SWEEP, 2 * len(self._buckets))
