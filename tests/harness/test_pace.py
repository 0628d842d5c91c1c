"""The pace keeps every limit of contract 6.1 from being reached."""

import asyncio
from contextlib import suppress

from sync_check.conformance.contract.limits import Limits
from sync_check.harness.clock import Clock
from sync_check.harness.pace import MINUTE_S, Pace, SlidingWindow


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


async def test_while_one_call_is_throttled_nobody_else_tries_the_same() -> None:
    clock = Clock()
    pace = Pace(Limits(), clock)
    admitted: dict[str, float] = {}

    async def admit(operation: str, user: str | None) -> None:
        await pace.admit(operation, user)
        admitted[f"{operation} {user}"] = clock.now_s()

    waits = (pace.throttled("register", None, 0.2), admit("register", None), admit("login", None))
    await asyncio.gather(*waits)
    assert admitted["register None"] >= 0.2
    assert admitted["login None"] < 0.2


async def test_a_throttled_user_does_not_hold_up_another() -> None:
    clock = Clock()
    pace = Pace(Limits(), clock)
    throttled = asyncio.create_task(pace.throttled("list_guilds", "ana", 60.0))
    await asyncio.gather(pace.admit("list_guilds", "ben"))
    assert not throttled.done()
    throttled.cancel()


async def test_waits_are_told() -> None:
    pace = Pace(Limits(), Clock())
    told: list[float] = []
    pace.on_wait = told.append
    await pace.throttled("register", None, 0.01)
    assert told == [0.01]


async def test_who_waits_for_a_limit_is_told_for_which_and_how_long() -> None:
    pace = Pace(Limits(requests_per_minute=1000, auth_requests_per_minute=2), Clock())
    told: list[tuple[float, str]] = []
    pace.on_pacing = lambda seconds, limit: told.append((round(seconds), limit))
    await pace.admit("login", None)
    with suppress(TimeoutError):
        async with asyncio.timeout(0.01):
            await pace.admit("login", None)
    assert told == [(62, "auth_requests_per_minute")]
