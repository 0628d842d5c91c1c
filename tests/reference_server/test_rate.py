import pytest

from sync_check.reference_server.rate import KeyedBuckets, KeyedWindows, SlidingWindow


@pytest.mark.witnesses("BAD-2")
def test_a_window_admits_exactly_its_limit() -> None:
    window = SlidingWindow(limit=3, window_s=10)
    assert [window.admit(now) for now in (0, 1, 2, 3)] == [True, True, True, False]


@pytest.mark.witnesses("LIMIT-2")
def test_a_window_slides() -> None:
    window = SlidingWindow(limit=2, window_s=10)
    assert [window.admit(now) for now in (0, 6, 9.9, 10, 10.1, 15.9, 16)] == [
        True,
        True,
        False,
        True,
        False,
        False,
        True,
    ]


def test_a_refused_attempt_does_not_count() -> None:
    window = SlidingWindow(limit=1, window_s=10)
    assert [window.admit(now) for now in (0, 5, 9, 10)] == [True, False, False, True]


def test_keys_have_windows_of_their_own() -> None:
    windows = KeyedWindows(limit=1, window_s=10)
    assert [windows.admit(key, 0) for key in ("a", "b", "a", "b")] == [True, True, False, False]


def test_idle_keys_are_forgotten_and_busy_ones_are_not() -> None:
    windows = KeyedWindows(limit=1, window_s=10)
    for number in range(2000):
        windows.admit(f"old {number}", 0)
    windows.admit("busy", 15)
    for number in range(3000):
        windows.admit(f"new {number}", 20)
    assert not windows.admit("busy", 24)
    assert windows.admit("old 1", 24)


def test_a_bucket_holds_a_minutes_worth() -> None:
    buckets = KeyedBuckets(per_minute=60)
    assert sum(buckets.admit("a", 0) for _ in range(100)) == 60
    assert buckets.admit("b", 0)


@pytest.mark.witnesses("LIMIT-3")
def test_a_bucket_refills_steadily() -> None:
    buckets = KeyedBuckets(per_minute=60)
    for _ in range(60):
        buckets.admit("a", 0)
    assert sum(buckets.admit("a", 5) for _ in range(100)) == 5
    assert sum(buckets.admit("a", 10_000) for _ in range(100)) == 60


def test_full_buckets_are_forgotten_and_empty_ones_are_not() -> None:
    buckets = KeyedBuckets(per_minute=1)
    for number in range(3000):
        buckets.admit(f"old {number}", 0)
    buckets.admit("busy", 59)
    for number in range(6000):
        buckets.admit(f"new {number}", 61)
    assert not buckets.admit("busy", 62)
