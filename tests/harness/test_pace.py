"""The pace keeps every limit of contract 6.1 from being reached."""

from sync_check.harness.pace import MINUTE_S, SlidingWindow


def admissions(window: SlidingWindow, count: int, *, at: float = 0.0) -> list[float]:
    return [window.book(at) for _ in range(count)]


def most_in_any_window(times: list[float], seconds: float) -> int:
    return max(sum(start <= time < start + seconds for time in times) for start in times)


def test_a_window_admits_at_once_until_it_is_nearly_full() -> None:
    assert admissions(SlidingWindow(60, MINUTE_S), 57) == [0.0] * 57


def test_a_full_window_admits_when_its_oldest_booking_has_left() -> None:
    window = SlidingWindow(60, MINUTE_S)
    admissions(window, 57)
    assert window.book(10.0) == MINUTE_S
    assert window.book(61.0) == 61.0


def test_no_window_ever_holds_more_than_the_limit() -> None:
    window = SlidingWindow(20, 10.0)
    times = [window.book(step * 0.3) for step in range(200)]
    assert times == sorted(times)
    assert most_in_any_window(times, 10.0) <= 20


def test_a_limit_of_one_still_admits() -> None:
    assert admissions(SlidingWindow(1, 10.0), 3) == [0.0, 10.0, 20.0]
